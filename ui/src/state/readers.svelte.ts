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

  #listeners: (() => void)[] = [];

  /** Calls it whenever a reader came, went, or changed what decides whether a file fits. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  take(feed: Feed): void {
    const { change } = feed;
    if (change.kind === "snapshot" || change.kind === "readers") this.#changing(() => (this.list = change.readers));
  }

  #changing(change: () => void): void {
    const before = decisive(this.all);
    change();
    if (before !== decisive(this.all)) for (const listener of this.#listeners) listener();
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
    this.#changing(() => {
      if (seen) this.list = this.list.map((known) => (known.destination === view.destination ? view : known));
      else this.#added = [...this.#added.filter((known) => known.destination !== view.destination), view];
    });
    return view;
  }
}

/** What of the readers decides where a file can go. */
function decisive(views: readonly ReaderView[]): string {
  return views
    .map(({ destination, reader, target }) => `${destination} ${reader.access.access} ${target?.version ?? ""}`)
    .join();
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
