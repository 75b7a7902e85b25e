/** Places and slots of readers in a person's words. */
import type { JobSummary, ReaderView, Slot } from "../../ipc";

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
      `Slot ${slot.slot}: ${slot.version ?? "empty"} ${slot.hash ?? ""} ${slotWords(slot)}`.trim(),
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

/** Whether the last load of a reader broke off, or its bootloader answers: it may be recovered. */
export function brokeOff(view: ReaderView, last: JobSummary | undefined): boolean {
  const mode = view.target?.mode;
  const state = last?.state.state;
  return (
    mode === "bootloader" ||
    mode === "recovery" ||
    state === "failed" ||
    state === "cancelled" ||
    state === "interrupted"
  );
}
