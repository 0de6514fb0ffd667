// What somebody may do, in the host's words, and which roles may: a test holds it against docs/access.md.

import type { Role } from './api/access.ts';

/** What pages ask about; the doors of the host are the table that decides. */
export type Right =
  | 'look'
  | 'export'
  | 'import'
  | 'templates'
  | 'campaigns'
  | 'send'
  | 'stop'
  | 'approve'
  | 'accounts'
  | 'access'
  | 'audit';

/** Which roles have a right, so that whoever has not can ask somebody who has. */
export const ROLES_WITH: { [right in Right]: readonly Role[] } = {
  look: ['viewer', 'importer', 'campaigner', 'approver', 'admin', 'auditor'],
  export: ['importer', 'campaigner', 'admin', 'auditor'],
  import: ['importer', 'admin'],
  templates: ['campaigner', 'admin'],
  campaigns: ['campaigner', 'admin'],
  send: ['campaigner', 'admin'],
  stop: ['campaigner', 'approver', 'admin'],
  approve: ['approver', 'admin'],
  accounts: ['admin'],
  access: ['admin'],
  audit: ['admin', 'auditor'],
};
