// One reader and one file, by a hand: the console of a serial port, a restart, and two files side by side.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { BINARY, Firmdrop, folder, rawFile } from "./lib/firmdrop.mjs";
import { until } from "./lib/webdriver.mjs";

const READER = process.env.FIRMDROP_READER ?? join(dirname(BINARY), "smp-reader");
/** Where pictures go, when somebody wants to look at them. */
const PICTURES = process.env.FIRMDROP_PICTURES;

async function pictures(window, name) {
  if (PICTURES === undefined) return;
  for (const theme of ["dark", "light"]) {
    await window.session.run("document.documentElement.dataset.theme = arguments[0]", theme);
    writeFileSync(join(PICTURES, `${name}-${theme}.png`), await window.session.picture());
  }
}

/** A reader on a terminal that prints text between its frames, as a home in which it was added. */
async function reader(t) {
  const program = spawn(READER, ["--shell", "true"], { stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => void program.kill("SIGKILL"));
  const [line] = await once(createInterface({ input: program.stdout }), "line");
  const destination = { scheme: "smp+serial", address: JSON.parse(line).port };
  const home = join(folder(), "home");
  mkdirSync(home, { mode: 0o700 });
  writeFileSync(join(home, "readers.json"), JSON.stringify([{ destination, name: "Gate 04" }]), { mode: 0o600 });
  return { home, row: `[data-drop-reader="smp+serial:${destination.address}"]` };
}

test("a console shows what a reader prints, stands aside for a restart, and comes back", { timeout: 120_000 }, async (t) => {
  const { home, row } = await reader(t);
  const window = await Firmdrop.open(t, { home, args: [] });
  await window.mouseClick(".rail button", "Readers");
  await window.isAt("readers");
  await window.sees(row);
  await window.mouseClick(`${row} td:nth-child(2)`);
  await window.mouseClick(".foot button", "Console");
  await window.says(".console header", "Open");
  await window.mouseClick("[data-console-line]");
  await window.session.keys("v", "e", "r", "s", "i", "o", "n", "\uE007");
  await window.says(".console .screen", "version: command not found");
  const shown = await window.session.run("return document.querySelector('.console .screen').textContent");
  assert.ok(!shown.includes("\u001B") && !shown.includes("[1;32m"), shown);
  await pictures(window, "console");
  await window.mouseClick(".foot button", "Restart");
  await window.says(".said", "answers again", 60_000);
  await window.says(".console header", "Open");
  await pictures(window, "restarted");
});

test("two files are compared in the verdict, and the comparison is closed again", { timeout: 120_000 }, async (t) => {
  const files = folder();
  const [before, after] = ["before.bin", "after.bin"].map((name, at) => rawFile(join(files, name), 40_000 + 4_000 * at));
  const window = await Firmdrop.open(t, { args: [after], env: { FIRMDROP_E2E_PICK: before } });
  await window.isAt("verdict");
  await window.mouseClick("[data-compare]");
  await window.says(".compare h2", "Compared with before.bin");
  await window.sees(".places tbody tr");
  const rows = await window.session.run("return [...document.querySelectorAll('.places tbody tr')].map((row) => row.textContent)");
  assert.ok(rows.some((row) => row.includes("KiB")), rows.join());
  await pictures(window, "compared");
  await window.mouseClick(".compare button.icon");
  await until("it is closed", () => window.session.run("return document.querySelector('.places') === null"));
});
