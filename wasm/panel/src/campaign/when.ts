// Times with their zones, as campaigns have them: `2026-11-27T10:00[Europe/Istanbul]`.

export interface When {
  /** `2026-11-27T10:00`. */
  local: string;
  zone: string;
}

const WITH_ZONE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(?::\d\d)?\[([^\]]+)\]$/;

/** The zone of whoever writes. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

/** Every zone that the browser knows. */
export function zones(): string[] {
  const known = Intl.supportedValuesOf('timeZone');
  return [...new Set([ownZone(), 'UTC', ...known])];
}

export function whenOf(text: string | undefined): When | undefined {
  if (text === undefined) return undefined;
  const [, local, zone] = WITH_ZONE.exec(text) ?? [];
  if (local !== undefined && zone !== undefined) return { local, zone };
  const moment = Date.parse(text);
  if (Number.isNaN(moment)) return undefined;
  // One with an offset: shown by the clock of whoever looks.
  return { local: localAt(moment, ownZone()), zone: ownZone() };
}

export function textOf({ local, zone }: When): string {
  return local === '' ? '' : `${local}[${zone}]`;
}

/** A moment by the clock of a zone. */
export function localAt(moment: number, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(moment);
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
  return `${of('year')}-${of('month')}-${of('day')}T${of('hour')}:${of('minute')}`;
}
