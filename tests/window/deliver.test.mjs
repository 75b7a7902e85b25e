// The main job in the real window: from the file to Verified, by mouse, by keyboard, by a real drop.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { test } from "node:test";
import { join } from "node:path";
import { drag } from "./lib/drag.mjs";
import { cli, Firmdrop, folder, rawFile } from "./lib/firmdrop.mjs";
import { KEY, until } from "./lib/webdriver.mjs";

const READER = '[data-destination="sim:reader-1"]';
const CLOUD = '[data-destination="pelion:demo"]';

test(
  "by mouse: the demo's firmware goes to a reader and is Verified",
  { timeout: 90_000 },
  async (t) => {
    const window = await Firmdrop.open(t);
    await window.click(".shelf");
    await window.isAt("verdict");
    await window.sees(`${READER} input:not([disabled])`);
    await window.click(`${READER} .dest-name`);
    await window.click("[data-primary]");
    await window.isAt("plan");
    await window.says("[data-primary]", "Write to Demo reader 1");
    await window.says(".changes", "What changes on this reader");
    const changes = await window.session.run("return document.querySelector('.changes dl').innerText");
    assert.match(changes, /^Version\s+\S+\s*→[^]*Image\s+\S+…\S+\s*→/u);
    await window.confirmAll();
    await window.click("[data-primary]");
    await window.isAt("job");
    assert.equal(await window.result(), "Verified");
  },
);

test(
  "a damaged file is stored in a cloud once that is confirmed by itself, and in no reader",
  { timeout: 90_000 },
  async (t) => {
    const file = join(folder(), "damaged.hex");
    writeFileSync(file, ":0400000001020304F3\n:00000001FF\n");
    const window = await Firmdrop.open(t, { env: { FIRMDROP_E2E_PICK: file } });
    await window.click(".drop button", "Choose file");
    await window.isAt("verdict");
    await window.sees(`${CLOUD} input:not([disabled])`);
    // Readers that are refused for one reason are one row, which opens.
    await window.click(".refused");
    await window.sees(`${READER} input[disabled]`);
    await window.click(`${CLOUD} .dest-name`);
    await window.click("[data-primary]");
    await window.isAt("plan");
    await window.sees("[data-confirm=damaged]:not(:checked)");
    await window.sees("[data-primary][disabled]");
    await window.confirmAll();
    await window.says("[data-primary]", "Upload to");
    await window.click("[data-primary]");
    await window.isAt("job");
    assert.equal(await window.result(), "Verified");
  },
);

test(
  "every button of the start page reacts to the mouse of the X server",
  { timeout: 90_000 },
  async (t) => {
    const file = rawFile(join(folder(), "by-mouse.bin"), 1000);
    const window = await Firmdrop.open(t, { env: { FIRMDROP_E2E_PICK: file } });
    await window.mouseClick(".drop button", "From URL");
    await window.sees("dialog[open]");
    await window.mouseClick("dialog[open] button", "Cancel");
    await until("the dialog is gone", () =>
      window.session.run("return document.querySelector('dialog') === null"),
    );
    await window.mouseClick(".drop button", "Choose file");
    await window.isAt("verdict");
    await window.says(".head h1", "by-mouse.bin");
  },
);

test(
  "by keyboard alone: the picked file goes to the account and is Verified",
  { timeout: 90_000 },
  async (t) => {
    const files = folder();
    const file = rawFile(join(files, "by-keyboard.bin"), 3_000_000);
    const window = await Firmdrop.open(t, { env: { FIRMDROP_E2E_PICK: file } });
    await window.session.keys([KEY.control, "o"]);
    await window.isAt("verdict");
    await window.sees(CLOUD);
    // J moves down the list; the account is its last row.
    await until("the account's row has the keyboard", async () => {
      await window.session.keys("j");
      return window.session.run(
        "return document.activeElement?.dataset.destination === 'pelion:demo'",
      );
    });
    await window.session.keys(KEY.space);
    await window.says(".foot", "1 destination chosen");
    await window.session.keys([KEY.control, KEY.enter]);
    await window.isAt("plan");
    await window.sees("[data-primary]:not([disabled])");
    await window.session.keys([KEY.control, KEY.enter]);
    await window.isAt("job");
    assert.equal(await window.result(), "Verified");
    assert.match(JSON.stringify(cli(window.home, "jobs")), /by-keyboard/);
  },
);

test(
  "a file that is dragged over the window by the X server is taken where it is let go",
  { timeout: 90_000 },
  async (t) => {
    const file = rawFile(join(folder(), "dropped.bin"), 200_000);
    const window = await Firmdrop.open(t);
    await window.sees(".drop");
    const held = await drag(t, file, { x: 640, y: 240 });
    await window.sees(".drop[data-over]");
    await held.drop();
    await window.isAt("verdict");
    await window.says(".head h1", "dropped.bin");
  },
);

test(
  "an address that is dragged over the window is fetched, hashed and judged",
  { timeout: 90_000 },
  async (t) => {
    const bytes = readFileSync(
      rawFile(join(folder(), "fetched.bin"), 300_000),
    );
    const server = createServer((_request, answer) => answer.end(bytes)).listen(
      0,
      "127.0.0.1",
    );
    await once(server, "listening");
    t.after(() => void server.close());
    const window = await Firmdrop.open(t);
    await window.sees(".drop");
    const held = await drag(
      t,
      `http://127.0.0.1:${server.address().port}/release/fetched.bin`,
      { x: 640, y: 240 },
    );
    await window.sees(".drop[data-over]");
    await held.drop();
    await window.isAt("verdict");
    // It lies in a private network, so the user is asked.
    await window.mouseClick(".problem button", "Allow this host");
    await window.says(".head h1", "fetched.bin");
    await window.sees('[data-digest="SHA-256"]');
    const shown = await window.session.run(
      "return document.querySelector('[data-digest=\"SHA-256\"]').title",
    );
    assert.equal(shown, createHash("sha256").update(bytes).digest("hex"));
  },
);

test(
  "a file that is dropped onto a reader's row is planned for that reader",
  { timeout: 90_000 },
  async (t) => {
    const window = await Firmdrop.open(t);
    await window.sees(".shelf");
    const sample = await window.session.run(
      "return document.querySelector('.shelf').title",
    );
    await window.session.keys("g", "r");
    await window.isAt("readers");
    const row = await until("the reader's row", () =>
      window.session.run(
        `const row = document.querySelector('[data-drop-reader="sim:reader-2"]')?.getBoundingClientRect();
       return row ? { x: row.x + 200, y: row.y + row.height / 2 } : null`,
      ),
    );
    const held = await drag(t, sample, row);
    await window.sees('[data-drop-reader="sim:reader-2"][data-over]');
    await held.drop();
    await window.isAt("verdict");
    await window.sees('[data-destination="sim:reader-2"].chosen');
  },
);

test(
  "hashes follow the verdict and are those of the file",
  { timeout: 90_000 },
  async (t) => {
    const file = rawFile(join(folder(), "hashed.bin"), 5_000_000);
    const window = await Firmdrop.open(t, { args: ["--demo", file] });
    await window.isAt("verdict");
    await window.sees('[data-digest="MD5"]');
    const shown = await window.session.run(
      "return document.querySelector('[data-digest=\"SHA-256\"]').title",
    );
    assert.equal(
      shown,
      createHash("sha256").update(readFileSync(file)).digest("hex"),
    );
  },
);

test(
  "several files give a table of verdicts",
  { timeout: 90_000 },
  async (t) => {
    const files = folder();
    const one = rawFile(join(files, "one.bin"), 1000);
    const two = rawFile(join(files, "two.bin"), 2000);
    const window = await Firmdrop.open(t, { args: ["--demo", one, two] });
    await window.says(".head h1", "2 files");
    await window.says(".verdicts", "two.bin");
  },
);
