/** The files on the table: what was dropped, picked or pasted last, and what is known about each. */
import { SvelteSet } from "svelte/reactivity";
import { host, type DestinationOffer, type Diagnosis, type FileDigests, type Verdict } from "../ipc";
import { announcer } from "./announce.svelte";
import { diagnosisOf } from "./problem";
import { readers } from "./readers.svelte";
import { router } from "./route.svelte";

let nextId = 1;

/** One dropped file on its way from a path to a verdict. */
export class TableFile {
  readonly id = nextId++;
  /** What was dropped: a path, or an https address that is being fetched. */
  readonly source: string;
  path = $state<string | null>(null);
  fetched = $state.raw<{ bytes: number; total: number | null } | null>(null);
  verdict = $state.raw<Verdict | null>(null);
  problem = $state.raw<Diagnosis | null>(null);
  digests = $state.raw<FileDigests | null>(null);
  digestProblem = $state.raw<Diagnosis | null>(null);
  hashedBytes = $state(0);
  readonly chosen = new SvelteSet<string>();
  /** The reader the file was dropped onto. */
  #aim: string | undefined;
  #judging: Promise<void> | null = null;
  #stale = false;

  constructor(source: string, aim?: string) {
    this.source = source;
    this.#aim = aim;
  }

  readonly name = $derived.by(() => this.verdict?.file_name ?? lastPart(this.path ?? this.source));
  readonly offers = $derived.by(() => this.verdict?.destinations ?? []);

  /** Reads it. Called again, reads it anew. */
  async read(): Promise<void> {
    this.problem = this.verdict = this.digests = this.digestProblem = null;
    this.hashedBytes = 0;
    this.chosen.clear();
    try {
      this.path = isAddress(this.source) ? await this.#fetch() : this.source;
      this.verdict = await host().inspect(this.path);
      this.#choose();
      await this.#askAimed();
      // What a person chose meanwhile stays.
      if (this.chosen.size === 0) this.#choose();
      announcer.say(`${this.name}: ${this.verdict.inspection.summary}`);
    } catch (error) {
      this.problem = diagnosisOf(error);
      announcer.interrupt(`${this.name}: ${this.problem.title}`);
      return;
    }
    void this.#hash(this.path);
  }

  /** Judges the destinations again; the file is not read again. Requests that come meanwhile are answered by one more. */
  judgeAgain(): Promise<void> {
    this.#stale = true;
    this.#judging ??= this.#judgeWhileStale().finally(() => (this.#judging = null));
    return this.#judging;
  }

  async #judgeWhileStale(): Promise<void> {
    while (this.#stale) {
      this.#stale = false;
      await this.#judge();
    }
  }

  async #judge(): Promise<void> {
    const { path } = this;
    if (path === null || this.verdict === null) return;
    try {
      const destinations = await host().offers(path);
      // Read anew meanwhile, the file has a newer verdict or none.
      if (this.path !== path) return;
      this.verdict = { ...this.verdict, destinations };
      for (const chosen of this.chosen) if (!this.#fits(chosen)) this.chosen.delete(chosen);
    } catch {
      // The last verdict stays; reading the file again reports why.
    }
  }

  toggle(destination: string, on: boolean): void {
    if (on && this.#fits(destination)) this.chosen.add(destination);
    else this.chosen.delete(destination);
  }

  #fits(destination: string): boolean {
    return this.offers.some((offer) => offer.destination === destination && canChoose(offer));
  }

  /** The reader a person aimed at is asked what it is; simulated ones may always be. Real ones wait for a click. */
  async #askAimed(): Promise<void> {
    const asked = this.offers.filter((offer) => mustAsk(offer) && (offer.simulated || offer.destination === this.#aim));
    await Promise.allSettled(asked.map((offer) => readers.probe(offer.destination)));
    if (asked.length > 0) await this.judgeAgain();
  }

  /** Nothing is chosen for a person, unless they dropped the file onto a reader, or there is but one place at all. */
  #choose(): void {
    const aim = this.#aim ?? (this.offers.length === 1 ? this.offers[0]?.destination : undefined);
    if (aim !== undefined) this.toggle(aim, true);
  }

  #fetch(): Promise<string> {
    this.fetched = { bytes: 0, total: null };
    return host().fetchUrl(this.source, ({ bytes, total_bytes }) => (this.fetched = { bytes, total: total_bytes }));
  }

  async #hash(path: string): Promise<void> {
    try {
      const digests = await host().digests(path, ({ bytes }) => (this.hashedBytes = bytes));
      if (path === this.path) this.digests = digests;
    } catch (error) {
      this.digestProblem = diagnosisOf(error);
    }
  }
}

class Table {
  files = $state.raw<TableFile[]>([]);

  /** Puts these files on the table instead of what lay there, and shows them. */
  async put(sources: string[], aim?: string): Promise<void> {
    const named = [...new Set(sources.map((source) => source.trim()).filter((source) => source !== ""))];
    if (named.length === 0) return;
    const files = named.map((source) => new TableFile(source, aim));
    this.files = files;
    const only = files.length === 1 ? files[0] : undefined;
    router.go({ place: "verdict", file: only?.id });
    await Promise.all(files.map((file) => file.read()));
  }

  /** Lets a person pick files, and puts them on the table. */
  async pick(aim?: string): Promise<void> {
    try {
      await this.put(await host().pickFiles(), aim);
    } catch (error) {
      announcer.interrupt(diagnosisOf(error).title);
    }
  }

  /** Judges the destinations of every file again. */
  judgeAgain(): void {
    for (const file of this.files) void file.judgeAgain();
  }

  find(id: number | undefined): TableFile | undefined {
    return this.files.find((file) => file.id === id);
  }
}

/** Nobody knows what this reader is before it was asked. */
export function mustAsk(offer: DestinationOffer): boolean {
  const view = readers.all.find((each) => each.destination === offer.destination);
  return offer.fit.verdict === "cannot_tell" && view?.target === null && view.reader.access.access === "ready";
}

/** Only what fits can be chosen. */
export function canChoose(offer: DestinationOffer): boolean {
  return offer.fit.verdict === "fits";
}

export function isAddress(text: string): boolean {
  return /^https?:\/\//i.test(text);
}

/** Paths and addresses in a pasted or dropped text: one a line; `file:` addresses become paths. */
export function pathsIn(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim().replace(/^["'](.*)["']$/, "$1"));
  return lines.filter((line) => line !== "" && !line.startsWith("#")).map(fromFileAddress);
}

function fromFileAddress(line: string): string {
  if (!line.startsWith("file://")) return line;
  try {
    return decodeURIComponent(new URL(line).pathname);
  } catch {
    return line;
  }
}

function lastPart(path: string): string {
  return (
    path
      .split(/[/\\]/)
      .filter((part) => part !== "")
      .at(-1) ?? path
  );
}

export const table = new Table();

// A reader that came or went changes where the files can go.
readers.onChange(() => table.judgeAgain());
