/** Where rows of different heights begin. */

/** The top of each row, and the end of the last one. */
export function offsetsOf<T>(rows: readonly T[], heightOf: (item: T) => number): number[] {
  const offsets = [0];
  let end = 0;
  for (const item of rows) offsets.push((end += heightOf(item)));
  return offsets;
}

/** The row that covers that pixel. */
export function rowAt(offsets: readonly number[], pixels: number): number {
  let low = 0;
  let high = Math.max(0, offsets.length - 2);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((offsets[middle] ?? 0) <= pixels) low = middle;
    else high = middle - 1;
  }
  return low;
}
