/** How the objects of an account are called and marked. */
import type { AttributeKind, CampaignDeviceRow, DeviceRow, Filter, FilterAttribute, Operator } from "../../ipc";
import type { CampaignRow, UploadRow } from "../../ipc/pelion";
import type { Mark } from "../../state/mark";

/** The lists of an account. */
export const LIST_TABS = [
  { key: "uploads", title: "Uploads" },
  { key: "images", title: "Images" },
  { key: "manifests", title: "Manifests" },
  { key: "campaigns", title: "Campaigns" },
  { key: "devices", title: "Devices" },
] as const;

export type ListTab = (typeof LIST_TABS)[number]["key"];

export const OPERATORS: Record<Operator, string> = {
  equal: "is",
  not_equal: "is not",
  in: "is one of",
  not_in: "is none of",
  at_most: "is at most",
  at_least: "is at least",
};

/** Where a campaign stands; a phase nobody knows is shown in the service's word. */
export function campaignMark(view: CampaignRow): Mark {
  const { phase, title } = view.standing;
  switch (phase) {
    case "draft":
      return { icon: "wait", word: title, tone: "muted" };
    case "starting":
    case "stopping":
      return { icon: "run", word: title, tone: "warn" };
    case "active":
      return { icon: "run", word: title, tone: "acc" };
    case "stopped":
      return { icon: "stop", word: title, tone: "muted" };
    case "archived":
    case "deleted":
      return { icon: "stop", word: title, tone: "faint" };
    case "timed":
    case "awaiting_approval":
      return { icon: "pause", word: title, tone: "warn" };
    default:
      return { icon: "ask", word: title, tone: "warn" };
  }
}

export function uploadMark(job: UploadRow): Mark {
  switch (job.status) {
    case "completed":
    case "success":
      return { icon: "tick", word: "Completed", tone: "muted" };
    case "in_progress":
      return { icon: "run", word: "In progress", tone: "acc" };
    case "not_started":
      return { icon: "wait", word: "Not started", tone: "muted" };
    default:
      return { icon: "ask", word: job.status === "" ? "Not reported" : job.status, tone: "warn" };
  }
}

export function deviceMark(device: DeviceRow): Mark {
  if (device.blocked !== "")
    return { icon: "lock", word: device.blocked === "blocked" ? "Blocked" : "Suspended", tone: "warn" };
  switch (device.state) {
    case "registered":
      return { icon: "ok", word: "Registered", tone: "ok" };
    case "bootstrapped":
      return { icon: "wait", word: "Bootstrapped", tone: "muted" };
    case "cloud_enrolling":
      return { icon: "wait", word: "Enrolling", tone: "muted" };
    case "unenrolled":
      return { icon: "gone", word: "Unenrolled", tone: "faint" };
    case "deregistered":
      return { icon: "gone", word: "Deregistered", tone: "faint" };
    default:
      return { icon: "ask", word: device.state === "" ? "Not reported" : device.state, tone: "warn" };
  }
}

/** How far a campaign is with a device, in the service's words where it has some. */
export function deploymentMark(device: CampaignDeviceRow): Mark {
  const word = device.state_title;
  switch (device.ended) {
    case "updated":
      return { icon: "ok", word, tone: "ok" };
    case "failed":
      return { icon: "no", word: device.state === "deployed" ? "Failed" : word, tone: "danger" };
    case "skipped":
      return { icon: "tick", word: "Skipped", tone: "muted" };
    case null:
      return device.state === "pending" ? { icon: "wait", word, tone: "muted" } : { icon: "run", word, tone: "acc" };
  }
}

/** The attribute a condition's field belongs to; a keyed one by its beginning. */
export function attributeOf(field: string, known: readonly FilterAttribute[]): FilterAttribute | undefined {
  return (
    known.find((attribute) => attribute.field === field) ??
    known.find((attribute) => attribute.kind === "keyed" && field.startsWith(attribute.field))
  );
}

/** The first condition a person is offered for an attribute. */
export function conditionFor(attribute: FilterAttribute): Filter {
  return {
    field: attribute.field,
    operator: attribute.operators[0] ?? "equal",
    value: attribute.kind === "choice" ? (attribute.choices[0] ?? "") : attribute.kind === "flag" ? "true" : "",
  };
}

/** What a field for such a value shows before anything is typed. */
export function valueHint(kind: AttributeKind, operator: Operator): string {
  if (operator === "in" || operator === "not_in") return "a,b,c";
  return kind === "moment" ? "2026-01-31T00:00:00Z" : "";
}

/** All of these words occur in the texts. */
export function occurs(words: string, ...texts: (string | null)[]): boolean {
  const text = texts.join(" ").toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
