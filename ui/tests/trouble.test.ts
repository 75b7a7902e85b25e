import { render } from "@testing-library/svelte";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { JobSummary, TimedNote } from "../src/ipc";
import { folded } from "../src/features/job/words";
import { phaseLine, phaseState } from "../src/features/job/phases";
import JobRow from "../src/features/job/JobRow.svelte";
import { troubleOf } from "../src/features/job/trouble";
import { clock } from "../src/state/clock.svelte";
import { jobs } from "../src/state/jobs.svelte";
import { stateOf } from "../src/state/jobWords";
import { diagnosis, job, summary } from "../mock/make";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

const note = (kind: TimedNote["kind"], seconds: number, text = "Sending chunk 12 again"): TimedNote => ({
  at: ago(seconds),
  kind,
  text,
  detail: null,
  piece: null,
});

const running = (change: Partial<JobSummary> = {}) =>
  summary({
    state: { state: "running", phase: "send_chunks" },
    progress: { confirmed_bytes: 10, in_flight_bytes: 0, total_bytes: 100 },
    ...change,
  });

describe("a job that does not move", () => {
  it("says so from five seconds on, and not before", () => {
    expect(troubleOf(job(running()), 4, null, NOW)).toBeNull();
    expect(troubleOf(job(running()), 5, null, NOW)).toMatchObject({ seconds: 5, next: null });
  });

  it("says when the next try is made, and why, by what the other side said last", () => {
    const waiting = { until: new Date(NOW + 3000).toISOString() };
    const summary = running({ pace: { bytes_per_second: null, seconds_left: null, stalled: false, waiting } });
    const notes = [{ ...note("retry", 9), detail: "The service answered 503." }];
    expect(troubleOf(job(summary, { notes }), 9, 3, NOW)).toMatchObject({ next: 3, why: "The service answered 503." });
    expect(troubleOf(job(summary, { notes }), 15, 0, NOW + 6000)?.next).toBe(0);
  });

  it("is not explained by what happened before it fell silent", () => {
    const old = [{ ...note("retry", 600), detail: "The service answered 503." }];
    expect(troubleOf(job(running(), { notes: old }), 20, null, NOW)?.why).not.toContain("503");
  });

  it("says nothing when it is paused, or when its phase counts no bytes and is not overdue", () => {
    expect(troubleOf(job(running({ state: { state: "paused" } })), 900, null, NOW)).toBeNull();
    const waits = running({ progress: { confirmed_bytes: 0, in_flight_bytes: 0, total_bytes: 0 } });
    expect(troubleOf(job(waits), 60, null, NOW)).toBeNull();
    const pace = { bytes_per_second: null, seconds_left: null, stalled: true, waiting: null };
    expect(troubleOf(job({ ...waits, pace }), 60, null, NOW)).not.toBeNull();
  });
});

describe("the time of a job", () => {
  afterEach(() => vi.restoreAllMocks());

  it("runs on when the clock of the computer is set: setting the clock is no silence", () => {
    const listed = running({ changed: new Date().toISOString() });
    jobs.take({ number: 0, change: { kind: "snapshot", jobs: [listed], readers: [] } });
    const wall = Date.now();
    const steady = performance.now();
    vi.spyOn(Date, "now").mockReturnValue(wall + 3_600_000);
    clock.now = Date.now();
    clock.steady = steady + 2_000;
    expect(jobs.silence(listed.id)).toBe(2);
    vi.spyOn(Date, "now").mockReturnValue(wall - 3_600_000);
    clock.now = Date.now();
    clock.steady = steady + 9_000;
    expect(jobs.silence(listed.id)).toBe(9);
  });

  it("counts down to the next try by the same clock: setting the computer's neither skips nor adds a second", () => {
    const wall = Date.now();
    const steady = performance.now();
    vi.spyOn(Date, "now").mockReturnValue(wall);
    vi.spyOn(performance, "now").mockReturnValue(steady);
    const waiting = { until: new Date(wall + 8000).toISOString() };
    const listed = running({
      id: "77aa",
      pace: { bytes_per_second: null, seconds_left: null, stalled: false, waiting },
    });
    jobs.take({ number: 0, change: { kind: "snapshot", jobs: [listed], readers: [] } });
    vi.spyOn(Date, "now").mockReturnValue(wall - 3_600_000);
    clock.now = Date.now();
    clock.steady = steady + 3_000;
    expect(jobs.nextTry(listed)).toBe(5);
    clock.steady = steady + 9_000;
    expect(jobs.nextTry(listed)).toBe(0);
    expect(jobs.nextTry({ ...listed, pace: { ...listed.pace, waiting: null } })).toBeNull();
  });

  it("has no rate and no time left in a list while nothing is confirmed", () => {
    const steady = performance.now();
    const pace = { bytes_per_second: 2_000_000, seconds_left: 150, stalled: false, waiting: null };
    const listed = running({ id: "88bb", pace, changed: new Date().toISOString() });
    jobs.take({ number: 0, change: { kind: "snapshot", jobs: [listed], readers: [] } });
    clock.steady = steady;
    const moving = render(JobRow, { job: listed });
    expect(moving.container.textContent).toContain("1.9 MiB/s");
    clock.steady = steady + 12_500;
    const silent = render(JobRow, { job: listed });
    expect(silent.container.textContent).toContain("Nothing confirmed for 12 s");
    expect(silent.container.textContent).not.toMatch(/MiB\/s|2 min 30 s/);
  });
});

it("folds retries that follow one another into one row", () => {
  const notes = [
    note("step", 100, "Begun"),
    ...[80, 70, 60, 40].map((at) => note("retry", at)),
    note("kept", 10, "Back"),
  ];
  const rows = folded(notes);
  expect(rows.map(({ times }) => times)).toEqual([1, 4, 1]);
  expect(rows[1]?.seconds).toBe(40);
});

it("does not call a job failed whose bytes the service holds already", () => {
  const held = summary({
    state: {
      state: "failed",
      diagnosis: diagnosis({ code: "FD-412", remedies: [{ act: "use_existing_image", image_id: "0165" }] }),
      resumable: false,
    },
  });
  expect(stateOf(held)).toMatchObject({ word: "Already stored", tone: "warn" });
});

describe("the phases of a job that was stopped", () => {
  const stopped = summary({
    state: { state: "cancelled", state_now: "The service stores 3 chunks." },
    progress: { confirmed_bytes: 64 * 1024, in_flight_bytes: 0, total_bytes: 256 * 1024 },
  });

  it("show the bytes that were confirmed, and none of them runs or is only *not begun*", () => {
    for (const result of ["waiting", "running"] as const) {
      const of = job(stopped);
      of.phases = of.phases.map((run) => (run.key === "send_chunks" ? { ...run, result } : run));
      const sending = of.plan.phases.find(({ key }) => key === "send_chunks");
      const last = of.plan.phases.at(-1);
      if (!sending || !last) throw new Error("no such phase");
      expect(phaseState(of, sending).word).toBe("stopped");
      expect(phaseLine(of, sending, 0)).toBe("64.0 of 256.0 KiB");
      expect(phaseLine(of, last, 0)).toBe("not reached");
    }
  });

  it("have a clock that ticks in a phase that runs, and none in one that ended", () => {
    const of = job(summary({ state: { state: "running", phase: "finish" } }));
    of.phases = of.phases.map((run) => ({ ...run, seconds: 2, result: run.key === "finish" ? "running" : "done" }));
    const [first, finish] = [of.plan.phases[0], of.plan.phases.find(({ key }) => key === "finish")];
    if (!first || !finish) throw new Error("no such phase");
    expect([phaseLine(of, finish, 0), phaseLine(of, finish, 7)]).toEqual(["2 s of usually 2 s", "9 s of usually 2 s"]);
    expect(phaseLine(of, first, 7)).toBe("2.0 s");
  });
});
