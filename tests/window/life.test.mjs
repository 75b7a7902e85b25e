// The life of the window: a second start, a kill in mid-delivery, a failure, closing while jobs run.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { askToClose, windows } from "./lib/close.mjs";
import { BINARY, CLI, Firmdrop, cli, folder, rawFile, serveDemo, turn } from "./lib/firmdrop.mjs";
import { KEY, until } from "./lib/webdriver.mjs";

const CLOUD = '[data-destination="pelion:demo"]';
/** Long enough that a kill finds it half-way. */
const LARGE = 300 * 1024 * 1024;

async function startUpload(window) {
  await window.isAt("verdict");
  await window.click(`${CLOUD} .dest-name`);
  await window.click("[data-primary]");
  await window.isAt("plan");
  await window.confirmAll();
  await window.click("[data-primary]");
  await window.isAt("job");
}

test("a second start hands its file over and ends", { timeout: 90_000 }, async (t) => {
  const file = rawFile(join(folder(), "second.bin"), 1000);
  const window = await Firmdrop.open(t);
  const second = spawn(BINARY, ["--home", window.home, file], { stdio: "ignore" });
  const [code] = await once(second, "exit");
  assert.equal(code, 0);
  await window.isAt("verdict");
  await window.says(".head h1", "second.bin");
});

test("killed in mid-delivery, the next start says what happened, goes on, and ends Verified", { timeout: 180_000 }, async (t) => {
  const home = folder();
  const file = rawFile(join(folder(), "large.img"), LARGE);
  await serveDemo(t, home);
  const first = await Firmdrop.open(t, { home, args: [file] });
  await startUpload(first);
  await first.sees(".chunks .c", 60_000);
  first.session.kill();

  const second = await Firmdrop.open(t, { home, args: [] });
  await second.says(".interrupted", "1 job was interrupted");
  await second.click(".interrupted .link");
  await second.isAt("job");
  assert.equal(await second.result(120_000), "Verified");
  await second.says("aside", "Resumed 1×");
});

test("the window and two command lines on one home each start a job: none is lost, none runs twice", { timeout: 180_000 }, async (t) => {
  const home = folder();
  const file = rawFile(join(folder(), "from-window.img"), 120 * 1024 * 1024);
  await serveDemo(t, home);
  const window = await Firmdrop.open(t, { home, args: [file] });
  const ends = ["from-line-1", "from-line-2"].map((name) => {
    const line = spawn(CLI, ["--home", home, "deliver", file, "--to", "pelion:demo", "--name", name, "--yes", "--json"], { stdio: "ignore" });
    t.after(() => void line.kill("SIGKILL"));
    return once(line, "exit");
  });
  await startUpload(window);
  // It may have to wait for its turn first.
  await window.sees('[data-result="Verified"]', 120_000);
  assert.deepEqual((await Promise.all(ends)).map(([code]) => code), [0, 0]);

  const names = ["from-line-1", "from-line-2", "from-window.img"];
  const jobs = cli(home, "jobs");
  assert.deepEqual(jobs.map((job) => job.image_name).sort(), names);
  assert.deepEqual(jobs.map((job) => job.state.outcome?.outcome), ["verified", "verified", "verified"]);
  const images = cli(home, "pelion", "images", "list", "--account", "demo").data;
  assert.deepEqual(images.map((image) => image.name).sort(), names, "each image is there once");
  assert.equal(cli(home, "ledger", "list", "--demo").length, 3);
  // The window followed what the other processes did.
  await window.session.keys("g", "a");
  await window.isAt("activity");
  for (const name of names) await window.says(".main", name);
});

test("with the plug pulled the job tells what happened, why, and what to do", { timeout: 180_000 }, async (t) => {
  const file = rawFile(join(folder(), "unplugged.bin"), 2_000_000);
  const window = await Firmdrop.open(t, { args: ["--demo", file] });
  await window.isAt("verdict");
  await window.click(`${CLOUD} .dest-name`);
  await window.click("[data-primary]");
  await window.isAt("plan");
  await window.sees("[data-primary]:not([disabled])");
  await window.turn("Pull the plug");
  await window.sees('.dial [aria-pressed="true"]');
  await window.click("[data-primary]");
  await window.isAt("job");
  await window.sees('[data-state="failed"] .problem, [data-state="interrupted"] [data-result], [data-silence]', 120_000);
});

test("a file that is no firmware file at all is refused with a code and a way out", { timeout: 90_000 }, async (t) => {
  const empty = join(folder(), "empty.bin");
  writeFileSync(empty, "");
  const window = await Firmdrop.open(t, { args: ["--demo", empty] });
  await window.says(".problem", "FD-101");
  await window.says(".problem", "What to do");
});

test("closing the window while a job runs asks once; pausing and quitting keeps the job", { timeout: 180_000 }, async (t) => {
  const home = folder();
  const file = rawFile(join(folder(), "closing.img"), LARGE);
  const host = await serveDemo(t, home);
  await turn(host, "slow_network", true);
  const window = await Firmdrop.open(t, { home, args: [file] });
  await startUpload(window);
  await window.sees(".chunks .c", 60_000);
  askToClose();
  await window.says("dialog", "1 job is not finished");
  await window.session.run("[...document.querySelectorAll('dialog .btn')].find((b) => b.textContent.trim() === 'Pause and quit').click()");
  await until("the window is gone", () => window.session.run("return true").then(() => false, () => true), 60_000);

  const next = await Firmdrop.open(t, { home, args: [] });
  await next.says(".main", "Resume");
  await next.session.keys(KEY.escape);
});

test("going on without the window ends the job Verified, and then the program by itself", { timeout: 180_000 }, async (t) => {
  const home = folder();
  const file = rawFile(join(folder(), "hidden.img"), LARGE);
  const host = await serveDemo(t, home);
  await turn(host, "slow_network", true);
  const window = await Firmdrop.open(t, { home, args: [file] });
  await startUpload(window);
  await window.sees(".chunks .c", 60_000);
  askToClose();
  await window.says("dialog", "Continue in background");
  await window.press("Continue in background");
  await turn(host, "slow_network", false);
  await until("the window is hidden", () => windows().length === 0);
  await until("the program ended", () => window.session.run("return true").then(() => false, () => true), 120_000);
  const [job] = cli(home, "jobs");
  assert.equal(job.state.outcome?.outcome, "verified", JSON.stringify(job.state));
});

test("the log is saved where a person says, line for line what the command line prints", { timeout: 90_000 }, async (t) => {
  const saved = join(folder(), "saved.log");
  const window = await Firmdrop.open(t, { env: { FIRMDROP_E2E_SAVE: saved } });
  await window.click(".shelf");
  await window.isAt("verdict");
  await window.click(`${CLOUD} .dest-name`);
  await window.click("[data-primary]");
  await window.isAt("plan");
  await window.confirmAll();
  await window.click("[data-primary]");
  await window.isAt("job");
  assert.equal(await window.result(), "Verified");
  await window.press("Log");
  await window.press("Save as");
  await window.says(".main [role=status]", `Saved as ${saved}`);
  const [job] = cli(window.home, "jobs");
  const printed = spawnSync(CLI, ["--home", window.home, "job", "log", job.id], { encoding: "utf8" }).stdout;
  assert.equal(readFileSync(saved, "utf8"), printed);
});
