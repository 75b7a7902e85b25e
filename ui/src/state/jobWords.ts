/** How the states of a job are called, everywhere the same: word, shape, tone. */
import type { JobSummary, Outcome, PhaseResult, ProofMethod } from "../ipc";
import type { Mark } from "./mark";

/** A job's state in word, shape and tone. */
export function stateOf(job: JobSummary): Mark {
  const state = job.state;
  switch (state.state) {
    case "queued":
      return { icon: "wait", word: "Queued", tone: "muted" };
    case "running":
      return job.pace.stalled
        ? { icon: "warn", word: "Stalled", tone: "warn" }
        : { icon: "run", word: "Running", tone: "acc" };
    case "paused":
      return { icon: "pause", word: "Paused", tone: "warn" };
    case "cancelling":
      return { icon: "stop", word: "Stopping", tone: "warn" };
    case "interrupted":
      return { icon: "pause", word: "Interrupted", tone: "warn" };
    case "finished":
      return outcomeMark(state.outcome);
    case "failed":
      return isStoredAlready(job)
        ? { icon: "ask", word: "Already stored", tone: "warn" }
        : { icon: "no", word: "Failed", tone: "danger" };
    case "cancelled":
      return { icon: "stop", word: "Stopped", tone: "muted" };
  }
}

/** The destination holds these bytes under another name: nothing is lost, and the user decides. */
export function isStoredAlready(job: JobSummary): boolean {
  return job.state.state === "failed" && job.state.diagnosis.remedies.some(({ act }) => act === "use_existing_image");
}

/** `1 running`, `2 queued`, `1 stopping`: how many of them are in which state, those that run first. */
export function activeWords(active: readonly JobSummary[]): string[] {
  const kinds = [
    ["running", "running"],
    ["queued", "queued"],
    ["cancelling", "stopping"],
  ] as const;
  return kinds.flatMap(([state, word]) => {
    const count = active.filter((job) => job.state.state === state).length;
    return count === 0 ? [] : [`${count} ${word}`];
  });
}

/** How a finished job ended. */
export function outcomeMark(outcome: Outcome): Mark {
  return outcome.outcome === "verified"
    ? { icon: "ok", word: "Verified", tone: "ok" }
    : { icon: "sent", word: "Sent, not verified", tone: "warn" };
}

/** The second line of a job: what it rests on, or what it does now. */
export function secondLine(job: JobSummary): string {
  const state = job.state;
  switch (state.state) {
    case "queued":
      return "waiting for another job at this destination";
    case "running":
      return job.phase_title ?? "starting";
    case "paused":
      return `at ${job.percent} %, by a user`;
    case "cancelling":
      return "stops at the next safe point";
    case "interrupted":
      return state.reason;
    case "finished":
      return state.outcome.outcome === "verified" ? proofWords(state.outcome.proof.method) : state.outcome.reason;
    case "failed":
      return state.diagnosis.title;
    case "cancelled":
      return state.state_now;
  }
}

function proofWords(method: ProofMethod): string {
  switch (method) {
    case "remote_size_and_sha256":
      return "size and SHA-256 of the remote copy";
    case "hash_after_restart":
      return "hash reported by the reader after its restart";
    case "device_checksum":
      return "checksum computed by the reader";
    case "read_back":
      return "read back and compared";
    case "devices_reported":
      return "reported by every device of the campaign";
  }
}

/** How a phase stands. */
export function phaseMark(result: PhaseResult): Mark {
  switch (result) {
    case "waiting":
      return { icon: "wait", word: "not reached", tone: "faint" };
    case "running":
      return { icon: "run", word: "running", tone: "acc" };
    case "done":
      return { icon: "ok", word: "done", tone: "ok" };
    case "skipped":
      return { icon: "tick", word: "not needed", tone: "faint" };
    case "failed":
      return { icon: "no", word: "failed", tone: "danger" };
  }
}
