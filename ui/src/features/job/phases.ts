/** How the phases of a job stand, also when it stopped in the middle of one. */
import type { Job, Phase, PhaseRun } from "../../ipc";
import { clockTime, duration, sizeOf } from "../../shared/format";
import { phaseMark } from "../../state/jobWords";
import { isActive, waitsForUser } from "../../state/jobs.svelte";
import type { Mark } from "../../state/mark";

const runOf = (job: Job, phase: Phase): PhaseRun | undefined => job.phases.find(({ key }) => key === phase.key);

/** Bytes were confirmed in it although it does not run: the job stopped there. */
function partly(job: Job, phase: Phase): boolean {
  const waits = (runOf(job, phase)?.result ?? "waiting") === "waiting";
  return phase.bytes > 0 && waits && !isActive(job.summary) && job.summary.progress.confirmed_bytes > 0;
}

/** Its word, shape and tone. Nothing of a job that has stopped is running. */
export function phaseState(job: Job, phase: Phase): Mark {
  const result = runOf(job, phase)?.result ?? "waiting";
  if ((result === "running" && !isActive(job.summary)) || partly(job, phase)) {
    return job.summary.state.state === "cancelled"
      ? { icon: "stop", word: "stopped", tone: "warn" }
      : { icon: "pause", word: waitsForUser(job.summary) ? "interrupted" : "ended here", tone: "warn" };
  }
  return phaseMark(result);
}

/** What stands below its name; `since` are the seconds since the job was read. */
export function phaseLine(job: Job, phase: Phase, since: number): string {
  const run = runOf(job, phase);
  const { confirmed_bytes, total_bytes } = job.summary.progress;
  const bytes = () => sizeOf(confirmed_bytes, total_bytes || phase.bytes);
  if (partly(job, phase)) return bytes();
  switch (run?.result) {
    case "running":
      if (phase.bytes > 0) return bytes();
      return isActive(job.summary) ? waiting(phase, (run.seconds ?? 0) + since) : duration(run.seconds ?? 0);
    case "done":
    case "failed":
      return duration(run.seconds ?? 0);
    case "skipped":
      return "not needed";
    default:
      if (!isActive(job.summary) && !waitsForUser(job.summary)) return "not reached";
      return phase.usual_seconds === null ? "waiting" : `usually ${clockTime(Math.max(1, phase.usual_seconds))}`;
  }
}

function waiting(phase: Phase, seconds: number): string {
  return phase.usual_seconds === null
    ? clockTime(seconds)
    : `${clockTime(seconds)} of usually ${clockTime(Math.max(1, phase.usual_seconds))}`;
}
