/** The memory bar: segments in the order of their addresses, with the gaps between them. */
import type { Segment } from "../../ipc";

export interface Part {
  name: string;
  /** Share of the bar; enough to be seen, never to scale with a gap of gigabytes. */
  weight: number;
  gap: boolean;
}

const SMALLEST = 0.03;
const WIDEST_GAP = 0.15;

/** What the bar draws. Gaps are cut to a sliver: a person looks for what is written, not for what is not. */
export function parts(segments: readonly Segment[]): Part[] {
  const whole = segments.reduce((sum, segment) => sum + segment.length_bytes, 0);
  if (whole === 0) return [];
  const drawn: Part[] = [];
  let end: number | null = null;
  for (const segment of segments) {
    const start = segment.address;
    if (start !== null && end !== null && start > end) {
      drawn.push({ name: "", weight: Math.min(WIDEST_GAP, Math.max(SMALLEST, (start - end) / whole)), gap: true });
    }
    drawn.push({ name: segment.name, weight: Math.max(SMALLEST, segment.length_bytes / whole), gap: false });
    end = start === null ? null : start + segment.length_bytes;
  }
  return drawn;
}
