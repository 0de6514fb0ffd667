// What was changed in a table: single cells, and rules for whole columns. A thin layer over the file, which stays as it
// is: memory grows with what was typed, not with the file.

/** What can be done to every cell of a column. */
export type Rule =
  /** Blanks, and the signs that people put between digits. */
  | { kind: 'remove-separators'; column: number }
  | { kind: 'trim'; column: number }
  /** Cells that are exactly this, blanks aside. */
  | { kind: 'replace'; column: number; from: string; to: string };

export type Change = { kind: 'cell'; row: number; column: number; text: string } | { kind: 'rule'; rule: Rule };

/** The changes in force, the earliest first. A cell is what was typed last, and then what the rules behind that make of it. */
export class Changes {
  private readonly done: Change[] = [];
  private undone: Change[] = [];
  /** Of each row, the changes of its cells by column. */
  private byRow = new Map<number, Map<number, { text: string; at: number }>>();
  private rules: { rule: Rule; at: number }[] = [];

  get isEmpty(): boolean {
    return this.done.length === 0;
  }

  get size(): number {
    return this.done.length;
  }

  get undoable(): { undo: number; redo: number } {
    return { undo: this.done.length, redo: this.undone.length };
  }

  get hasRules(): boolean {
    return this.rules.length > 0;
  }

  add(change: Change): void {
    this.undone = [];
    this.put(change);
  }

  undo(): Change | undefined {
    const change = this.done.pop();
    if (!change) return undefined;
    this.undone.push(change);
    this.rebuild(change);
    return change;
  }

  redo(): Change | undefined {
    const change = this.undone.pop();
    if (change) this.put(change);
    return change;
  }

  /** Rows in which a cell was typed, in their order. */
  rows(): number[] {
    return [...this.byRow.keys()].sort((a, b) => a - b);
  }

  touches(row: number): boolean {
    return this.byRow.has(row);
  }

  /** The cells as they are now, and which of them are not what the file says. */
  apply(row: number, cells: readonly string[]): { cells: string[]; changed: number[] } {
    const typed = this.byRow.get(row);
    if (!typed && this.rules.length === 0) return { cells: cells as string[], changed: [] };
    // A row may be shorter than the header: what was typed behind its end belongs to it.
    const width = Math.max(cells.length, ...(typed ? [...typed.keys()].map((column) => column + 1) : []));
    const whole = Array.from({ length: width }, (_, column) => cells[column] ?? '');
    const now = whole.map((cell, column) => {
      const own = typed?.get(column);
      let text = own?.text ?? cell;
      for (const { rule, at } of this.rules) {
        if (rule.column === column && (own === undefined || at > own.at)) text = ruled(text, rule);
      }
      return text;
    });
    const changed = now.flatMap((cell, column) => (cell === whole[column] ? [] : [column]));
    return { cells: now, changed };
  }

  private put(change: Change): void {
    const at = this.done.push(change);
    if (change.kind === 'rule') {
      this.rules.push({ rule: change.rule, at });
      return;
    }
    const row = this.byRow.get(change.row) ?? new Map<number, { text: string; at: number }>();
    row.set(change.column, { text: change.text, at });
    this.byRow.set(change.row, row);
  }

  private rebuild(gone: Change): void {
    if (gone.kind === 'rule') {
      this.rules.pop();
      return;
    }
    this.byRow.delete(gone.row);
    this.done.forEach((change, at) => {
      if (change.kind !== 'cell' || change.row !== gone.row) return;
      const row = this.byRow.get(change.row) ?? new Map<number, { text: string; at: number }>();
      row.set(change.column, { text: change.text, at: at + 1 });
      this.byRow.set(change.row, row);
    });
  }
}

function ruled(text: string, rule: Rule): string {
  switch (rule.kind) {
    case 'trim':
      return text.trim();
    case 'remove-separators':
      return text.replace(/[\s().\-\u2010-\u2015]/gu, '');
    case 'replace':
      return text.trim() === rule.from ? rule.to : text;
  }
}
