/** What happened to jobs since a person looked last. */
import type { JobSummary } from "../ipc";
import { jobs } from "./jobs.svelte";
import { session } from "./session.svelte";

/** How many a person is shown; the rest is in Activity. */
const SHOWN = 12;

class Notices {
  /** Jobs that ended or were interrupted, the newest first. */
  readonly list: JobSummary[] = $derived(
    jobs.list
      .filter((job) => isNoticed(job))
      .sort((a, b) => b.changed.localeCompare(a.changed))
      .slice(0, SHOWN),
  );
  readonly fresh: JobSummary[] = $derived(this.list.filter((job) => this.#isFresh(job)));

  #isFresh(job: JobSummary): boolean {
    const looked = session.settings.looked;
    return looked === null || Date.parse(job.changed) > Date.parse(looked);
  }

  /** A person has looked: what there is now is no longer new. */
  look(): Promise<void> {
    const newest = this.list[0]?.changed;
    return newest === undefined || this.fresh.length === 0 ? Promise.resolve() : session.save({ looked: newest });
  }
}

/** It ended, or it needs somebody. What a person stopped or paused themselves is no news. */
function isNoticed(job: JobSummary): boolean {
  return ["finished", "failed", "interrupted"].includes(job.state.state);
}

export const notices = new Notices();
