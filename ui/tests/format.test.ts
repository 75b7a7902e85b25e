import { describe, expect, it } from "vitest";
import {
  ago,
  dayHeading,
  duration,
  fullMoment,
  prose,
  sentence,
  short,
  size,
  sizeOf,
  timeLeft,
} from "../src/shared/format";

describe("sizes", () => {
  it("are written in binary units with the digits that matter", () => {
    expect(size(0)).toBe("0 B");
    expect(size(1023)).toBe("1,023 B");
    expect(size(389_120)).toBe("380.0 KiB");
    expect(size(2_074_817_331)).toBe("1.93 GiB");
  });

  it("never say 1,024.0 of a unit", () => expect(size(1024 * 1024 - 1)).toBe("1.0 MiB"));

  it("of a part and its whole share the whole's unit", () => {
    expect(sizeOf(1_275_068_416, 2_074_817_331)).toBe("1.19 of 1.93 GiB");
  });
});

describe("times", () => {
  it("are written in the two units that matter", () => {
    expect(duration(0.84)).toBe("0.8 s");
    expect(duration(90)).toBe("1 min 30 s");
    expect(duration(120)).toBe("2 min");
    expect(duration(7_500)).toBe("2 h 5 min");
  });

  it("left are rounded up, so that they do not flicker", () => {
    expect(timeLeft(3)).toBe("5 s");
    expect(timeLeft(22)).toBe("25 s");
    expect(timeLeft(88)).toBe("1 min 30 s");
  });

  it("of the past are relative for a day and dates after it", () => {
    const now = new Date(2026, 4, 14, 14, 30);
    const before = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString();
    expect(ago(before(0.2), now)).toBe("just now");
    expect(ago(before(4), now)).toBe("4 min ago");
    expect(ago(before(24 * 60), now)).toBe("yesterday");
    expect(ago(before(3 * 24 * 60), now)).toBe("May 11");
    expect(dayHeading(before(30), now)).toBe("Today");
  });
});

it("hashes show their ends", () => {
  expect(short("9f2c41b8e03d5a7790c1d2e3f4a5b6c7d8e9fa0b1c2d3e4f5061728373d5e07a")).toBe("9f2c…e07a");
  expect(short("1234")).toBe("1234");
});

it("sets hashes and ids apart from the words around them", () => {
  const hash = "33d664a79e8e9fce3366fd7e2edec656d437d903c4b74d887c6a37350302c497";
  expect(prose(`It has the SHA-256 ${hash}.`)).toEqual([
    { text: "It has the SHA-256 ", hex: false },
    { text: hash, hex: true },
    { text: ".", hex: false },
  ]);
  expect(prose("393,288 bytes at c0ffee")).toEqual([{ text: "393,288 bytes at c0ffee", hex: false }]);
});

it("begins an explanation like a sentence, and leaves the name of a file alone", () => {
  expect(sentence("header and code lie inside")).toBe("Header and code lie inside");
  expect(sentence("app.bin is missing")).toBe("app.bin is missing");
});

it("writes a whole moment in 24 hours", () => {
  expect(fullMoment("2026-11-22T17:45:04Z")).toMatch(/\d{2}:\d{2}:\d{2}/);
  expect(fullMoment("2026-11-22T17:45:04Z")).not.toMatch(/[AP]M/);
});
