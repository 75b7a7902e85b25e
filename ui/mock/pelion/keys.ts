/** The preview's keys: made-up ones that sign nothing. */
import type { KeyEntry, ManifestOrderRequest } from "../../src/ipc/bindings";
import type { PelionHost, ImageRow, ManifestRow } from "../../src/ipc/pelion";
import { HASH } from "../make";

function key(name: string, purpose: KeyEntry["purpose"], at: number): KeyEntry {
  return {
    name,
    purpose,
    public_key: `04${HASH}${HASH}`,
    fingerprint: HASH.replace("9f2c", `${at}e7a`),
    certificate: null,
    others_can_read: false,
  };
}

type KeyCalls = Pick<PelionHost, "manifestKeys" | "newManifestKey" | "importManifestKey" | "certifyManifestKey">;

export function mockKeys(empty: boolean): KeyCalls {
  let keys = empty ? [] : [key("bench", "development", 1), key("release", "production", 2)];
  const put = (entry: KeyEntry) => {
    keys = [...keys.filter((each) => each.name !== entry.name), entry];
    return Promise.resolve(entry);
  };
  const made = (name: string, development: boolean) =>
    put(key(name, development ? "development" : "production", keys.length + 1));
  return {
    manifestKeys: () => Promise.resolve(keys),
    newManifestKey: made,
    importManifestKey: (name, _path, development) => made(name, development),
    certifyManifestKey(name, vendor, deviceClass) {
      const entry = keys.find((each) => each.name === name) ?? key(name, "production", 0);
      const certificate = {
        subject: `CN=${name}`,
        issuer: `CN=${name}`,
        fingerprint: HASH,
        public_key: entry.public_key,
        not_before: "2026-01-01T00:00:00.000000Z",
        not_after: "2046-01-01T00:00:00.000000Z",
        vendor_id: vendor,
        class_id: deviceClass,
        is_development: entry.purpose === "development",
      };
      return put({ ...entry, certificate });
    },
  };
}

/** What the service would return for such a manifest. */
export function manifestOf(order: ManifestOrderRequest, image: ImageRow | undefined, like: ManifestRow): ManifestRow {
  return {
    ...like,
    id: `m${Date.now()}`,
    name: order.name,
    device_class: order.spec.class_id ?? "",
    device_vendor: order.spec.vendor_id ?? "",
    timestamp: order.spec.version ?? "",
    manifest_schema_version: order.spec.schema_1 ? "1" : "3",
    delivered_payload_digest: image?.datafile_checksum ?? null,
    delivered_payload_size: image?.datafile_size ?? null,
    delivered_payload_url: image?.datafile ?? null,
    created_at: new Date().toISOString(),
  };
}
