// Links that are counted, as they will stand in a message. What is an address the host decides; here it is only shown.

import type { Account, TemplateDoc } from '../api/templates.ts';
import { get, isObject } from '../template/document.ts';
import type { Slot } from '../template/variables.ts';

/** As long as a token is. */
const TOKEN = 'AbCdEfGhIjKlMnOpQrStUvWx';
const HOOK = 'webhooks/meta';

/** What stands before tokens: the host's own address. Empty where it does not know that. */
export function linksOf(account: Account): string {
  const url = account.webhook.url ?? '';
  return url.endsWith(HOOK) ? `${url.slice(0, -HOOK.length)}l/` : '';
}

/** A value as it is sent: a link in the place of an address. */
export function linked(doc: TemplateDoc, slot: Slot, value: string, links: string): string {
  if (links === '') return value;
  if (slot.place === 'button') {
    const button = get(doc.template, slot.at);
    const url = isObject(button) ? button['url'] : undefined;
    return typeof url === 'string' && url.startsWith(`${links}{{`) ? TOKEN : value;
  }
  if (slot.place === 'code') return value;
  return /^https?:\/\/[a-z0-9.-]+(:\d+)?([/?#]\S*)?$/i.test(value) ? links + TOKEN : value;
}
