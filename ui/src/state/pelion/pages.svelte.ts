/** A list of the service, page by page: the first one soon, all others behind it, nothing twice. */
import type { PageQueryRequest, Diagnosis } from "../../ipc";
import type { PageOf } from "../../ipc/pelion";
import { diagnosisOf } from "../problem";

/** Entries of the first page: few, so that a person sees something at once. */
export const FIRST_PAGE = 100;
/** The most the service gives in one answer. */
export const FULL_PAGE = 1000;

type ReadPage<T> = (query: PageQueryRequest) => Promise<PageOf<T>>;

/** Gives way to input and drawing between two pages. */
const breathe = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

export class Pages<T extends { id: string }> {
  rows = $state.raw<readonly T[]>([]);
  /** How many there are, as the service counts them. */
  counted = $state<number | null>(null);
  /** Pages are still coming. */
  loading = $state(false);
  /** At least one page came. */
  known = $state(false);
  /** All of it, as it was read last; `null` until it was read whole. */
  whole = $state.raw<readonly T[] | null>(null);
  problem = $state.raw<Diagnosis | null>(null);
  readonly #readPage: ReadPage<T>;
  #generation = 0;

  /** How many there are at least. */
  get total(): number {
    return Math.max(this.counted ?? 0, this.rows.length);
  }

  constructor(readPage: ReadPage<T>) {
    this.#readPage = readPage;
  }

  /** Reads it, unless it was read or is being read. */
  loadOnce(): void {
    if (!this.known && !this.loading && this.problem === null) void this.load();
  }

  /** Reads everything anew. What is shown stays until the first page has come. */
  load(): Promise<void> {
    return this.#read(false);
  }

  /** Reads the same again: what is shown stays until all of it has come, so that no number falls in between. */
  reload(): Promise<void> {
    return this.#read(this.whole !== null);
  }

  async #read(retain: boolean): Promise<void> {
    const mine = ++this.#generation;
    this.loading = true;
    this.problem = null;
    if (!retain) this.whole = null;
    try {
      await this.#walk(() => mine === this.#generation, retain);
    } catch (error) {
      if (mine === this.#generation) this.problem = diagnosisOf(error);
    }
    if (mine === this.#generation) this.loading = false;
  }

  /** Reads it anew when it was read: something in it has changed. */
  refresh(): void {
    if (this.known || this.problem !== null) void this.load();
  }

  /** Ends the walk: nobody looks at it any more. */
  stop(): void {
    this.#generation += 1;
    this.loading = false;
  }

  /** Takes an entry out that is gone. */
  drop(id: string): void {
    if (!this.rows.some((row) => row.id === id)) return;
    this.rows = this.rows.filter((row) => row.id !== id);
    if (this.counted !== null) this.counted -= 1;
  }

  /** Puts an entry in its place, when it is shown. */
  replace(row: T): void {
    if (this.rows.some((each) => each.id === row.id)) this.put(row);
  }

  /** Puts an entry in its place, or first when it is new. */
  put(row: T): void {
    const known = this.rows.some((each) => each.id === row.id);
    this.rows = known ? this.rows.map((each) => (each.id === row.id ? row : each)) : [row, ...this.rows];
    if (!known && this.counted !== null) this.counted += 1;
  }

  async #walk(current: () => boolean, retain: boolean): Promise<void> {
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nobody watches it
    const seen = new Set<string>();
    let rows: T[] = [];
    let after: string | null = null;
    for (let page = 0; ; page += 1) {
      const answer: PageOf<T> = await this.#readPage({
        after,
        limit: page === 0 ? FIRST_PAGE : FULL_PAGE,
        count: page === 0,
      });
      if (!current()) return;
      // A service that serves an entry again would otherwise be walked for ever.
      const fresh = answer.data.filter((row) => !seen.has(row.id));
      for (const row of fresh) seen.add(row.id);
      rows = page === 0 ? fresh : rows.concat(fresh);
      if (!retain) {
        this.rows = rows;
        this.known = true;
        if (page === 0) this.counted = answer.total_count;
      }
      after = fresh.at(-1)?.id ?? null;
      if (!answer.has_more || after === null) break;
      await breathe();
    }
    if (!current()) return;
    this.rows = rows;
    this.whole = rows;
    this.counted = rows.length;
  }
}
