// A small copy of a picture that was uploaded, so that the phone can show it.

/** Widest picture that is kept for the drawing, in pixels. */
const PICTURE_PIXELS = 640;

/** A small copy that the page may show; nothing where it is no picture. The page's policy allows no addresses of blobs. */
export async function pictureOf(file: File): Promise<string | undefined> {
  if (!file.type.startsWith('image/')) return undefined;
  try {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, PICTURE_PIXELS / bitmap.width);
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return canvas.toDataURL('image/jpeg', 0.8);
  } catch {
    return undefined; // Meta may read what this browser cannot.
  }
}
