/** How many jobs are under way, in one phrase. */
import type { JobSummary } from "../../ipc";
import { plural } from "../../shared/format";
import { activeWords } from "../../state/jobWords";

/** `1 job running`; `3 jobs: 1 running, 2 queued` where they differ. */
export function activeLine(active: readonly JobSummary[]): string {
  const [first, ...others] = activeWords(active);
  const all = plural(active.length, "job");
  if (first === undefined) return all;
  return others.length === 0 ? `${all} ${first.replace(/^\S+ /, "")}` : `${all}: ${[first, ...others].join(", ")}`;
}
