// The cloud in the real window: a fleet of devices, a campaign from its filter to its end, a deletion that is taken back.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CLI, cli, Firmdrop, folder, rawFile, serveDemo, withoutKeyStore } from "./lib/firmdrop.mjs";
import { serveFleet } from "./lib/fleet.mjs";
import { signWith } from "./lib/places.mjs";
import { KEY, until } from "./lib/webdriver.mjs";

/** What an account needs for a campaign: an image, a manifest that points to it, and devices of one class. */
function prepare(home, t) {
  const run = (...args) => {
    const ran = spawnSync(CLI, ["--home", home, ...args, "--json"], { encoding: "utf8" });
    assert.equal(ran.status, 0, `${args.join(" ")}: ${ran.stdout}${ran.stderr}`);
  };
  const devices = cli(home, "pelion", "devices", "list", "--account", "demo", "--limit", "1000").data;
  const filter = `device_class__eq=${devices[0].device_class}&state__eq=registered`;
  const file = rawFile(join(folder(), "puck.bin"), 200_000);
  run("manifest", "key", "new", "release");
  // A campaign that stays a draft: its image and its manifest are all that is wanted.
  run("deliver", file, "--to", "pelion:demo", "--campaign", "Only a draft", "--filter", filter, "--fw-version", "9.0.0", "--yes");
  const matching = devices.filter((each) => each.device_class === devices[0].device_class && each.state === "registered");
  return { filter, count: matching.length };
}

test("a campaign is put together, started by typing its number of devices, watched and stopped", { timeout: 180_000 }, async (t) => {
  const home = folder();
  await serveDemo(t, home);
  const { filter, count } = prepare(home, t);
  const saved = join(folder(), "devices.csv");
  const window = await Firmdrop.open(t, { home, args: [], env: { FIRMDROP_E2E_SAVE: saved } });
  await window.session.keys("g", "c");
  await window.isAt("cloud");
  await window.press("Manifests");
  await window.says(".manifest-checks", "Signature");
  await window.press("Devices");
  await window.fill("[data-filter-text]", filter);
  await window.says(".list-count", `${count} devices`);
  await window.says(".tabs [aria-pressed=true]", `Devices\u00a0${count}`);
  await window.says(".foot", `New campaign for ${count} devices`);
  await window.press("New campaign for");
  await window.isAt("compose");
  await window.fill(".compose .pair input", "From the window");
  await until("the manifest can be chosen", () =>
    window.session.run(
      `const select = document.querySelector(".compose select");
       if (!select || select.options.length < 2) return false;
       select.value = select.options[1].value;
       select.dispatchEvent(new Event("change", { bubbles: true }));
       return true`,
    ),
  );
  await window.says(".manifest-says", "same SHA-256");
  await window.says(".touched", "will accept");
  await window.sees("[data-primary]:not([disabled])");
  await window.session.keys([KEY.control, KEY.enter]);
  await window.says("dialog", "It cannot be recalled");
  assert.equal(await window.session.run("return document.activeElement.textContent"), "Cancel");
  await window.fill("dialog input", String(count));
  await window.press(`Start campaign for ${count} devices`);
  await window.isAt("campaign");
  await window.says(".phase-line .here", "Active", 60_000);
  await window.says(".count-words", `${count}`, 60_000);
  await window.says(".data-row .state", "Updated", 60_000);
  await window.press("Save as CSV");
  await window.says(".campaign-tools [role=status]", `Saved as ${saved}`);
  assert.equal(readFileSync(saved, "utf8").trim().split("\n").length, count + 1, "a head and a line for each device");

  await window.press("Stop…");
  await window.says("dialog", "has processed still get the new firmware");
  await window.fill("dialog input", "From the window");
  await window.press("Stop 1 campaign");
  await window.says(".phase-line .here", "Stopped", 60_000);
  const mine = () => cli(home, "pelion", "campaigns", "list", "--account", "demo").data.find((each) => each.name === "From the window");
  assert.equal(mine().phase, "stopped");
  await window.press("Archive");
  await window.says(".phase-line .here", "Archived");
  await window.session.keys("g", "c");
  await window.isAt("cloud");
  await window.press("Campaigns");
  await window.says(".list-count", "1 archived one is hidden");
  assert.equal(await window.session.run("return document.querySelector('.data-rows').textContent.includes('From the window')"), false);
});

test("a key is made, signs a manifest for an image of the account, and the manifest is verified", { timeout: 120_000 }, async (t) => {
  const home = folder();
  await serveDemo(t, home);
  const file = rawFile(join(folder(), "gate.bin"), 100_000);
  const delivered = spawnSync(CLI, ["--home", home, "deliver", file, "--to", "pelion:demo", "--yes", "--json"], { encoding: "utf8" });
  assert.equal(delivered.status, 0, delivered.stdout + delivered.stderr);
  const window = await Firmdrop.open(t, { home, args: [], env: { FIRMDROP_E2E_PICK: file } });
  await window.session.keys("g", "c");
  await window.isAt("cloud");
  await window.press("Manifests");
  await window.press("Upload a manifest file…");
  await window.press("Upload 1 manifest");
  await window.says("dialog .problem", "FD-5");
  await window.press("Cancel");
  await window.press("Keys…");
  // The demo world brings a development key of its own.
  await window.sees('[data-key="demo"]');
  await window.fill("dialog .new-key input", "release");
  await window.press("Create key");
  await window.sees('[data-key="release"]');
  await window.press("Close");
  await window.press("Images");
  await window.says(".detail-head", "gate.bin");
  await window.press("Make manifest…");
  await window.isAt("new-manifest");
  await signWith(window, "release");
  await window.says("[aria-label='Contents to sign']", "gate.bin");
  await window.session.keys([KEY.control, KEY.enter]);
  await window.isAt("cloud");
  await window.says(".detail-head", "gate.bin");
  await window.says(".manifest-checks", "Signature");
  await window.says(".detail", "release");
  assert.equal(await window.session.run("return document.querySelectorAll('.manifest-checks .danger').length"), 0);
  const { data } = cli(home, "pelion", "manifests", "list", "--account", "demo");
  assert.equal(data.length, 1);
  assert.match(data[0].name, /^gate\.bin /);
  await window.press("New campaign with it…");
  await window.isAt("compose");
  await window.says(".manifest-says", "same SHA-256");
});

test("one plan leads from a file to a campaign that is drafted and waits to be started", { timeout: 120_000 }, async (t) => {
  const home = folder();
  await serveDemo(t, home);
  spawnSync(CLI, ["--home", home, "manifest", "key", "new", "release", "--json"]);
  const { device_class } = cli(home, "pelion", "devices", "list", "--account", "demo", "--limit", "2").data[0];
  const file = rawFile(join(folder(), "planned.bin"), 200_000);
  const window = await Firmdrop.open(t, { home, args: [file] });
  await window.isAt("verdict");
  await window.click('[data-destination="pelion:demo"] .dest-name');
  await window.click("[data-primary]");
  await window.isAt("plan");
  await window.sees("[data-primary]:not([disabled])");
  await window.session.run("document.querySelector('.draft > .choice input').click()");
  await window.fill(".campaign-fields .pair .entry:last-child input", "9.1.0");
  await window.fill("[data-filter-text]", `device_class__eq=${device_class}&state__eq=registered`);
  await window.says(".campaign-fields", "devices match now");
  await window.sees("[data-primary]:not([disabled])");
  await window.click("[data-primary]");
  await window.isAt("job");
  assert.equal(await window.result(), "Verified");
  const [campaign] = cli(home, "pelion", "campaigns", "list", "--account", "demo").data;
  assert.deepEqual([campaign.name, campaign.phase], ["planned.bin", "draft"]);
  await window.session.keys("g", "c");
  await window.isAt("cloud");
  await window.press("Campaigns");
  await window.says(".data-row[data-id]", "planned.bin");
  await window.session.keys("j");
  await window.session.keys(KEY.enter);
  await window.isAt("campaign");
  await window.press("Edit draft…");
  await window.isAt("compose");
  await window.says(".touched", "will accept");
});

test("what is deleted waits: taken back, or with the window closed meanwhile, nothing is sent", { timeout: 120_000 }, async (t) => {
  const home = folder();
  await serveDemo(t, home);
  prepare(home, t);
  const images = () => cli(home, "pelion", "images", "list", "--account", "demo").data.length;
  const window = await Firmdrop.open(t, { home, args: [] });
  await window.session.keys("g", "c");
  await window.isAt("cloud");
  await window.press("Images");
  await window.press("Delete…");
  await window.press("Delete 1 image");
  await window.says(".undo-bar", "Nothing was sent yet");
  await window.sees(".data-row.deleting");
  await window.session.keys([KEY.control, "z"]);
  await until("the bar is gone", () => window.session.run("return document.querySelector('.undo-bar') === null"));
  await window.press("Delete…");
  await window.press("Delete 1 image");
  await window.sees(".undo-bar");
  await window.session.stop();
  assert.equal(images(), 1);

  const again = await Firmdrop.open(t, { home, args: [] });
  await again.session.keys("g", "c");
  await again.isAt("cloud");
  await again.press("Images");
  await again.press("Delete…");
  await again.press("Delete 1 image");
  await until("it is gone after the time", () => images() === 0, 30_000);
  await again.says(".empty", "No images");
});

/** Scrolls by so many pixels a frame, 120 times; answers the frames a second and the most rows that were drawn. */
const SCROLL = `
  const [pixels, done] = arguments;
  const box = document.querySelector(".data-rows [role=rowgroup]");
  const began = performance.now();
  let frames = 0, most = 0;
  const step = () => {
    if (pixels > 0) box.scrollTop += pixels;
    if (frames % 10 === 0) most = Math.max(most, document.querySelectorAll(".data-row[data-id]").length);
    frames += 1;
    const seconds = (performance.now() - began) / 1000;
    // So many frames, however long a busy computer takes for them.
    if (frames < 120) requestAnimationFrame(step);
    else done({ rate: Math.round(frames / seconds), most, first: Number(document.querySelector(".data-row[data-id]").getAttribute("aria-rowindex")) });
  };
  requestAnimationFrame(step)`;

test("100,000 devices: a short page comes first, all of them are read, and scrolling draws few rows", { timeout: 180_000 }, async (t) => {
  const home = folder();
  const fleet = await serveFleet(t, 100_000);
  const key = join(folder(), "key");
  writeFileSync(key, "ak_a_key_of_no_service");
  const add = ["--home", home, "account", "add", "fleet", "--host", fleet.url, "--key-file", key, "--json"];
  const added = spawnSync(CLI, add, { encoding: "utf8", env: withoutKeyStore() });
  assert.equal(added.status, 0, added.stderr + added.stdout);
  const window = await Firmdrop.open(t, { home, args: [] });
  await window.session.keys("g", "c");
  await window.isAt("cloud");
  const first = await window.session.wait(
    `const done = arguments[arguments.length - 1];
     const began = performance.now();
     [...document.querySelectorAll(".tabs button")].find((b) => b.textContent.trim().startsWith("Devices")).click();
     const look = () => document.querySelector(".data-row[data-id]") ? done(performance.now() - began) : requestAnimationFrame(look);
     look()`,
  );
  t.diagnostic(`first rows after ${Math.round(first)} ms`);
  await until("every device is read", () =>
    window.session.run("return document.querySelector('.list-count').textContent.replace(/\\D/g, '') === '100000'"),
    120_000,
  );
  assert.equal(fleet.asked, 101, "a short page and a hundred full ones");
  // The row of the keyboard is not drawn any more once the list is elsewhere.
  const isOn = (at) => async () =>
    (await window.session.run("return document.activeElement?.dataset.id ?? null")) === at.toString(16).padStart(32, "0");
  await window.session.run("document.querySelector('.data-row[data-id]').focus()");
  await window.session.keys(KEY.end);
  await until("the keyboard is on the last row", isOn(99_999));
  await window.session.keys(KEY.home);
  await until("the keyboard is on the first row", isOn(0));
  await window.session.keys(KEY.pageDown);
  await until("the keyboard is a page on", async () => !(await isOn(0)()) && !(await isOn(1)()));
  await window.session.keys(KEY.home);
  await until("the keyboard is on the first row again", isOn(0));
  // Times are the business of the bench `window-fleet`.
  const scroll = await window.session.wait(SCROLL, 200);
  t.diagnostic(`${scroll.rate} frames a second while scrolling, at most ${scroll.most} rows drawn`);
  assert.ok(scroll.most < 80, `${scroll.most} rows drawn`);
  assert.ok(scroll.first > 300, "it did not scroll");
  await window.fill(".main [data-filter]", "puck-099999");
  await window.says(".data-row[data-id]", "puck-099999");
});
