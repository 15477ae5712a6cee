/** Missing (NaN) is less than any number; -0 equals 0. */
export function compareValues(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  const aMissing = Number.isNaN(a);
  return aMissing === Number.isNaN(b) ? 0 : aMissing ? -1 : 1;
}

/** A time that is no number comes last, where no window reaches. */
function compareTimes(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

function ascendsStrictly(t: Float64Array): boolean {
  for (let i = 1; i < t.length; i++) if (!(t[i]! > t[i - 1]!)) return false;
  return true;
}

/**
 * The samples sorted by time (the first column), those of one time by the other columns in turn, each sample once:
 * samples equal in every column are one. Columns already in strict order are returned as they are.
 */
export function inTimeOrder(columns: readonly Float64Array[]): readonly Float64Array[] {
  const t = columns[0]!;
  if (ascendsStrictly(t)) return columns;
  const compare = (a: number, b: number): number => {
    const byTime = compareTimes(t[a]!, t[b]!);
    if (byTime !== 0) return byTime;
    for (let c = 1; c < columns.length; c++) {
      const byValue = compareValues(columns[c]![a]!, columns[c]![b]!);
      if (byValue !== 0) return byValue;
    }
    return 0;
  };
  const order = Uint32Array.from(t, (_, i) => i).sort(compare);
  let kept = 0;
  for (let i = 0; i < order.length; i++) {
    if (i === 0 || compare(order[kept - 1]!, order[i]!) !== 0) order[kept++] = order[i]!;
  }
  return columns.map((column) => Float64Array.from(order.subarray(0, kept), (i) => column[i]!));
}

/** First index in `[from, to)` whose t is at least `bound`; `to` when there is none. `t` ascends. */
export function lowerBound(t: Float64Array, bound: number, from = 0, to = t.length): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (t[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
