/** Every reader that is seen or was added, in step with the feed. */
import { host, type Feed, type ReaderView } from "../ipc";
import type { Mark } from "./mark";

class Readers {
  all = $state.raw<readonly ReaderView[]>([]);
  /** Those that answered: what is not identified is not ready. */
  readonly ready = $derived(this.all.filter((view) => view.reader.access.access === "ready"));

  /** The reader whose recovery is looked at. */
  recovering = $state<string>();

  /** Counts the changes that decide whether a file fits. */
  version = 0;
  #listeners: (() => void)[] = [];
  /** Simulated readers that were identified by themselves, once each. */
  readonly #introduced = new Set<string>();

  /** Calls it whenever a reader came, went, or changed what decides whether a file fits. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  take(feed: Feed): void {
    const { change } = feed;
    if (change.kind !== "snapshot" && change.kind !== "readers") return;
    this.#changing(() => (this.all = change.readers));
    this.#introduce();
  }

  #changing(change: () => void): void {
    const before = decisive(this.all);
    change();
    if (before === decisive(this.all)) return;
    this.version += 1;
    for (const listener of this.#listeners) listener();
  }

  /** Nothing real is touched when a simulated reader is identified, so nobody has to ask for it. */
  #introduce(): void {
    for (const { destination, reader } of this.all) {
      if (!reader.simulated || reader.access.access !== "not_identified" || this.#introduced.has(destination)) continue;
      this.#introduced.add(destination);
      void this.probe(destination).catch(() => undefined);
    }
  }

  /** Identifies a reader again that a job has just written. */
  async askAgain(destination: string): Promise<void> {
    if (this.all.some((view) => view.destination === destination)) await this.probe(destination).catch(() => undefined);
  }

  /** Identifies a reader. Rejects with a diagnosis; its state in the list follows. */
  async probe(destination: string): Promise<ReaderView> {
    try {
      const view = await host().probe(destination);
      this.#put(view);
      return view;
    } catch (error) {
      await this.#read();
      throw error;
    }
  }

  /** Adds a reader by its address. Nothing is sent to it. */
  async add(address: string): Promise<ReaderView> {
    const view = await host().addReader(address);
    this.#put(view);
    return view;
  }

  async rename(destination: string, name: string): Promise<void> {
    this.#put(await host().renameReader(destination, name));
  }

  /** Restarts a reader without writing to it. Answers what came of it, in sentences. */
  async restart(destination: string): Promise<string> {
    try {
      const { reader, statement } = await host().restartReader(destination);
      this.#put(reader);
      return statement;
    } catch (error) {
      await this.#read();
      throw error;
    }
  }

  /** Forgets a reader that was added by its address. */
  async remove(destination: string): Promise<void> {
    await host().removeReader(destination);
    await this.#read();
  }

  #put(view: ReaderView): void {
    const known = this.all.some((each) => each.destination === view.destination);
    this.#changing(() => {
      this.all = known
        ? this.all.map((each) => (each.destination === view.destination ? view : each))
        : [...this.all, view];
    });
  }

  async #read(): Promise<void> {
    const all = await host().readers();
    this.#changing(() => (this.all = all));
  }
}

/** What of the readers decides where a file can go. */
function decisive(views: readonly ReaderView[]): string {
  return views
    .map(
      ({ destination, reader, target }) =>
        `${destination} ${reader.name} ${reader.access.access} ${target?.version ?? ""}`,
    )
    .join();
}

/** Its bootloader answered when it was last identified, not its application. */
export function isInRecovery({ target }: ReaderView): boolean {
  return target?.mode === "bootloader" || target?.mode === "recovery";
}

/** Whether it can be used, in word, shape and tone. */
export function accessMark(view: ReaderView): Mark {
  switch (view.reader.access.access) {
    case "ready":
      return isInRecovery(view)
        ? { icon: "warn", word: "Recovery", tone: "warn" }
        : { icon: "ok", word: "Ready", tone: "ok" };
    case "not_identified":
      return { icon: "ask", word: "Not identified", tone: "faint" };
    case "no_answer":
      return { icon: "warn", word: "No answer", tone: "warn" };
    case "denied":
      return { icon: "no", word: "No permission", tone: "danger" };
    case "in_use":
      return { icon: "lock", word: "In use", tone: "warn" };
    case "gone":
      return { icon: "gone", word: "Gone", tone: "faint" };
  }
}

/** It is there, and something prevents its use. */
export function needsAttention(view: ReaderView): boolean {
  return accessMark(view).tone === "warn" || accessMark(view).tone === "danger";
}

export const readers = new Readers();
