// The bench, by a hand: sixteen lanes over ports and sockets, loaded by the real loaders, then operator mode.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { BINARY, Firmdrop, folder } from "./lib/firmdrop.mjs";
import { mouse } from "./lib/mouse.mjs";
import { until } from "./lib/webdriver.mjs";

const READER = process.env.FIRMDROP_READER ?? join(dirname(BINARY), "smp-reader");
/** Where pictures go, when somebody wants to look at them. */
const PICTURES = process.env.FIRMDROP_PICTURES;

/** Pretend readers as a program of their own. */
async function readers(t, ...args) {
  const program = spawn(READER, args.map(String), { stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => void program.kill("SIGKILL"));
  const [line] = await once(createInterface({ input: program.stdout }), "line");
  const said = JSON.parse(line);
  const addresses = said.udp?.map((udp) => ["smp+udp", udp]) ?? [["smp+serial", said.port]];
  // Its port goes with it: a name that stays could lead to the next reader's terminal.
  return { addresses, unplug: () => program.stdin.end() };
}

/** A home in which these readers were added. */
function homeWith(t, addresses) {
  const home = join(folder(), "home");
  mkdirSync(home, { mode: 0o700 });
  const added = addresses.map(([scheme, address], at) => ({ destination: { scheme, address }, name: `Gate ${at + 1}` }));
  writeFileSync(join(home, "readers.json"), JSON.stringify(added), { mode: 0o600 });
  return home;
}

const lanes = (window) =>
  window.session.run("return Object.fromEntries([...document.querySelectorAll('[data-lane]')].map((e) => [e.dataset.lane, e.dataset.state]))");

async function picture(window, name) {
  if (PICTURES === undefined) return;
  writeFileSync(join(PICTURES, `${name}.png`), await window.session.picture());
}

test("sixteen lanes: fourteen pass, the one that is unplugged and the one that refuses fail, each with its cause", { timeout: 300_000 }, async (t) => {
  const files = folder();
  const image = join(files, "gate.bin");
  const record = join(files, "4711.csv");
  const many = await readers(t, "--udp", 13, "--flash-us-per-byte", 20, "--image", image, "--image-bytes", 60_000);
  const port = await readers(t, "--flash-us-per-byte", 20);
  const unplugged = await readers(t, "--flash-us-per-byte", 400);
  // Zephyr, mgmt_defines.h: MGMT_ERR_EBADSTATE.
  const refusing = await readers(t, "--udp", 1, "--refuses", 6);
  const home = homeWith(t, [many, port, unplugged, refusing].flatMap((each) => each.addresses));
  const window = await Firmdrop.open(t, { home, args: [], env: { FIRMDROP_E2E_PICK: image, FIRMDROP_E2E_SAVE: record } });

  await window.mouseClick(".rail button", "Bench");
  await window.isAt("bench");
  await window.mouseClick(".setup button", "Choose image");
  await window.says(".setup", "gate.bin");
  await window.mouseClick(".setup .choice", "An image without a signature");
  await window.fill('.setup [aria-label="Lot"] input', "4711");
  await window.mouseClick(".setup button", "Record to");
  await window.says(".setup", "4711.csv");
  await until("all readers are in the list", () =>
    window.session.run("return [...document.querySelectorAll('.setup button')].some((b) => /Use the 16 listed readers/.test(b.textContent))"),
  );
  await window.mouseClick(".setup button", "Use the");
  await until("a lane for each", async () => (await window.session.run("return document.querySelectorAll('.places li').length")) >= 16);
  await picture(window, "bench-setup");
  await window.mouseClick(".foot button", "Open bench");
  await window.sees(".lane");
  await window.mouseClick(".switch");
  await until("the bench is armed", () => window.session.run("return document.querySelector('.switch').ariaChecked === 'true'"));

  const named = await window.session.run("return [...document.querySelectorAll('.lane')].map((e) => [e.dataset.lane, e.textContent])");
  const laneOf = (name) => named.find(([, text]) => text.includes(name))?.[0];
  const slow = await until("the slow lane writes", () =>
    window.session.run(
      `const lane = [...document.querySelectorAll('.lane')].find((e) => e.textContent.includes(arguments[0]) && /[1-9]\\d? %/.test(e.textContent));
       return lane?.dataset.lane ?? null`,
      "Gate 15",
    ),
    60_000,
  );
  await picture(window, "bench-writing-dark");
  unplugged.unplug();
  const state = await until(
    "every lane has ended",
    async () => {
      const all = Object.values(await lanes(window));
      return all.filter((each) => each === "pass").length === 14 && all.filter((each) => each === "fail").length === 2 ? lanes(window) : null;
    },
    120_000,
  );
  assert.equal(state[slow], "fail");
  assert.ok(laneOf("Gate 16") === undefined || state[laneOf("Gate 16")] === "fail");
  await window.mouseClick('.lane[data-state="fail"]');
  await window.says(".side", "What happened");
  for (const theme of ["dark", "light"]) {
    await window.session.run("document.documentElement.dataset.theme = arguments[0]", theme);
    await picture(window, `bench-${theme}`);
  }

  const rows = readFileSync(record, "utf8").trim().split("\n").slice(1);
  assert.equal(rows.length, 16);
  assert.equal(rows.filter((row) => row.split(",")[3] === "PASS").length, 14);
  const causes = rows.filter((row) => row.split(",")[3] === "FAIL").map((row) => /FD-\d+/.exec(row)?.[0]);
  assert.deepEqual(causes.sort(), [causes.includes("FD-301") ? "FD-301" : "FD-304", "FD-307"]);

  // Operator mode: keys through the X server, one instruction, and no way out but the PIN.
  mouse("key", "F11");
  await window.sees("dialog[open] input");
  mouse("type", "2580");
  mouse("key", "Tab");
  mouse("type", "2580");
  mouse("key", "Return");
  await window.sees(".op");
  await window.says(".say h1", "FAIL bin");
  for (const theme of ["light", "dark"]) {
    await window.session.run("document.documentElement.dataset.theme = arguments[0]", theme);
    await picture(window, `operator-${theme}`);
  }
  // The second lane is instructed once the first one's acknowledgement has arrived.
  const instructed = () => window.session.run("return document.querySelector('.say .n')?.textContent.trim()");
  const first = await instructed();
  mouse("key", "space");
  await until("the next instruction", async () => (await instructed()) !== first);
  await window.says(".say h1", "FAIL bin");
  mouse("key", "space");
  await window.says(".say h1", "PASS bin");
  mouse("key", "Escape");
  await window.sees(".pin");
  mouse("key", "--delay", 60, "1", "3", "7", "9");
  await window.says(".pin", "Wrong PIN");
  await picture(window, "operator-pin");
  for (const digit of "2580") await window.mouseClick(".pin button", digit);
  await until("the window is back", () => window.session.run("return document.querySelector('.op') === null"));
});

test("the place of a lane is never cut: 32 lanes, the details open, down to the smallest window", { timeout: 120_000 }, async (t) => {
  const files = folder();
  const image = join(files, "gate.bin");
  // Nothing answers there: a lane belongs to its place all the same.
  const home = homeWith(t, Array.from({ length: 32 }, (_each, at) => ["smp+udp", `127.0.0.1:${20_001 + at}`]));
  writeFileSync(image, Buffer.alloc(4096, 7));
  const window = await Firmdrop.open(t, { home, args: [], env: { FIRMDROP_E2E_PICK: image } });
  await window.mouseClick(".rail button", "Bench");
  await window.isAt("bench");
  await window.mouseClick(".setup button", "Choose image");
  await window.fill('.setup [aria-label="Lot"] input', "4711");
  await window.mouseClick(".setup button", "Use the 32 listed readers");
  await window.mouseClick(".foot button", "Open bench");
  await window.mouseClick('[data-lane="12"]');
  await window.sees(".side");
  for (const [width, height] of [[1280, 800], [960, 600]]) {
    await window.session.resize(width, height);
    await until("the window has its size", () => window.session.run("return innerWidth === arguments[0]", width));
    const cut = await window.session.run(
      `return [...document.querySelectorAll(".lane")].filter((lane) => {
         const place = lane.querySelector(".place");
         const [inner, outer] = [place.getBoundingClientRect(), lane.getBoundingClientRect()];
         return place.scrollWidth > place.clientWidth || inner.width < 8 || inner.right > outer.right;
       }).map((lane) => lane.dataset.lane)`,
    );
    assert.deepEqual(cut, [], `at ${width} × ${height}`);
  }
});
