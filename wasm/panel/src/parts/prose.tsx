// Text in which `backticks` mark what is to be typed or stood in the file.

export function Prose({ text }: { text: string }) {
  return <>{text.split('`').map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part))}</>;
}

/** The same with a capital letter at the start; rules are written to stand inside a sentence. */
export function sentence(text: string, lang: string): string {
  return text.charAt(0).toLocaleUpperCase(lang) + text.slice(1);
}
