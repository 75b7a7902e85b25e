/** A campaign that is watched: the service is asked again when it was said to be worth it. */
import type { CampaignDeviceRow, Diagnosis } from "../../ipc";
import { pelion, type CampaignLook } from "../../ipc/pelion";
import { announcer } from "../announce.svelte";
import { diagnosisOf } from "../problem";
import { clouds } from "./lists.svelte";
import { snapshotOf } from "./campaignSnapshot";
import { Pages } from "./pages.svelte";

/** Wait after a look that failed, seconds; it doubles until the longest. */
const FAILED_SECONDS = 3;
const LONGEST_SECONDS = 60;

export class Live {
  readonly account: string;
  readonly id: string;
  look = $state.raw<CampaignLook | null>(null);
  problem = $state.raw<Diagnosis | null>(null);
  /** When the service last answered. */
  seen = $state<string | null>(null);
  readonly devices: Pages<CampaignDeviceRow>;
  /** What the screen counts, all of it of one answer. */
  readonly snapshot = $derived.by(() => snapshotOf(this.look, this.devices.whole));
  /** The devices have moved while they were being read. */
  #stale = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failed = FAILED_SECONDS;
  #ended = false;
  #before = "";
  #moved = performance.now();

  constructor(account: string, id: string) {
    this.account = account;
    this.id = id;
    this.devices = new Pages((ask) => pelion().campaignDevices(account, id, ask));
  }

  /** Begins to watch; the answer ends it. */
  watch(): () => void {
    this.#ended = false;
    void this.now();
    return () => {
      this.#ended = true;
      clearTimeout(this.#timer);
      this.devices.stop();
    };
  }

  /** Looks at once. */
  async now(): Promise<void> {
    clearTimeout(this.#timer);
    const quiet = Math.round((performance.now() - this.#moved) / 1000);
    try {
      const look = await pelion().lookAtCampaign(this.account, this.id, quiet);
      this.problem = null;
      this.#failed = FAILED_SECONDS;
      // eslint-disable-next-line svelte/prefer-svelte-reactivity -- a moment, written down as text
      this.seen = new Date().toISOString();
      this.#take(look);
      this.#again(look.look_again_seconds);
    } catch (error) {
      // One look that fails is no end: the service is asked again, later.
      this.problem = diagnosisOf(error);
      this.#again(this.#failed);
      this.#failed = Math.min(LONGEST_SECONDS, this.#failed * 2);
    }
  }

  /** Reads the devices again, once at a time: a long list that moves would otherwise never be read to its end. */
  async #reread(): Promise<void> {
    this.#stale = this.devices.loading;
    if (this.#stale) return;
    do {
      this.#stale = false;
      await this.devices.reload();
    } while (this.#isStale && !this.#ended && this.devices.problem === null);
  }

  get #isStale(): boolean {
    return this.#stale;
  }

  #again(seconds: number | null): void {
    clearTimeout(this.#timer);
    if (!this.#ended && seconds !== null) this.#timer = setTimeout(() => void this.now(), seconds * 1000);
  }

  #take(look: CampaignLook): void {
    const { campaign, standing } = look.view;
    if (this.look !== null && this.look.view.standing.phase !== standing.phase)
      announcer.say(`${campaign.name}: ${standing.title}`);
    const now = JSON.stringify([standing.phase, standing.state, look.counts]);
    if (now !== this.#before) {
      this.#moved = performance.now();
      void this.#reread();
    }
    this.#before = now;
    this.look = look;
    clouds.of(this.account).campaigns.replace(look.view);
  }
}
