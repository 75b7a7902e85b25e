/** Names and sentences of jobs. */
import type { Job, JobSummary, NoteKind, Piece } from "../../ipc";
import type { IconName } from "../../shared/icons";
import { plural, size } from "../../shared/format";

/** `gateway 6.9.0`; the version is left out when the name says it already. */
export function fullName(job: JobSummary): string {
  const version = job.image_version;
  // A build number says nothing new beside a name that has the version.
  const said = version === null || job.image_name.includes(version.split("+")[0] ?? version);
  return said ? job.image_name : `${job.image_name} ${version}`;
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

/** `64 MiB each, last 58.7 MiB`. */
export function chunkSizes(pieces: readonly Piece[], totalBytes: number, expected: number): string {
  const first = pieces[0]?.length_bytes;
  if (first === undefined) return "";
  if (expected < 2) return size(first);
  const last = totalBytes - first * (expected - 1);
  return last > 0 && last !== first ? `${size(first)} each, last ${size(last)}` : `${size(first)} each`;
}

/** How many pieces there will be, as far as the first one's size tells. */
export function expectedPieces(job: Job): number {
  const first = job.pieces[0]?.length_bytes ?? 0;
  const known = job.pieces.reduce((sum, piece) => sum + piece.length_bytes, 0);
  const rest = Math.max(0, job.plan.image.promise.size_bytes - known);
  const usual = job.pieces.find((piece) => piece.state === "sending")?.length_bytes ?? first;
  return job.pieces.length + (usual === 0 ? 0 : Math.ceil(rest / usual));
}

/** The phase line under its title: `19 of 31`, `0.8 s`, `usually 5 s`. */
export function pieceLine(job: Job): string {
  const confirmed = job.pieces.filter((piece) => piece.state === "confirmed").length;
  return plural(confirmed, "chunk");
}
