// A WebDriver client that is small enough to own: it starts WebKitWebDriver, which starts the program, and speaks the
// protocol's plain JSON. https://www.w3.org/TR/webdriver2/

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

const DRIVER = "/usr/bin/WebKitWebDriver";
/** A page whose script spins makes the driver silent for ever; no request waits longer. */
const REQUEST_MS = 20_000;
const POLL_MS = 25;
/** Name the protocol gives the reference of an element. */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** Codes of keys that are not characters, https://www.w3.org/TR/webdriver2/#keyboard-actions */
export const KEY = {
  enter: "\uE007",
  escape: "\uE00C",
  space: " ",
  tab: "\uE004",
  shift: "\uE008",
  control: "\uE009",
  down: "\uE015",
  up: "\uE013",
  f6: "\uE036",
  home: "\uE011",
  end: "\uE010",
  pageDown: "\uE00F",
};

/** Waits until `probe` answers something true; fails with `what` and the last answer after `patienceMs`. */
export async function until(what, probe, patienceMs = 15_000) {
  const deadline = performance.now() + patienceMs;
  let last;
  for (;;) {
    try {
      last = await probe();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) throw new Error(`waited ${patienceMs} ms for: ${what}; last: ${String(last)}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** One program under a driver of its own. */
export class Session {
  #driver;
  #address;
  #path = "";

  /** Starts the program at `binary` and waits for its page. */
  static async start({ binary, args = [], env = {} }) {
    const port = await freePort();
    const driver = spawn(DRIVER, [`--port=${port}`, "--host=127.0.0.1"], {
      // Mesa's software renderer (22.3) was seen to crash below WebKit's compositor thread on a screen without a GPU, and
      // the session with it. Without compositing the page is painted on the processor, pixel for pixel the same.
      env: { ...process.env, LANG: "en_US.UTF-8", TAURI_WEBVIEW_AUTOMATION: "true", WEBKIT_DISABLE_COMPOSITING_MODE: "1", ...env },
      // A group of its own: the driver and the program end together, whatever happens to either.
      detached: true,
      stdio: process.env.FIRMDROP_WINDOW_LOG ? "inherit" : "ignore",
    });
    const session = new Session(driver, `http://127.0.0.1:${port}`);
    try {
      await until("the driver answers", () => session.#send("GET", "/status"), 10_000);
      const options = { binary, args };
      const made = await session.#send("POST", "/session", {
        capabilities: { alwaysMatch: { "webkitgtk:browserOptions": options } },
      });
      session.#path = `/session/${made.sessionId}`;
      return session;
    } catch (error) {
      await session.stop();
      throw error;
    }
  }

  constructor(driver, address) {
    this.#driver = driver;
    this.#address = address;
  }

  /** Process group of driver and program. */
  get group() {
    return this.#driver.pid;
  }

  async #send(method, path, body) {
    const answer = await fetch(this.#address + path, {
      method,
      headers: { "content-type": "application/json" },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    const { value } = await answer.json();
    if (value?.error) throw new Error(`${value.error}: ${value.message}`);
    return value;
  }

  #call(method, path, body) {
    return this.#send(method, this.#path + path, body);
  }

  open(url) {
    return this.#call("POST", "/url", { url });
  }

  /** Runs a script in the page; `return` hands back a value. */
  run(script, ...args) {
    return this.#call("POST", "/execute/sync", { script, args });
  }

  /** Runs a script that calls its last argument with what it hands back. */
  wait(script, ...args) {
    return this.#call("POST", "/execute/async", { script, args });
  }

  async #find(css) {
    return (await this.#call("POST", "/element", { using: "css selector", value: css }))[ELEMENT];
  }

  async click(css) {
    await this.#call("POST", `/element/${await this.#find(css)}/click`, {});
  }

  async text(css) {
    return this.#call("GET", `/element/${await this.#find(css)}/text`);
  }

  /** Presses keys in order; keys in a nested list are held together. */
  async keys(...presses) {
    const actions = [];
    for (const press of presses) {
      const together = Array.isArray(press) ? press : [press];
      for (const value of together) actions.push({ type: "keyDown", value });
      for (const value of [...together].reverse()) actions.push({ type: "keyUp", value });
    }
    await this.#call("POST", "/actions", { actions: [{ type: "key", id: "keyboard", actions }] });
  }

  /** Types into whatever has the keyboard. */
  type(text) {
    return this.keys(...text);
  }

  resize(width, height) {
    return this.#call("POST", "/window/rect", { width, height });
  }

  /** The page as PNG. */
  async picture() {
    return Buffer.from(await this.#call("GET", "/screenshot"), "base64");
  }

  /** Ends the program and its driver, the whole group. */
  async stop() {
    const gone = this.#driver.exitCode === null && this.#driver.signalCode === null ? once(this.#driver, "exit") : null;
    await this.#call("DELETE", "").catch(() => undefined);
    this.kill();
    await gone;
  }

  /** Ends the group at once, without a word: what a crash or a power cut does. */
  kill() {
    try {
      process.kill(-this.#driver.pid, "SIGKILL");
    } catch {
      // Gone already.
    }
  }
}
