/** The files of a plan: one in almost all of them, several where a device takes several images. */
import type { ImageFile, Plan } from "../ipc";

/** The first file, which gives a plan its name and its digest. */
export function imageOf(plan: Plan): ImageFile {
  const first = plan.files[0];
  if (first === undefined) throw new Error("a plan has at least one file");
  return first;
}

/** `gateway.img`, or `gateway.img and 2 more`. */
export function filesWords(plan: Plan): string {
  const more = plan.files.length - 1;
  return more > 0 ? `${imageOf(plan).file_name} and ${more} more` : imageOf(plan).file_name;
}

/** Size of all files together, bytes. */
export function totalBytes(plan: Plan): number {
  return plan.files.reduce((sum, file) => sum + file.expected.size_bytes, 0);
}
