/** Every reader that can be seen, kept in step with the feed. */
import { host, type Feed, type ReaderView } from "../ipc";
import type { Mark } from "./mark";

class Readers {
  list = $state.raw<ReaderView[]>([]);
  /** Readers a person added by their address; discovery does not know them. */
  #added = $state.raw<ReaderView[]>([]);

  readonly all = $derived([
    ...this.list,
    ...this.#added.filter((added) => !this.list.some((seen) => seen.destination === added.destination)),
  ]);
  readonly ready = $derived(this.all.filter((view) => view.reader.access.access === "ready"));

  take(feed: Feed): void {
    if (feed.change.kind === "snapshot" || feed.change.kind === "readers") this.list = feed.change.readers;
  }

  /** Asks a reader that was asked before. One that does not answer now keeps what it told. */
  async askAgain(destination: string): Promise<void> {
    const known = this.all.find((view) => view.destination === destination);
    if (known?.target) await this.probe(destination).catch(() => undefined);
  }

  /** Asks a reader what it is. One that discovery does not see is added to the list. Rejects with a diagnosis. */
  async probe(destination: string): Promise<ReaderView> {
    const view = await host().probe(destination);
    const seen = this.list.some((known) => known.destination === view.destination);
    if (seen) this.list = this.list.map((known) => (known.destination === view.destination ? view : known));
    else this.#added = [...this.#added.filter((known) => known.destination !== view.destination), view];
    return view;
  }
}

/** Whether it can be used, in word, shape and tone. */
export function accessMark(view: ReaderView): Mark {
  switch (view.reader.access.access) {
    case "ready":
      return view.target?.mode === "bootloader" || view.target?.mode === "recovery"
        ? { icon: "warn", word: "Recovery", tone: "warn" }
        : { icon: "ok", word: "Ready", tone: "ok" };
    case "not_identified":
      return { icon: "ask", word: "Not identified", tone: "faint" };
    case "no_answer":
      return { icon: "warn", word: "No answer", tone: "warn" };
    case "denied":
      return { icon: "no", word: "No access", tone: "danger" };
    case "in_use":
      return { icon: "lock", word: "In use", tone: "warn" };
    case "gone":
      return { icon: "gone", word: "Gone", tone: "faint" };
  }
}

/** It is there, and something keeps it from being used. */
export function needsAttention(view: ReaderView): boolean {
  return accessMark(view).tone === "warn" || accessMark(view).tone === "danger";
}

export const readers = new Readers();
