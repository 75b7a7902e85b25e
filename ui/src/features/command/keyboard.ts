/** The keyboard map at work. What it does is in `commands.ts` and `focus.ts`. */
import { undo } from "../../state/undo.svelte";
import { attempt } from "../../state/attempt";
import { table } from "../../state/files.svelte";
import { router, type Route } from "../../state/route.svelte";
import { session } from "../../state/session.svelte";
import { dialogs } from "../../state/dialogs.svelte";
import { isComposing } from "../../shared/composing";
import { FIXED, pauseOrResume, showLog } from "./commands";
import {
  type Jump,
  focusFilter,
  isTyping,
  jumpInList,
  moveInList,
  moveRegion,
  pressPrimary,
  toggleTick,
} from "./focus";

/** Longest time between `G` and the letter of a place. */
const CHORD_MS = 1500;
let chordEnds = 0;

const PLACES: Record<string, Route> = {
  d: { place: "deliver" },
  r: { place: "readers" },
  b: { place: "bench" },
  c: { place: "cloud" },
  a: { place: "activity" },
  o: { place: "doctor" },
};

const JUMPS: Record<string, Jump> = { Home: "first", End: "last", PageUp: "page up", PageDown: "page down" };

/** Keys that may be held: they move or zoom. Everything else is done once. */
const HELD = new Set(["ArrowDown", "ArrowUp", "PageDown", "PageUp", "j", "k", "+", "=", "-"]);

export function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || isComposing(event)) return;
  if (event.repeat && !HELD.has(event.key.toLowerCase()) && !HELD.has(event.key)) return;
  const did = document.querySelector("dialog[open]") === null ? pressed(event) : false;
  if (did) event.preventDefault();
}

function pressed(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey) return withControl(event);
  if (event.altKey) return false;
  if (event.key === "F6") return done(() => moveRegion(event.shiftKey ? -1 : 1));
  if (event.key === "F1") return done(() => router.go({ place: "help" }));
  if (isTyping(event.target)) return false;
  if (event.key === "Escape") return backOut();
  if (event.key === "ArrowDown") return moveInList(1);
  if (event.key === "ArrowUp") return moveInList(-1);
  const jump = JUMPS[event.key];
  if (jump !== undefined) return jumpInList(jump);
  if (event.key === " ") return toggleTick();
  return session.settings.single_keys_off ? false : singleKey(event);
}

function withControl(event: KeyboardEvent): boolean {
  switch (event.key.toLowerCase()) {
    case "z":
      return !isTyping(event.target) && undo.undoLast();
    case "k":
      return done(() => dialogs.open({ kind: "palette" }));
    case "o":
      return done(() => void table.pick());
    case ",":
      return done(() => router.go({ place: "settings" }));
    case ".":
      return done(() => FIXED.find((command) => command.keys === "Ctrl .")?.run());
    case "enter":
      return done(pressPrimary);
    case "+":
    case "=":
      return done(() => void attempt(() => session.zoom(1)));
    case "-":
      return done(() => void attempt(() => session.zoom(-1)));
    case "0":
      return done(() => void attempt(() => session.zoom(0)));
    default:
      return false;
  }
}

function singleKey(event: KeyboardEvent): boolean {
  const key = event.key.toLowerCase();
  if (performance.now() < chordEnds) {
    chordEnds = 0;
    const route = PLACES[key];
    if (route !== undefined) return done(() => router.go(route));
  }
  switch (key) {
    case "g":
      return done(() => (chordEnds = performance.now() + CHORD_MS));
    case "j":
      return moveInList(1);
    case "k":
      return moveInList(-1);
    case "/":
      return focusFilter();
    case "u":
      return undo.undoLast();
    case "?":
      return done(() => dialogs.open({ kind: "keys" }));
    case "p":
      return done(pauseOrResume);
    case "l":
      return done(showLog);
    default:
      return false;
  }
}

/** Closes what was opened inside a place. Never stops a job. */
function backOut(): boolean {
  const inside = ["verdict", "plan", "job", "page"].includes(router.route.place);
  if (inside) router.back();
  return inside;
}

function done(deed: () => unknown): true {
  deed();
  return true;
}
