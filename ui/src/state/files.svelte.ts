/** The files on the table: what was dropped, picked or pasted last, and what is known about each. */
import { SvelteSet } from "svelte/reactivity";
import {
  host,
  type DestinationOffer,
  type Diagnosis,
  type FileComparison,
  type FileDigests,
  type OpenFile,
  type Verdict,
} from "../ipc";
import { failures } from "./failures.svelte";
import { announcer } from "./announce.svelte";
import { diagnosisOf } from "./problem";
import { readers } from "./readers.svelte";
import { router } from "./route.svelte";

let nextId = 1;

/** Another file beside this one: what is different once both were read, or why that is not known. */
export interface Compared {
  with: OpenFile;
  name: string;
  result: FileComparison | null;
  problem: Diagnosis | null;
}

/** One file on its way from a token to a verdict. */
export class TableFile {
  readonly id = nextId++;
  readonly file: OpenFile;
  /** It can be read: an address was fetched. */
  here = $state(false);
  fetched = $state.raw<{ bytes: number; total: number | null } | null>(null);
  verdict = $state.raw<Verdict | null>(null);
  problem = $state.raw<Diagnosis | null>(null);
  digests = $state.raw<FileDigests | null>(null);
  digestProblem = $state.raw<Diagnosis | null>(null);
  hashedBytes = $state(0);
  compared = $state.raw<Compared | null>(null);
  readonly chosen = new SvelteSet<string>();
  /** The reader the file was dropped onto. */
  #aim: string | undefined;
  #judging: Promise<void> | null = null;
  #stale = false;
  /** Counts readings: what belongs to an earlier one is dropped. */
  #reading = 0;

  constructor(file: OpenFile, aim?: string) {
    this.file = file;
    this.#aim = aim;
  }

  readonly name = $derived.by(() => this.verdict?.file_name ?? lastPart(this.file.source));
  readonly offers = $derived.by(() => this.verdict?.destinations ?? []);

  /** Reads it. Called again, reads it anew. */
  async read(): Promise<void> {
    const reading = ++this.#reading;
    this.problem = this.verdict = this.digests = this.digestProblem = this.compared = null;
    this.hashedBytes = 0;
    this.chosen.clear();
    const isLast = () => reading === this.#reading;
    try {
      if (this.file.remote && !this.here) await this.#fetch();
      if (!isLast()) return;
      this.here = true;
      const seen = readers.version;
      const verdict = await host().inspect(this.file.token);
      if (!isLast()) return;
      this.verdict = verdict;
      // A reader was identified while the file was read: the verdict does not know of it.
      if (readers.version !== seen) await this.judgeAgain();
      this.#choose();
      await this.#askAimed();
      if (!isLast()) return;
      // What a person chose meanwhile stays.
      if (this.chosen.size === 0) this.#choose();
      announcer.say(`${this.name}: ${verdict.inspection.summary}`);
    } catch (error) {
      if (!isLast()) return;
      this.problem = diagnosisOf(error);
      announcer.interrupt(`${this.name}: ${this.problem.title}`);
      return;
    }
    void this.#hash(reading);
  }

  /** Lets a person pick another file, and compares it with this one. */
  async compareWithAnother(): Promise<void> {
    await failures.run(async () => {
      const [other] = await host().pickFiles();
      if (other !== undefined) await this.compareWith(other);
    });
  }

  /** What is different in this file; `other` is the one before it. */
  async compareWith(other: OpenFile): Promise<void> {
    const begun = { with: other, name: lastPart(other.source), result: null, problem: null };
    this.compared = begun;
    let found: Compared;
    try {
      const result = await host().compare(other.token, this.file.token);
      found = { ...begun, result };
      announcer.say(`Compared with ${begun.name}`);
    } catch (error) {
      found = { ...begun, problem: diagnosisOf(error) };
      announcer.interrupt(`Not compared with ${begun.name}`);
    }
    // Read anew, closed or compared with another one meanwhile.
    if (this.compared === begun) this.compared = found;
  }

  closeComparison(): void {
    this.compared = null;
  }

  /** Lets the user allow the host of the address, and reads it. */
  async allowHost(): Promise<void> {
    await failures.run(async () => {
      await host().allowHost(this.file.token);
      await this.read();
    });
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
    const reading = this.#reading;
    if (this.verdict === null) return;
    try {
      const destinations = await host().offers(this.file.token);
      // Read anew meanwhile, the file has a newer verdict or none.
      if (reading !== this.#reading) return;
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
    return this.offers.some((offer) => offer.destination === destination && canChoose(offer, this.verdict));
  }

  /** The reader a person aimed at is asked what it is; simulated ones may always be. Real ones wait for a click. */
  async #askAimed(): Promise<void> {
    const asked = this.offers.filter((offer) => mustAsk(offer) && (offer.simulated || offer.destination === this.#aim));
    await Promise.allSettled(asked.map((offer) => readers.probe(offer.destination)));
    if (asked.length > 0) await this.judgeAgain();
  }

  /** Nothing is chosen for a person, unless they dropped the file onto a reader, or there is but one place at all. */
  #choose(): void {
    const only = this.offers.length === 1 ? this.offers.find((offer) => offer.fit.verdict === "fits") : undefined;
    const aim = this.#aim ?? only?.destination;
    if (aim !== undefined) this.toggle(aim, true);
  }

  #fetch(): Promise<void> {
    this.fetched = { bytes: 0, total: null };
    return host().fetchFile(
      this.file.token,
      ({ bytes, total_bytes }) => (this.fetched = { bytes, total: total_bytes }),
    );
  }

  /** Computes the hashes once more, after that failed. */
  async hashAgain(): Promise<void> {
    this.digestProblem = null;
    this.hashedBytes = 0;
    await this.#hash(this.#reading);
  }

  async #hash(reading: number): Promise<void> {
    try {
      const digests = await host().digests(this.file.token, ({ bytes }) => (this.hashedBytes = bytes));
      if (reading === this.#reading) this.digests = digests;
    } catch (error) {
      if (reading === this.#reading) this.digestProblem = diagnosisOf(error);
    }
  }
}

class Table {
  files = $state.raw<TableFile[]>([]);

  /** Puts these files on the table instead of what lay there, and shows them. */
  async put(opened: OpenFile[], aim?: string): Promise<void> {
    const named = opened.filter((file, at) => opened.findIndex((each) => each.token === file.token) === at);
    if (named.length === 0) return;
    const files = named.map((file) => new TableFile(file, aim));
    this.files = files;
    const only = files.length === 1 ? files[0] : undefined;
    router.go({ place: "verdict", file: only?.id });
    await Promise.all(files.map((file) => file.read()));
  }

  /** Opens what a deed hands out, and puts it on the table. */
  async open(deed: () => Promise<OpenFile[]>, aim?: string): Promise<void> {
    await failures.run(async () => this.put(await deed(), aim));
  }

  /** Opens pasted or typed paths and addresses. */
  putTexts(texts: string[]): Promise<void> {
    const named = [...new Set(texts.map((text) => text.trim()).filter((text) => text !== ""))];
    return named.length === 0 ? Promise.resolve() : this.open(() => host().openTexts(named));
  }

  /** Opens the files of a job again. */
  putJob(id: string): Promise<void> {
    return this.open(() => host().openJobFiles(id));
  }

  /** Lets a person pick files, and puts them on the table. */
  pick(aim?: string): Promise<void> {
    return this.open(() => host().pickFiles(), aim);
  }

  /** Judges the destinations of every file again. */
  judgeAgain(): void {
    for (const file of this.files) void file.judgeAgain();
  }

  find(id: number | undefined): TableFile | undefined {
    return this.files.find((file) => file.id === id);
  }
}

/** What this reader is shows once it is identified. */
export function mustAsk(offer: DestinationOffer): boolean {
  const view = readers.all.find((each) => each.destination === offer.destination);
  const access = view?.reader.access.access;
  return (
    offer.fit.verdict === "cannot_tell" && (access === "not_identified" || access === "no_answer" || access === "gone")
  );
}

/** What fits can be chosen; and a service that stores bytes stores those of a damaged file, once that is confirmed by itself. */
export function canChoose(offer: DestinationOffer, verdict: Verdict | null): boolean {
  const stores = verdict?.integrity === "damaged" && offer.group === "clouds" && offer.fit.verdict === "cannot_tell";
  return offer.fit.verdict === "fits" || stores;
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
