/** Limits, handlers, names and marks of Device Update as its screens show them. */
import type { AduDeviceRow, OperationRow } from "../../ipc";
import type { Mark } from "../../state/mark";

/** Bytes of all files of one import. Source: article "Device Update limits", 2 GB. */
export const SIZE_LIMIT = 2 * 1024 ** 3;
/** Files of one import. Source: schema of import manifests 5.0, `files`. */
export const FILES_LIMIT = 10;

/** Devices of one collection of logs. Source: article "Device Update limits". */
export const LOG_DEVICES = 100;
/** Characters of its description. Source: interface of 2022-10-01. */
export const LOG_DESCRIPTION = 512;
/** A name of a device class. Source: interface of 2022-10-01. */
export const CLASS_NAME = /^[A-Za-z0-9.-]{1,100}$/;

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
  { key: "deployments", title: "Deployments" },
  { key: "groups", title: "Groups" },
  { key: "devices", title: "Devices" },
  { key: "classes", title: "Classes" },
  { key: "logs", title: "Logs" },
  { key: "operations", title: "Operations" },
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

/** States of a device's last deployment. Source: `deploymentStatus` of the service's interface. */
export const DEVICE_STATES = [
  { value: "Failed", title: "Failed" },
  { value: "InProgress", title: "In progress" },
  { value: "Succeeded", title: "Succeeded" },
  { value: "Canceled", title: "Cancelled" },
] as const;

/** How a device's last deployment ended, as far as the service says it. */
export function deviceMark({ status }: AduDeviceRow): Mark {
  if (status === null || status === "") return { icon: "ask", word: "Not reported", tone: "faint" };
  return stateMark(status);
}

/** A state in the service's word: of a device in a deployment, of a collection of logs. */
export function stateMark(word: string): Mark {
  switch (word.toLowerCase()) {
    case "succeeded":
      return { icon: "ok", word: "Succeeded", tone: "ok" };
    case "failed":
      return { icon: "no", word: "Failed", tone: "danger" };
    case "inprogress":
      return { icon: "run", word: "In progress", tone: "acc" };
    case "running":
      return { icon: "run", word: "Running", tone: "acc" };
    case "notstarted":
      return { icon: "wait", word: "Not started", tone: "muted" };
    case "canceled":
    case "cancelled":
      return { icon: "stop", word: "Cancelled", tone: "muted" };
    default:
      return { icon: "ask", word: word === "" ? "Not reported" : word, tone: "muted" };
  }
}

/** Names and values of properties in one line: `manufacturer contoso, model door`. */
export function pairs(properties: Readonly<Record<string, string>>): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

/** The next version that is not there, by its last number; `null` for one that has no numbers. */
export function nextVersion(version: string, there: readonly string[]): string | null {
  const parts = version.split(".");
  if (!parts.every((part) => /^\d{1,9}$/.test(part))) return null;
  const before = parts.slice(0, -1);
  for (let number = Number(parts.at(-1)) + 1; ; number += 1) {
    const next = [...before, number].join(".");
    if (!there.includes(next)) return next;
  }
}

/** Bytes of a SHA-256. */
const SHA256_BYTES = 32;

/** A SHA-256 that the service writes in base64, in the digits of every other screen; anything else as it is. */
export function hexOf(sha256: string): string {
  let bytes: string;
  try {
    bytes = atob(sha256);
  } catch {
    return sha256;
  }
  if (bytes.length !== SHA256_BYTES) return sha256;
  return Array.from(bytes, (byte) => byte.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}
