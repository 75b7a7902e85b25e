/** A state as a person sees it: shape, word, tone. Colour is the third sign, never the only one. */

export type Shape =
  "ok" | "no" | "warn" | "ask" | "gone" | "sent" | "run" | "wait" | "pause" | "stop" | "tick" | "lock";

export interface Mark {
  icon: Shape;
  word: string;
  tone: "ok" | "warn" | "danger" | "acc" | "muted" | "faint" | "sim";
}
