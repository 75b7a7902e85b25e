/** What a lane says: its word, its shape, and the one instruction of operator mode. */
import type { BenchView, LaneView } from "../../ipc";
import type { IconName } from "../../shared/icons";
import { duration, timeLeft } from "../../shared/format";

/** How a lane is drawn. */
export type Look = "pass" | "fail" | "hold" | "run" | "wait" | "idle" | "untaught" | "sent";

export function look(lane: LaneView): Look {
  switch (lane.state) {
    case "pass":
      return "pass";
    case "fail":
      return "fail";
    case "hold":
    case "stopped":
      return "hold";
    case "unverified":
      return "sent";
    case "running":
    case "identifying":
      return "run";
    case "waiting":
    case "skip":
      return "wait";
    case "empty":
      return "idle";
    case "not_taught":
      return "untaught";
  }
}

/** Confirmed bytes of the step, percent; all of it once the bytes are through. */
export function percent(lane: LaneView): number {
  if (lane.state === "pass") return 100;
  const { confirmed_bytes: done, total_bytes: all } = lane.progress;
  if (all > 0) return Math.floor((done / all) * 100);
  return lane.state === "running" && lane.percent > 50 ? 100 : 0;
}

const WORDS = {
  not_taught: "Not taught",
  empty: "Empty",
  waiting: "WAIT",
  identifying: "ID",
  running: "BUSY",
  pass: "PASS",
  fail: "FAIL",
  unverified: "SENT",
  stopped: "STOPPED",
  skip: "SKIP",
  hold: "HOLD",
} as const;

/** One word; a number while bytes are written. */
export function word(lane: LaneView): string {
  if (lane.state !== "running") return WORDS[lane.state];
  return lane.progress.total_bytes > 0 ? `${percent(lane)} %` : phaseWord(lane.phase ?? "");
}

/** The step in one word: a lane has room for no more. */
function phaseWord(phase: string): string {
  const text = phase.toLowerCase();
  if (text.includes("restart") || text.includes("boot")) return "BOOT";
  if (text.includes("hash") || text.includes("confirm") || text.includes("verif")) return "VERIFY";
  return "BUSY";
}

export function icon(lane: LaneView): IconName | null {
  switch (lane.state) {
    case "pass":
      return "ok";
    case "fail":
      return "no";
    case "hold":
      return "warn";
    case "stopped":
      return "stop";
    case "unverified":
      return "sent";
    case "skip":
      return "equal";
    case "waiting":
      return "wait";
    case "empty":
      return "plug";
    case "not_taught":
      return "gone";
    default:
      return null;
  }
}

/** The line below the name: the step, the cause, or what to do. */
export function says(lane: LaneView): string {
  switch (lane.state) {
    case "not_taught":
      return "No place yet";
    case "empty":
      return "Insert a reader";
    case "waiting":
      return lane.unit === null ? "Waits to be armed" : "Waits for its turn";
    case "identifying":
      return "Identifying";
    case "running":
      return lane.phase ?? "Starting";
    case "pass":
      return "Take out";
    default:
      return lane.why ?? "";
  }
}

/** Time left while it runs, time taken once it ended. */
export function time(lane: LaneView): string {
  if (lane.seconds !== null) return duration(lane.seconds);
  if (lane.state === "running" && lane.pace.seconds_left !== null) return `${timeLeft(lane.pace.seconds_left)} left`;
  return "";
}

/** Old and new version. */
export function versions(lane: LaneView, view: BenchView): string {
  const next = view.image.version ?? "?";
  if (lane.unit === null && lane.from_version === null) return "";
  return `${lane.from_version ?? "?"} → ${next}`;
}

/** What an operator does next. */
export interface Instruction {
  lane: number;
  title: string;
  detail: string;
}

/** The order of work: what failed, what waits for a decision, what passed, what is empty. */
export function instructions(view: BenchView): Instruction[] {
  const all: Instruction[] = [];
  const each = (pick: (lane: LaneView) => Omit<Instruction, "lane"> | null) => {
    view.lanes.forEach((lane, at) => {
      const found = pick(lane);
      if (found !== null) all.push({ lane: at, ...found });
    });
  };
  each((lane) =>
    lane.state === "fail" && !lane.acknowledged
      ? {
          title: `Take out ${lane.name}. Put it in the FAIL bin.`,
          detail: `${lane.why ?? "It failed"}${lane.diagnosis === null ? "" : ` (${lane.diagnosis.code})`}. Then press Done.`,
        }
      : null,
  );
  each((lane) =>
    lane.state === "hold" || lane.state === "stopped" || lane.state === "unverified"
      ? { title: `${lane.name} needs a technician.`, detail: lane.why ?? "" }
      : null,
  );
  each((lane) =>
    (lane.state === "pass" || lane.state === "skip") && lane.present
      ? {
          title: `Take out ${lane.name}. Put it in the PASS bin.`,
          detail:
            lane.state === "skip"
              ? (lane.why ?? "")
              : `${lane.reader ?? "Reader"} runs ${view.image.version ?? view.image.name}.`,
        }
      : null,
  );
  each((lane) =>
    lane.state === "empty" ? { title: `Insert a reader into ${lane.name}.`, detail: "It starts by itself." } : null,
  );
  return all;
}

/** `98.6 %`; a dash before the first unit. */
export function share(perMille: number | null): string {
  return perMille === null ? "–" : `${(perMille / 10).toFixed(1)} %`;
}
