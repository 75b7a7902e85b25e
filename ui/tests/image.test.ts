// What the verdict says of a file: what is wrong first, what could not be checked, and what lies inside.
import { render } from "@testing-library/svelte";
import { expect, it } from "vitest";
import Parts from "../src/features/image/Parts.svelte";
import Trust from "../src/features/image/Trust.svelte";
import { fitCounts, markOf, offerMark, rowsOf } from "../src/features/image/words";
import type { CheckResult, DestinationOffer, Inspection } from "../src/ipc";
import { verdicts } from "../mock/fixtures";

const check = (name: string, result: CheckResult) => ({ name, result, explanation: `about ${name}` });

function inspection(changed: Partial<Inspection>): Inspection {
  return {
    format: "intel_hex",
    summary: "Intel HEX, 1 segment",
    size_bytes: 6000,
    identity: { product: null, version: null, target: null },
    segments: [],
    signature: { kind: "not_possible" },
    checks: [],
    facts: [],
    image_hash: null,
    parts: [],
    ...changed,
  };
}

const words = (container: Element) => container.textContent.replaceAll(/\s+/g, " ").trim();

it("what failed stands first, followed by the likely cause and what to do", () => {
  const found = inspection({ checks: [check("End", "passed"), check("Sum", "failed"), check("Key", "not_made")] });
  const advice = { cause: "A copy broke off.", next_step: "Copy it again." };
  const { container } = render(Trust, { inspection: found, advice });
  const text = words(container);
  const places = ["Sum", "Likely cause", "A copy broke off. Copy it again.", "Key", "End"].map((one) =>
    text.indexOf(one),
  );
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places.every((place) => place >= 0)).toBe(true);
});

it("a file without a format has no word about a place for a signature", () => {
  const { container } = render(Trust, { inspection: inspection({ format: "raw" }), advice: null });
  expect(words(container)).not.toContain("signature of its own");
});

it("integrity has four words", () => {
  const marks = (["intact", "damaged", "not_fully_checkable", "unknown"] as const).map(
    (integrity) => markOf(integrity, inspection({})).word,
  );
  expect(marks).toEqual(["Intact", "Damaged", "Not fully checkable", "Nothing to check"]);
});

it("each part stands under its name with its own checks and facts", () => {
  const inner = inspection({
    format: "mcuboot",
    summary: "MCUboot image, version 1.2.3",
    identity: { product: null, version: "1.2.3", target: null },
    checks: [check("Hash inside the image", "failed")],
  });
  const parts = ["app.bin", "net.bin"].map((name) => ({
    name,
    address: 0xc000,
    offset: null,
    integrity: "damaged" as const,
    inspection: inner,
  }));
  const { container } = render(Parts, { parts });
  expect(words(container).match(/about Hash inside the image/gi)).toHaveLength(2);
  expect(words(container)).toContain("app.bin");
  expect(words(container)).toContain("0x0000C000, 5.9 KiB");
});

it("an older image is no compatible one: the destination says Downgrade, and the counts do too", () => {
  const older = verdicts.image.destinations.find(({ name }) => name === "Gate reader 12");
  if (older === undefined) throw new Error("no such reader");
  expect(offerMark(older)).toEqual({ icon: "warn", word: "Downgrade", tone: "warn" });
  expect(fitCounts([older, { ...older, confirms: ["same_version"] }, { ...older, confirms: [] }])).toBe(
    "1 compatible, 1 downgrade, 1 same version",
  );
});

it("readers that are refused for one reason are one row, where the first of them stands", () => {
  const [first] = verdicts.image.destinations;
  if (first === undefined) throw new Error("no destination");
  const refused = (name: string, why: string): DestinationOffer => ({
    ...first,
    name,
    fit: { verdict: "does_not_fit", why },
  });
  const offers = [
    refused("a", "another chip"),
    { ...first, name: "b" },
    refused("c", "too large"),
    refused("d", "another chip"),
    refused("e", "another chip"),
    refused("f", "too large"),
  ];
  expect(rowsOf(offers).map((row) => row.map(({ name }) => name))).toEqual([["a", "d", "e"], ["b"], ["c"], ["f"]]);
});
