// What every step of a campaign needs: the draft, a way to change it, and what there is to choose from.

import type { Attribute, Definition, Segment } from '../../api/campaign-documents.ts';
import type { ImportDoc, Profile } from '../../api/documents.ts';
import type { Account, TemplateDoc } from '../../api/templates.ts';

export interface Editing {
  draft: Definition;
  change(next: (draft: Definition) => Definition): void;
  account: Account;
  accounts: readonly Account[];
  /** Of the account. */
  templates: readonly TemplateDoc[];
  attributes: readonly Attribute[];
  imports: readonly ImportDoc[];
  segments: readonly Segment[];
  onSegments(): void;
  /** Whose values stand in the phone. */
  person: Profile | undefined;
  /** The message that is on the phone. */
  shown: number;
  onShown(at: number): void;
  onPicture(id: string, picture: string): void;
}
