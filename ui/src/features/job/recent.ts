/** Images that were delivered lately, derived from jobs: one row for each SHA-256. */
import type { ImageFile, Inspection, Job, JobSummary } from "../../ipc";
import type { Mark } from "../../state/mark";
import { stateOf } from "../../state/jobWords";
import { newVersion } from "./words";

export interface RecentImage {
  sha256: string;
  name: string;
  version: string;
  path: string;
  /** The newest job that delivered it. */
  job: string;
  bytes: number;
  inspection: Inspection;
  when: string;
  mark: Mark;
  /** The job that delivers it now. */
  active: JobSummary | undefined;
}

/** One file of one delivery. */
interface Delivered {
  job: Job;
  image: ImageFile;
}

/** The newest first. `jobs` are the newest first, with their details. */
export function recentImages(jobs: readonly Job[], isActive: (job: JobSummary) => boolean): RecentImage[] {
  const groups = new Map<string, Delivered[]>();
  for (const job of jobs) {
    for (const image of job.plan.files) {
      const key = image.expected.sha256;
      groups.set(key, [...(groups.get(key) ?? []), { job, image }]);
    }
  }
  const rows = [...groups.values()].flatMap((group) => {
    const newest = group[0];
    const ofImage = group.map((each) => each.job);
    return newest === undefined ? [] : [row(newest, ofImage, isActive)];
  });
  return rows.sort((a, b) => b.when.localeCompare(a.when));
}

function row({ job: newest, image }: Delivered, group: Job[], isActive: (job: JobSummary) => boolean): RecentImage {
  const identity = image.inspection.identity;
  const active = group.find((job) => isActive(job.summary));
  const name = identity.product ?? image.file_name;
  return {
    sha256: image.expected.sha256,
    name,
    version: newVersion(name, identity.version),
    path: image.path,
    job: newest.summary.id,
    bytes: image.expected.size_bytes,
    inspection: image.inspection,
    when: newest.summary.changed,
    mark: active ? { icon: "run", word: "Being delivered", tone: "acc" } : delivered(newest, group),
    active: active?.summary,
  };
}

/** A result in the simulated world says so: nothing real was written. */
function delivered(newest: Job, group: Job[]): Mark {
  const real = group.filter((job) => !job.summary.simulated);
  const first = real[0];
  if (first !== undefined) return mark(first, real);
  const simulated = mark(newest, group);
  return { ...simulated, word: `${simulated.word}, simulated` };
}

function mark(newest: Job, group: Job[]): Mark {
  const verified = new Set(
    group.filter((job) => stateOf(job.summary).word === "Verified").map((job) => job.summary.destination),
  );
  if (verified.size > 1) return { icon: "ok", word: `Verified at ${verified.size} places`, tone: "ok" };
  return stateOf(newest.summary);
}
