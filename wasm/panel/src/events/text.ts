// Texts of strangers in a line of ours. Isolating them is not enough: a sign that opens a direction and is never closed
// swallows the end of the isolation, and whatever follows it is written backwards.

const DIRECTIONS = /[\u202a-\u202e\u2066-\u2069]/g;

/** Without signs that turn the direction of writing, and never longer than `chars`; a character is never cut in two. */
export function inLine(text: string, chars: number): string {
  // What is far behind the end is not even looked at.
  const near = [...text.slice(0, 4 * chars).replace(DIRECTIONS, '')];
  return near.length > chars ? `${near.slice(0, chars).join('')}…` : near.join('');
}
