/** Where in a text a filter is wrong, in the units of the page and as a short piece around it. */
import type { FilterError } from "../../ipc";

/** Characters that are shown at each side of what is wrong. */
const AROUND = 20;

export interface FilterPlace {
  before: string;
  marked: string;
  after: string;
  /** Code units from 0, as a field counts them. */
  from: number;
  to: number;
}

/** The program counts characters, a field counts code units: an emoji is one and two. */
export function placeOf(text: string, { at, length }: FilterError): FilterPlace {
  const all = Array.from(text);
  const before = all.slice(0, at);
  const marked = all.slice(at, at + length);
  const after = all.slice(at + length);
  const from = before.join("").length;
  return {
    before: `${before.length > AROUND ? "…" : ""}${before.slice(-AROUND).join("")}`,
    marked: marked.join(""),
    after: `${after.slice(0, AROUND).join("")}${after.length > AROUND ? "…" : ""}`,
    from,
    to: from + marked.join("").length,
  };
}
