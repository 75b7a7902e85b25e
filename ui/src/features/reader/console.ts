/** Words and choices of a console. */
import type { ConsoleLine, LineEnding, ReaderConsole } from "../../state/consoles.svelte";
import type { Mark } from "../../state/mark";

/** Rates that adapters and consoles have; the first is that of the reader's address. */
export const BAUDS = [
  { value: "default", title: "Default rate" },
  ...["9600", "19200", "38400", "57600", "115200", "230400", "460800", "921600", "1000000"].map((rate) => ({
    value: rate,
    title: `${rate} baud`,
  })),
];

export const ENDINGS: { value: LineEnding; title: string }[] = [
  { value: "cr", title: "Ends with CR" },
  { value: "lf", title: "Ends with LF" },
  { value: "crlf", title: "Ends with CR LF" },
  { value: "none", title: "No line ending" },
];

/** Whether its port is open, in word, shape and tone. */
export function consoleMark(console: ReaderConsole): Mark {
  const state = console.state;
  if (console.opening) return { icon: "run", word: "Opening", tone: "faint" };
  if (state === null) return { icon: "gone", word: "Closed", tone: "faint" };
  switch (state.state) {
    case "open":
      return { icon: "ok", word: "Open", tone: "ok" };
    case "paused":
      return { icon: "pause", word: state.why, tone: "warn" };
    case "away":
      return { icon: "warn", word: state.why === "" ? "Opening" : state.why, tone: "warn" };
  }
}

/** Hours, minutes, seconds and milliseconds of a moment, in the time of this computer. */
export function timeOf(at: string): string {
  const moment = new Date(at);
  const two = (number: number) => String(number).padStart(2, "0");
  const milliseconds = String(moment.getMilliseconds()).padStart(3, "0");
  return `${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}.${milliseconds}`;
}

/** The lines as one text, for a clipboard. */
export function consoleText(lines: readonly ConsoleLine[], times: boolean): string {
  return lines.map(({ at, text }) => (times ? `${timeOf(at)} ${text}` : text)).join("\n");
}
