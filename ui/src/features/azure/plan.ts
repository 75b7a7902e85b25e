/** What the screen that confirms a delivery says of one to Azure Device Update, and how it is written on the command line. */
import type { Plan } from "../../ipc";
import { plural } from "../../shared/format";
import type { DraftRules } from "../../state/plans.svelte";

export const PLAN_EXTRAS = {
  confirm: (): string[] => [],
  impact: (plan: Plan): string => `imports an update of ${plural(plan.files.length, "file")}`,
};

export const PLAN_RULES: DraftRules = { allows: () => true, flags: () => [] };
