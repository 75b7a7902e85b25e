/** Names and sentences of jobs. */
import { targetName } from "../../clouds";
import type { Diagnosis, Job, JobSummary, NoteKind, Piece, TimedNote } from "../../ipc";
import type { IconName } from "../../shared/icons";
import { size } from "../../shared/format";
import { isolated } from "../../shared/names";
import { totalBytes } from "../../state/planFiles";

/** `gateway 6.9.0`; the version is left out when the name says it already. */
export function fullName(job: JobSummary): string {
  return `${job.image_name} ${newVersion(job.image_name, job.image_version)}`.trimEnd();
}

/** `gateway 6.9.0 to Gate reader 04`, where it is part of a sentence. */
export function deliveryWords(job: JobSummary): string {
  return `${isolated(fullName(job))} to ${isolated(targetName(job.destination, job.destination_name))}`;
}

/** The version, unless the name says it already; a build number alone says nothing new. */
export function newVersion(name: string, version: string | null): string {
  return version === null || name.includes(version.split("+")[0] ?? version) ? "" : version;
}

/**
 * Why a job failed, with a resume among its remedies exactly when something is left to resume. Jobs of older journals do
 * not say whether there is; theirs are offered what the diagnosis names.
 */
export function failureOf(job: JobSummary): Diagnosis | null {
  if (job.state.state !== "failed") return null;
  const { diagnosis, resumable } = job.state;
  const others = diagnosis.remedies.filter((remedy) => remedy.act !== "resume");
  const named = others.length < diagnosis.remedies.length;
  if ((resumable ?? named) === named) return diagnosis;
  return { ...diagnosis, remedies: named ? others : [{ act: "resume" }, ...others] };
}

export function noteMark(kind: NoteKind): { icon: IconName; tone: string } {
  switch (kind) {
    case "kept":
      return { icon: "ok", tone: "ok" };
    case "resumed":
      return { icon: "resume", tone: "acc" };
    case "retry":
      return { icon: "resume", tone: "warn" };
    case "warning":
      return { icon: "warn", tone: "warn" };
    case "step":
      return { icon: "tick", tone: "faint" };
  }
}

/** An event as the list shows it: retries that follow one another are one row. */
export interface FoldedNote {
  /** The last of them. */
  note: TimedNote;
  times: number;
  /** From the first to the last. */
  seconds: number;
}

/** Oldest first, like the notes. */
export function folded(notes: readonly TimedNote[]): FoldedNote[] {
  const rows: (FoldedNote & { began: number })[] = [];
  for (const note of notes) {
    const last = rows.at(-1);
    const at = Date.parse(note.at);
    if (last?.note.kind === "retry" && note.kind === "retry") {
      last.note = note;
      last.times += 1;
      last.seconds = Math.max(0, (at - last.began) / 1000);
    } else rows.push({ note, times: 1, seconds: 0, began: at });
  }
  return rows;
}

/** `64 MiB each, last 58.7 MiB`, or the span when the line made them differ. */
export function chunkSizes(pieces: readonly Piece[], totalBytes: number, expected: number): string {
  const first = pieces[0]?.length_bytes;
  if (first === undefined) return "";
  const inner = pieces.slice(0, expected - 1).map((piece) => piece.length_bytes);
  if (inner.length === 0) return size(first);
  const [smallest, largest] = [Math.min(...inner), Math.max(...inner)];
  if (smallest !== largest) return `${size(smallest)} to ${size(largest)}, sized to the connection`;
  const last = totalBytes - first * (expected - 1);
  return last > 0 && last < first ? `${size(first)} each, last ${size(last)}` : `${size(first)} each`;
}

/** How many pieces there will be, as far as the first one's size says. */
export function expectedPieces(job: Job): number {
  const known = job.pieces.reduce((sum, piece) => sum + piece.length_bytes, 0);
  const rest = Math.max(0, totalBytes(job.plan) - known);
  const usual = usualPiece(job);
  return job.pieces.length + (usual === 0 ? 0 : Math.ceil(rest / usual));
}

/** The size that the pieces which have not begun are expected to have. */
export function usualPiece({ pieces }: Job): number {
  return pieces.find((piece) => piece.state === "sending")?.length_bytes ?? pieces[0]?.length_bytes ?? 0;
}
