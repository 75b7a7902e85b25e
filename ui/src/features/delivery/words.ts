/** What a confirmation says: it names the object and the count, never OK. */
import type { Plan } from "../../ipc";
import { duration, plural } from "../../shared/format";

/** What confirming these plans does, part by part. A plan that drafts a campaign also uploads. */
function deeds(plans: readonly Plan[]): string[] {
  const count = (wanted: (plan: Plan) => boolean) => plans.filter(wanted).length;
  const writes = count((plan) => plan.impact === "device_write");
  const uploads = count((plan) => plan.impact !== "device_write");
  const drafts = count((plan) => plan.campaign?.start === false);
  const starts = plans.flatMap((plan) => (plan.campaign?.start === true ? [plan.campaign.matching_devices] : []));
  const devices = starts.reduce((sum, each) => sum + each, 0);
  return [
    ...(writes > 0 ? [`write to ${plural(writes, "reader")}`] : []),
    ...(uploads > 0 ? [`upload to ${plural(uploads, "account")}`] : []),
    ...(drafts > 0 ? [`draft ${plural(drafts, "campaign")}`] : []),
    ...(starts.length > 0 ? [`start ${plural(starts.length, "campaign")} for ${plural(devices, "device")}`] : []),
  ];
}

/** The one button of the plan screen. */
export function confirmWords(plans: readonly Plan[]): string {
  const all = deeds(plans).join(", ");
  return all.charAt(0).toUpperCase() + all.slice(1);
}

/** What a plan does at its destination, in words. */
export function impactWords(plan: Plan): string {
  switch (plan.impact) {
    case "upload":
      return (plan.campaign ?? null) === null ? "adds a firmware image" : "adds a firmware image, drafts a campaign";
    case "device_write":
      return "writes a reader";
    case "fleet":
      return "adds a firmware image, starts a campaign";
  }
}

/** `about 5 s`, or that it depends on the connection. */
export function expected(seconds: number | null, bytes: number): string {
  if (seconds === null) return bytes > 0 ? "depends on the connection" : "not known";
  return seconds < 10 ? `about ${Math.max(1, seconds)} s` : `about ${duration(seconds)}`;
}
