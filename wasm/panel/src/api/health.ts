// How everything stands, as the host tells it.

import type { InboxStatus } from './events.ts';
import { get } from './host.ts';

export type HealthState = 'good' | 'look' | 'act';

export interface Health {
  state: HealthState;
  /** RFC 3339, as all moments here. */
  at: string;
  findings: Finding[];
  inbox: {
    consent: Lane;
    rest: Lane;
    last?: { at: string; kind: string; waba_id?: string; phone_number_id?: string };
    edge?: NonNullable<InboxStatus['edge']>;
  };
  accounts: HealthAccount[];
  /** People reached within the last 24 hours, all numbers together. */
  reached_today: number;
  imports: { waits: number; oldest_at?: string };
  campaigns: HealthCampaign[];
  store: { kind: 'folder' | 'database'; people: number; bytes?: number; free_bytes?: number; backed_up_at?: string };
}

export interface Finding {
  state: 'look' | 'act';
  code: string;
  text: string;
  cure: string;
  account?: string;
  number?: string;
  campaign?: string;
  said?: string;
}

export interface Lane {
  waits: number;
  oldest_at?: string;
}

export interface HealthAccount {
  account: string;
  name: string;
  waba_id: string;
  sandbox: boolean;
  can_send?: string;
  subscribed: boolean;
  token_ends_at?: string;
  looked_at?: string;
  numbers: HealthNumber[];
}

export interface HealthNumber {
  id: string;
  display: string;
  name: string;
  name_status?: string;
  quality?: string;
  status?: string;
  throughput?: string;
  limit?: string;
  people_per_day?: number;
}

export interface HealthCampaign {
  campaign: string;
  name: string;
  state: string;
  per_s?: number;
  waits?: { for: string; until?: string; text: string };
}

export function health(signal: AbortSignal): Promise<Health> {
  return get('/api/v1/health', signal);
}
