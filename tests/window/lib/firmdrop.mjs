// One Firmdrop window for one test: a home of its own, and the acts a person does in it.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { windows } from "./close.mjs";
import { clickAt } from "./mouse.mjs";
import { Session, until } from "./webdriver.mjs";

export const BINARY = process.env.FIRMDROP_BIN;
export const CLI = process.env.FIRMDROP_CLI;
if (!BINARY || !CLI) throw new Error("FIRMDROP_BIN and FIRMDROP_CLI must name the programs under test");

const folders = [];

// Not after each test: what a test does last comes in the order in which it was asked for, and its programs, which may
// still write into a folder, are ended behind it. A folder that could not be removed would leave them running.
process.on("exit", () => {
  for (const path of folders) {
    try {
      rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    } catch (error) {
      console.error(`${path} was not removed: ${error}`);
    }
  }
});

/** A folder that is gone when the tests of its file have ended. */
export function folder() {
  const path = mkdtempSync(join(tmpdir(), "firmdrop-window-"));
  folders.push(path);
  return path;
}

/** A file of that many bytes, never the same byte for long. */
export function rawFile(path, bytes) {
  const data = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at += 4) data.writeUInt32LE((at * 2_654_435_761) >>> 0, at);
  writeFileSync(path, data);
  return path;
}

/** The demo world as a program of its own, so that it outlives a window; answers where its service is. */
export async function serveDemo(t, home, args = []) {
  const server = spawn(CLI, ["--home", home, "demo", "--json", ...args], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => void server.kill("SIGKILL"));
  const [line] = await once(createInterface({ input: server.stdout }), "line");
  return JSON.parse(line).pelion.host;
}

/** Turns one of the demo world's faults on or off. */
export async function turn(host, fault, on) {
  const body = JSON.stringify({ [on ? "turn_on" : "turn_off"]: [fault] });
  const answer = await fetch(`${host}/simulator/faults`, { method: "POST", headers: { "Content-Type": "application/json" }, body });
  if (!answer.ok) throw new Error(await answer.text());
}

/** What the command line says about a home, parsed. */
export function cli(home, ...args) {
  const ran = spawnSync(CLI, ["--home", home, ...args, "--json"], { encoding: "utf8" });
  return JSON.parse(ran.stdout);
}

/** The centre of the first element that can be clicked, in pixels of the window, once it no longer moves. */
const CENTRE = `
  const found = [...document.querySelectorAll(arguments[0])].find((e) => e.textContent.trim().startsWith(arguments[1]) && !e.disabled);
  if (found === undefined || document.getAnimations().length > 0) return null;
  found.scrollIntoView({ block: "nearest" });
  const { x, y, width, height } = found.getBoundingClientRect();
  // What was drawn a moment ago may still push it aside.
  const place = [x, y, width, height].join();
  const isStill = window.clickPlace === place;
  window.clickPlace = place;
  const zoom = outerWidth / innerWidth;
  window.clickArrived = false;
  window.addEventListener("click", () => (window.clickArrived = true), { capture: true, once: true });
  return isStill && width > 0 && height > 0 ? { x: (x + width / 2) * zoom, y: (y + height / 2) * zoom } : null`;

/** The window under test. */
export class Firmdrop {
  static async open(t, { home = folder(), args = ["--demo"], env = {} } = {}) {
    // Dialogs of the system are answered from the environment; a test of the dialog itself says no.
    const options = { binary: BINARY, args: ["--home", home, ...args], env: { FIRMDROP_E2E_CONFIRM: "yes", ...env } };
    const window = new Firmdrop(await Session.start(options), home);
    t.after(() => window.session.stop());
    await window.sees(".main[data-view]");
    return window;
  }

  /** Set where the driver's mouse would miss. */
  clicksByScript = false;
  /** The first click of each window is made by the X server: a page that does not react to the mouse fails every flow. */
  #clicked = false;

  constructor(session, home) {
    this.session = session;
    this.home = home;
  }

  /** Waits until the page has what `css` names. */
  sees(css, patienceMs) {
    return until(css, () => this.session.run("return document.querySelector(arguments[0]) !== null", css), patienceMs);
  }

  /** Waits until the page shows this view. */
  isAt(view, patienceMs) {
    return this.sees(`.main[data-view="${view}"]`, patienceMs);
  }

  /** Waits until what `css` names says `words`. */
  says(css, words, patienceMs) {
    const look = "return document.querySelector(arguments[0])?.textContent.includes(arguments[1]) ?? false";
    return until(`${css} says "${words}"`, () => this.session.run(look, css, words), patienceMs);
  }

  /** Clicks with the mouse, once what `css` names can be clicked; the first time with the mouse of the X server. */
  async click(css) {
    if (!this.#clicked && !this.clicksByScript) {
      await this.mouseClick(css);
      return;
    }
    await until(`${css} can be clicked`, () =>
      this.session.run("const e = document.querySelector(arguments[0]); return e !== null && !e.disabled", css),
    );
    if (this.clicksByScript) await this.session.run("document.querySelector(arguments[0]).click()", css);
    else await this.session.click(css);
  }

  /** Clicks the centre of what `css` names, or of the first button in it that begins with `words`, by the X server. */
  async mouseClick(css, words = "") {
    const centre = await until(`${css} "${words}" can be clicked`, () => this.session.run(CENTRE, css, words));
    clickAt(windows().at(-1), centre);
    await until("the click arrives in the page", () => this.session.run("return window.clickArrived"));
    this.#clicked = true;
  }

  /** Ticks everything that the plan wants confirmed by itself, once it is planned. */
  confirmAll(patienceMs) {
    return until(
      "all is confirmed",
      () =>
        this.session.run(
          `const open = document.querySelector("[data-confirm]:not(:checked)");
           open?.click();
           const primary = document.querySelector("[data-primary]");
           return open === null && primary !== null && !primary.disabled`,
        ),
      patienceMs,
    );
  }

  /** Waits until the open job ended, and answers how. */
  result(patienceMs = 60_000) {
    return until(
      "the job's result",
      () =>
        this.session.run(
          `const failed = document.querySelector(".problem .mono")?.textContent;
           return document.querySelector("[data-result]")?.dataset.result ?? (failed ? "Failed " + failed : null)`,
        ),
      patienceMs,
    );
  }

  /** Presses the first button whose words begin so, once it can be pressed; the first time with the mouse of the X server. */
  async press(words) {
    if (!this.#clicked && !this.clicksByScript) {
      await this.mouseClick("dialog[open] button, button", words);
      return;
    }
    await until(`a button "${words}"`, () =>
      this.session.run(
        `const found = [...document.querySelectorAll("dialog[open] button, button")].find((b) => b.textContent.trim().startsWith(arguments[0]) && !b.disabled);
         found?.click();
         return found !== undefined`,
        words,
      ),
    );
  }

  /** Puts a text into a field as typing does, in one go. */
  async fill(css, text) {
    await this.sees(css);
    await this.session.run(
      `const field = document.querySelector(arguments[0]);
       field.focus();
       field.value = arguments[1];
       field.dispatchEvent(new InputEvent("input", { bubbles: true }))`,
      css,
      text,
    );
  }

  /** Presses what the dial of the demo world calls `title`. */
  turn(title) {
    return this.session.run(
      "[...document.querySelectorAll('.dial button')].find((b) => b.textContent.trim() === arguments[0]).click()",
      title,
    );
  }

  /** Puts a file on the table as a paste does. */
  paste(text) {
    return this.session.run(
      `const data = new DataTransfer(); data.setData("text/plain", arguments[0]);
       window.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }))`,
      text,
    );
  }
}

/** The environment of a system without a key store: a new session bus would offer one that is locked and asks nobody. */
export function withoutKeyStore() {
  const { DBUS_SESSION_BUS_ADDRESS: _bus, ...environment } = process.env;
  return environment;
}
