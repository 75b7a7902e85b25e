/** What is wrong with a job that runs and does not move: said from what came last, not guessed. */
import type { Job } from "../../ipc";

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

/** `null` while the job moves, or while its phase is quiet by its nature and not overdue. */
export function troubleOf(job: Job, silence: number, now: number): Trouble | null {
  if (job.summary.state.state !== "running") return null;
  const { pace, progress } = job.summary;
  const { waiting } = pace;
  const last = job.notes.findLast((note) => note.kind === "retry" || note.kind === "warning");
  if (waiting) {
    const next = Math.ceil((Date.parse(waiting.until) - now) / 1000);
    return { title: "Retrying", seconds: silence, why: last?.detail ?? null, next: Math.max(0, next) };
  }
  const counted = progress.total_bytes > 0 && progress.confirmed_bytes < progress.total_bytes;
  if (!pace.stalled && !(counted && silence >= QUIET_SECONDS)) return null;
  // An event older than the silence says nothing of it.
  const recent = last !== undefined && (now - Date.parse(last.at)) / 1000 <= silence + QUIET_SECONDS;
  return {
    title: "Nothing confirmed",
    seconds: silence,
    why: recent ? (last.detail ?? last.text) : "No reason was reported",
    next: null,
  };
}
