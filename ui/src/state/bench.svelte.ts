/** The bench: how it is set up, how it stands, and what a user does there. */
import { host, type BenchLaneRequest, type BenchSetup, type BenchView, type LaneView, type OpenFile } from "../ipc";
import { announcer } from "./announce.svelte";
import { failures } from "./failures.svelte";
import { play } from "./benchSounds";

/** Most lanes of a bench; the shell refuses more. */
export const MOST_LANES = 32;
/** Lanes whose results came together are announced together, milliseconds. */
const ANNOUNCE_AFTER_MS = 2000;
const ENDED = new Set(["pass", "fail", "unverified", "stopped"]);
/** What can be tried again. */
const RETRIED = new Set(["fail", "stopped", "unverified", "hold"]);

const EMPTY: BenchSetup = {
  name: "",
  lanes: [],
  recipe: {
    file: "",
    options: { name: null, description: null, address: null },
    product: null,
    confirmed: [],
    accepts_unverified: false,
  },
  lot: "",
  lot_size: null,
  record: null,
  label: null,
  stop_after: null,
  holds_fails: true,
  once: false,
};

class Bench {
  /** What is edited while the bench is closed. */
  setup = $state<BenchSetup>(structuredClone(EMPTY));
  file = $state.raw<OpenFile | null>(null);
  view = $state.raw<BenchView | null>(null);
  /** Position of the lane whose details are shown. */
  selected = $state<number | null>(null);
  /** The PIN that ends operator mode; `null` while it is off. */
  pin = $state<string | null>(null);
  /** The PIN is being asked for. */
  leaving = $state(false);
  sound = $state(true);
  /** Lanes as they were before their number was lowered, by their position. */
  #removed: BenchSetup["lanes"] = [];
  #loaded = false;
  #news: string[] = [];

  readonly lane: LaneView | null = $derived(this.selected === null ? null : (this.view?.lanes[this.selected] ?? null));

  /** Reads what was stored, once. */
  async load(): Promise<void> {
    if (this.#loaded) return;
    this.#loaded = true;
    const { setup, open } = await host().bench();
    this.setup = { ...EMPTY, ...setup, holds_fails: true, once: false };
    if (this.setup.name === "") this.setup.name = "Bench";
    if (open !== null) {
      this.view = open;
      await this.#watch();
    }
  }

  async pickImage(): Promise<void> {
    const files = await host().pickFiles();
    this.file = files[0] ?? this.file;
  }

  async pickRecord(): Promise<void> {
    this.setup.record = (await host().pickRecord(this.setup.lot || "lot")) ?? this.setup.record;
  }

  /** So many lanes; those that have a place stay, and get it back when there were fewer meanwhile. */
  resize(count: number): void {
    const before = $state.snapshot(this.setup.lanes);
    const known = [...before, ...this.#removed.slice(before.length)];
    const lanes = known.slice(0, count);
    while (lanes.length < count) {
      lanes.push({ name: String(lanes.length + 1), place: null, place_name: "", destination: null });
    }
    this.#removed = known;
    this.setup.lanes = lanes;
  }

  /** A lane for each of these readers, in the order of the list. */
  async useReaders(destinations: readonly string[]): Promise<void> {
    const lanes: BenchLaneRequest[] = [];
    for (const destination of destinations.slice(0, MOST_LANES)) {
      lanes.push(await host().benchLane(String(lanes.length + 1), destination));
    }
    this.setup.lanes = lanes as BenchSetup["lanes"];
    this.#removed = [];
  }

  async open(): Promise<void> {
    if (this.file === null) return;
    this.view = await host().openBench(this.file.token, $state.snapshot(this.setup));
    this.selected = null;
    await this.#watch();
  }

  async close(): Promise<void> {
    await host().closeBench();
    this.view = null;
    this.selected = null;
  }

  arm(): Promise<void> {
    return host().armBench();
  }

  disarm(): Promise<void> {
    return host().disarmBench();
  }

  toggle(): void {
    void failures.run(() => (this.view?.armed === true ? this.disarm() : this.arm()));
  }

  /** Tries a lane again that needs it. A key does no more than the button, which is off while the bench is not armed. */
  retry(lane: number): void {
    if (!RETRIED.has(this.view?.lanes[lane]?.state ?? "")) return;
    if (this.#isArmed()) void failures.run(() => host().retryLane(lane));
  }

  retryFailed(): void {
    if (this.view?.lanes.some(({ state }) => state === "fail") !== true) return;
    if (this.#isArmed()) void failures.run(() => host().retryFailedLanes());
  }

  acknowledge(lane: number): void {
    const of = this.view?.lanes[lane];
    if (of?.state === "fail" && !of.acknowledged) void failures.run(() => host().acknowledgeLane(lane));
  }

  #isArmed(): boolean {
    if (this.view?.armed === true) return true;
    announcer.say("Arm the bench first");
    return false;
  }

  teach(on: boolean): void {
    void failures.run(() => host().teachBench(on));
  }

  forget(lane: number): void {
    void failures.run(() => host().forgetLane(lane));
  }

  async enterOperator(pin: string): Promise<void> {
    this.pin = pin;
    this.leaving = false;
    await host().operatorMode(true);
  }

  /** Ends operator mode when the PIN is right. */
  async leaveOperator(pin: string): Promise<boolean> {
    if (pin !== this.pin) return false;
    this.pin = null;
    this.leaving = false;
    await host().operatorMode(false);
    return true;
  }

  #watch(): Promise<void> {
    return host().watchBench((view) => this.#take(view));
  }

  #take(view: BenchView): void {
    const before = this.view;
    this.view = view;
    this.setup = { ...this.setup, lanes: view.setup.lanes };
    view.lanes.forEach((lane, at) => {
      const was = before?.lanes[at];
      if (was?.state === lane.state || !ENDED.has(lane.state)) {
        if (was?.state !== lane.state && lane.state === "hold") this.#tell("attention", `${lane.name} hold.`);
        return;
      }
      const passed = lane.state === "pass";
      this.#tell(passed ? "pass" : "fail", `${lane.name} ${passed ? "pass" : `fail: ${lane.why ?? ""}`}.`);
      if (!passed && this.selected === null) this.selected = at;
    });
  }

  #tell(sound: "pass" | "fail" | "attention", words: string): void {
    if (this.sound) play(sound);
    this.#news.push(words);
    if (this.#news.length > 1) return;
    setTimeout(() => {
      announcer.interrupt(this.#news.join(" "));
      this.#news = [];
    }, ANNOUNCE_AFTER_MS);
  }
}

export const bench = new Bench();
