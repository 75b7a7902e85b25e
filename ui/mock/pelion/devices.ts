/** The preview's devices in a campaign, and what they reported. */
import type { CampaignCounts, CampaignDeviceRow, Cause, DeviceRow } from "../../src/ipc/bindings";
import { minutesAgo } from "../make";

const FAILURES = [
  {
    event_type: "UPD4_FAIL_218",
    event_meaning: "The device cannot read the manifest's format.",
    what_to_do: "Sign the manifest in the schema this client understands (v1 or v3).",
  },
  {
    event_type: "UPD4_FAIL_501",
    event_meaning: "The device has not enough storage for the image.",
    what_to_do: "Free storage on the device, or deliver a smaller image.",
  },
  { event_type: "UPD4_FAIL_303", event_meaning: "The download took too long.", what_to_do: "Try these devices again." },
];

/** Most of them updated, some failed, the rest on its way. */
export function campaignDevices(id: string, devices: readonly DeviceRow[]): CampaignDeviceRow[] {
  return devices.slice(0, 1_137).map((device, at): CampaignDeviceRow => {
    const base = { id: `${id}-${at}`, device_id: device.id, name: device.name, since: minutesAgo(at % 90) };
    if (at % 97 === 3) {
      const failure = FAILURES[at % FAILURES.length] ?? FAILURES[0];
      return {
        ...base,
        ...failure,
        state: "updated_connector_channel",
        state_title: "Failed",
        ended: "failed",
      } as CampaignDeviceRow;
    }
    if (at % 7 < 4) {
      return {
        ...base,
        state: "deployed",
        state_title: "Updated",
        ended: "updated",
        event_type: "UPD4_OK_100",
        event_meaning: "The device runs the new firmware.",
        what_to_do: null,
      };
    }
    return {
      ...base,
      state: "pending",
      state_title: "Waiting",
      ended: null,
      event_type: null,
      event_meaning: null,
      what_to_do: null,
    };
  });
}

export function countsOf(devices: readonly CampaignDeviceRow[]): CampaignCounts {
  const of = (ended: CampaignDeviceRow["ended"]) => devices.filter((device) => device.ended === ended).length;
  return {
    success: of("updated"),
    failed: of("failed"),
    skipped: of("skipped"),
    pending: of(null),
    other: 0,
    total: devices.length,
  };
}

export function campaignCauses(devices: readonly CampaignDeviceRow[]): Cause[] {
  return FAILURES.map((failure) => ({
    event_type: failure.event_type,
    summary_status: "FAIL",
    count: devices.filter((device) => device.event_type === failure.event_type).length,
    meaning: failure.event_meaning,
    what_to_do: failure.what_to_do,
  })).filter((cause) => cause.count > 0);
}
