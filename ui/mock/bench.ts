/** A bench of the preview: eight lanes in every state, that answers acts and never moves. */
import type { BenchSetup, BenchView, Host, LaneView } from "../src/ipc";

type BenchHost = Pick<
  Host,
  | "bench"
  | "benchLane"
  | "pickRecord"
  | "openBench"
  | "watchBench"
  | "armBench"
  | "disarmBench"
  | "teachBench"
  | "forgetLane"
  | "retryLane"
  | "retryFailedLanes"
  | "acknowledgeLane"
  | "closeBench"
  | "operatorMode"
>;

const STATES: readonly LaneView["state"][] = [
  "pass",
  "running",
  "running",
  "fail",
  "identifying",
  "empty",
  "hold",
  "not_taught",
];
const WHY: Partial<Record<LaneView["state"], string>> = {
  pass: "The reader runs and has confirmed this image.",
  fail: "The reader went away",
  hold: "Downgrade Gate 7 from 2.5.0 to 2.4.1",
};

function lane(state: LaneView["state"], at: number): LaneView {
  const busy = state === "running";
  const here = state !== "empty" && state !== "not_taught";
  return {
    name: String(at + 1),
    place: state === "not_taught" ? "" : `USB port 1-${at + 1}`,
    state,
    present: here,
    reader: here ? `Gate ${at + 1}` : null,
    serial: here ? `4E1A0A1${at}` : null,
    same_serial_as: [],
    from_version: here ? "2.4.0" : null,
    unit: here ? at + 1 : null,
    attempt: 1,
    label: here ? `4711-${at + 1}` : null,
    phase: busy ? (at === 1 ? "Upload" : "Restart") : null,
    progress: { confirmed_bytes: at === 1 ? 240_000 : 0, in_flight_bytes: 0, total_bytes: at === 1 ? 380_000 : 0 },
    percent: busy ? 64 : 0,
    pace: { bytes_per_second: null, seconds_left: busy ? 13 : null, stalled: false, waiting: null },
    began: null,
    seconds: state === "pass" || state === "fail" ? 41 : null,
    why: WHY[state] ?? null,
    diagnosis: null,
    job: null,
    acknowledged: false,
    simulated: true,
  };
}

/** The bench's part of the host. */
export function mockBench(): BenchHost {
  let show: (view: BenchView) => void = () => undefined;
  let view: BenchView | null = null;
  const change = (next: Partial<BenchView>) => {
    if (view === null) return Promise.resolve();
    view = { ...view, ...next };
    show(view);
    return Promise.resolve();
  };
  const setup: BenchSetup = {
    name: "Bench",
    lanes: [],
    recipe: {
      file: "",
      options: { name: null, description: null, address: null },
      product: null,
      confirmed: [],
      accepts_unverified: false,
    },
    lot: "",
    lot_size: null,
    record: null,
    label: null,
    stop_after: null,
    holds_fails: true,
    once: false,
  };
  return {
    bench: () => Promise.resolve({ setup, open: view }),
    benchLane: (name, reader) => Promise.resolve({ name, place: reader, place_name: reader, destination: null }),
    pickRecord: (lot) => Promise.resolve(`${lot}.csv`),
    openBench(_file, asked) {
      view = {
        setup: { ...setup, ...asked } as BenchSetup,
        image: { name: "gate-reader.bin", version: "2.4.1", sha256: "9f2c".repeat(16), size_bytes: 380_000 },
        armed: false,
        stopped: null,
        teaching: null,
        fails: 1,
        counts: {
          done: 211,
          pass: 208,
          fail: 3,
          unverified: 0,
          yield_per_mille: 986,
          per_hour: 240,
          seconds_left: 4320,
        },
        lanes: STATES.map(lane),
        done: false,
        idle: false,
      };
      return Promise.resolve(view);
    },
    watchBench(onView) {
      show = onView;
      return Promise.resolve();
    },
    armBench: () => change({ armed: true }),
    disarmBench: () => change({ armed: false }),
    teachBench: (on) => change({ teaching: on ? "8" : null }),
    forgetLane: () => Promise.resolve(),
    retryLane: () => Promise.resolve(),
    retryFailedLanes: () => Promise.resolve(),
    acknowledgeLane: (at) =>
      change({
        lanes: view?.lanes.map((each, index) => (index === at ? { ...each, acknowledged: true } : each)) ?? [],
      }),
    closeBench() {
      view = null;
      return Promise.resolve();
    },
    operatorMode: () => Promise.resolve(),
  };
}
