/** The rate of a job from what was confirmed: one step per confirmation, silence between them. Drawn elsewhere. */
import type { Piece } from "../../ipc";
import type { Confirmed } from "../../state/jobs.svelte";

/** Bytes that were confirmed, and in which time: width, height and area of a step. */
export interface Step {
  from: number;
  to: number;
  bytes: number;
}

/** A time in which nothing was confirmed and nothing was being sent. */
export interface Gap {
  from: number;
  to: number;
}

/** Confirmations closer than this are one step: a response that carries several at once has no rate of its own. */
const TOGETHER_MS = 100;
/** Silence shorter than this is usual. */
const QUIET_MS = 5_000;
/** A longer gap is drawn no wider than this part of all steps: a night's pause leaves room for the rest. */
const WIDEST_GAP = 0.2;

/** Steps of pieces, in the order of their confirmations; those that were found at the other side have no rate. */
export function stepsOfPieces(pieces: readonly Piece[]): Step[] {
  const timed = pieces
    .flatMap(({ began, confirmed, length_bytes }) =>
      began === null || confirmed === null
        ? []
        : [{ from: Date.parse(began), to: Date.parse(confirmed), bytes: length_bytes }],
    )
    .sort((a, b) => a.to - b.to);
  return joined(timed);
}

/** Steps of a count of confirmed bytes that was looked at now and then. */
export function stepsOfCounts(counts: readonly Confirmed[]): Step[] {
  return joined(
    counts.slice(1).flatMap((count, at) => {
      const before = counts[at];
      return before === undefined ? [] : [{ from: before.at, to: count.at, bytes: count.bytes - before.bytes }];
    }),
  );
}

function joined(steps: readonly Step[]): Step[] {
  const all: Step[] = [];
  for (const step of steps) {
    const last = all.at(-1);
    const from = Math.max(step.from, last?.to ?? step.from);
    if (last !== undefined && step.to - from < TOGETHER_MS)
      all[all.length - 1] = { from: last.from, to: Math.max(last.to, step.to), bytes: last.bytes + step.bytes };
    else all.push({ from, to: Math.max(step.to, from + 1), bytes: step.bytes });
  }
  return all;
}

/** Bytes a second. */
export function rateOf({ from, to, bytes }: Step): number {
  return (bytes * 1000) / (to - from);
}

/** All bytes by the time of all steps: what silence is left out of. */
export function meanRate(steps: readonly Step[]): number {
  const bytes = steps.reduce((sum, step) => sum + step.bytes, 0);
  const time = steps.reduce((sum, step) => sum + step.to - step.from, 0);
  return time === 0 ? 0 : (bytes * 1000) / time;
}

/** The silences between steps, and the one since `silentFrom` that lasts until now. */
export function gapsOf(steps: readonly Step[], silentFrom: number, until: number): Gap[] {
  const between = steps.slice(1).map((step, at) => ({ from: steps[at]?.to ?? step.from, to: step.from }));
  const now = { from: Math.max(silentFrom, steps.at(-1)?.to ?? silentFrom), to: until };
  return [...between, now].filter(({ from, to }) => to - from >= QUIET_MS);
}

/** Where a moment lies between 0 and 1; long gaps take less than their time. */
export function placeOf(steps: readonly Step[], gaps: readonly Gap[], until: number): (moment: number) => number {
  const begin = steps[0]?.from ?? until;
  const widest = Math.max(QUIET_MS, WIDEST_GAP * steps.reduce((sum, { from, to }) => sum + to - from, 0));
  const drawn = (moment: number) => {
    const taken = gaps.reduce((sum, { from, to }) => {
      const passed = Math.min(moment, to) - from;
      const length = to - from;
      return passed <= 0 || length <= widest ? sum : sum + passed * (1 - widest / length);
    }, 0);
    return moment - begin - taken;
  };
  const whole = Math.max(1, drawn(until));
  return (moment) => Math.min(1, Math.max(0, drawn(moment) / whole));
}

/** The line over the steps, as a path: level in each, upright between two that touch, and none where nothing was confirmed. */
export function lineOf(
  steps: readonly Step[],
  x: (moment: number) => number,
  y: (bytesPerSecond: number) => number,
): string {
  return steps
    .map((step, at) => {
      const touches = steps[at - 1]?.to === step.from;
      const height = y(rateOf(step));
      return `${touches ? `V${height}` : `M${x(step.from)} ${height}`}H${x(step.to)}`;
    })
    .join("");
}

/** The least of 1, 2, 5, 10, 20, … that is not below it. */
export function niceTop(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5].find((digit) => digit * power >= value) ?? 10) * power;
}
