/** What a confirmation says: it names the object and the count, never OK. */
import type { Plan } from "../../ipc";
import { duration, plural } from "../../shared/format";

/** The one button of the plan screen. */
export function confirmWords(plans: readonly Plan[]): string {
  const writes = plans.filter((plan) => plan.impact === "device_write").length;
  const uploads = plans.length - writes;
  if (writes === 0) return `Upload to ${plural(uploads, "account")}`;
  if (uploads === 0) return `Write to ${plural(writes, "reader")}`;
  return `Write to ${plural(writes, "reader")}, upload to ${plural(uploads, "account")}`;
}

/** How dangerous a plan is, in words. */
export function dangerWords(plan: Plan): string {
  return plan.impact === "device_write" ? "writes a reader" : "adds a firmware image";
}

/** `about 5 s`, or that it depends on the line. */
export function expected(seconds: number | null, bytes: number): string {
  if (seconds === null) return bytes > 0 ? "depends on the line" : "not known";
  return seconds < 10 ? `about ${Math.max(1, seconds)} s` : `about ${duration(seconds)}`;
}
