// The documents about templates, version 1, as TypeScript sees them. They mirror the Rust module `wire::template::v1`
// field by field: what is left out there is an optional key here, and nothing is ever null.

import type { TemplateCode } from './codes.js';
import type { Severity } from './types.js';

/** What is known besides a template. */
export interface LintContext {
  /** True when it is what an existing template is changed to: name and language then are not said again. */
  edit?: boolean;
  /** Templates of the account. */
  existing?: { name: string; language: string; status?: string; body?: string; footer?: string }[];
}

/** What {@link lint} answers. */
export interface LintReport {
  /** Findings, in the order of the document. */
  diagnostics: TemplateDiagnostic[];
}

/** One finding about a template. */
export interface TemplateDiagnostic {
  code: TemplateCode;
  /** An `error` is what Meta refuses. */
  severity: Severity;
  /** JSON pointer into the template; of a preview, also the name of a value. */
  path: string;
  /** One sentence or two for people. */
  message: string;
  /** What stood there, clipped. */
  found?: string;
  /** Meta's sub-code for it. */
  meta_subcode?: number;
  /** Meta's code for it, of what is sent. */
  meta_code?: number;
  /** A safe repair, as a JSON Patch (RFC 6902). */
  fix?: { op: 'add'; path: string; value: unknown }[];
}

/** What to draw a template with. */
export interface PreviewRequest {
  /** The template: an object, or its JSON text. */
  template: unknown;
  /**
   * Values by name: `1` or `first_name` of the body, `header.1`, `header.media` (link or id), `header.location`,
   * `button.0`, `offer.expires_ms`, and any of these behind `card.0.`.
   */
  values?: { [name: string]: unknown };
  /** Whether the template's own examples stand in for values that are not given. */
  examples?: boolean;
  /** Who it is sent to, in E.164 with `+`. */
  to?: string;
}

/** What {@link preview} answers. */
export interface PreviewReport {
  /** What a person sees; absent when the document cannot be read. */
  preview?: MessagePreview;
  /** Body of the request that sends it. */
  payload?: { [member: string]: unknown };
  /** What would go wrong when it is sent. */
  diagnostics: TemplateDiagnostic[];
}

/** What to judge and to draw: a template, with all that {@link lint} and {@link preview} take. */
export interface JudgeRequest extends PreviewRequest, LintContext {}

/** What {@link judge} answers. */
export interface Judgement {
  /** What Meta would refuse, and what reviewers dislike. */
  lint: LintReport;
  /** What a person sees, and the request that sends it. */
  preview: PreviewReport;
}

/** A message as a person sees it, from top to bottom. */
export interface MessagePreview {
  /** Which way the language runs. */
  direction: TextDirection;
  header?: PreviewHeader;
  body: PreviewBlock[];
  footer?: PreviewBlock;
  offer?: { text: string; expires_ms?: number };
  /** Below the message. */
  buttons: PreviewButton[];
  /** All buttons, in the list behind "See all options"; absent where all are shown. */
  all_buttons?: PreviewButton[];
  /** Whether WhatsApp on a desktop shows the message. */
  on_desktop: boolean;
  cards?: PreviewCard[];
  /** Words of parts that are not known. */
  unknown?: string[];
  /** True when Meta writes body and footer in the template's language, and English stands in. */
  by_meta?: boolean;
}

export type TextDirection = 'ltr' | 'rtl';

/** Where the words of a variable come from. */
export type ValueSource = 'value' | 'example' | 'missing';

/** A line. */
export interface PreviewBlock {
  kind: 'text' | 'bullet' | 'number' | 'quote' | 'code';
  /** Of a numbered line. */
  number?: number;
  direction?: TextDirection;
  spans: PreviewSpan[];
}

/** A stretch of a line in one style. */
export interface PreviewSpan {
  text: string;
  style?: ('bold' | 'italic' | 'strike' | 'code')[];
  /** Name of the variable that it stands for. */
  variable?: string;
  source?: ValueSource;
}

/** What stands above the text. */
export interface PreviewHeader {
  kind: 'text' | 'image' | 'video' | 'gif' | 'document' | 'location' | 'product' | 'unknown';
  text?: PreviewBlock;
  /** Link, id, place or product. */
  value?: { [member: string]: unknown };
  source?: ValueSource;
}

/** A button. */
export interface PreviewButton {
  /** As the template has it, in small letters: `url`, `quick_reply`, `phone_number`, `copy_code`, `otp` … */
  kind: string;
  label: string;
  /** Address, number or code. */
  target?: string;
  source?: ValueSource;
}

/** A card of a carousel. */
export interface PreviewCard {
  header?: PreviewHeader;
  body: PreviewBlock[];
  buttons: PreviewButton[];
}

/** What a code about templates means. */
export interface TemplateRuleText {
  code: TemplateCode;
  severity: Severity;
  /** What was found. */
  what: string;
  /** Why it matters. */
  why: string;
  /** What to do. */
  cure: string;
}
