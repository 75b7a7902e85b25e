/** What the window is: version, look, demo world, and how it began. */
import { host, type DemoState, type Diagnosis, type Feed, type JobSummary, type OpenFile, type Settings } from "../ipc";
import { accounts } from "./accounts.svelte";
import { jobs } from "./jobs.svelte";
import { diagnosisOf } from "./problem";
import { readers } from "./readers.svelte";

/** Sizes the user can choose, percent. */
const ZOOMS = [50, 67, 80, 90, 100, 110, 125, 150, 175, 200, 250, 300];

type Look = Required<Settings>;

class Session {
  version = $state("");
  settings = $state.raw<Look>({
    theme: "system",
    density: "compact",
    single_keys_off: false,
    account: null,
    looked: null,
    zoom_percent: null,
  });
  demo = $state.raw<DemoState | null>(null);
  /** Jobs an earlier process left unfinished, as this start found them. */
  interrupted = $state.raw<JobSummary[]>([]);
  /** Why the program behind the window cannot work. */
  problem = $state.raw<Diagnosis | null>(null);
  started = $state(false);
  #next = 0;
  #generation = 0;

  /** Opens the session; returns which files the program was started with. */
  async start(): Promise<OpenFile[]> {
    try {
      const { startup, files } = await host().startup();
      this.version = startup.version;
      // Whoever opens the window for the first time missed nothing.
      const looked = startup.settings.looked ?? new Date().toISOString();
      this.settings = { ...this.settings, ...startup.settings, looked };
      this.demo = startup.demo;
      this.interrupted = startup.interrupted;
      await Promise.all([this.#watch(), accounts.load(), this.#zoom()]);
      return files;
    } catch (error) {
      this.problem = diagnosisOf(error);
      return [];
    } finally {
      this.started = true;
    }
  }

  async save(change: Partial<Look>): Promise<void> {
    this.settings = { ...this.settings, ...change };
    await host().saveSettings(this.settings);
  }

  /** Draws everything larger or smaller by so many steps; `0` makes it the usual size again. */
  async zoom(steps: -1 | 0 | 1): Promise<void> {
    const now = this.settings.zoom_percent ?? 100;
    const at = ZOOMS.findIndex((percent) => percent >= now) + steps;
    const zoom_percent = steps === 0 ? 100 : (ZOOMS[Math.max(0, Math.min(at, ZOOMS.length - 1))] ?? 100);
    await this.save({ zoom_percent });
    await this.#zoom();
  }

  async #zoom(): Promise<void> {
    const percent = this.settings.zoom_percent;
    if (percent !== null) await host().setZoom(percent);
  }

  async openDemo(): Promise<void> {
    this.demo = await host().openDemo();
    await accounts.load();
  }

  async setFault(key: string, on: boolean): Promise<void> {
    this.demo = await host().setDemoFault(key, on);
  }

  #watch(): Promise<void> {
    this.#next = 0;
    const generation = ++this.#generation;
    return host().watch((feed) => {
      if (generation === this.#generation) this.#take(feed);
    });
  }

  #take(feed: Feed): void {
    if (feed.change.kind !== "snapshot" && feed.number !== this.#next) {
      // Something was lost on the way: a new feed begins with a new snapshot.
      void this.#watch();
      return;
    }
    this.#next = feed.number + 1;
    jobs.take(feed);
    readers.take(feed);
    // What a reader reported before it was written is out of date; it was just talked to, so it may be asked.
    const job = feed.change.kind === "job" ? feed.change.job : undefined;
    if (job?.state.state === "finished") void readers.askAgain(job.destination);
  }
}

export const session = new Session();
