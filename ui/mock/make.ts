/** Small makers of wire values for the preview and the tests. */
import type {
  DeliveryOptions,
  Diagnosis,
  FileToken,
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
  Verdict,
} from "../src/ipc/bindings";

const MIB = 1024 * 1024;
export const IDENTITY = { size_bytes: 389_120, modified_ns: "0", file_number: "0" };
export const HASH = "9f2c41b8e03d5a7790c1d2e3f4a5b6c7d8e9fa0b1c2d3e4f5061728373d5e07a";

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

export function phase(key: string, title: string, change: Partial<Phase> = {}): Phase {
  return { key, title, bytes: 0, usual_seconds: 1, stall_seconds: 30, can_stop: true, undo: "–", ...change };
}

export function uploadPhases(bytes: number): Phase[] {
  return [
    phase("preflight", "Preflight", { undo: "Nothing to undo" }),
    phase("create_job", "Create job", { undo: "Yes, the upload job can be deleted" }),
    phase("send_chunks", "Send chunks", { bytes, usual_seconds: null, undo: "Yes, the upload job can be deleted" }),
    phase("finish", "Finish", { usual_seconds: 5, can_stop: false, undo: "Yes, the firmware image can be deleted" }),
    phase("compare", "Compare copy", { usual_seconds: 40, undo: "Nothing to undo" }),
  ];
}

export function writePhases(bytes: number): Phase[] {
  return [
    phase("connect", "Connect", { undo: "Nothing to undo" }),
    phase("upload", "Write slot 1", { bytes, usual_seconds: 34, undo: "The old image stays in slot 0" }),
    phase("test", "Set as test image", { undo: "Yes, by a restart" }),
    phase("restart", "Wait for restart", {
      usual_seconds: 8,
      can_stop: false,
      undo: "No, the old image can be written again",
    }),
    phase("confirm", "Compare and confirm", { undo: "No, the old image can be written again" }),
  ];
}

export function inspection(change: Partial<Verdict["inspection"]> = {}): Verdict["inspection"] {
  return {
    format: "mcuboot",
    summary: "MCUboot image, version 2.4.1+318",
    size_bytes: 389_120,
    identity: { product: "gate-reader", version: "2.4.1", target: "nRF52840, gate-reader rev C" },
    segments: [
      { name: "header", address: 0xc000, length_bytes: 512 },
      { name: "code", address: 0xc200, length_bytes: 388_456 },
      { name: "trailer", address: 0xc200 + 388_456, length_bytes: 152 },
    ],
    signature: { kind: "present", algorithm: "ECDSA P-256", key_hash: "3a91c0de".repeat(8).slice(0, 60) + "5c0e" },
    checks: [
      {
        name: "Header and trailer",
        result: "passed",
        explanation: "Magic, header and trailer agree with the size of the file",
      },
      { name: "Hash inside the image", result: "passed", explanation: "SHA-256 over header and code, recomputed here" },
    ],
    facts: [{ label: "Header", value: "512 bytes" }],
    image_hash: "5a07".repeat(15) + "d1c9",
    ...change,
  };
}

/** Settings that nobody changed, but for the theme. */
export function settings(theme: Settings["theme"]): Settings {
  return { theme, density: "compact", single_keys_off: false, account: null, looked: null, zoom_percent: null };
}

/** Options of a delivery that nobody chose. */
export const PLAN_OPTIONS: DeliveryOptions = { name: null, description: null, address: null };

export function plan(change: Partial<Plan> = {}): Plan {
  return {
    id: `plan-${Math.random().toString(16).slice(2)}`,
    files: [
      {
        path: "/srv/images/gate-reader-2.4.1.signed.bin",
        file_name: "gate-reader-2.4.1.signed.bin",
        identity: IDENTITY,
        expected: { size_bytes: 389_120, sha256: HASH },
        inspection: inspection(),
      },
    ],
    destination: { scheme: "pelion", address: "demo" },
    destination_name: "Demo account",
    simulated: true,
    production: false,
    options: PLAN_OPTIONS,
    remote_name: "gate-reader-2.4.1",
    phases: uploadPhases(389_120),
    risks: ["If the line breaks, the service stores what it confirmed and the job resumes from there."],
    impact: "upload",
    confirmations: [],
    verified_when: "The remote copy has 389,120 bytes and the SHA-256 of this image.",
    if_stopped:
      "The service stores the confirmed chunks. Resume continues with the next one, on this computer or another.",
    ...change,
  };
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

export function reader(
  name: string,
  destination: string,
  change: Partial<ReaderView["reader"]> = {},
  version: string | null = "2.4.0",
): ReaderView {
  return {
    reader: {
      id: destination,
      name,
      serial: destination.slice(-8).toUpperCase(),
      place: "/dev/ttyACM0",
      channel: "serial",
      address: { channel: "serial", address: "/dev/ttyACM0" },
      access: { access: "ready" },
      simulated: false,
      ...change,
    },
    destination,
    target:
      version === null
        ? null
        : {
            product: "gate-reader rev C",
            version,
            mode: "application",
            slots: [
              {
                image: 0,
                slot: 0,
                version,
                hash: "5a07".repeat(15) + "d1c9",
                active: true,
                confirmed: true,
                pending: false,
                bootable: true,
                permanent: false,
              },
              {
                image: 0,
                slot: 1,
                version: null,
                hash: null,
                active: false,
                confirmed: false,
                pending: false,
                bootable: false,
                permanent: false,
              },
            ],
            buffers: [2048, 4],
            reverts: true,
            refuses_older: false,
            usb: null,
            memory: [],
            shows_memory: null,
          },
    added: false,
    job: null,
  };
}
