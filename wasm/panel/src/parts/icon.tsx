// The few signs of the panel, drawn with one pen. They only accompany words, so they are hidden from screen readers.

const SHAPES = {
  mark: 'M12 2.5a9.5 9.5 0 1 0 9.5 9.5M8 11.8l3.2 3.2L20.5 5.5',
  upload: 'M12 15.5V4.5m0 0L7.5 9M12 4.5 16.5 9M4.5 15v3A1.5 1.5 0 0 0 6 19.5h12a1.5 1.5 0 0 0 1.5-1.5v-3',
  download: 'M12 4.5v11m0 0L7.5 11m4.5 4.5 4.5-4.5M4.5 16.5V18A1.5 1.5 0 0 0 6 19.5h12a1.5 1.5 0 0 0 1.5-1.5v-1.5',
  clock: 'M12 7v5l3.2 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z',
  people:
    'M15.5 19.5v-1a4 4 0 0 0-4-4h-4a4 4 0 0 0-4 4v1M9.5 11a3.2 3.2 0 1 0 0-6.5 3.2 3.2 0 0 0 0 6.5ZM20.5 19.5v-1a4 4 0 0 0-3-3.9M15 4.7a3.2 3.2 0 0 1 0 6.1',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2.5v2m0 15v2M4.6 4.6 6 6m12 12 1.4 1.4M2.5 12h2m15 0h2M4.6 19.4 6 18M18 6l1.4-1.4',
  moon: 'M20.5 14A8.6 8.6 0 0 1 10 3.5 8.7 8.7 0 1 0 20.5 14Z',
  lock: 'M7.5 10.5v-3a4.5 4.5 0 0 1 9 0v3M6.5 10.5h11A1.5 1.5 0 0 1 19 12v6.5a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 5 18.5V12a1.5 1.5 0 0 1 1.5-1.5Z',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  error: 'M12 8v5m0 3.2v.1M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z',
  warning:
    'M12 9.5v4m0 3v.1M10.6 4.3 3 17.5a1.6 1.6 0 0 0 1.4 2.4h15.2a1.6 1.6 0 0 0 1.4-2.4L13.4 4.3a1.6 1.6 0 0 0-2.8 0Z',
  sheet:
    'M13.5 3.5H7A1.5 1.5 0 0 0 5.5 5v14A1.5 1.5 0 0 0 7 20.5h10a1.5 1.5 0 0 0 1.5-1.5V8.5m-5-5 5 5m-5-5v5h5M9 12.5h6M9 16h6',
  chevron: 'm7 10 5 5 5-5',
  back: 'M19 12H5m0 0 6-6m-6 6 6 6',
  next: 'M5 12h14m0 0-6-6m6 6-6 6',
  undo: 'M4.5 9.5h10a5 5 0 0 1 0 10H9m-4.5-10L9 5m-4.5 4.5L9 14',
  copy: 'M9 9h9a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H9a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1ZM5.5 15H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1h9a1 1 0 0 1 1 1v.5',
  search: 'm20 20-4.2-4.2M17.5 11a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0Z',
  sliders:
    'M4 7h9m5 0h2M4 17h2m5 0h9M15.5 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM8.5 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z',
  chat: 'M20.5 12a8 8 0 0 1-8.5 8 9.6 9.6 0 0 1-3.6-.7L3.5 20.5l1.3-4A7.5 7.5 0 0 1 3.5 12 8.2 8.2 0 0 1 12 4a8.2 8.2 0 0 1 8.5 8Z',
  plug: 'M9 3.5v4m6-4v4M6.5 7.5h11V11a5.5 5.5 0 0 1-11 0V7.5Zm5.5 9v4',
  plus: 'M12 5v14M5 12h14',
  bin: 'M4.5 6.5h15M9.5 6.5v-2h5v2m-8 0 .8 12a1.5 1.5 0 0 0 1.5 1.5h6.4a1.5 1.5 0 0 0 1.5-1.5l.8-12M10 10.5v5.5m4-5.5v5.5',
  pen: 'm4.5 19.5.9-4L16 4.9a1.5 1.5 0 0 1 2.1 0l1 1a1.5 1.5 0 0 1 0 2.1L8.5 18.6l-4 .9ZM14 7l3 3',
  up: 'M12 19V5m0 0-6 6m6-6 6 6',
  down: 'M12 5v14m0 0-6-6m6 6 6-6',
  refresh: 'M19.5 12a7.5 7.5 0 1 1-2.2-5.3L19.5 9m0-4.5V9H15',
  out: 'M13.5 4.5h6v6m0-6-9 9M17.5 14v4a1.5 1.5 0 0 1-1.5 1.5H6A1.5 1.5 0 0 1 4.5 18V8A1.5 1.5 0 0 1 6 6.5h4',
  reply: 'M9.5 6 4 11.5 9.5 17M4 11.5h10a6 6 0 0 1 6 6v1',
  phone:
    'M8.5 4h-3A1.5 1.5 0 0 0 4 5.6 15.5 15.5 0 0 0 18.4 20a1.5 1.5 0 0 0 1.6-1.5v-3l-4.5-1.7-1.8 2.2a12 12 0 0 1-5.7-5.7l2.2-1.8L8.5 4Z',
  shop: 'M5 8.5h14l-1 11H6l-1-11Zm3.5 0a3.5 3.5 0 0 1 7 0',
  menu: 'M5 7h14M5 12h14M5 17h14',
  gift: 'M4.5 8.5h15v3h-15v-3Zm1.5 3v8h12v-8M12 8.5v11M12 8.5C10 4 5.5 5.5 8 8.5m4 0c2-4.5 6.5-3 4 0',
  picture: 'M5.5 4.5h13a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1h-13a1 1 0 0 1-1-1v-13a1 1 0 0 1 1-1Zm-1 11.5 4.5-4.5 8 8m-3-5 2.5-2.5 3 3M15 8.5v.1',
  play: 'M8 5.5v13l10.5-6.5L8 5.5Z',
  pulse: 'M2.5 12h4.5l3-7.5 4.5 15 3-7.5h4',
  ticks: 'm2 12.5 4.5 4.5L16 7.5M12 16l1 1 9-9.5',
  stop: 'M5.7 5.7l12.6 12.6M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z',
  pause: 'M9 6v12M15 6v12',
  megaphone: 'M4 10v4a1 1 0 0 0 1 1h2.5l9.5 4.5v-15L7.5 9H5a1 1 0 0 0-1 1Zm3.5 5 1.2 5h2.6l-1-3.7M20 10v4',
  place: 'M12 21s-6.5-5.600-6.5-11a6.5 6.5 0 0 1 13 0c0 5.400-6.5 11-6.5 11Zm0-8.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z',
} as const;

export type IconName = keyof typeof SHAPES;

/** Signs that point along the line of reading turn round in right-to-left languages. */
const TURNS: ReadonlySet<IconName> = new Set(['back', 'next', 'undo', 'out', 'reply']);

export function Icon({ name }: { name: IconName }) {
  return (
    <svg
      class={TURNS.has(name) ? 'icon turns' : 'icon'}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width={name === 'mark' ? 3 : 1.7}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={SHAPES[name]} />
    </svg>
  );
}
