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
} as const;

export type IconName = keyof typeof SHAPES;

/** Signs that point along the line of reading turn round in right-to-left languages. */
const TURNS: ReadonlySet<IconName> = new Set(['back', 'next', 'undo']);

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
