// The job every peer does, so that only what reads and what judges differs between them. Knows nothing of Node, so
// that the page of ../chromium/ can use it.

const NUMBER_COLUMN = 3;
const PERMISSION_COLUMN = 4;

/** Takes rows and makes the report on them. `number(cell)` gives a valid number as E.164, or nothing. */
export class Tally {
  rows = 0;
  valid = 0;
  repeated = 0;
  optIn = 0;
  faults = [];
  seen = new Set();

  constructor(number) {
    this.number = number;
  }

  row(cells) {
    this.rows += 1;
    const permission = cells[PERMISSION_COLUMN];
    const permitted = permission === '1' || permission === '2';
    const number = this.number(withPlus(cells[NUMBER_COLUMN] ?? ''));
    if (number === undefined) {
      this.faults.push({ row: this.rows, column: NUMBER_COLUMN, kind: 'number' });
    } else {
      this.valid += 1;
      if (!this.seen.has(number)) this.seen.add(number);
      else if (permitted) this.repeated += 1;
    }
    if (permission === '1') this.optIn += 1;
    else if (!permitted) this.faults.push({ row: this.rows, column: PERMISSION_COLUMN, kind: 'permission' });
  }

  /** What the bench reads. */
  answer(seconds) {
    const of = (kind) => this.faults.filter((fault) => fault.kind === kind).length;
    return {
      rows: this.rows,
      seconds,
      valid: this.valid,
      repeated: this.repeated,
      opt_in: this.optIn,
      number_faults: of('number'),
      permission_faults: of('permission'),
    };
  }
}

/** `00` at the beginning read as `+`, which libphonenumber only does for a country. */
function withPlus(cell) {
  return cell.startsWith('00') ? `+${cell.slice(2)}` : cell;
}
