// The mouse of the X server: what lies over an element takes the click, as it does under a user's hand. WebDriver's own
// click asks the page for the element, and a script's click asks nobody.

import { spawnSync } from "node:child_process";

/** Runs xdotool and returns what it prints. */
export function mouse(...words) {
  const ran = spawnSync("xdotool", words.map(String), { timeout: 5_000, encoding: "utf8" });
  if (ran.status !== 0) throw new Error(`xdotool ${words.join(" ")}: ${ran.stderr || ran.error}`);
  return ran.stdout;
}

/** Clicks at a point of the page in that window of the X server, in pixels of the window. */
export function clickAt(window, { x, y }) {
  mouse("mousemove", "--window", window, Math.round(x), Math.round(y), "click", 1);
}
