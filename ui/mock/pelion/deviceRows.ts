/** Devices of the made-up account. */
import type { Device, DeviceDetail, DeviceEvent, DeviceRow } from "../../src/ipc/bindings";
import { HASH, minutesAgo } from "../make";
import { VENDOR, CLASS, OTHER_CLASS } from "./ids";

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

/** A device of which the service reports nothing. */
const NOTHING_REPORTED: Device = {
  id: "",
  name: "",
  description: "",
  account_id: "",
  endpoint_name: "",
  endpoint_type: "",
  serial_number: "",
  vendor_id: "",
  device_class: "",
  state: "",
  lifecycle_status: "",
  operator_suspended: null,
  system_suspended: null,
  deployed_state: "",
  device_execution_mode: null,
  firmware_checksum: "",
  component_attributes: {},
  custom_attributes: {},
  groups: [],
  manifest: "",
  manifest_timestamp: null,
  deployment: "",
  auto_update: null,
  mechanism: "",
  mechanism_url: "",
  net_id: null,
  host_gateway: "",
  ca_id: "",
  device_key: "",
  issuer_fingerprint: null,
  bootstrapped_timestamp: null,
  bootstrap_expiration_date: null,
  connector_expiration_date: null,
  enrolment_list_timestamp: null,
  created_at: "",
  updated_at: "",
};

/** An event of which the service reports nothing. */
const BARE_EVENT: DeviceEvent = {
  id: "",
  date_time: "",
  device_id: "",
  event_type: "",
  event_type_category: "",
  event_type_description: "",
  state_change: null,
  description: "",
  changes: {},
  data: {},
  created_at: "",
};

export function deviceDetail(row: DeviceRow | undefined): DeviceDetail {
  return {
    device: {
      ...NOTHING_REPORTED,
      id: row?.id ?? "",
      serial_number: "SN-24F11E2E",
      firmware_checksum: HASH,
      custom_attributes: { site: "paris" },
    },
    events: [
      {
        event: { ...BARE_EVENT, id: "e1", date_time: minutesAgo(12), event_type: "UPD4_OK_100" },
        meaning: "The device runs the new firmware.",
        what_to_do: null,
      },
    ],
  };
}
