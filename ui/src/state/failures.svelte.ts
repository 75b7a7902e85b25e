/** Acts without a place of their own for a failure: it is shown at the foot of the window, with the act to try again. */
import type { Diagnosis } from "../ipc";
import { attempt } from "./attempt";

/** More of them would fill the window; the oldest go. */
const SHOWN = 3;

export interface Failure {
  diagnosis: Diagnosis;
  deed: () => Promise<unknown>;
}

function isSame(one: Diagnosis, other: Diagnosis): boolean {
  return one.code === other.code && one.what_happened === other.what_happened && one.why === other.why;
}

class Failures {
  /** The newest first. */
  list = $state.raw<readonly Failure[]>([]);

  /** Does it; a failure stays until it is dismissed or the act succeeds. One that repeats is shown once. */
  async run(deed: () => Promise<unknown>): Promise<void> {
    const diagnosis = await attempt(deed);
    if (diagnosis === null) return;
    const others = this.list.filter((each) => !isSame(each.diagnosis, diagnosis));
    this.list = [{ diagnosis, deed }, ...others].slice(0, SHOWN);
  }

  async again(failure: Failure): Promise<void> {
    this.dismiss(failure);
    await this.run(failure.deed);
  }

  dismiss(failure: Failure): void {
    this.list = this.list.filter((each) => each !== failure);
  }
}

export const failures = new Failures();
