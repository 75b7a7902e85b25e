/** Account forms that were left before they were saved, while the window is open. Secrets are not among them. */
import type { Values } from "./accountForm";

const left = new Map<string, Values>();
/** The kind that was chosen last for a new account. */
let kind: string | undefined;

/** What was typed into the form of that kind, for that account or a new one. */
export function draftFor(kindOf: string, account: string | undefined): Values | undefined {
  return left.get(keyOf(kindOf, account));
}

export function storeDraft(kindOf: string, account: string | undefined, values: Values): void {
  left.set(keyOf(kindOf, account), { ...values, secrets: blankOf(values.secrets) });
}

export function dropDraft(kindOf: string, account: string | undefined): void {
  left.delete(keyOf(kindOf, account));
}

export function chosenKind(): string | undefined {
  return kind;
}

export function chooseKind(chosen: string | undefined): void {
  kind = chosen;
}

function keyOf(kindOf: string, account: string | undefined): string {
  return `${kindOf}\n${account ?? ""}`;
}

function blankOf(secrets: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.keys(secrets).map((key) => [key, ""]));
}
