/** The preview's jobs: one of every kind. */
import type { Job } from "../src/ipc/bindings";
import { imageOf } from "../src/state/planFiles";
import {
  diagnosis,
  HASH,
  IDENTITY,
  inspection,
  job,
  minutesAgo,
  pieces,
  plan,
  summary,
  uploadPhases,
  verified,
  writePhases,
} from "./make";

const GIB = 2_074_817_331;
const KIB380 = 389_120;

const gateway = summary({
  id: "01658f9a0023",
  image_name: "gateway",
  image_version: "6.9.0",
  destination_name: "Production EU",
  destination: "pelion:production-eu",
  production: true,
  progress: { confirmed_bytes: 19 * 64 * 1024 * 1024, in_flight_bytes: 27_000_000, total_bytes: GIB },
  percent: 61,
  pace: { bytes_per_second: 9_542_041, seconds_left: 88, stalled: false, waiting: null },
  pieces_confirmed: 19,
});
const writing = summary({
  id: "3f07aa000001",
  destination_name: "Gate reader 02",
  destination: "smp+serial:/dev/ttyACM2",
  phase_title: "Write slot 1",
  state: { state: "running", phase: "upload" },
  progress: { confirmed_bytes: 132_300, in_flight_bytes: 0, total_bytes: KIB380 },
  percent: 34,
  pace: { bytes_per_second: 11_673, seconds_left: 22, stalled: false, waiting: null },
});
const paused = summary({
  id: "6200aa000002",
  image_name: "spring-os",
  image_version: "7.0",
  destination_name: "Staging EU",
  destination: "pelion:staging-eu",
  state: { state: "paused" },
  percent: 62,
  changed: minutesAgo(60 * 20),
});
const failed = summary({
  id: "3f02aa000003",
  destination_name: "Gate reader 07",
  destination: "smp+serial:/dev/ttyACM3",
  state: { state: "failed", diagnosis: diagnosis() },
  changed: minutesAgo(14),
});
const done = summary({
  id: "3f01aa000004",
  destination_name: "Gate reader 05",
  destination: "smp+serial:/dev/ttyACM4",
  state: {
    state: "finished",
    outcome: {
      outcome: "verified",
      proof: {
        method: "hash_after_restart",
        statement: "The reader reported the hash of this image after its restart.",
      },
    },
  },
  percent: 100,
  changed: minutesAgo(16),
});
const staged = summary({
  id: "3f00aa000005",
  image_name: "gateway",
  image_version: "6.9.0",
  destination_name: "Staging EU",
  destination: "pelion:staging-eu",
  state: verified("The remote copy has 2,074,817,331 bytes and the SHA-256 of this image."),
  percent: 100,
  changed: minutesAgo(150),
});
const sent = summary({
  id: "2eeeaa000006",
  image_name: "puck",
  image_version: "1.42",
  destination_name: "Puck One",
  destination: "smp+serial:/dev/ttyACM1",
  state: { state: "finished", outcome: { outcome: "sent", reason: "The reader reports a version, no hash" } },
  percent: 100,
  changed: minutesAgo(60 * 20),
});
const simulated = summary({
  id: "2eedaa000007",
  image_version: "2.4.0",
  destination_name: "Demo reader 3",
  destination: "sim:reader-3",
  simulated: true,
  state: {
    state: "finished",
    outcome: {
      outcome: "verified",
      proof: { method: "read_back", statement: "The bytes were read out again and are equal." },
    },
  },
  percent: 100,
  changed: minutesAgo(60 * 23),
});

const bigImage = {
  path: "/srv/images/gateway-6.9.0.img",
  file_name: "gateway-6.9.0.img",
  identity: IDENTITY,
  expected: { size_bytes: GIB, sha256: "c41d".repeat(15) + "7b02" },
  inspection: inspection({
    format: "raw",
    summary: "Raw binary",
    identity: { product: "gateway", version: "6.9.0", target: null },
    signature: { kind: "not_possible" },
  }),
};
const gatewayPlan = plan({
  files: [bigImage],
  destination_name: "Production EU",
  production: true,
  simulated: false,
  remote_name: "gateway-6.9.0",
  phases: uploadPhases(GIB),
  verified_when: "The remote copy has 2,074,817,331 bytes and the SHA-256 of this image.",
  verified_by: "remote_size_and_sha256",
  if_stopped:
    "The service stores the confirmed chunks. Resume continues with the next one, on this computer or another.",
});
const writePlan = plan({
  destination: { scheme: "smp+serial", address: "/dev/ttyACM3" },
  simulated: false,
  remote_name: null,
  phases: writePhases(KIB380),
  impact: "device_write",
  verified_when: "The reader reports the hash of this image after its restart.",
  verified_by: "hash_after_restart",
  if_stopped: "Slot 0 holds the old image. Slot 1 holds a part.",
});

export const JOBS: Job[] = [
  job(gateway, {
    plan: gatewayPlan,
    phases: [
      { key: "check_file", seconds: 0.8, result: "done" },
      { key: "create_job", seconds: 0.4, result: "done" },
      { key: "send_chunks", seconds: 147, result: "running" },
      { key: "finish", seconds: 0, result: "waiting" },
      { key: "compare", seconds: 0, result: "waiting" },
    ],
    pieces: pieces(19, 64),
    notes: [
      { at: minutesAgo(3), kind: "step", text: "Upload job created", detail: null, piece: null },
      {
        at: minutesAgo(2),
        kind: "resumed",
        text: "Resumed after the app was closed during chunk 9",
        detail: "8 chunks were stored. Only chunk 9 was sent again.",
        piece: 9,
      },
      {
        at: minutesAgo(1),
        kind: "kept",
        text: "The response to chunk 12 was lost, the chunk was not",
        detail: "The service held it with an equal MD5. It was not sent twice.",
        piece: 12,
      },
      ...[70, 66, 61, 55, 48, 40].map((secondsAgo) => ({
        at: new Date(Date.now() - secondsAgo * 1000).toISOString(),
        kind: "retry" as const,
        text: "Sending chunk 13 again",
        detail: "The connection was reset.",
        piece: 13,
      })),
    ],
    resumed: 1,
    sent_again: 1,
    remote: [
      { label: "Upload job", value: "01658f9a0000000000000000000000230023" },
      { label: "Service says", value: "in_progress" },
    ],
  }),
  job(writing, { plan: { ...writePlan, destination_name: "Gate reader 02" } }),
  job(paused, {
    plan: {
      ...gatewayPlan,
      production: false,
      destination_name: "Staging EU",
      files: [
        {
          ...bigImage,
          file_name: "spring-os-7.0.img",
          expected: { size_bytes: 900_000_000, sha256: "77aa".repeat(16) },
          inspection: { ...bigImage.inspection, identity: { product: "spring-os", version: "7.0", target: null } },
        },
      ],
    },
    pieces: pieces(24, 24).slice(0, 24),
  }),
  job(failed, {
    plan: writePlan,
    phases: [
      { key: "connect", seconds: 0.1, result: "done" },
      { key: "upload", seconds: 33.8, result: "done" },
      { key: "test", seconds: 0.4, result: "done" },
      { key: "restart", seconds: 20, result: "failed" },
      { key: "confirm", seconds: 0, result: "waiting" },
    ],
  }),
  job(done, { plan: { ...writePlan, destination_name: "Gate reader 05" } }),
  job(staged, { plan: { ...gatewayPlan, production: false, destination_name: "Staging EU" } }),
  job(sent, {
    plan: {
      ...writePlan,
      files: [
        {
          ...imageOf(writePlan),
          file_name: "puck-1.42.bin",
          expected: { size_bytes: 4_300_000, sha256: "e8b3".repeat(15) + "0f64" },
          inspection: inspection({ identity: { product: "puck", version: "1.42", target: "H518" } }),
        },
      ],
    },
  }),
  job(simulated, {
    plan: {
      ...writePlan,
      simulated: true,
      files: [
        {
          ...imageOf(writePlan),
          expected: { size_bytes: 388_198, sha256: HASH.replace("9f2c", "5a07") },
          inspection: inspection({ identity: { product: "gate-reader", version: "2.4.0", target: null } }),
        },
      ],
    },
  }),
];
