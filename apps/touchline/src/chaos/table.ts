/** What came of a fault. */
export interface Row {
  fault: string;
  acknowledged: number;
  lost: number;
  doubled: number;
  /** From the end of the fault until writes of every kind are acknowledged again. */
  longest_refusal_s: number;
}

const columns = ['fault', 'acknowledged', 'lost', 'doubled', 'longest_refusal_s'] as const;

export function printRows(rows: readonly Row[]): void {
  const lines = [[...columns], ...rows.map((row) => columns.map((column) => String(row[column])))];
  const widths = columns.map((_column, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  for (const line of lines) {
    const cells = line.map((cell, i) =>
      i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0),
    );
    process.stdout.write(`${cells.join('  ')}\n`);
  }
}
