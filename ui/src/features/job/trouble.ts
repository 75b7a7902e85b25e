/** What is wrong with a job that runs and does not move: said from what came last, not guessed. */
import type { Job, JobSummary } from "../../ipc";
import { clockTime } from "../../shared/format";

export interface Trouble {
  title: string;
  /** For how long. */
  seconds: number;
  why: string | null;
  /** Seconds until the next try; 0 while it is made, `null` when nobody waits for one. */
  next: number | null;
}

/** Silence shorter than this is usual. */
const QUIET_SECONDS = 5;

const RETRYING = "Retrying";

/** What is wrong, in one word or two; `null` while the job moves, or while its phase is quiet by its nature and not overdue. */
function titleOf({ state, pace, progress }: JobSummary, silence: number): string | null {
  if (state.state !== "running") return null;
  if (pace.waiting) return RETRYING;
  const counted = progress.total_bytes > 0 && progress.confirmed_bytes < progress.total_bytes;
  return pace.stalled || (counted && silence >= QUIET_SECONDS) ? "Nothing confirmed" : null;
}

/** The same for a row of a list: a rate and a time left would be untrue beside it. */
export function silenceWords(job: JobSummary, silence: number): string | null {
  const title = titleOf(job, silence);
  return title === null || silence < 1 ? title : `${title} for ${clockTime(silence)}`;
}

/** With the reason, and the seconds until the next try. */
export function troubleOf(job: Job, silence: number, next: number | null, now: number): Trouble | null {
  const title = titleOf(job.summary, silence);
  if (title === null) return null;
  const last = job.notes.findLast((note) => note.kind === "retry" || note.kind === "warning");
  if (title === RETRYING) return { title, seconds: silence, why: last?.detail ?? null, next };
  // An event older than the silence says nothing of it.
  const recent = last !== undefined && (now - Date.parse(last.at)) / 1000 <= silence + QUIET_SECONDS;
  return {
    title,
    seconds: silence,
    why: recent ? (last.detail ?? last.text) : "No reason was reported",
    next: null,
  };
}
