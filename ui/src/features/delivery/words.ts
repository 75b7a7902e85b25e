/** What a confirmation says: it names the object and the count, never OK. */
import { CLOUDS, cloudOfKind, targetName } from "../../clouds";
import type { Plan } from "../../ipc";
import { duration, plural } from "../../shared/format";
import { isolated } from "../../shared/names";

/** A name longer than this leaves no room for the rest of a button. */
const NAME_ON_BUTTON = 28;

/** The one by its name, several by their number. */
function named(plans: readonly Plan[], kind: string): string {
  const names = new Set(plans.map((plan) => targetName(`${plan.destination.scheme}:`, plan.destination_name)));
  const [only] = names;
  return names.size === 1 && only !== undefined && only.length <= NAME_ON_BUTTON
    ? isolated(only)
    : plural(names.size, kind);
}

/** What confirming these plans does, part by part. */
function deeds(plans: readonly Plan[]): string[] {
  const writes = plans.filter((plan) => plan.impact === "device_write");
  const others = plans.filter((plan) => plan.impact !== "device_write");
  const deedOf = (plan: Plan) => cloudOfKind(plan.destination.scheme)?.planExtras.deed;
  const uploads = others.filter((plan) => deedOf(plan) === undefined);
  const own = new Set(others.flatMap((plan) => deedOf(plan) ?? []));
  return [
    ...(writes.length > 0 ? [`write to ${named(writes, "reader")}`] : []),
    ...(uploads.length > 0 ? [`upload to ${named(uploads, "account")}`] : []),
    ...[...own].map((deed) => deed(others.filter((plan) => deedOf(plan) === deed))),
    ...CLOUDS.flatMap((cloud) =>
      cloud.planExtras.confirm(plans.filter((plan) => plan.destination.scheme === cloud.kind)),
    ),
  ];
}

/** The one button of the plan screen. */
export function confirmWords(plans: readonly Plan[]): string {
  const all = deeds(plans).join(", ");
  return all.charAt(0).toUpperCase() + all.slice(1);
}

/** What a plan does at its destination, in words. */
export function impactWords(plan: Plan): string {
  const cloud = cloudOfKind(plan.destination.scheme);
  if (cloud) return cloud.planExtras.impact(plan);
  switch (plan.impact) {
    case "upload":
      return "adds the file";
    case "device_write":
      return "writes a reader";
    case "fleet":
      return "updates many devices";
  }
}

/** `about 5 s`, or that it varies with the connection. */
export function expected(seconds: number | null, bytes: number): string {
  if (seconds === null) return bytes > 0 ? "varies" : "not known";
  return seconds < 10 ? `about ${Math.max(1, seconds)} s` : `about ${duration(seconds)}`;
}
