// Hands a file to the browser that was asked for with more than an address can say.

/** How long the browser has to begin with it, in milliseconds. */
const KEPT_MS = 60_000;

export function hand(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}
