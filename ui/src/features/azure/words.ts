/** Limits, handlers, names and marks of Device Update as its screens show them. */
import type { OperationRow } from "../../ipc";
import type { Mark } from "../../state/mark";

/** Bytes of all files of one import. Source: article "Device Update limits", 2 GB. */
export const SIZE_LIMIT = 2 * 1024 ** 3;
/** Files of one import. Source: schema of import manifests 5.0, `files`. */
export const FILES_LIMIT = 10;

/** Handlers that Microsoft publishes. Source: documentation of the agent's step handlers. */
export const HANDLERS = [
  { value: "microsoft/swupdate:1", title: "microsoft/swupdate:1" },
  { value: "microsoft/swupdate:2", title: "microsoft/swupdate:2" },
  { value: "microsoft/script:1", title: "microsoft/script:1" },
  { value: "microsoft/apt:1", title: "microsoft/apt:1" },
  { value: "microsoft/simulator:1", title: "microsoft/simulator:1" },
] as const;

/** The properties that a handler reads, the needed ones first. */
export function propertiesOf(handler: string): { key: string; title: string }[] {
  const criteria = { key: "installedCriteria", title: "Installed criteria" };
  const script = { key: "scriptFileName", title: "Script" };
  const parameters = { key: "arguments", title: "Arguments" };
  switch (handler) {
    case "microsoft/swupdate:1":
    case "microsoft/apt:1":
      return [criteria];
    case "microsoft/swupdate:2":
      return [criteria, script, { key: "swuFileName", title: "Image" }, parameters];
    case "microsoft/script:1":
      return [script, parameters, criteria];
    default:
      return [criteria];
  }
}

/** The lists of an account. */
export const LIST_TABS = [
  { key: "updates", title: "Updates" },
  { key: "operations", title: "Operations" },
  { key: "deployments", title: "Deployments" },
] as const;

export type ListTab = (typeof LIST_TABS)[number]["key"];

/** An operation in word, shape and tone: the service's own word, as long as nothing failed. */
export function operationMark(row: OperationRow): Mark {
  if (row.failure !== null) return { icon: "no", word: "Failed", tone: "danger" };
  if (!row.is_over) return { icon: "run", word: row.status, tone: "acc" };
  return /^succeeded$/i.test(row.status)
    ? { icon: "ok", word: "Succeeded", tone: "ok" }
    : { icon: "ask", word: row.status, tone: "muted" };
}
