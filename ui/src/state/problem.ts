/** Failures on their way to a person. */
import type { Diagnosis } from "../ipc";

/** What a rejected call said. Whatever is no diagnosis is a fault of the window itself, and shown as such. */
export function diagnosisOf(error: unknown): Diagnosis {
  if (isDiagnosis(error)) return error;
  return {
    code: "FD-901",
    title: "Firmdrop found a contradiction and stopped",
    what_happened: "The window received an unexpected response.",
    why: error instanceof Error ? error.message : String(error),
    state_now: "Running jobs continue.",
    remedies: [],
    details: [],
  };
}

function isDiagnosis(error: unknown): error is Diagnosis {
  return typeof error === "object" && error !== null && "code" in error && "what_happened" in error;
}
