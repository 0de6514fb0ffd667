// Flags of countries. They stand beside names and never for them, and only where the system can draw them: some have no
// such signs, and would show boxes or letters instead.

const FIRST_LETTER = 0x1f1e6;
/** Pixels that are drawn to see whether there are flags. */
const TRIED_PIXELS = 24;

let canDraw: boolean | undefined;

/** The flag of an ISO code, with a space behind it; nothing where there is none. */
export function flag(iso: string): string {
  if (!/^[A-Z]{2}$/.test(iso) || iso === 'ZZ') return '';
  canDraw ??= tried();
  return canDraw ? `${signs(iso)} ` : '';
}

function signs(iso: string): string {
  return String.fromCodePoint(...[...iso].map((letter) => FIRST_LETTER + letter.charCodeAt(0) - 65));
}

/** A flag has colours; boxes and letters are drawn in black. */
function tried(): boolean {
  const canvas = document.createElement('canvas');
  canvas.width = TRIED_PIXELS;
  canvas.height = TRIED_PIXELS;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  if (!pen) return false;
  pen.font = `${TRIED_PIXELS - 6}px sans-serif`;
  pen.textBaseline = 'top';
  pen.fillText(signs('TR'), 0, 2);
  const { data } = pen.getImageData(0, 0, TRIED_PIXELS, TRIED_PIXELS);
  for (let at = 0; at < data.length; at += 4) if ((data[at] ?? 0) > (data[at + 1] ?? 0) + 60) return true;
  return false;
}
