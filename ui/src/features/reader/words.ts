/** Places and slots of readers in a person's words. */
import type { JobSummary, ReaderView, Slot } from "../../ipc";
import { isInRecovery } from "../../state/readers.svelte";

/** `Slot 1`; with several images, `Image 1, slot 1`. */
export function slotName({ image, slot }: Slot): string {
  return image === 0 ? `Slot ${slot}` : `Image ${image}, slot ${slot}`;
}

/** What a slot holds. A reader lists what it has: a version that it does not report is no empty slot. */
export function slotVersion({ version, hash }: Slot): string {
  return version ?? (hash === null ? "contents not reported" : "version not reported");
}

/** `confirmed, running`. */
export function slotWords(slot: Slot): string {
  const words = [
    ...(slot.active ? ["running"] : []),
    ...(slot.confirmed ? ["confirmed"] : []),
    ...(slot.permanent ? ["pending, permanent"] : slot.pending ? ["test at the next restart"] : []),
  ];
  return words.join(", ");
}

/** Facts as text, for a mail or a ticket. */
export function readerText(view: ReaderView): string {
  const { reader, target } = view;
  const lines = [
    reader.name,
    `Destination: ${view.destination}`,
    `Place: ${reader.place}`,
    ...(reader.serial ? [`Serial: ${reader.serial}`] : []),
    ...(target?.product ? [`Product: ${target.product}`] : []),
    ...(target?.version ? [`Version: ${target.version}`] : []),
    ...(target?.slots ?? []).map((slot) =>
      `${slotName(slot)}: ${slotVersion(slot)} ${slot.hash ?? ""} ${slotWords(slot)}`.trim(),
    ),
  ];
  return lines.join("\n");
}

/** Whether the filter's words occur in what the row shows. */
export function matches(view: ReaderView, filter: string): boolean {
  const { reader, target } = view;
  const text = `${reader.name} ${reader.serial ?? ""} ${reader.place} ${target?.version ?? ""} ${target?.product ?? ""} ${view.destination}`;
  return text.toLowerCase().includes(filter.trim().toLowerCase());
}

/** Whether it may be recovered: its bootloader answers, or its last load broke off, which the program says of a job. */
export function mayRecover(view: ReaderView, last: JobSummary | undefined): boolean {
  return isInRecovery(view) || last?.broke_off === true;
}
