// The host's documents about campaigns: what people write, how one stands, what was found before, what became of it.

import type { MessagePreview } from 'consentry';

export type State =
  | 'draft'
  | 'freezing'
  | 'frozen'
  | 'awaiting_approval'
  | 'scheduled'
  | 'running'
  | 'paused'
  | 'finished'
  | 'cancelled';

/** A campaign as it is written; what is absent stands as it is without. */
export interface Definition {
  name: string;
  account: string;
  /** Ids of the phone numbers that send it; all that can where none is named. */
  numbers?: string[];
  messages: Message[];
  audience?: Audience;
  control_percent?: number;
  schedule?: Schedule;
  quiet?: Quiet;
  ttl_s?: number;
  pace?: Pace;
  cap?: Cap;
  brake?: Brake;
  /** Whether addresses are led over the host, so that taps are counted. */
  track_links?: boolean;
}

export interface Message {
  template: string;
  language: string;
  share_percent?: number;
  values?: Values;
}
export interface Values {
  readonly [key: string]: Value;
}

/** What stands for a variable: exactly one of these. */
export type Value =
  | { attribute: { name: string; default?: string } }
  | { text: string }
  | { media: { id: string; expires_at?: string } }
  | { link: string };

export interface Audience {
  include?: Condition;
  exclude?: Condition;
}

export type Condition =
  | { all: Condition[] }
  | { any: Condition[] }
  | { not: Condition }
  | { segment: string }
  | { attribute: AttributeIs }
  | { country: string[] }
  | { import: string[] }
  | { tag: string[] }
  | { last_message: LastMessage }
  | { consent_age: Age };

/** Exactly one member stands beside the name. */
export interface AttributeIs {
  name: string;
  is?: string[];
  contains?: string;
  begins?: string;
  at_least?: string;
  at_most?: string;
  exists?: boolean;
}
export type LastStatus =
  'none' | 'accepted' | 'sent' | 'delivered' | 'read' | 'replied' | 'clicked' | 'failed' | 'unknown';
export interface LastMessage {
  status: LastStatus[];
  within_days?: number;
}
export interface Age {
  days_min?: number;
  days_max?: number;
}
export interface Schedule {
  /** `2026-11-27T10:00[Europe/Istanbul]`, or RFC 3339. */
  starts_at?: string;
  ends_at?: string;
}
export interface Quiet {
  from: string;
  until: string;
}
/** One of the two. */
export interface Pace {
  messages_per_s?: number;
  packages?: { messages: number; every_minutes: number };
}
export interface Cap {
  messages: number;
  days: number;
}
export interface Brake {
  failed_percent: number;
  opted_out_percent: number;
  limited_percent: number;
  after_messages: number;
}

/** What a campaign is stopped at where nothing else is said. */
export const BRAKE: Brake = { failed_percent: 25, opted_out_percent: 5, limited_percent: 30, after_messages: 200 };

/** How people of the plan stand; each person is in exactly one. */
export type Standing =
  | 'waiting'
  | 'under_way'
  | 'accepted'
  | 'sent'
  | 'delivered'
  | 'read'
  | 'failed'
  | 'unknown'
  | 'opted_out'
  | 'gone'
  | 'expired'
  | 'capped'
  | 'control'
  | 'left_out';
export type Stand = { [standing in Standing]?: number };

export interface Plan {
  sha256: string;
  people: number;
  sendable: number;
  control: number;
  frozen_at: string;
  frozen_by?: string;
}

export type Stopper =
  | 'failed-ratio'
  | 'opted-out-ratio'
  | 'limited-ratio'
  | 'same-refusal'
  | 'template'
  | 'number'
  | 'account'
  | 'token'
  | 'asked';

export interface Paused {
  /** Who stopped it: a person, the brake, or Meta's answer. */
  by: 'user' | 'brake' | 'meta' | (string & {});
  why: Stopper | (string & {});
  /** In English. */
  text: string;
  cure?: string;
  code?: number;
  /** `name/language`. */
  template?: string;
  import?: string;
  file?: string;
  at: string;
}

export type WaitsFor = 'quiet' | 'limit' | 'pace' | 'token' | 'account' | 'schedule' | 'lease' | 'barrier' | 'number' | 'edge' | 'silence';

export interface Summary {
  /** `c7`. */
  campaign: string;
  version: number;
  name: string;
  state: State;
  plan?: Plan;
  created_at: string;
  created_by?: string;
  /** Somebody else than who froze it has to approve before it starts. */
  needs_approval?: boolean;
  /** Why its plan could not be made, in English. */
  trouble?: string;
  progress?: { done: number; of: number };
  approved?: { by: string; at: string };
  starts_at?: string;
  ends_at?: string;
  started_at?: string;
  finished_at?: string;
  paused?: Paused;
  waits?: { for: WaitsFor | (string & {}); until?: string; text: string };
  stand?: Stand;
  per_s?: number;
  finishes_at?: string;
}

export interface CampaignDoc extends Summary {
  definition: Definition;
  /** The latest last. */
  history?: { at: string; by: string; did: string }[];
}

export interface Example {
  profile: string;
  number?: string;
  exid?: string;
  found?: string;
  path?: string;
}

export interface Problem {
  /** For example `value-missing`. */
  code: string;
  severity: 'error' | 'warning';
  count: number;
  meta_code?: number;
  title: string;
  cure: string;
  examples: Example[];
}

export interface Preflight {
  campaign: string;
  /** The hash of the plan. */
  plan: string;
  people: number;
  sendable: number;
  control: number;
  problems: Problem[];
  messages: {
    template: string;
    language: string;
    people: number;
    sample?: { profile: string; preview: MessagePreview };
  }[];
  by_country: { country: string; people: number; quiet_until?: string; cost?: number }[];
  cost?: { currency: string; total: number; unpriced: number };
  limit?: { people_per_day?: number; reached_today: number; days: number };
  forecast?: { starts_at: string; finishes_at: string; per_s: number };
}

export interface Rate {
  value: number;
  low: number;
  high: number;
}

export interface CampaignReport {
  campaign: string;
  planned: number;
  control: number;
  /** Each includes those after it. */
  funnel: {
    planned: number;
    accepted: number;
    sent: number;
    delivered: number;
    read: number;
    replied: number;
    clicked?: number;
  };
  stand: Stand;
  pending: { waiting: number; under_way: number; accepted: number; unknown: number };
  failures: Failure[];
  opted_out_after: number;
  replied: number;
  clicked?: number;
  by_country: ({ country: string } & Counts)[];
  /** Without an import: people who opted in by themselves. */
  by_import: ({ import?: string; file?: string } & Counts)[];
  by_message: ({ template: string; language: string; read_rate?: Rate; click_rate?: Rate } & Counts)[];
  comparison: { best: number; metric: string; confidence: number; text: string } | null;
  over_time: Step[];
  /** Seconds from one step to the next. */
  span_s: number;
}

export interface Failure {
  code: number;
  title: string;
  cure: string;
  count: number;
  share: number;
}

export interface Counts {
  planned?: number;
  accepted?: number;
  sent?: number;
  delivered?: number;
  read?: number;
  replied?: number;
  clicked?: number;
  failed?: number;
  opted_out?: number;
}

export interface Step {
  at: string;
  accepted: number;
  sent: number;
  delivered: number;
  read: number;
  failed: number;
  clicked: number;
}

export interface Counted {
  people: number;
  of: number;
  by_country: { country: string; people: number }[];
}

export interface Attribute {
  name: string;
  people: number;
  examples: string[];
}

export interface Segment {
  name: string;
  condition: Condition;
}
