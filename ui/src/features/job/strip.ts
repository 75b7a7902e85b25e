/** The bytes of a job as one strip: each chunk as wide as its bytes, in the order in which they lie in the files. */
import type { Job, Piece } from "../../ipc";

export interface Cell {
  /** Its number; of several chunks that are drawn as one, that of the first. */
  number: number;
  /** Where it begins, counted over all files. */
  from: number;
  bytes: number;
  state: Piece["state"] | "waiting";
  /** How many chunks are drawn as this one. */
  chunks: number;
  noted: boolean;
}

/** More cells than this are narrower than a line; neighbours of one state are drawn as one. */
const MOST_CELLS = 240;

/** The cells of the strip. `usual` is the size that chunks which have not begun are expected to have. */
export function cellsOf(job: Job, usual: number, noted: ReadonlySet<number>): Cell[] {
  const bases = basesOf(job);
  const pieces = job.pieces
    .map((piece) => ({ piece, from: (bases[piece.file] ?? bases.at(-1) ?? 0) + piece.offset_bytes }))
    .sort((a, b) => a.from - b.from);
  const end = Math.max(bases.at(-1) ?? 0, ...pieces.slice(-1).map(({ piece, from }) => from + piece.length_bytes));
  const cells: Cell[] = [];
  const add = (from: number, bytes: number, state: Cell["state"]) => {
    const number = cells.length + 1;
    cells.push({ number, from, bytes, state, chunks: 1, noted: noted.has(number) });
  };
  let at = 0;
  const waitUntil = (next: number) => {
    while (at < next) {
      const bytes = usual > 0 ? Math.min(usual, next - at) : next - at;
      add(at, bytes, "waiting");
      at += bytes;
    }
  };
  for (const { piece, from } of pieces) {
    waitUntil(from);
    add(from, piece.length_bytes, piece.state);
    at = Math.max(at, from + piece.length_bytes);
  }
  waitUntil(end);
  return cells.length > MOST_CELLS ? joined(cells) : cells;
}

/** Where each file begins, and where the last one ends. */
function basesOf({ plan }: Job): number[] {
  const bases = [0];
  for (const file of plan.files) bases.push((bases.at(-1) ?? 0) + file.expected.size_bytes);
  return bases;
}

function joined(cells: readonly Cell[]): Cell[] {
  const runs: Cell[] = [];
  for (const cell of cells) {
    const last = runs.at(-1);
    if (last?.state === cell.state && cell.state !== "sending" && !last.noted && !cell.noted) {
      last.bytes += cell.bytes;
      last.chunks += cell.chunks;
    } else runs.push({ ...cell });
  }
  return runs;
}

/** Below this there is no room for a number, pixels; and for each of its digits and around them. */
const NARROWEST = 16;
const DIGIT = 7;
const AROUND = 3;

/** Whether a cell of that many pixels has room for its number. */
export function isNumbered({ number, chunks }: Cell, pixels: number): boolean {
  return chunks === 1 && pixels >= Math.max(NARROWEST, DIGIT * String(number).length + AROUND);
}
