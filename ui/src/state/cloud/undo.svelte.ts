/**
 * Deletions that wait: nothing is sent before the time is over. They live in the page alone, so that a window that is closed
 * meanwhile sends nothing.
 */
import type { Diagnosis } from "../../ipc";
import { announcer } from "../announce.svelte";
import { diagnosisOf } from "../problem";

/** How long a person can change their mind. */
export const UNDO_SECONDS = 10;
const TICK_MS = 1000;

let nextNumber = 1;

/** One deletion on its way. */
export class Leaving {
  readonly number = nextNumber++;
  /** What is deleted: `the image “gateway 6.9”`. */
  readonly what: string;
  readonly id: string;
  left = $state(UNDO_SECONDS);
  /** Time stands still: the pointer or the keyboard is on the bar. */
  held = $state(false);
  state = $state<"waiting" | "sending" | "failed">("waiting");
  problem = $state.raw<Diagnosis | null>(null);
  readonly send: () => Promise<void>;

  constructor(what: string, id: string, send: () => Promise<void>) {
    this.what = what;
    this.id = id;
    this.send = send;
  }
}

class Undo {
  list = $state.raw<Leaving[]>([]);
  #clock: ReturnType<typeof setInterval> | undefined;

  /** Deletes it when the time is over, unless it is taken back. */
  later(what: string, id: string, send: () => Promise<void>): void {
    this.list = [...this.list, new Leaving(what, id, send)];
    announcer.say(`${what} is deleted in ${UNDO_SECONDS} seconds. Undo with Control Z.`);
    this.#clock ??= setInterval(() => this.#tick(), TICK_MS);
  }

  /** Takes back the last one that still waits. Tells whether there was one. */
  takeBackLast(): boolean {
    const last = this.list.findLast((leaving) => leaving.state === "waiting");
    if (last !== undefined) this.takeBack(last);
    return last !== undefined;
  }

  takeBack(leaving: Leaving): void {
    if (leaving.state === "sending") return;
    this.#forget(leaving);
    if (leaving.state === "waiting") announcer.say(`${leaving.what} stays.`);
  }

  isLeaving(id: string): boolean {
    return this.list.some((leaving) => leaving.id === id && leaving.state !== "failed");
  }

  #tick(): void {
    for (const leaving of this.list) {
      if (leaving.state !== "waiting" || leaving.held) continue;
      leaving.left -= 1;
      if (leaving.left <= 0) void this.#send(leaving);
    }
  }

  async #send(leaving: Leaving): Promise<void> {
    leaving.state = "sending";
    try {
      await leaving.send();
      this.#forget(leaving);
      announcer.say(`${leaving.what} was deleted.`);
    } catch (error) {
      leaving.problem = diagnosisOf(error);
      leaving.state = "failed";
      announcer.interrupt(leaving.problem.title);
    }
  }

  #forget(leaving: Leaving): void {
    this.list = this.list.filter((each) => each !== leaving);
    if (this.list.length > 0) return;
    clearInterval(this.#clock);
    this.#clock = undefined;
  }
}

export const undo = new Undo();
