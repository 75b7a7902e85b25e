/** How several jobs are together. */
import type { JobSummary } from "../ipc";

/** Joint progress, weighted by the bytes of the phase each job is in. */
export function jointPercent(jobs: JobSummary[]): number {
  const weight = (job: JobSummary) => Math.max(1, job.progress.total_bytes);
  const whole = jobs.reduce((sum, job) => sum + weight(job), 0);
  const done = jobs.reduce((sum, job) => sum + (weight(job) * job.percent) / 100, 0);
  return whole === 0 ? 0 : Math.min(99, Math.floor((done / whole) * 100));
}
