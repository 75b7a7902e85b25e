/** Every job the window knows, kept in step with the feed. */
import { SvelteMap } from "svelte/reactivity";
import { host, type Feed, type Job, type JobId, type JobSummary } from "../ipc";
import { announcer } from "./announce.svelte";
import { stateOf } from "./jobWords";
import { diagnosisOf } from "./problem";

class Jobs {
  readonly summaries = new SvelteMap<JobId, JobSummary>();
  /** Details that a screen asked for; asked again whenever the job changes. */
  readonly details = new SvelteMap<JobId, Job>();
  /** The first snapshot has come. */
  known = $state(false);
  #asking = new Set<JobId>();
  #stale = new Set<JobId>();

  /** The newest first. */
  readonly list = $derived.by(() =>
    [...this.summaries.values()].sort((a, b) => b.created.localeCompare(a.created) || b.id.localeCompare(a.id)),
  );
  readonly running = $derived(this.list.filter((job) => isActive(job)));
  readonly waiting = $derived(this.list.filter((job) => waitsForPerson(job)));

  take(feed: Feed): void {
    const change = feed.change;
    if (change.kind === "snapshot") this.#snapshot(change.jobs);
    else if (change.kind === "job") this.#changed(change.job);
    else if (change.kind === "progress") {
      const job = this.summaries.get(change.id);
      if (job === undefined) return;
      const { progress, percent, pace } = change;
      this.summaries.set(change.id, { ...job, progress, percent, pace });
    }
  }

  /** Asks for a job's details, now and after each of its changes. */
  async load(id: JobId): Promise<void> {
    if (this.#asking.has(id)) {
      this.#stale.add(id);
      return;
    }
    this.#asking.add(id);
    try {
      const job = await host().job(id);
      this.details.set(id, job);
      if (!this.summaries.has(id)) this.summaries.set(id, job.summary);
    } catch (error) {
      announcer.interrupt(diagnosisOf(error).title);
    } finally {
      this.#asking.delete(id);
      if (this.#stale.delete(id)) await this.load(id);
    }
  }

  #snapshot(jobs: JobSummary[]): void {
    const kept = new Set(jobs.map((job) => job.id));
    for (const id of this.summaries.keys()) if (!kept.has(id)) this.summaries.delete(id);
    for (const job of jobs) this.summaries.set(job.id, job);
    this.known = true;
    for (const id of this.details.keys()) void this.load(id);
  }

  #changed(job: JobSummary): void {
    const before = this.summaries.get(job.id);
    this.summaries.set(job.id, job);
    if (this.details.has(job.id)) void this.load(job.id);
    if (before?.state.state !== job.state.state) announce(job);
  }
}

function announce(job: JobSummary): void {
  const said = `${job.image_name} to ${job.destination_name}: ${stateOf(job).word}`;
  if (job.state.state === "failed") announcer.interrupt(`${said}. ${job.state.diagnosis.title}`);
  else if (job.state.state !== "running" || job.progress.confirmed_bytes === 0) announcer.say(said);
}

/** It is being carried out, or will be without anybody's help. */
export function isActive(job: JobSummary): boolean {
  return ["queued", "running", "cancelling"].includes(job.state.state);
}

/** Nothing happens before a person resumes it. */
export function waitsForPerson(job: JobSummary): boolean {
  return job.state.state === "paused" || job.state.state === "interrupted";
}

export const jobs = new Jobs();
