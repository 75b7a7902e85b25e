/** Every job the window knows, as the feed reports them. */
import { SvelteMap } from "svelte/reactivity";
import { host, type Diagnosis, type Feed, type Job, type JobId, type JobSummary } from "../ipc";
import { announcer } from "./announce.svelte";
import { clock } from "./clock.svelte";
import { stateOf } from "./jobWords";
import { jointPercent } from "./pace";
import { diagnosisOf } from "./problem";

/** How far a job is. It moves ten times a second, so it stands apart from what lists are made of. */
type Motion = Pick<JobSummary, "progress" | "percent" | "pace">;

/** Bytes the other side had confirmed at a moment. */
export interface Confirmed {
  /** Milliseconds since 1970. */
  at: number;
  bytes: number;
}

/** Confirmed bytes are noted no more often, and no longer than an hour back. */
const NOTED_EVERY_MS = 1_000;
const NOTED = 3_600;

/** When a moment comes, by the clock that nobody sets. */
function steadyAt(moment: string): number {
  return performance.now() + Date.parse(moment) - Date.now();
}

class Jobs {
  readonly summaries = new SvelteMap<JobId, JobSummary>();
  readonly #motion = new SvelteMap<JobId, Motion>();
  /** When bytes of a job last moved, or its phase began, by the clock that nobody sets. */
  readonly #moved = new SvelteMap<JobId, number>();
  /** When the next try of a job is made, by the same clock, and the moment that was named for it. */
  readonly #tries = new SvelteMap<JobId, { until: string; at: number }>();
  /** When details were read: a phase that runs has taken longer since. */
  readonly #readAt = new SvelteMap<JobId, number>();
  /** What was confirmed when, of jobs whose pieces have no moments of their own. Only seen here, so it begins with the window. */
  readonly #confirmed = new SvelteMap<JobId, readonly Confirmed[]>();
  /** Details that a screen asked for; asked again whenever the job changes. */
  readonly details = new SvelteMap<JobId, Job>();
  /** Why details that a screen asked for could not be read. */
  readonly problems = new SvelteMap<JobId, Diagnosis>();
  /** The first snapshot has come. */
  known = $state(false);
  #listeners: ((job: JobSummary) => void)[] = [];
  #asking = new Set<JobId>();
  #stale = new Set<JobId>();

  /** The newest first. */
  readonly list = $derived.by(() =>
    [...this.summaries.values()].sort((a, b) => b.created.localeCompare(a.created) || b.id.localeCompare(a.id)),
  );
  readonly running = $derived(this.list.filter((job) => isActive(job)));
  readonly waiting = $derived(this.list.filter((job) => waitsForUser(job)));
  /** Joint progress of the running ones. */
  readonly runningPercent = $derived(jointPercent(this.running.map((job) => this.live(job))));

  /** A job as it is at this moment, for whoever draws it alone: lists do not follow its progress. */
  live(job: JobSummary): JobSummary {
    const motion = this.#motion.get(job.id);
    return motion === undefined ? job : { ...job, ...motion };
  }

  /** Calls it whenever a job reached another state or phase: what it delivers to has changed. */
  onStep(listener: (job: JobSummary) => void): void {
    this.#listeners.push(listener);
  }

  /** For how many seconds nothing moved in a running job. */
  silence(id: JobId): number {
    const moved = this.#moved.get(id);
    return moved === undefined ? 0 : Math.max(0, Math.floor((clock.steady - moved) / 1000));
  }

  /** Seconds until the next try of a job that waits for one, 0 while it is made; `null` when it waits for none. */
  nextTry(job: JobSummary): number | null {
    const until = job.pace.waiting?.until;
    if (until === undefined) return null;
    const known = this.#tries.get(job.id);
    const at = known?.until === until ? known.at : steadyAt(until);
    return Math.max(0, Math.ceil(Math.round(at - clock.steady) / 1000));
  }

  /** Notes when the next try is made, by the clock that nobody sets, as soon as it is heard of. */
  #expect({ id, pace }: Pick<JobSummary, "id" | "pace">): void {
    const until = pace.waiting?.until;
    if (until === undefined) this.#tries.delete(id);
    else if (this.#tries.get(id)?.until !== until) this.#tries.set(id, { until, at: steadyAt(until) });
  }

  /** Seconds since its details were read. */
  sinceRead(id: JobId): number {
    const read = this.#readAt.get(id);
    return read === undefined ? 0 : Math.max(0, (clock.steady - read) / 1000);
  }

  /** What was confirmed when, as far as this window has seen it. */
  confirmations(id: JobId): readonly Confirmed[] {
    return this.#confirmed.get(id) ?? [];
  }

  #note(id: JobId, bytes: number): void {
    const before = this.#confirmed.get(id) ?? [];
    const last = before.at(-1);
    const now = { at: Date.now(), bytes };
    // Fewer bytes than before are those of another phase; a moment before the last one is that of a clock that was set.
    if (last === undefined || bytes < last.bytes || now.at < last.at) this.#confirmed.set(id, [now]);
    else if (bytes > last.bytes && now.at - last.at >= NOTED_EVERY_MS)
      this.#confirmed.set(id, [...before.slice(1 - NOTED), now]);
  }

  take(feed: Feed): void {
    const change = feed.change;
    if (change.kind === "snapshot") this.#snapshot(change.jobs);
    else if (change.kind === "job") this.#changed(change.job);
    else if (change.kind === "progress") {
      const { id, progress, percent, pace } = change;
      const listed = this.summaries.get(id);
      if (listed === undefined) return;
      const before = this.#motion.get(id)?.progress ?? listed.progress;
      const moved =
        progress.confirmed_bytes > before.confirmed_bytes || progress.in_flight_bytes !== before.in_flight_bytes;
      if (moved) this.#moved.set(id, performance.now());
      this.#note(id, progress.confirmed_bytes);
      this.#motion.set(id, { progress, percent, pace });
      this.#expect({ id, pace });
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
      this.problems.delete(id);
      this.#readAt.set(id, performance.now());
      if (!this.summaries.has(id)) this.summaries.set(id, job.summary);
    } catch (error) {
      const problem = diagnosisOf(error);
      this.problems.set(id, problem);
      announcer.interrupt(problem.title);
    } finally {
      this.#asking.delete(id);
      if (this.#stale.delete(id)) await this.load(id);
    }
  }

  #snapshot(jobs: JobSummary[]): void {
    const present = new Set(jobs.map((job) => job.id));
    for (const id of this.summaries.keys()) if (!present.has(id)) this.summaries.delete(id);
    this.#motion.clear();
    for (const job of jobs) {
      this.summaries.set(job.id, job);
      this.#expect(job);
      if (!this.#moved.has(job.id))
        this.#moved.set(job.id, performance.now() - Math.max(0, Date.now() - Date.parse(job.changed)));
    }
    this.known = true;
    for (const id of this.details.keys()) void this.load(id);
  }

  #changed(job: JobSummary): void {
    const before = this.summaries.get(job.id);
    this.summaries.set(job.id, job);
    this.#expect(job);
    this.#motion.delete(job.id);
    if (before?.phase_title !== job.phase_title || before.state.state !== job.state.state)
      this.#moved.set(job.id, performance.now());
    if (this.details.has(job.id)) void this.load(job.id);
    if (before?.state.state !== job.state.state) announce(job);
    if (before?.state.state !== job.state.state || before.phase_title !== job.phase_title)
      for (const listener of this.#listeners) listener(job);
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

/** Nothing happens before the user resumes it. */
export function waitsForUser(job: JobSummary): boolean {
  return job.state.state === "paused" || job.state.state === "interrupted";
}

export const jobs = new Jobs();
