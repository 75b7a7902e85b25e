/** The history: which jobs are shown, under which day. */
import type { JobSummary } from "../../ipc";
import { dayHeading, plural } from "../../shared/format";
import { secondLine, stateOf } from "../../state/jobWords";
import { isActive, waitsForUser } from "../../state/jobs.svelte";

export type Filter = "all" | "running" | "verified" | "sent" | "stopped" | "failed";

export const FILTERS: readonly { key: Filter; title: string }[] = [
  { key: "all", title: "All" },
  { key: "running", title: "Unfinished" },
  { key: "verified", title: "Verified" },
  { key: "sent", title: "Sent" },
  { key: "stopped", title: "Stopped" },
  { key: "failed", title: "Failed" },
];

function passes(job: JobSummary, filter: Filter): boolean {
  switch (filter) {
    case "all":
      return true;
    case "running":
      return isActive(job) || waitsForUser(job);
    case "stopped":
      return job.state.state === "cancelled";
    case "failed":
      return job.state.state === "failed";
    default:
      return job.state.state === "finished" && job.state.outcome.outcome === filter;
  }
}

/** Jobs of that kind in whose rows every word occurs. */
export function filtered(jobs: readonly JobSummary[], filter: Filter, words: string): JobSummary[] {
  const wanted = words
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  return jobs.filter((job) => {
    if (!passes(job, filter)) return false;
    const text =
      `${job.image_name} ${job.image_version ?? ""} ${job.destination_name} ${job.destination} ${job.id} ${stateOf(job).word} ${secondLine(job)}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

/** What is said instead of an empty list. */
export function noneOf(filter: Filter, words: string, count: number): string {
  const title = FILTERS.find(({ key }) => key === filter)?.title.toLowerCase();
  const what = words.trim() !== "" || filter === "all" || title === undefined ? "match" : `${title} job`;
  return `No ${what} among ${plural(count, "job")}.`;
}

export interface Day {
  title: string;
  jobs: JobSummary[];
}

/** Now, Today, Yesterday, then dates; what still runs is Now. */
export function byDay(jobs: readonly JobSummary[], now = new Date()): Day[] {
  const active = jobs.filter(isActive);
  const rest = jobs.filter((job) => !isActive(job)).sort((a, b) => b.changed.localeCompare(a.changed));
  const days: Day[] = active.length > 0 ? [{ title: "Now", jobs: active }] : [];
  for (const job of rest) {
    const title = dayHeading(job.changed, now);
    const last = days.at(-1);
    if (last?.title === title) last.jobs.push(job);
    else days.push({ title, jobs: [job] });
  }
  return days;
}

/** A row of the history: a day's heading, or a job and its place among those shown. */
export type HistoryRow = { kind: "day"; title: string } | { kind: "job"; job: JobSummary; place: number };

/** The days and their jobs, one below the other. */
export function historyRows(jobs: readonly JobSummary[], now = new Date()): HistoryRow[] {
  let place = 0;
  return byDay(jobs, now).flatMap((day): HistoryRow[] => [
    { kind: "day", title: day.title },
    ...day.jobs.map((job): HistoryRow => ({ kind: "job", job, place: (place += 1) })),
  ]);
}
