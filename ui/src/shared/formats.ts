/** The one list of image formats: their names, and which of them a user may drop. */
import type { Format, Inspection } from "../ipc";

const FORMATS: Record<Format, string> = {
  raw: "Raw binary",
  intel_hex: "Intel HEX",
  s_record: "S-record",
  elf: "ELF",
  uf2: "UF2",
  dfu: "USB DFU",
  dfu_se: "DfuSe",
  mcuboot: "MCUboot",
  nordic_package: "Nordic DFU package",
  mcumgr_package: "mcumgr package",
  gbl: "Gecko GBL",
  esp_image: "ESP image",
  esp_flash: "ESP flash",
  zigbee_ota: "Zigbee OTA",
  compressed: "Compressed file",
  archive: "Archive",
  page: "Page of text",
  named: "Named format",
};

/** Formats whose bytes are taken as they are, without addresses of their own. */
const PLAIN: Format[] = ["raw", "esp_image", "esp_flash", "zigbee_ota", "compressed", "archive", "named"];

export function isPlain(format: Format): boolean {
  return PLAIN.includes(format);
}

/** Formats that are no firmware by themselves, or not known. */
export function isUnknown(format: Format): boolean {
  return format === "raw" || format === "page";
}

export function formatName(format: Format): string {
  return FORMATS[format];
}

/** `MCUboot, signed`. Present is not verified, so nothing more is said here. */
export function formatLine(inspection: Inspection): string {
  const name = formatName(inspection.format);
  if (inspection.signature.kind === "present") return `${name}, signed`;
  return inspection.signature.kind === "absent" ? `${name}, unsigned` : name;
}

/** What the start page says it takes. */
export const ACCEPTED = "bin · hex · srec · elf · uf2 · dfu · MCUboot · Nordic and mcumgr zip · gbl · ESP · Zigbee OTA";
