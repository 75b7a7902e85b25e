/** Devices of the made-up account. */
import type { DeviceDetail, DeviceRow } from "../../src/ipc/bindings";
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
