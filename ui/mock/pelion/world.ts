/** A made-up account for the preview: images, manifests, campaigns of every phase, as many devices as are asked for. */
import type {
  Affected,
  BlastRadius,
  CampaignStanding,
  DeviceDetail,
  DeviceRow,
  FilterAttribute,
  ManifestView,
  Strategy,
} from "../../src/ipc/bindings";
import type {
  Campaign,
  CampaignRow,
  DeviceGroup,
  ImageRow,
  ManifestRow,
  SavedQuery,
  UploadRow,
} from "../../src/ipc/pelion";
import { HASH, minutesAgo } from "../make";

const VENDOR = "cfbff0d193755685968c48ce8b15ae17";
const CLASS = "c9e5e8a4dd02584fbcad02e9cd816d21";
const OTHER_CLASS = "7a31c0de55aa4f17a1b2c3d4e5f60718";
const URL_OF = (name: string) => `http://firmware-catalog.example.com/${name}`;

export function device(at: number): DeviceRow {
  return {
    id: (0x0164_c910 + at).toString(16).padStart(8, "0") + "00000000000100100000000",
    name: `puck-${["par", "lyo", "lil", "ren"][at % 4] ?? "par"}-${String(at).padStart(5, "0")}`,
    state: at % 23 === 0 ? "deregistered" : at % 41 === 0 ? "bootstrapped" : "registered",
    blocked: at % 311 === 5 ? "suspended" : "",
    vendor_id: VENDOR,
    device_class: at % 5 === 4 ? OTHER_CLASS : CLASS,
    version: at % 9 === 0 ? "1.42.0" : at % 13 === 0 ? "" : "1.41.0",
    updated_at: minutesAgo(at % 5_000),
  };
}

export function deviceDetail(row: DeviceRow | undefined): DeviceDetail {
  return {
    device: {
      id: row?.id ?? "",
      serial_number: "SN-24F11E2E",
      firmware_checksum: HASH,
      custom_attributes: { site: "paris" },
    },
    events: [
      {
        event: { id: "e1", date_time: minutesAgo(12), event_type: "UPD4_OK_100" },
        meaning: "The device runs the new firmware.",
        what_to_do: null,
      },
    ],
  };
}

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

const TITLES: Record<string, [string, string]> = {
  draft: ["Draft", "It is being prepared; no device knows of it."],
  starting: ["Starting", "The service checks manifest, quota and devices; nothing has been sent to a device yet."],
  active: ["Active", "Devices get the update, install it and report."],
  stopping: ["Stopping", "The service takes the update back from devices that have not begun; this can take long."],
  stopped: ["Stopped", "It is over and cannot be started again. A new campaign with the same filter can."],
  archived: ["Archived", "It is over and put away."],
};

export function standing(of: Campaign): CampaignStanding {
  const [title, meaning] = TITLES[of.phase] ?? [of.phase, "Firmdrop does not know this phase."];
  const allowed: Record<string, CampaignStanding["allowed"]> = {
    draft: ["edit", "start", "delete"],
    starting: ["stop"],
    active: ["stop"],
    stopped: ["archive", "delete"],
    archived: ["delete"],
  };
  return {
    phase: of.phase,
    title,
    meaning,
    is_known: of.phase in TITLES,
    state: of.state,
    reason: of.autostop_reason === "" ? null : of.autostop_reason,
    allowed: allowed[of.phase] ?? [],
    is_at_rest: ["draft", "stopped", "archived"].includes(of.phase),
    is_archived: of.phase === "archived",
  };
}

export function campaign(change: Partial<{ [K in keyof Campaign]: Campaign[K] | undefined }>): CampaignRow {
  const whole = {
    id: "c0",
    name: "",
    description: "",
    device_filter: `device_class__eq=${CLASS}&state__eq=registered`,
    root_manifest_id: MANIFESTS[0]?.id ?? "",
    root_manifest_url: "",
    campaign_strategy: "one-shot",
    phase: "draft",
    state: "",
    autostop: true,
    autostop_success_percent: 100,
    autostop_reason: "",
    approval_required: false,
    when: null,
    started_at: null,
    starting_at: null,
    active_at: null,
    stopping_at: null,
    stopped_at: null,
    archived_at: null,
    finished: null,
    created_at: minutesAgo(300),
    updated_at: minutesAgo(5),
    ...change,
  } as Campaign;
  return { id: whole.id, campaign: whole, standing: standing(whole) };
}

export const CAMPAIGNS: CampaignRow[] = [
  campaign({ id: "c1", name: "Puck 1.42 EU", phase: "active", state: "publishing", started_at: minutesAgo(200) }),
  campaign({ id: "c2", name: "Spring fix", phase: "draft", device_filter: "" }),
  campaign({
    id: "c3",
    name: "Puck 1.42 pilot",
    phase: "stopped",
    state: "autostopped",
    autostop_reason: "The share of successes that ends it was reached.",
    started_at: minutesAgo(4000),
    created_at: minutesAgo(4100),
  }),
  campaign({ id: "c4", name: "Puck 1.41 EU", phase: "archived", created_at: minutesAgo(90_000) }),
];

export const QUERIES: SavedQuery[] = [
  {
    id: "q1",
    name: "Pucks that are registered",
    query: `device_class__eq=${CLASS}&state__eq=registered`,
    created_at: minutesAgo(9000),
    updated_at: minutesAgo(9000),
  },
];

export const GROUPS: DeviceGroup[] = [
  {
    id: "g1",
    name: "North gate",
    description: "",
    devices_count: 60,
    custom_attributes: {},
    created_at: minutesAgo(9000),
    updated_at: minutesAgo(9000),
  },
];

const text = (field: string, title: string): FilterAttribute => ({
  field,
  title,
  kind: "text",
  operators: ["equal", "not_equal", "in", "not_in"],
  choices: [],
});

export const ATTRIBUTES: FilterAttribute[] = [
  text("device_class", "Device class"),
  {
    ...text("state", "State"),
    kind: "choice",
    choices: ["registered", "deregistered", "bootstrapped", "cloud_enrolling", "unenrolled"],
  },
  text("name", "Name"),
  text("id", "Id"),
  { field: "updated_at", title: "Last change", kind: "moment", operators: ["at_least", "at_most"], choices: [] },
  { field: "custom_attributes__", title: "Custom attribute", kind: "keyed", operators: ["equal"], choices: [] },
];

function affected(devices: readonly DeviceRow[]): Affected {
  return {
    count: devices.length,
    sample: devices
      .slice(0, 20)
      .map(({ id, name, state, version }) => ({ id, name, state, version: version === "" ? null : version })),
  };
}

export function radius(devices: readonly DeviceRow[], strategy: Strategy, manifest: string | null): BlastRadius {
  const right = devices.filter((each) => each.device_class === CLASS);
  const none = affected([]);
  const taken = devices.filter((_, at) => at > 0 && at % 113 === 0);
  const missing =
    manifest === null ? [{ key: "manifest_missing", text: "The campaign has no firmware manifest." }] : [];
  const nobody = devices.length === 0 ? [{ key: "no_device_matches", text: "No device matches the filter now." }] : [];
  const fits = right.filter((each) => each.version !== "1.42.0");
  return {
    filter: "",
    strategy,
    facts: { vendor_id: VENDOR, class_id: CLASS, component: null, version: null, image_sha256: null },
    expected_devices: devices.length,
    matching: affected(devices),
    fits: affected(fits),
    wrong_vendor: none,
    wrong_class: affected(devices.filter((each) => each.device_class !== CLASS)),
    up_to_date: affected(right.filter((each) => each.version === "1.42.0")),
    newer: none,
    cannot_tell: none,
    version_unknown: affected(devices.filter((each) => each.version === "")),
    not_registered: affected(devices.filter((each) => each.state !== "registered")),
    blocked: affected(devices.filter((each) => each.blocked !== "")),
    last_seen_unknown: none,
    in_other_campaigns: affected(taken),
    campaigns: [],
    blockers: [...missing, ...nobody],
    warnings:
      taken.length === 0
        ? []
        : [
            {
              key: "in_other_campaign",
              text: `${taken.length} devices are probably in the running campaign “Puck 1.42 EU”.`,
            },
          ],
    requests: 3,
  };
}
