/** The list of failures, by what they are about. */
import type { ErrorCode } from "../../ipc";

export interface CodeFamily {
  title: string;
  meaning: string;
  codes: ErrorCode[];
}

/** The families with codes in which every word occurs; a bare number finds its code. */
export function byFamily(codes: readonly ErrorCode[], words: string): CodeFamily[] {
  const wanted = words
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const families = new Map<string, CodeFamily>();
  for (const code of codes) {
    const text = `${code.code} ${code.title} ${code.family_title} ${code.meaning}`.toLowerCase();
    if (!wanted.every((word) => text.includes(word))) continue;
    const family = families.get(code.family) ?? { title: code.family_title, meaning: code.meaning, codes: [] };
    family.codes.push(code);
    families.set(code.family, family);
  }
  return [...families.values()];
}
