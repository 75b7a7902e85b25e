// Drags a file by the mouse of the X server: what a file manager does, not an event made up in the page.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { setTimeout as pace } from "node:timers/promises";
import { mouse } from "./mouse.mjs";

const SOURCE = fileURLToPath(new URL("drag_source.py", import.meta.url));
/** Where the source's window stands; it says so itself. */
const FROM = { x: 1230, y: 760 };
/** A drag is a movement: a hand's pace, which toolkits wait for before they call it one. */
const STEPS = 24;
const STEP_MS = 15;

/** Begins a drag of `file`, a path or an address, and moves it to `to`, in pixels of the screen; answers how to let go. */
export async function drag(t, file, to) {
  const source = spawn("/usr/bin/python3", [SOURCE, file], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => void source.kill("SIGKILL"));
  const failed = once(source, "exit").then(([code]) => Promise.reject(new Error(`the drag source ended with ${code}`)));
  failed.catch(() => undefined);
  await Promise.race([once(source.stdout, "data"), failed]);
  mouse("mousemove", FROM.x, FROM.y);
  await pace(STEP_MS * 4);
  mouse("mousedown", 1);
  for (let step = 1; step <= STEPS; step += 1) {
    const part = step / STEPS;
    mouse("mousemove", Math.round(FROM.x + (to.x - FROM.x) * part), Math.round(FROM.y + (to.y - FROM.y) * part));
    await pace(STEP_MS);
  }
  return {
    /** Lets go, and takes the source away once it knows. */
    drop: async () => {
      const ended = once(source.stdout, "data");
      mouse("mouseup", 1);
      await Promise.race([ended, failed]);
      source.kill("SIGKILL");
    },
  };
}
