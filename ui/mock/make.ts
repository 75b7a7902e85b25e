/** Small makers of wire values for the preview and the tests. */
import type {
  Destination,
  Diagnosis,
  FileToken,
  Inspection,
  Job,
  JobState,
  JobSummary,
  Phase,
  OpenFile,
  PhaseRun,
  Piece,
  Plan,
  ReaderView,
  Settings,
} from "../src/ipc/bindings";
import { imageOf } from "../src/state/planFiles";
import { largePlan, plans, readers, verdicts } from "./fixtures";

const MIB = 1024 * 1024;

/** What the program says of the image that the preview delivers. */
const IMAGE = imageOf(planTo("pelion:demo"));
export const IDENTITY = IMAGE.identity;
export const HASH = IMAGE.expected.sha256;

/** The program's own plan for a destination. */
export function planTo(destination: string): Plan {
  const known = plans.find((each) => written(each.destination) === destination);
  if (!known) throw new Error(`no plan to ${destination}`);
  return known;
}

/** A destination as it is written. */
export function written({ scheme, address }: Destination): string {
  return `${scheme}:${address}`;
}

const opened: string[] = [];

/** A file the page may name: one token for each path or address. */
export function openFile(source: string): OpenFile {
  if (!opened.includes(source)) opened.push(source);
  return { token: opened.indexOf(source) + 1, source, remote: /^https?:/.test(source) };
}

/** The path behind a token; that of an address lies where it was downloaded to. */
export function pathOf(token: FileToken): string {
  const source = opened[token - 1];
  if (source === undefined) throw new Error("no such token");
  return source.replace(/^https?:.*\//, "/srv/");
}

/** That many minutes ago. */
export function minutesAgo(minutes: number): string {
  return new Date(Date.now() - minutes * 60_000).toISOString();
}

/** A phase of its own; what is not said is that of a phase that sends. */
export function phase(key: string, title: string, change: Partial<Phase> = {}): Phase {
  return { key, title, bytes: 0, usual_seconds: 1, stall_seconds: 30, can_stop: true, undo: "–", ...change };
}

/** The phases of a plan for another number of bytes. */
function sized(phases: Phase[], bytes: number): Phase[] {
  return phases.map((each) => (each.bytes === 0 ? each : { ...each, bytes }));
}

/** The phases of an upload in chunks. */
export function uploadPhases(bytes: number): Phase[] {
  return sized(largePlan.phases, bytes);
}

/** The phases of writing a reader. */
export function writePhases(bytes: number): Phase[] {
  return sized(planTo("smp+serial:/dev/ttyACM0").phases, bytes);
}

export function inspection(change: Partial<Inspection> = {}): Inspection {
  return { ...verdicts.image.inspection, ...change };
}

/** Settings that nobody changed, but for the theme. */
export function settings(theme: Settings["theme"]): Settings {
  return { theme, density: "compact", single_keys_off: false, account: null, looked: null, zoom_percent: null };
}

/** The plan of an upload in chunks. */
export function plan(change: Partial<Plan> = {}): Plan {
  return { ...largePlan, id: newId("plan"), ...change };
}

export function newId(kind: string): string {
  return `${kind}-${Math.random().toString(16).slice(2)}`;
}

export function summary(change: Partial<JobSummary> = {}): JobSummary {
  return {
    id: Math.random().toString(16).slice(2, 14).padEnd(12, "0"),
    image_name: "gate-reader",
    image_version: "2.4.1",
    destination_name: "Demo account",
    destination: "pelion:demo",
    simulated: false,
    production: false,
    created: minutesAgo(3),
    changed: minutesAgo(1),
    state: { state: "running", phase: "send_chunks" },
    phase_title: "Send chunks",
    progress: { confirmed_bytes: 0, in_flight_bytes: 0, total_bytes: 0 },
    percent: 0,
    pace: { bytes_per_second: null, seconds_left: null, stalled: false, waiting: null },
    pieces_confirmed: null,
    broke_off: ["paused", "interrupted", "failed", "cancelled"].includes(change.state?.state ?? "running"),
    ...change,
  };
}

export function job(of: JobSummary, change: Partial<Job> = {}): Job {
  const made = change.plan ?? plan({ destination_name: of.destination_name });
  return {
    summary: of,
    plan: made,
    phases: made.phases.map((each): PhaseRun => ({
      key: each.key,
      seconds: 0.8,
      result: ended(of.state) ? "done" : "waiting",
    })),
    pieces: [],
    notes: [],
    resumed: 0,
    sent_again: 0,
    remote: [],
    ledger_entry: null,
    ...change,
  };
}

function ended(state: JobState): boolean {
  return state.state === "finished";
}

/** Pieces that were sent one after another until a moment ago, some more slowly than others. */
export function pieces(confirmed: number, sizeMib: number, secondsAgo = 4): Piece[] {
  const each = sizeMib * MIB;
  const slow = (index: number) => (index >= 10 && index < 13 ? 22_000 : 6_500 + ((index * 7) % 5) * 300);
  const moment = (index: number) => {
    let back = secondsAgo * 1000;
    for (let at = confirmed - 1; at >= index; at -= 1) back += slow(at);
    return new Date(Date.now() - back).toISOString();
  };
  return Array.from({ length: confirmed + 1 }, (_, index) => ({
    file: 0,
    number: index + 1,
    offset_bytes: index * each,
    length_bytes: each,
    state: index < confirmed ? ("confirmed" as const) : ("sending" as const),
    began: moment(index),
    confirmed: index < confirmed ? moment(index + 1) : null,
  }));
}

export function verified(statement: string): JobState {
  return {
    state: "finished",
    outcome: { outcome: "verified", proof: { method: "remote_size_and_sha256", statement } },
  };
}

export function diagnosis(change: Partial<Diagnosis> = {}): Diagnosis {
  return {
    code: "FD-308",
    title: "Gate reader 07 did not come back after its restart",
    what_happened:
      "All 380.0 KiB were written to slot 1 and the reader confirmed the hash. It was asked to restart, and was not seen at hub A, port 3 for 20 s. Usual is 3 to 8 s.",
    why: "Probably it waits in its bootloader. A device with the same chip id came up at the same place at 13:58:31.",
    state_now: "Slot 0 still holds 2.4.0. Nothing was erased there.",
    remedies: [
      { act: "resume" },
      { act: "plan_again" },
      { act: "advice", text: "Hold the reader's button while you plug it in" },
    ],
    details: [{ label: "Place", value: "1-4.3" }],
    ...change,
  };
}

/** A reader of another name and place. */
export function reader(name: string, destination: string, change: Partial<ReaderView["reader"]> = {}): ReaderView {
  const [known] = readers;
  if (!known) throw new Error("no reader");
  return {
    ...known,
    reader: { ...known.reader, id: destination, name, ...change },
    destination,
    target: null,
  };
}
