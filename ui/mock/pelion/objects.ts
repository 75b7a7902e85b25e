/** Images, manifests and upload jobs of the made-up account. */
import type { ManifestView } from "../../src/ipc/bindings";
import type { ImageRow, ManifestRow, UploadRow } from "../../src/ipc/pelion";
import { HASH, minutesAgo } from "../make";
import { URL_OF } from "./ids";

export const IMAGES: ImageRow[] = ["puck 1.42.0", "puck 1.41.0", "spring-os 7.0"].map((name, at) => ({
  id: `01658f9a58780000000000010010002${at}`,
  name,
  description: at === 0 ? "Night mode, faster wake-up" : "",
  datafile: URL_OF(name.replace(" ", "-")),
  datafile_checksum: HASH.replace("9f2c", `9f2${at}`),
  datafile_size: 4_300_000 + at * 777_777,
  short_datafile: null,
  datafile_encryption: false,
  encrypted_datafile_checksum: null,
  encrypted_datafile_size: null,
  created_at: minutesAgo(60 * 26 * (at + 1)),
  updated_at: minutesAgo(60 * 26 * (at + 1)),
}));

export const MANIFESTS: ManifestRow[] = IMAGES.slice(0, 2).map((image, at) => ({
  id: `0165aa0000000000000000010010003${at}`,
  name: `${image.name}, signed by release`,
  description: "",
  datafile: URL_OF(`manifest-${at}`),
  datafile_size: 271,
  device_class: "c9e5e8a4-dd02-584f-bcad-02e9cd816d21",
  device_vendor: "cfbff0d1-9375-5685-968c-48ce8b15ae17",
  timestamp: "1.42.0",
  manifest_schema_version: "3",
  delivered_payload_type: "full",
  delivered_payload_digest: image.datafile_checksum,
  delivered_payload_size: image.datafile_size,
  delivered_payload_url: image.datafile,
  precursor_payload_digest: null,
  update_priority: 1,
  created_at: minutesAgo(60 * 25 * (at + 1)),
  updated_at: minutesAgo(60 * 25 * (at + 1)),
}));

export function manifestView(record: ManifestRow | undefined): ManifestView {
  const known = record ?? MANIFESTS[0];
  if (known === undefined) throw new Error("no manifest");
  return {
    record: known,
    manifest: null,
    signed_by: "release",
    checks: [
      { name: "Signature", result: "passed", explanation: "ECDSA P-256 by the key “release” of this computer" },
      {
        name: "Limits of devices",
        result: "passed",
        explanation: "Component, version, address and size are within them",
      },
      { name: "The service's reading", result: "passed", explanation: "It says what the bytes say" },
    ],
  };
}

export const UPLOADS: UploadRow[] = [
  {
    id: "01658f9a000000000000000000000023",
    name: "gateway 6.9.0",
    description: "",
    status: "in_progress",
    completed: false,
    firmware_image_id: "",
    created_at: minutesAgo(70),
    updated_at: minutesAgo(3),
  },
  {
    id: "01658f9a000000000000000000000024",
    name: "puck 1.42.0",
    description: "Night mode, faster wake-up",
    status: "completed",
    completed: true,
    firmware_image_id: "01658f9a587800000000000100100020",
    created_at: minutesAgo(1600),
    updated_at: minutesAgo(1590),
  },
];
