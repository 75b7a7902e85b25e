/**
 * Deletions that wait: nothing is sent before the time is over. They live in the page alone, so that a window that is closed
 * meanwhile sends nothing.
 */
import type { Diagnosis } from "../ipc";
import { announcer } from "./announce.svelte";
import { diagnosisOf } from "./problem";

/** How long it can be undone. */
export const UNDO_SECONDS = 10;
const TICK_MS = 1000;

let nextNumber = 1;

/** One deletion that waits, is being sent, or failed. */
export class PendingDeletion {
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
  list = $state.raw<PendingDeletion[]>([]);
  #clock: ReturnType<typeof setInterval> | undefined;

  /** Deletes it when the time is over, unless it is undone. */
  later(what: string, id: string, send: () => Promise<void>): void {
    this.list = [...this.list, new PendingDeletion(what, id, send)];
    announcer.say(`${what} is deleted in ${UNDO_SECONDS} seconds. Undo with Control Z.`);
    this.#clock ??= setInterval(() => this.#tick(), TICK_MS);
  }

  /** Undoes the last one that still waits. Returns whether there was one. */
  undoLast(): boolean {
    const last = this.list.findLast((pending) => pending.state === "waiting");
    if (last !== undefined) this.undo(last);
    return last !== undefined;
  }

  undo(pending: PendingDeletion): void {
    if (pending.state === "sending") return;
    this.#forget(pending);
    if (pending.state === "waiting") announcer.say(`${pending.what} is not deleted.`);
  }

  /** Sends a deletion that failed once more. */
  again(pending: PendingDeletion): void {
    pending.problem = null;
    void this.#send(pending);
  }

  isPending(id: string): boolean {
    return this.list.some((pending) => pending.id === id && pending.state !== "failed");
  }

  #tick(): void {
    for (const pending of this.list) {
      if (pending.state !== "waiting" || pending.held) continue;
      pending.left -= 1;
      if (pending.left <= 0) void this.#send(pending);
    }
  }

  async #send(pending: PendingDeletion): Promise<void> {
    pending.state = "sending";
    try {
      await pending.send();
      this.#forget(pending);
      announcer.say(`${pending.what} was deleted.`);
    } catch (error) {
      pending.problem = diagnosisOf(error);
      pending.state = "failed";
      announcer.interrupt(pending.problem.title);
    }
  }

  #forget(pending: PendingDeletion): void {
    this.list = this.list.filter((each) => each !== pending);
    if (this.list.length > 0) return;
    clearInterval(this.#clock);
    this.#clock = undefined;
  }
}

export const undo = new Undo();
