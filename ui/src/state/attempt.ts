/** Acts that may fail, with the failure shown where the user is. */
import type { Diagnosis } from "../ipc";
import { announcer } from "./announce.svelte";
import { diagnosisOf } from "./problem";

/** Does it; hands back what went wrong, or `null`. */
export async function attempt(deed: () => Promise<unknown>): Promise<Diagnosis | null> {
  try {
    await deed();
    return null;
  } catch (error) {
    const diagnosis = diagnosisOf(error);
    announcer.interrupt(diagnosis.title);
    return diagnosis;
  }
}
