// Moments and durations as services send them: missing, ahead, of another day. None of them may stop the page or say what is not so.
import { describe, expect, it } from "vitest";
import { ago, clock, clockOrDay, clockSeconds, clockTime, dayHeading, fullMoment } from "../src/shared/format";
import { phaseLine } from "../src/features/job/phases";
import { expectationWords } from "../src/features/delivery/rows";
import { importPlan, largePlan, plans } from "../mock/fixtures";
import { job, phase, plan, summary } from "../mock/make";

const NOW = new Date(2026, 4, 14, 14, 30);
const from = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000).toISOString();

describe("a moment", () => {
  it("that a service leaves out, or that is none, is not reported, and stops no page", () => {
    for (const none of ["", "yesterday", "0000-99-99T00:00:00Z"])
      for (const written of [ago, clock, clockSeconds, clockOrDay, dayHeading, fullMoment])
        expect(written(none)).toBe("not reported");
  });

  it("that lies ahead is not just now", () => {
    expect(ago(from(4), NOW)).toBe("in 4 min");
    expect(ago(from(3 * 60), NOW)).toBe("today 17:30");
    expect(ago(from(24 * 60), NOW)).toBe("tomorrow 14:30");
    expect(ago(from(9 * 24 * 60), NOW)).toBe("May 23");
    // Two clocks differ by some seconds.
    expect(ago(from(0.5), NOW)).toBe("just now");
  });

  it("of 59 minutes and a half is no 60 minutes ago", () => expect(ago(from(-59.6), NOW)).toBe("59 min ago"));

  it("of another day has its day", () => {
    expect(clockOrDay(from(-5), NOW)).toBe("14:25:00");
    expect(clockOrDay(from(-2 * 24 * 60), NOW)).toBe("May 12, 14:30");
  });
});

describe("a duration", () => {
  it("is never negative, whatever the clocks say", () => expect(clockTime(-3)).toBe("0.0 s"));

  it("that is usual has units like the one beside it", () => {
    const wait = phase("wait", "Wait for the import", { usual_seconds: 180 });
    const listed = summary({ state: { state: "running", phase: "wait" } });
    const planned = plan({ phases: [wait] });
    const running = job(listed, {
      plan: planned,
      phases: [{ key: "wait", result: "running", seconds: 75 }] as never,
    });
    expect(phaseLine(running, wait, 0)).toBe("1 min 15 s of usually 3 min");
    const waiting = job(listed, { plan: planned, phases: [] });
    expect(phaseLine(waiting, wait, 0)).toBe("usually 3 min");
    expect(phaseLine(waiting, { ...wait, usual_seconds: 1 }, 0)).toBe("usually 1 s");
  });

  it("that has no upper end says so in plain words", () =>
    expect(expectationWords({ seconds: 26, open: true })).toBe("at least 26 s"));
});

it("how a step is undone is said by the program in the words that are shown", () => {
  const answers = [...plans, largePlan, importPlan].flatMap((each) => each.phases.map((step) => step.undo));
  expect(new Set(answers).size).toBeGreaterThan(5);
  expect(answers.filter((answer) => /^(Yes|No)\b/.test(answer))).toEqual([]);
});
