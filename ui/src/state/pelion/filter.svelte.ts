/** A filter on its way between its conditions and its text: whichever a person changes, the other follows. */
import type { Diagnosis, Filter, FilterError, FilterWarning } from "../../ipc";
import { pelion } from "../../ipc/pelion";
import { diagnosisOf } from "../problem";

/** Typing settles. */
const SETTLE_MS = 300;

export class FilterEdit {
  /** As a person types it. */
  text = $state("");
  conditions = $state.raw<readonly Filter[]>([]);
  warnings = $state.raw<readonly FilterWarning[]>([]);
  /** Where and why the text is no filter. */
  error = $state.raw<FilterError | null>(null);
  /** Why nothing could read it. */
  problem = $state.raw<Diagnosis | null>(null);
  /** The last text that could be read: what counts. */
  read = $state("");
  readonly #onread: () => void;
  #settling: ReturnType<typeof setTimeout> | undefined;
  #latest = 0;

  constructor(onread: () => void = () => undefined) {
    this.#onread = onread;
  }

  /** The numbers, from 1, of conditions that nobody has filled in yet. */
  get incomplete(): number[] {
    return this.conditions.flatMap((each, at) => (isWhole(each) ? [] : [at + 1]));
  }

  /** Whether what is shown is what counts: it can be read, and every condition of it is filled in. */
  get isUsable(): boolean {
    return this.error === null && this.problem === null && this.incomplete.length === 0;
  }

  /** Takes a text; its conditions follow once typing has settled. */
  type(text: string): void {
    this.text = text;
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => void this.take(text), SETTLE_MS);
  }

  /** Takes a text at once. */
  async take(text: string): Promise<void> {
    clearTimeout(this.#settling);
    const mine = ++this.#latest;
    this.text = text;
    try {
      const read = await pelion().readFilter(text);
      if (mine !== this.#latest) return;
      this.problem = null;
      this.error = read.error;
      if (read.error !== null) return;
      this.conditions = read.conditions;
      this.warnings = read.warnings;
      this.#settled(text);
    } catch (error) {
      if (mine === this.#latest) this.problem = diagnosisOf(error);
    }
  }

  /** Takes conditions; the text follows once typing has settled. One without a value is not part of it yet. */
  change(conditions: readonly Filter[]): void {
    this.conditions = conditions;
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => void this.#write(conditions), SETTLE_MS);
  }

  async #write(conditions: readonly Filter[]): Promise<void> {
    const mine = ++this.#latest;
    const whole = conditions.filter(isWhole);
    try {
      const text = await pelion().writeFilter(whole);
      const { warnings, error } = await pelion().readFilter(text);
      if (mine !== this.#latest) return;
      this.text = text;
      this.warnings = warnings;
      this.problem = null;
      this.error = error;
      if (error === null) this.#settled(text);
    } catch (error) {
      if (mine === this.#latest) this.problem = diagnosisOf(error);
    }
  }

  #settled(text: string): void {
    if (text === this.read) return;
    this.read = text;
    this.#onread();
  }
}

/** Whether somebody said what is compared, and with what. */
function isWhole({ field, value }: Filter): boolean {
  return value !== "" && !field.endsWith("__");
}
