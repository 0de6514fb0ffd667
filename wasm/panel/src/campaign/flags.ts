// Flags of countries. They stand beside names and never for them: some systems draw two letters instead.

const FIRST_LETTER = 0x1f1e6;

export function flag(iso: string): string {
  if (!/^[A-Z]{2}$/.test(iso) || iso === 'ZZ') return '';
  return String.fromCodePoint(...[...iso].map((letter) => FIRST_LETTER + letter.charCodeAt(0) - 65));
}
