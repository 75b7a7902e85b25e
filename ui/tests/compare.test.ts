// Two files side by side, and what a plan changes on a reader that says what it holds.
import { fireEvent, render, waitFor } from "@testing-library/svelte";
import { expect, it, vi } from "vitest";
import Compared from "../src/features/image/Compared.svelte";
import Differences from "../src/features/image/Differences.svelte";
import { changed, countWords, share, sizeWords } from "../src/features/image/differences";
import { otherSlots, readerChanges } from "../src/features/delivery/readerChanges";
import { useHost, type Comparison, type Inspection, type Region, type Target } from "../src/ipc";
import { TableFile } from "../src/state/files.svelte";
import { mockHost } from "../mock/host";
import { openFile, planTo } from "../mock/make";
import { imageOf } from "../src/state/planFiles";

const WORLD = { empty: false, demo: false, theme: "dark" as const, picks: ["/srv/images/old.bin"] };
const words = (container: Element) => container.textContent.replaceAll(/\s+/g, " ").trim();
const region = (changed: Partial<Region>): Region => ({
  name: "code",
  address: null,
  before_bytes: 1000,
  after_bytes: 1000,
  changed_bytes: 10,
  first_difference: 0,
  ...changed,
});
const nothing: Comparison = {
  identical: false,
  changes: [],
  regions: [],
  same_regions: 0,
  strings: null,
  not_compared: [],
};

it("bytes that one file alone has count as changed", () => {
  expect(changed(region({ after_bytes: 1500 }))).toBe(510);
  expect(share(region({ before_bytes: 0, changed_bytes: 0 }))).toBe(1);
  expect(sizeWords(region({ before_bytes: 0 }))).toBe("new, 1,000 B");
  expect(sizeWords(region({ after_bytes: 0 }))).toBe("gone, 1,000 B");
  expect(sizeWords(region({}))).toBe("1,000 B");
});

it("what was not compared is never said to be the same", () => {
  expect(countWords(nothing)).toContain("could be compared");
  const strings = { removed: [], added: [], more: 0 };
  expect(countWords({ ...nothing, strings })).toBe("The bytes that are written are the same");
  const { container } = render(Differences, {
    comparison: { ...nothing, not_compared: ["The bytes: one file says at which addresses they belong"] },
    before: "old.hex",
  });
  expect(words(container)).toContain("Not compared");
});

it("the strip of regions has a table with the same", () => {
  const { container } = render(Differences, {
    comparison: { ...nothing, regions: [region({}), region({ name: "flash", address: 0x0800_0000 })] },
    before: "old.hex",
  });
  expect(container.querySelectorAll('[role="img"] > div')).toHaveLength(2);
  expect(container.querySelectorAll("tbody tr")).toHaveLength(2);
  expect(words(container)).toContain("0x08000000");
});

it("a file is compared with the one that is picked, and the comparison can be closed", async () => {
  useHost(mockHost(WORLD));
  const file = new TableFile(openFile("/srv/images/gate-reader-2.4.1.signed.bin"));
  await file.read();
  const { getByText, getByLabelText, container } = render(Compared, { file });
  await fireEvent.click(getByText("Compare with another file…"));
  await waitFor(() => expect(words(container)).toContain("Compared with old.bin"));
  await waitFor(() => expect(words(container)).toContain("Only in this file"));
  await fireEvent.click(getByLabelText("Close the comparison with old.bin"));
  expect(words(container)).not.toContain("old.bin");
});

it("a comparison that failed says so and is done again by its button", async () => {
  const made = mockHost(WORLD);
  const compare = vi.fn(() => Promise.reject(new Error("gone")));
  useHost({ ...made, compare });
  const file = new TableFile(openFile("/srv/images/gate-reader-2.4.1.signed.bin"));
  await file.read();
  await file.compareWithAnother();
  expect(file.compared?.problem).not.toBeNull();
  const { container } = render(Compared, { file });
  expect(words(container)).toContain("Not compared");
});

const target = (changed: Partial<Target>): Target => ({
  product: null,
  version: "2.4.0",
  mode: null,
  reverts: null,
  refuses_older: false,
  slots: [],
  buffers: null,
  usb: null,
  memory: [],
  shows_memory: null,
  ...changed,
});
const slot = (number: number, active: boolean, version: string, hash: string) => ({
  image: 0,
  slot: number,
  version,
  hash,
  active,
  confirmed: active,
  pending: false,
  bootable: true,
  permanent: false,
});

it("what changes on a reader is what it holds beside what the file says", () => {
  const image: Inspection = {
    ...imageOf(planTo("pelion:demo")).inspection,
    image_hash: "ab".repeat(32),
    identity: { product: null, version: "2.4.1", target: null },
    parts: [],
  };
  const holds = target({ slots: [slot(0, true, "2.4.0", "cd".repeat(32)), slot(1, false, "2.3.8", "ab".repeat(32))] });
  expect(readerChanges(holds, image)).toEqual([
    { label: "Version", now: "2.4.0", after: "2.4.1", same: false },
    { label: "Image", now: "cdcd…cdcd", after: "abab…abab", same: false },
  ]);
  expect(otherSlots(holds, image)).toEqual(["Slot 1 holds the image of this file already"]);
  expect(readerChanges(target({ version: null }), image)).toEqual([]);
  const same = target({ slots: [slot(0, true, "2.4.1", "ab".repeat(32))] });
  expect(readerChanges(same, image).every((change) => change.same)).toBe(true);
});
