/** How a finding looks. */
import type { FindingState } from "../../ipc";
import type { Mark } from "../../state/mark";

export const MARKS: Record<FindingState, Mark> = {
  problem: { icon: "no", word: "Problem", tone: "danger" },
  notice: { icon: "warn", word: "Notice", tone: "warn" },
  unknown: { icon: "ask", word: "Unknown", tone: "faint" },
  fine: { icon: "ok", word: "OK", tone: "ok" },
};
