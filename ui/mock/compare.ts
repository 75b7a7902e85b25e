/** Two files side by side in the preview. */
import type { FileComparison, Verdict } from "../src/ipc/bindings";

/** What is different; of a file beside itself, nothing. */
export function comparison(
  [beforePath, before]: [string, Verdict],
  [afterPath, after]: [string, Verdict],
): FileComparison {
  const side = (path: string, { integrity, inspection }: Verdict) => ({
    path,
    integrity,
    summary: inspection.summary,
  });
  const identical = beforePath === afterPath;
  const version = { before: before.inspection.identity.version, after: after.inspection.identity.version };
  return {
    before: side(beforePath, before),
    after: side(afterPath, after),
    comparison: identical
      ? { identical, changes: [], regions: [], same_regions: 0, strings: null, not_compared: [] }
      : {
          identical,
          changes: [
            { part: null, what: "Version", ...version },
            { part: "app", what: "Security counter", before: "4", after: "5" },
          ],
          regions: [
            {
              name: "code",
              address: null,
              before_bytes: 389_120,
              after_bytes: 390_144,
              changed_bytes: 41_300,
              first_difference: 512,
            },
            {
              name: "data at 0x1000C000",
              address: 0x1000c000,
              before_bytes: 0,
              after_bytes: 4096,
              changed_bytes: 0,
              first_difference: 0x1000c000,
            },
          ],
          same_regions: 3,
          strings: {
            removed: ["gate-reader 2.4.0+311", "https://update.example.com/v1"],
            added: ["gate-reader 2.4.1+318", "https://update.example.com/v2", "radio.power=14"],
            more: 0,
          },
          not_compared: [],
        },
  };
}
