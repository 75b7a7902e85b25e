import { beforeEach, describe, expect, it } from "vitest";
import { recentImages } from "../src/features/job/recent";
import { byDay, filtered, noneOf } from "../src/features/job/history";
import { activeWords } from "../src/state/jobWords";
import { gapsOf, meanRate, niceTop, placeOf, rateOf, stepsOfPieces } from "../src/features/job/rate";
import { cellsOf, isNumbered } from "../src/features/job/strip";
import { chunkSizes, failureOf } from "../src/features/job/words";
import { useHost, type Feed, type Job, type Piece, type PieceState, type ProofMethod, type Remedy } from "../src/ipc";
import { diagnosis, job, minutesAgo, plan, summary, verified } from "../mock/make";
import { mockHost } from "../mock/host";
import { secondLine, stateOf } from "../src/state/jobWords";
import { isActive, jobs } from "../src/state/jobs.svelte";
import { notices } from "../src/state/notices.svelte";
import { jointPercent } from "../src/state/pace";
import { filesWords, totalBytes } from "../src/state/planFiles";

const feed = (number: number, change: Feed["change"]): Feed => ({ number, change });

describe("the feed", () => {
  beforeEach(() => {
    useHost(mockHost({ empty: true, demo: false, theme: "dark" }));
    jobs.take(feed(0, { kind: "snapshot", jobs: [], readers: [] }));
  });

  it("begins with a snapshot that replaces everything", () => {
    const old = summary();
    jobs.take(feed(1, { kind: "job", job: old }));
    const listed = summary();
    jobs.take(feed(0, { kind: "snapshot", jobs: [listed], readers: [] }));
    expect(jobs.list.map((each) => each.id)).toEqual([listed.id]);
  });

  it("derives no list anew while 32 lanes report their progress ten times a second", () => {
    const lanes = Array.from({ length: 32 }, () => summary());
    const ended = Array.from({ length: 2_000 }, () => summary({ state: verified("equal") }));
    jobs.take(feed(0, { kind: "snapshot", jobs: [...ended, ...lanes], readers: [] }));
    const before = [jobs.list, jobs.running, jobs.waiting, notices.list];
    for (let tick = 1; tick <= 10; tick += 1)
      for (const { id } of lanes)
        jobs.take(
          feed(tick, {
            kind: "progress",
            id,
            progress: { confirmed_bytes: tick, in_flight_bytes: 0, total_bytes: 10 },
            percent: tick * 10,
            pace: { bytes_per_second: 1, seconds_left: 1, stalled: false, waiting: null },
          }),
        );
    const after = [jobs.list, jobs.running, jobs.waiting, notices.list];
    expect(after.map((list, at) => list === before[at])).toEqual([true, true, true, true]);
    expect(lanes.map((job) => jobs.live(job).percent)).toEqual(lanes.map(() => 100));
  });

  it("takes a job's progress from its own change, whatever came before", () => {
    const running = summary({ percent: 10 });
    jobs.take(feed(1, { kind: "job", job: running }));
    const progress = { confirmed_bytes: 5, in_flight_bytes: 0, total_bytes: 10 };
    const pace = { bytes_per_second: null, seconds_left: null, stalled: true, waiting: null };
    jobs.take(feed(2, { kind: "progress", id: running.id, progress, percent: 40, pace }));
    const done = { ...running, percent: 100, state: verified("equal") };
    jobs.take(feed(3, { kind: "job", job: done }));
    expect(jobs.live(done)).toEqual(done);
  });

  it("moves a job's progress and leaves its state alone", () => {
    const running = summary({ percent: 10 });
    jobs.take(feed(1, { kind: "job", job: running }));
    jobs.take(
      feed(2, {
        kind: "progress",
        id: running.id,
        progress: { confirmed_bytes: 5, in_flight_bytes: 0, total_bytes: 10 },
        percent: 40,
        pace: { bytes_per_second: 1, seconds_left: 5, stalled: false, waiting: null },
      }),
    );
    expect(jobs.live(running)).toMatchObject({ percent: 40, state: running.state });
  });

  it("ignores progress of a job that is not known", () => {
    jobs.take(
      feed(1, {
        kind: "progress",
        id: "0",
        progress: { confirmed_bytes: 0, in_flight_bytes: 0, total_bytes: 0 },
        percent: 1,
        pace: { bytes_per_second: null, seconds_left: null, stalled: false, waiting: null },
      }),
    );
    expect(jobs.list).toEqual([]);
  });
});

describe("states", () => {
  it("say Verified only of a proved outcome", () => {
    expect(stateOf(summary({ state: verified("equal") })).word).toBe("Verified");
    const sent = summary({ state: { state: "finished", outcome: { outcome: "sent", reason: "It reports no hash" } } });
    expect(stateOf(sent).word).toBe("Sent, not verified");
    expect(secondLine(sent)).toBe("It reports no hash");
  });

  it("say Stalled of a running job without a sign of life", () => {
    const stalled = summary({ pace: { bytes_per_second: null, seconds_left: null, stalled: true, waiting: null } });
    expect(stateOf(stalled)).toMatchObject({ word: "Stalled", icon: "warn" });
  });
});

describe("the history", () => {
  const now = summary({ id: "1", state: { state: "running", phase: "x" } });
  const done = summary({ id: "2", state: verified("equal"), changed: minutesAgo(1) });
  const older = summary({ id: "3", state: verified("equal"), changed: minutesAgo(3 * 24 * 60), image_name: "puck" });

  it("puts what runs under Now and the rest under its day", () => {
    const days = byDay([done, older, now]);
    expect(days[0]).toMatchObject({ title: "Now", jobs: [{ id: "1" }] });
    expect(days).toHaveLength(3);
  });

  it("has those that were stopped by themselves, and says which kind there is none of", () => {
    const stopped = summary({ id: "9", state: { state: "cancelled", state_now: "Nothing was stored." } });
    expect(filtered([now, done, stopped], "stopped", "").map((each) => each.id)).toEqual(["9"]);
    expect(noneOf("stopped", "", 2)).toBe("No stopped job among 2 jobs.");
    expect(noneOf("all", "puck", 2)).toBe("No match among 2 jobs.");
  });

  it("does not count a job that is queued among those that run", () => {
    const queued = summary({ id: "8", state: { state: "queued" } });
    expect(activeWords([now, queued])).toEqual(["1 running", "1 queued"]);
    expect(activeWords([queued])).toEqual(["1 queued"]);
    expect(activeWords([])).toEqual([]);
  });

  it("is filtered by kind and by every word", () => {
    expect(filtered([now, done, older], "verified", "").map((each) => each.id)).toEqual(["2", "3"]);
    expect(filtered([now, done, older], "all", "puck verified").map((each) => each.id)).toEqual(["3"]);
    expect(filtered([now, done, older], "all", "nowhere")).toEqual([]);
  });
});

it("joint progress is weighted by bytes and never says 100", () => {
  const small = summary({ percent: 100, progress: { confirmed_bytes: 1, in_flight_bytes: 0, total_bytes: 1_000 } });
  const large = summary({ percent: 50, progress: { confirmed_bytes: 1, in_flight_bytes: 0, total_bytes: 999_000 } });
  expect(jointPercent([small, large])).toBe(50);
  expect(jointPercent([small])).toBe(99);
  expect(jointPercent([])).toBe(0);
});

it("recent images have one row for each SHA-256 and count the places they were verified at", () => {
  const made = (id: string, destination: string) =>
    job(summary({ id, destination, state: verified("equal") }), { plan: plan() });
  const rows = recentImages([made("1", "sim:1"), made("2", "sim:2")], isActive);
  expect(rows).toHaveLength(1);
  expect(rows[0]?.mark.word).toBe("Verified at 2 places");
});

describe("sizes of chunks", () => {
  const MIB = 1024 * 1024;
  const piece = (number: number, mib: number) => ({
    file: 0,
    number,
    offset_bytes: 0,
    length_bytes: mib * MIB,
    began: null,
    confirmed: null,
    state: "confirmed" as const,
  });

  it("are shown once when they are equal, with the last one that is shorter", () => {
    expect(chunkSizes([piece(1, 64), piece(2, 64)], 150 * MIB, 3)).toBe("64.0 MiB each, last 22.0 MiB");
  });

  it("are shown as a span when the line made them differ, and the last one is never made up", () => {
    expect(chunkSizes([piece(1, 32), piece(2, 128)], 1000 * MIB, 9)).toBe(
      "32.0 MiB to 128.0 MiB, sized to the connection",
    );
  });
});

it("says for each proof how it was made", () => {
  const second = (method: ProofMethod) =>
    secondLine(
      summary({ state: { state: "finished", outcome: { outcome: "verified", proof: { method, statement: "" } } } }),
    );
  expect(second("devices_reported")).toBe("reported by every device of the campaign");
  expect(second("read_back")).toBe("read back and compared");
});

describe("a failed job", () => {
  const failed = (resumable: boolean | undefined, remedies: Remedy[]) =>
    failureOf(
      summary({
        state: {
          state: "failed",
          diagnosis: diagnosis({ remedies }),
          ...(resumable === undefined ? {} : { resumable }),
        },
      }),
    )?.remedies.map((remedy) => remedy.act);

  it("offers to resume exactly when it says that something is left to resume", () => {
    expect(failed(true, [{ act: "reconnect" }])).toEqual(["resume", "reconnect"]);
    expect(failed(false, [{ act: "resume" }, { act: "reconnect" }])).toEqual(["reconnect"]);
    expect(failed(true, [{ act: "reconnect" }, { act: "resume" }])).toEqual(["reconnect", "resume"]);
  });

  it("of an older journal offers what its diagnosis names", () => {
    expect(failed(undefined, [{ act: "resume" }])).toEqual(["resume"]);
    expect(failed(undefined, [{ act: "reconnect" }])).toEqual(["reconnect"]);
  });
});

it("names a plan of several files by the first and counts the others", () => {
  const one = plan();
  const two = plan({ files: [...one.files, ...one.files] });
  expect(filesWords(one)).toBe("gateway-6.9.0.img");
  expect(filesWords(two)).toBe("gateway-6.9.0.img and 1 more");
  expect(totalBytes(two)).toBe(2 * totalBytes(one));
});

describe("the rate of a job", () => {
  const at = (seconds: number) => new Date(seconds * 1000).toISOString();
  const chunk = (number: number, began: number | null, confirmed: number | null, mib = 8) => ({
    file: 0,
    number,
    offset_bytes: 0,
    length_bytes: mib * 1024 * 1024,
    state: confirmed === null ? ("sending" as const) : ("confirmed" as const),
    began: began === null ? null : at(began),
    confirmed: confirmed === null ? null : at(confirmed),
  });

  it("is one step per confirmed chunk, and none of a chunk that was found at the service or is being sent", () => {
    const steps = stepsOfPieces([chunk(1, null, 100), chunk(2, 100, 102), chunk(3, 102, 106), chunk(4, 106, null)]);
    expect(steps.map((step) => rateOf(step) / 1024 ** 2)).toEqual([4, 2]);
    expect(meanRate(steps) / 1024 ** 2).toBeCloseTo(16 / 6);
  });

  it("counts chunks that are confirmed together as one, and overlapping ones one after another", () => {
    const together = stepsOfPieces([chunk(1, 100, 104), chunk(2, 100, 104.05)]);
    expect(together.map(({ bytes }) => bytes / 1024 ** 2)).toEqual([16]);
    const overlapping = stepsOfPieces([chunk(1, 100, 104), chunk(2, 101, 106)]);
    expect(overlapping.map(({ from, to }) => to - from)).toEqual([4000, 2000]);
  });

  it("has silence only where nothing was confirmed and nothing moved", () => {
    const steps = stepsOfPieces([chunk(1, 100, 102), chunk(2, 103, 105), chunk(3, 165, 167)]);
    expect(gapsOf(steps, 167_000, 167_000)).toEqual([{ from: 105_000, to: 165_000 }]);
    expect(gapsOf(steps, 167_000, 181_000)).toHaveLength(2);
    // It has been sending the next one until two seconds ago.
    expect(gapsOf(steps, 179_000, 181_000)).toHaveLength(1);
  });

  it("draws a night's pause no wider than a part of the rest, and never backwards", () => {
    const steps = stepsOfPieces([chunk(1, 0, 60), chunk(2, 40_000, 40_060)]);
    const gaps = gapsOf(steps, 40_060_000, 40_060_000);
    const place = placeOf(steps, gaps, 40_060_000);
    expect(place(40_000_000) - place(60_000)).toBeLessThan(0.2);
    const places = Array.from({ length: 200 }, (_, step) => place((step * 40_060_000) / 199));
    expect(places.every((each, index) => index === 0 || each >= (places[index - 1] ?? 0))).toBe(true);
    expect([places[0], places.at(-1)]).toEqual([0, 1]);
  });

  it("has a scale that ends at a round number", () => {
    expect([0, 0.9, 1, 3, 9.4, 12, 480].map(niceTop)).toEqual([1, 1, 1, 5, 10, 20, 500]);
  });
});

describe("the strip of chunks", () => {
  const MIB = 1024 * 1024;
  const piece = (number: number, offset: number, mib: number, state: PieceState = "confirmed", file = 0): Piece => ({
    file,
    number,
    offset_bytes: offset * MIB,
    length_bytes: mib * MIB,
    began: null,
    confirmed: null,
    state,
  });
  const of = (pieces: Piece[], sizes: number[]) => {
    const made = job(summary({}), { pieces });
    const [first] = made.plan.files;
    if (first === undefined) throw new Error("a plan has a file");
    made.plan.files = sizes.map((mib) => ({ ...first, expected: { ...first.expected, size_bytes: mib * MIB } }));
    return made;
  };
  const lie = (made: Job, usual: number) =>
    cellsOf(made, usual * MIB, new Set()).map(({ from, bytes, state }) => [from / MIB, bytes / MIB, state]);

  it("has each where its bytes lie, and what waits in the usual size", () =>
    expect(lie(of([piece(1, 0, 32), piece(2, 32, 64, "sending")], [200]), 64)).toEqual([
      [0, 32, "confirmed"],
      [32, 64, "sending"],
      [96, 64, "waiting"],
      [160, 40, "waiting"],
    ]));

  it("has blocks that were confirmed out of order in the order of their bytes, over all files", () =>
    expect(lie(of([piece(3, 16, 8), piece(1, 0, 8), piece(1, 0, 4, "confirmed", 1)], [24, 4]), 8)).toEqual([
      [0, 8, "confirmed"],
      [8, 8, "waiting"],
      [16, 8, "confirmed"],
      [24, 4, "confirmed"],
    ]));

  it("draws neighbours of one state as one where there are too many, and never one that is being sent or has an event", () => {
    const pieces = Array.from({ length: 1000 }, (_, at) => piece(at + 1, at, 1, at === 999 ? "sending" : "confirmed"));
    const cells = cellsOf(of(pieces, [2000]), MIB, new Set([500]));
    expect(cells.map(({ number, chunks, state }) => [number, chunks, state])).toEqual([
      [1, 499, "confirmed"],
      [500, 1, "confirmed"],
      [501, 499, "confirmed"],
      [1000, 1, "sending"],
      [1001, 1000, "waiting"],
    ]);
  });

  it("numbers a cell only where the number has room", () => {
    const cell = { number: 1000, from: 0, bytes: 1, state: "confirmed" as const, chunks: 1, noted: false };
    expect(isNumbered(cell, 30)).toBe(false);
    expect(isNumbered(cell, 31)).toBe(true);
    expect(isNumbered({ ...cell, number: 7 }, 15)).toBe(false);
    expect(isNumbered({ ...cell, chunks: 2 }, 400)).toBe(false);
  });
});
