/** Numbers, sizes and times as a person reads them. */

const UNITS = ["KiB", "MiB", "GiB", "TiB"] as const;
const LOCALE = navigator.language;

/** `380.0 KiB`, `1.93 GiB`, `512 B`: binary units, three or four digits. */
export function size(bytes: number): string {
  if (bytes < 1024) return `${count(bytes)} B`;
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1023.95 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${digits(value, unit)} ${UNITS[unit] ?? ""}`;
}

/** `1.19 of 1.93 GiB`: both in the larger one's unit. */
export function sizeOf(part: number, whole: number): string {
  let unit = -1;
  let divisor = 1;
  while (whole / divisor >= 1023.95 && unit < UNITS.length - 1) {
    divisor *= 1024;
    unit += 1;
  }
  const name = unit < 0 ? "B" : (UNITS[unit] ?? "");
  return `${digits(part / divisor, unit)} of ${digits(whole / divisor, unit)} ${name}`;
}

function digits(value: number, unit: number): string {
  const fraction = unit < 0 ? 0 : unit >= 2 ? 2 : 1;
  return value.toLocaleString(LOCALE, { minimumFractionDigits: fraction, maximumFractionDigits: fraction });
}

/** A whole number with its thousands set apart. */
export function count(value: number): string {
  return Math.floor(value).toLocaleString(LOCALE);
}

/** `1 chunk`, `3 chunks`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** `9.1 MiB/s`. */
export function rate(bytesPerSecond: number): string {
  return `${size(bytesPerSecond)}/s`;
}

/** `0.8 s`, `22 s`, `1 min 30 s`, `2 h 5 min`: time spent. */
export function duration(seconds: number): string {
  if (seconds < 10)
    return `${seconds.toLocaleString(LOCALE, { minimumFractionDigits: 1, maximumFractionDigits: 1 })} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return joined(minutes, "min", whole % 60, "s");
  return joined(Math.floor(minutes / 60), "h", minutes % 60, "min");
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** Time spent by a clock that ticks every second: `0.8 s` below a second, then whole seconds. */
export function clockTime(seconds: number): string {
  if (seconds < 1) return duration(Math.max(0, seconds));
  const whole = Math.floor(seconds);
  return whole < 10 ? `${whole} s` : duration(whole);
}

/** Time left in rounded words: a second more or less is not worth a flicker. */
export function timeLeft(seconds: number): string {
  if (seconds < 5) return "5 s";
  if (seconds < 60) return `${Math.ceil(seconds / 5) * 5} s`;
  if (seconds < 600) return duration(Math.ceil(seconds / 10) * 10);
  return duration(Math.ceil(seconds / 60) * 60);
}

/** First and last characters of a hash, an id or an address: `9f2c…e07a`. */
export function short(hash: string, ends = 4): string {
  return hash.length <= ends * 2 + 1 ? hash : `${hash.slice(0, ends)}…${hash.slice(-ends)}`;
}

/** The text with a capital letter at its beginning; a first word that is no plain word, as a file's name, stays. */
export function sentence(text: string): string {
  return /^[a-z]+(\s|$)/.test(text) ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : text;
}

/** A text in its parts: words, and hexadecimal values of 32 digits or more. */
export function prose(text: string): { text: string; hex: boolean }[] {
  return text
    .split(/\b([0-9a-f]{32,})\b/i)
    .map((part, at) => ({ text: part, hex: at % 2 === 1 }))
    .filter((part) => part.text !== "");
}

/** `0x0000c000`. */
export function address(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}

const clockFormat = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const clockSecondsFormat = new Intl.DateTimeFormat(LOCALE, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const dayFormat = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short" });
const dayYearFormat = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short", year: "numeric" });
const fullFormat = new Intl.DateTimeFormat(LOCALE, {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
  timeZoneName: "short",
});

/** What stands where a service reports no moment, or none that can be read. */
const NO_MOMENT = "not reported";

/** A moment as `write` writes it. A service may leave it out, or send what is none. */
function written(moment: string, write: (date: Date) => string): string {
  const date = new Date(moment);
  return Number.isNaN(date.getTime()) ? NO_MOMENT : write(date);
}

/** `14:03`. */
export function clock(moment: string): string {
  return written(moment, (date) => clockFormat.format(date));
}

/** `14:03:11`. */
export function clockSeconds(moment: string): string {
  return written(moment, (date) => clockSecondsFormat.format(date));
}

/** `14:03:11` today, `Nov 22, 14:03` on another day. */
export function clockOrDay(moment: string, now = new Date()): string {
  return written(moment, (date) =>
    daysAgo(date, now) === 0 ? clockSeconds(moment) : `${dayOf(date, now)}, ${clock(moment)}`,
  );
}

/** The whole moment with its zone: `Nov 22, 2026, 17:45:04 UTC`. */
export function fullMoment(moment: string): string {
  return written(moment, (date) => fullFormat.format(date));
}

/** `Nov 22`, with the year when it is another one. */
function dayOf(date: Date, now: Date): string {
  return (date.getFullYear() === now.getFullYear() ? dayFormat : dayYearFormat).format(date);
}

/** Days before `now` a moment lies: 0 is today. */
function daysAgo(moment: Date, now: Date): number {
  const midnight = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  return Math.round((midnight(now) - midnight(moment)) / 86_400_000);
}

/** Heading of a day: Today, Yesterday, or its date. */
export function dayHeading(moment: string, now = new Date()): string {
  return written(moment, (date) => {
    const days = daysAgo(date, now);
    if (days <= 0) return "Today";
    return days === 1 ? "Yesterday" : dayOf(date, now);
  });
}

/** Two clocks differ by less than this, seconds: what lies so little ahead is now. */
const NOW_SECONDS = 45;

/** `just now`, `4 min ago`, `14:00`, `yesterday`, `11 May`; of what is to come `in 4 min`, `today 14:00`, `tomorrow`. */
export function ago(moment: string, now = new Date()): string {
  return written(moment, (date) => {
    const seconds = (now.getTime() - date.getTime()) / 1000;
    const minutes = Math.min(59, Math.max(1, Math.round(Math.abs(seconds) / 60)));
    const days = daysAgo(date, now);
    if (Math.abs(seconds) < NOW_SECONDS) return "just now";
    if (Math.abs(seconds) < 3_600) return seconds > 0 ? `${minutes} min ago` : `in ${minutes} min`;
    if (days === 0) return seconds > 0 ? clock(moment) : `today ${clock(moment)}`;
    if (days === -1) return `tomorrow ${clock(moment)}`;
    return days === 1 ? "yesterday" : dayOf(date, now);
  });
}

/** Whether an address sends everything unencrypted over a network. The program decides; this only warns while one is typed. */
export function isPlainHttp(address: string): boolean {
  const host = /^http:\/\/(?:[^/@]*@)?(\[[^\]]*\]|[^/:?#]*)/i.exec(address.trim())?.[1];
  return host !== undefined && host !== "" && !/^(localhost|127(\.\d+){3}|\[::1\])$/i.test(host);
}
