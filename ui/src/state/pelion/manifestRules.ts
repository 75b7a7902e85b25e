/** What a manifest may say. The program checks it again; here a person hears it while they type. */

/** What the service and the program allow. */
export const MANIFEST_NAME_LIMIT = 128;
export const KEY_NAME_LIMIT = 64;
/** A device's default build stores so many bytes of a component's name. */
const COMPONENT_BYTES = 8;
const LARGEST_PRIORITY = 4_294_967_295;
const LARGEST_PART = 999;

/** 32 hexadecimal digits, or the same with the hyphens of a UUID. */
export function isId(text: string): boolean {
  return /^([0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.test(text.trim());
}

/** The same id, however it is written. */
export function plainId(text: string): string {
  return text.trim().replaceAll("-", "").toLowerCase();
}

export function idProblem(text: string): string | undefined {
  if (text.trim() === "") return "Devices compare it; it cannot be left out";
  return isId(text) ? undefined : "32 hexadecimal digits, with or without hyphens";
}

function partsOf(version: string): number[] | undefined {
  const parts = version.trim().split(".");
  if (parts.length !== 3 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return undefined;
  const numbers = parts.map(Number);
  return numbers.some((part) => part > 0) ? numbers : undefined;
}

export function versionProblem(version: string): string | undefined {
  return partsOf(version) === undefined ? "Three numbers from 0 to 999, like 1.2.3" : undefined;
}

/** Below zero when the first is less. What is no version is less than all. */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [partsOf(one) ?? [], partsOf(other) ?? []];
  for (let at = 0; at < 3; at += 1) {
    const difference = (a[at] ?? -1) - (b[at] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The next greater version; empty behind the greatest, and for what is no version. */
export function nextVersion(version: string): string {
  const [major, minor, patch] = partsOf(version) ?? [];
  if (major === undefined || minor === undefined || patch === undefined) return "";
  if (patch < LARGEST_PART) return `${major}.${minor}.${patch + 1}`;
  if (minor < LARGEST_PART) return `${major}.${minor + 1}.0`;
  return major < LARGEST_PART ? `${major + 1}.0.0` : "";
}

export function priorityProblem(priority: string): string | undefined {
  const right = /^\d{1,10}$/.test(priority.trim()) && Number(priority) <= LARGEST_PRIORITY;
  return right ? undefined : "A whole number from 0";
}

export function componentProblem(component: string): string | undefined {
  return component.trim() === "" ? "The component's name on the devices; usually MAIN" : undefined;
}

/** What devices will think of a component's name that the program lets through. */
export function componentWarning(component: string): string | undefined {
  const bytes = new TextEncoder().encode(component.trim()).length;
  return bytes > COMPONENT_BYTES ? `Most devices support at most ${COMPONENT_BYTES} characters` : undefined;
}

export function keyNameProblem(name: string): string | undefined {
  if (name.length > KEY_NAME_LIMIT) return `At most ${KEY_NAME_LIMIT} characters`;
  return /^[A-Za-z0-9_][A-Za-z0-9_-]*$/.test(name) ? undefined : "Letters, digits, “-” and “_”";
}
