/** A comparison of two files in words and numbers. */
import type { Change, Comparison, Region } from "../../ipc";
import { plural, size } from "../../shared/format";

/** Bytes that are not the same: changed ones, and those that only one of the files has. */
export function changed(region: Region): number {
  return region.changed_bytes + Math.abs(region.after_bytes - region.before_bytes);
}

/** That of the larger of both, from 0 to 1. */
export function share(region: Region): number {
  const whole = Math.max(region.before_bytes, region.after_bytes, 1);
  return Math.min(1, changed(region) / whole);
}

/** `380.0 KiB`, or `380.0 KiB → 381.2 KiB`; `new` and `gone` where one has none. */
export function sizeWords({ before_bytes, after_bytes }: Region): string {
  if (before_bytes === after_bytes) return size(after_bytes);
  if (before_bytes === 0) return `new, ${size(after_bytes)}`;
  if (after_bytes === 0) return `gone, ${size(before_bytes)}`;
  return `${size(before_bytes)} → ${size(after_bytes)}`;
}

export function placeWords(place: number): string {
  return `0x${place.toString(16).toUpperCase().padStart(8, "0")}`;
}

/** What is said differently, and by which part. */
export function who({ part, what }: Change): string {
  return part === null ? what : `${part}: ${what}`;
}

/** `2 regions differ, 5 are the same · 1.2 KiB changed`. */
export function countWords({ regions, same_regions, changes, strings }: Comparison): string {
  const bytes = regions.reduce((sum, region) => sum + changed(region), 0);
  const words: string[] = [];
  if (regions.length > 0) {
    const same = same_regions > 0 ? `, ${same_regions} ${same_regions === 1 ? "is" : "are"} the same` : "";
    words.push(`${plural(regions.length, "region")} ${regions.length === 1 ? "differs" : "differ"}${same}`);
    words.push(`${size(bytes)} changed`);
  } else if (strings !== null) {
    words.push("The bytes that are written are the same");
  }
  if (changes.length > 0) words.push(`${plural(changes.length, "detail")} changed`);
  return words.length === 0 ? "No difference was found in what could be compared." : words.join(" · ");
}
