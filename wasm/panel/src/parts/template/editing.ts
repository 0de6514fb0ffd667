// What every field of the builder needs: the document, a way to change it, and what the engine says about its places.

import type { TemplateDiagnostic } from 'consentry';

import { isWithin, type JsonObject } from '../../template/document.ts';

export interface Editing {
  template: JsonObject;
  change(next: (template: JsonObject) => JsonObject): void;
  findings: readonly TemplateDiagnostic[];
  /** The account whose app takes uploads. */
  account: string;
  /** Keeps the picture of an upload, so that it can be drawn. */
  onPicture(handle: string, picture: string): void;
}

/** Findings exactly at one of these places. */
export function at(editing: Editing, ...pointers: string[]): readonly TemplateDiagnostic[] {
  return editing.findings.filter(({ path }) => pointers.includes(path));
}

/** Findings at this place or inside it. */
export function within(editing: Editing, pointer: string): readonly TemplateDiagnostic[] {
  return editing.findings.filter(({ path }) => isWithin(path, pointer));
}

/** Id of the field of a place, so that findings can lead to it. */
export function idOf(pointer: string): string {
  return `at${pointer.replaceAll('/', '-')}`;
}

/** The field that a finding is about: its own, or the nearest around it that the page has. */
export function fieldOf(path: string): HTMLElement | null {
  for (let here = path; ; here = here.slice(0, here.lastIndexOf('/'))) {
    const field = document.getElementById(idOf(here));
    if (field || here.lastIndexOf('/') < 0) return field;
  }
}
