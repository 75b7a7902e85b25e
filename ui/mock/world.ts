/** A made-up world for the preview: readers of every access, accounts, and where a file can go. */
import type { AccountView, DestinationOffer, ReaderView, Verdict } from "../src/ipc/bindings";
import { inspection, reader } from "./make";

/** As the program answers them. */
export { accountForms as ACCOUNT_FORMS, errorCodes as ERROR_CODES } from "./fixtures";

export const READERS: ReaderView[] = [
  reader("Gate reader 04", "smp+serial:/dev/ttyACM0", { serial: "4E1A07C2" }),
  reader(
    "Gate reader 11",
    "smp+udp:192.168.16.40:1337",
    { serial: "4E1A0931", place: "192.168.16.40", channel: "network" },
    "2.3.8",
  ),
  reader("Gate reader 12", "smp+serial:/dev/ttyACM5", { serial: "4E1A0944", place: "/dev/ttyACM5" }, "2.5.0"),
  reader("Puck One", "smp+serial:/dev/ttyACM1", { serial: "24F11E2E", place: "/dev/ttyACM1" }, "1.41"),
  {
    ...reader("Gate reader 02", "smp+serial:/dev/ttyACM2", { serial: "4E1A0718", place: "/dev/ttyACM2" }),
    job: "3f07aa000001",
  },
  {
    ...reader("Gate reader 07", "smp+serial:/dev/ttyACM3", { serial: "4E1A0866", place: "/dev/ttyACM3" }, null),
    target: {
      product: null,
      version: null,
      mode: "bootloader",
      slots: [],
      buffers: null,
      reverts: null,
      refuses_older: false,
      usb: null,
      memory: [],
      shows_memory: null,
    },
  },
  reader(
    "SpringPark",
    "smp+udp:192.168.16.225:1337",
    {
      serial: "74905007",
      place: "192.168.16.225",
      channel: "network",
      access: { access: "in_use", by: "lane-control" },
    },
    "2.10",
  ),
  reader(
    "CP2104 bridge",
    "smp+serial:/dev/ttyUSB0",
    {
      serial: "023F7517",
      place: "/dev/ttyUSB0",
      access: { access: "denied", why: "The port belongs to the group dialout", rule: "group dialout" },
    },
    null,
  ),
  reader("Demo reader 3", "sim:reader-3", {
    serial: "S-0003",
    place: "Simulated",
    channel: "simulated",
    simulated: true,
  }),
  reader(
    "Gate reader 05",
    "smp+serial:/dev/ttyACM4",
    { serial: "4E1A07D9", place: "/dev/ttyACM4", access: { access: "gone" } },
    "2.4.1",
  ),
];

export const ACCOUNTS: AccountView[] = [
  {
    id: "pelion:demo",
    name: "demo",
    kind: "pelion",
    host: "http://127.0.0.1:41234",
    proxy: null,
    has_extra_ca: false,
    production: false,
    simulated: true,
    key_storage: "key_store",
  },
  {
    id: "pelion:staging-eu",
    name: "staging-eu",
    kind: "pelion",
    host: "https://api.eu-west-1.mbedcloud.com",
    proxy: null,
    has_extra_ca: false,
    production: false,
    simulated: false,
    key_storage: "file",
  },
  {
    id: "adu:contoso-blue",
    name: "contoso-blue",
    kind: "adu",
    host: "https://contoso.api.adu.microsoft.com",
    proxy: null,
    has_extra_ca: false,
    production: false,
    simulated: false,
    key_storage: "key_store",
  },
  {
    id: "pelion:production-eu",
    name: "production-eu",
    kind: "pelion",
    host: "https://api.eu-west-1.mbedcloud.com",
    proxy: null,
    has_extra_ca: false,
    production: true,
    simulated: false,
    key_storage: "key_store",
  },
];

export const OFFERS: DestinationOffer[] = [
  {
    destination: "smp+serial:/dev/ttyACM0",
    name: "Gate reader 04",
    detail: "/dev/ttyACM0 · about 35 s",
    group: "readers",
    fit: { verdict: "fits", note: "2.4.0 → 2.4.1" },
    simulated: false,
    production: false,
  },
  {
    destination: "smp+udp:192.168.16.40:1337",
    name: "Gate reader 11",
    detail: "192.168.16.40 · about 12 s",
    group: "readers",
    fit: { verdict: "fits", note: "2.3.8 → 2.4.1" },
    simulated: false,
    production: false,
  },
  {
    destination: "smp+serial:/dev/ttyACM5",
    name: "Gate reader 12",
    detail: "/dev/ttyACM5 · about 35 s",
    group: "readers",
    fit: { verdict: "fits", note: "2.5.0 → 2.4.1" },
    simulated: false,
    production: false,
  },
  {
    destination: "smp+serial:/dev/ttyACM1",
    name: "Puck One",
    detail: "",
    group: "readers",
    fit: { verdict: "does_not_fit", why: "Takes images for H518 only; this one is for gate-reader rev C" },
    simulated: false,
    production: false,
  },
  {
    destination: "smp+serial:/dev/ttyUSB0",
    name: "CP2104 bridge",
    detail: "",
    group: "readers",
    fit: { verdict: "cannot_tell", why: "/dev/ttyUSB0 may not be opened: it belongs to the group dialout" },
    simulated: false,
    production: false,
  },
  {
    destination: "sim:reader-3",
    name: "Demo reader 3",
    detail: "No hardware is touched",
    group: "readers",
    fit: { verdict: "fits", note: "2.4.0 → 2.4.1" },
    simulated: true,
    production: false,
  },
  {
    destination: "pelion:demo",
    name: "demo",
    detail: "Pelion at 127.0.0.1",
    group: "clouds",
    fit: { verdict: "fits", note: "new image" },
    simulated: true,
    production: false,
  },
  {
    destination: "pelion:staging-eu",
    name: "staging-eu",
    detail: "Pelion at api.eu-west-1.mbedcloud.com",
    group: "clouds",
    fit: { verdict: "fits", note: "new image" },
    simulated: false,
    production: false,
  },
  {
    destination: "pelion:production-eu",
    name: "production-eu",
    detail: "Pelion at api.eu-west-1.mbedcloud.com",
    group: "clouds",
    fit: { verdict: "fits", note: "new image" },
    simulated: false,
    production: true,
  },
];

export function verdictOf(path: string): Verdict {
  const file_name = path.split("/").at(-1) ?? path;
  const raw = file_name.endsWith(".raw");
  return {
    path,
    file_name,
    inspection: raw
      ? inspection({
          format: "raw",
          summary: "Raw binary, no known header",
          identity: { product: null, version: null, target: null },
          segments: [],
          signature: { kind: "not_possible" },
          checks: [],
          facts: [],
          image_hash: null,
        })
      : inspection(),
    integrity: raw ? "unknown" : "intact",
    seconds: 0.1,
    destinations: OFFERS,
  };
}
