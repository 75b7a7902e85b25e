/** Consoles of readers on serial ports: their text, with a bounded number of lines, and whether their port is open. */
import { SvelteMap } from "svelte/reactivity";
import { host, type ConsoleEvent, type ConsoleState, type Diagnosis } from "../ipc";
import { diagnosisOf } from "./problem";

/** Lines of one console; the oldest go. */
export const MOST_LINES = 5000;
/** A line that is longer continues in the next one, characters. */
export const LONGEST_LINE = 4096;

/** What is sent at the end of a line that is typed. */
export const LINE_ENDINGS = { cr: "\r", lf: "\n", crlf: "\r\n", none: "" } as const;
export type LineEnding = keyof typeof LINE_ENDINGS;

export interface ConsoleLine {
  readonly id: number;
  /** When its first character came. */
  readonly at: string;
  readonly text: string;
}

/** One console. */
export class ReaderConsole {
  readonly destination: string;
  /** Whole lines, and at last the one that has not ended. */
  lines = $state.raw<readonly ConsoleLine[]>([]);
  state = $state.raw<ConsoleState | null>(null);
  /** It is being opened. */
  opening = $state(false);
  problem = $state.raw<Diagnosis | null>(null);
  #next = 1;
  #open = true;
  /** The last line has ended. */
  #ended = true;

  constructor(destination: string) {
    this.destination = destination;
  }

  async open(baud: number | null): Promise<void> {
    this.opening = true;
    this.problem = null;
    try {
      await host().openConsole(this.destination, baud, (event) => this.take(event));
    } catch (error) {
      this.problem = diagnosisOf(error);
      this.state = null;
    }
    this.opening = false;
  }

  /** What happened at the port. */
  take(event: ConsoleEvent): void {
    if (!this.#open) return;
    if (event.event === "state") this.state = event.state;
    else this.#add(event.at, event.text);
  }

  #add(at: string, text: string): void {
    const lines = [...this.lines];
    for (const part of text.split(/(?<=\n)/)) {
      const last = lines.at(-1);
      if (this.#ended || last === undefined) lines.push({ id: this.#next++, at, text: part.replace("\n", "") });
      else lines[lines.length - 1] = { ...last, text: last.text + part.replace("\n", "") };
      this.#ended = part.endsWith("\n") || (lines.at(-1)?.text.length ?? 0) >= LONGEST_LINE;
    }
    this.lines = lines.slice(-MOST_LINES);
  }

  /** Sends a line. Rejects with a diagnosis. */
  send(line: string, ending: LineEnding): Promise<void> {
    return host().writeConsole(this.destination, line + LINE_ENDINGS[ending]);
  }

  clear(): void {
    this.lines = [];
    this.#ended = true;
  }

  async close(): Promise<void> {
    this.#open = false;
    await host().closeConsole(this.destination);
  }
}

class Consoles {
  readonly #open = new SvelteMap<string, ReaderConsole>();

  of(destination: string): ReaderConsole | undefined {
    return this.#open.get(destination);
  }

  /** Opens the console of a reader; its text stays while other readers are looked at. */
  async open(destination: string, baud: number | null): Promise<void> {
    const console = this.#open.get(destination) ?? new ReaderConsole(destination);
    this.#open.set(destination, console);
    await console.open(baud);
  }

  async close(destination: string): Promise<void> {
    const console = this.#open.get(destination);
    this.#open.delete(destination);
    await console?.close();
  }
}

export const consoles = new Consoles();
