/** The devices a campaign of the made-up account would affect. */
import type { Affected, BlastRadius, DeviceRow, Strategy } from "../../src/ipc/bindings";
import { VENDOR, CLASS } from "./ids";

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
