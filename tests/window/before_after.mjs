// Makes docs/screens/before-after/plan-after.png and upload-after.png anew: the page with the made-up world of ui/mock, which
// has more readers and more trouble than the demo world, in WebKit's own browser. The other pictures of the present
// screens are those of screens.mjs.
// xvfb-run -s "-screen 0 1400x900x24" dbus-run-session -- node --test tests/window/before_after.mjs

import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Session, until } from "./lib/webdriver.mjs";

const FOLDER = fileURLToPath(new URL("../../docs/screens/before-after/", import.meta.url));
const UI = fileURLToPath(new URL("../../ui/", import.meta.url));
/** Where Debian puts it, for each kind of processor. */
const BROWSER = ["x86_64", "aarch64"]
  .map((processor) => `/usr/lib/${processor}-linux-gnu/webkit2gtk-4.1/MiniBrowser`)
  .find((path) => existsSync(path));
const PORT = 1421;
const PAGE = `http://127.0.0.1:${PORT}/?theme=light`;
const SIZE = { width: 1280, height: 800 };

/** The page's server, until the test has ended. */
async function serve(t) {
  const server = spawn(process.execPath, ["node_modules/vite/bin/vite.js", "--mode", "mock", "--port", `${PORT}`], {
    cwd: UI,
    stdio: "ignore",
    detached: true,
  });
  t.after(() => process.kill(-server.pid, "SIGKILL"));
  await until("the page is served", async () => (await fetch(PAGE)).ok, 30_000);
}

async function open(t) {
  const session = await Session.start({ binary: BROWSER, args: ["--automation"], env: { WEBKIT_DISABLE_COMPOSITING_MODE: "0" } });
  t.after(() => session.stop());
  await session.open(PAGE);
  await until("the window is drawn", () => session.run("return document.querySelector('.drop [data-primary]') !== null"), 60_000);
  // The browser's own bars take a part of its window.
  await session.resize(SIZE.width, SIZE.height);
  const [width, height] = await session.run("return [innerWidth, innerHeight]");
  await session.resize(2 * SIZE.width - width, 2 * SIZE.height - height);
  return session;
}

async function picture(session, name) {
  await session.run("document.activeElement?.blur()");
  await session.wait("setTimeout(arguments[arguments.length - 1], 300)");
  writeFileSync(`${FOLDER}${name}.png`, await session.picture());
}

const click = (session, css) =>
  until(`${css} can be clicked`, () =>
    session.run("const e = document.querySelector(arguments[0]); if (!e || e.disabled) return false; e.click(); return true", css),
  );

test("pictures of a plan for many and of an upload that is silent", { timeout: 120_000 }, async (t) => {
  await serve(t);
  const session = await open(t);
  await click(session, ".drop [data-primary]");
  await until("the file is judged", () => session.run("return document.querySelectorAll('.dest-name:not([disabled])').length > 4"));
  await session.run(
    `for (const name of document.querySelectorAll(".dest-name:not([disabled])"))
       if (!name.closest("[data-destination]").dataset.destination.startsWith("adu:")) name.click()`,
  );
  await click(session, "[data-primary]");
  await until("everything is planned", () => session.run("return document.querySelectorAll('[data-confirm]').length > 1"));
  await click(session, '[data-confirm="downgrade"]');
  await until("the downgrade is confirmed", () => session.run("return document.querySelector('tr.target')?.textContent.includes('Confirmed')"));
  await click(session, "tr.target .fold");
  await picture(session, "plan-after");

  await session.keys("g", "a");
  await session.run("document.querySelector('[data-job=\"01658f9a0023\"]').click()");
  await until("the job can be opened", () =>
    session.run(
      `const open = [...document.querySelectorAll("button")].find((each) => each.textContent.trim() === "Open");
       open?.click();
       return open !== undefined`,
    ),
  );
  await until("nothing was confirmed for a while", () => session.run("return document.querySelector('[data-silence]')?.textContent.includes('for ')"), 30_000);
  await picture(session, "upload-after");
});
