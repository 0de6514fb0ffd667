// Rows that are safe to open in a spreadsheet. The same rule as the Rust module `render::csv`; one table of cells holds both to it.

import { recordOf } from './records.ts';
import { Rows, STRETCH_ROWS } from './rows.ts';
import type { Reading } from './talk.ts';

/** A cell that no spreadsheet takes for a formula: `'` in front of `=`, `+`, `-`, `@`, tab and CR. The check reads a number through it. */
function disarmed(cell: string): string {
  return /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
}

/** The text with every cell disarmed, as UTF-8. The browser keeps what is done outside the page's memory. */
export async function safeToOpen(text: Blob, reading: Reading): Promise<Blob> {
  const rows = await Rows.of(text, reading);
  const line = ({ cells, end }: { cells: string[]; end: string }) => recordOf(cells.map(disarmed), reading.delimiter) + (end || '\n');
  // Spreadsheets take a file without the mark for one in the encoding of the country.
  const pieces = [new Blob(['\ufeff', line(await rows.header())])];
  for (let from = 0; from < rows.count; from += STRETCH_ROWS) {
    pieces.push(new Blob((await rows.stretch(from / STRETCH_ROWS)).map(line)));
  }
  return new Blob(pieces, { type: 'text/csv;charset=utf-8' });
}
