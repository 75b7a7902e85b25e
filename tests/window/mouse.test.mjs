// What a hand does: buttons, menus and keys through the X server, at the sizes and zooms a user has.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { join } from "node:path";
import { windows } from "./lib/close.mjs";
import { Firmdrop, folder, rawFile } from "./lib/firmdrop.mjs";
import { mouse } from "./lib/mouse.mjs";
import { until } from "./lib/webdriver.mjs";

/** Windows of the X server that can be seen: a menu is one. */
const seen = () => mouse("search", "--onlyvisible", "--name", "").split("\n").filter((id) => id !== "").length;

test("the right button opens no menu that would throw work away", { timeout: 90_000 }, async (t) => {
  const window = await Firmdrop.open(t);
  await window.sees(".drop");
  await window.session.run("window.menus = 0; window.addEventListener('contextmenu', (event) => { window.menus += event.defaultPrevented ? 1 : 100; })");
  const before = seen();
  mouse("mousemove", 640, 300, "click", 3);
  await until("the page heard of it", () => window.session.run("return window.menus > 0"));
  assert.equal(await window.session.run("return window.menus"), 1);
  assert.equal(seen(), before);
});

test("the second click of a double click on Review starts nothing", { timeout: 90_000 }, async (t) => {
  const window = await Firmdrop.open(t);
  await window.paste(rawFile(join(folder(), "twice.bin"), 40_000));
  await window.isAt("verdict");
  await window.sees('[data-destination="pelion:demo"] input:not([disabled])');
  await window.click('[data-destination="pelion:demo"] .dest-name');
  await window.sees("[data-primary]:not([disabled])");
  const place = await window.session.run(
    `window.clicks = 0;
     window.addEventListener("mouseup", () => (window.clicks += 1), { capture: true });
     const { right, top, height } = document.querySelector("[data-primary]").getBoundingClientRect();
     return { x: right - 40, y: top + height / 2 }`,
  );
  // As far apart as a slow hand's: the plan is ready by then.
  mouse("mousemove", "--window", windows().at(-1), Math.round(place.x), Math.round(place.y), "click", "--repeat", 2, "--delay", 180, 1);
  await until("both clicks arrived", () => window.session.run("return window.clicks === 2"));
  await window.sees("[data-primary]:not([disabled])");
  assert.equal(await window.session.run("return document.querySelector('.main').dataset.view"), "plan");
});

test("a host in the own network is allowed by a button, and its file is judged", { timeout: 90_000 }, async (t) => {
  const server = createServer((_request, answer) => answer.end(Buffer.alloc(5000, 7))).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => void server.close());
  const url = `http://127.0.0.1:${server.address().port}/release/ci.bin`;
  const window = await Firmdrop.open(t, { args: [url] });
  await window.says(".problem", "127.0.0.1");
  await window.mouseClick(".problem button", "Allow this host");
  await window.isAt("verdict");
  await window.sees('[data-digest="SHA-256"]');
});

test("a reader that was added by its address is offered, renamed, removed, and there after a restart", { timeout: 120_000 }, async (t) => {
  const home = folder();
  const file = rawFile(join(folder(), "for-it.bin"), 2000);
  const first = await Firmdrop.open(t, { home, args: [] });
  await first.session.keys("g", "r");
  await first.isAt("readers");
  await first.mouseClick("button", "Add by address");
  await first.sees("dialog[open] input");
  await first.session.type("127.0.0.1:9");
  await first.mouseClick("dialog[open] button", "Identify and add");
  await first.says("dialog[open]", "in the list");
  await first.mouseClick("dialog[open] button", "Close");
  const row = '[data-drop-reader="smp+udp:127.0.0.1:9"]';
  await first.mouseClick(`${row} td:nth-child(2)`);
  await first.mouseClick(".detail button", "Rename");
  await first.fill("[data-reader-name]", "Gate by the door");
  await first.mouseClick(".detail button", "Rename");
  await first.says(row, "Gate by the door");
  await first.session.stop();

  const second = await Firmdrop.open(t, { home, args: [file] });
  await second.isAt("verdict");
  await second.says('[data-destination="smp+udp:127.0.0.1:9"]', "Gate by the door");
  await second.says(".status", ", 0 ready");
  await second.session.keys("g", "r");
  await second.mouseClick(`${row} td:nth-child(2)`);
  await second.mouseClick(".detail button", "Remove");
  await until("it is gone", () => second.session.run("return document.querySelector(arguments[0]) === null", row));
});

/** Texts of these elements that are not wholly inside of their place. */
const CUT = `
  return [...document.querySelectorAll(arguments[0])].filter((e) => {
    const box = e.getBoundingClientRect();
    if (box.width === 0 || e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== "inline") return true;
    for (let at = e.parentElement; at !== null; at = at.parentElement) {
      if (getComputedStyle(at).overflowX === "visible") continue;
      const clip = at.getBoundingClientRect();
      if (box.left < clip.left - 1 || box.right > clip.right + 1) return true;
    }
    return false;
  }).map((e) => e.textContent)`;

const uncut = async (window, css) => assert.deepEqual(await window.session.run(CUT, css), [], css);

for (const [width, height, zoom] of [[1280, 800, 100], [960, 600, 100], [960, 600, 125], [1280, 800, 200]]) {
  test(`no target is cut at ${width} × ${height}, ${zoom} %`, { timeout: 120_000 }, async (t) => {
    const name = "gate-reader-firmware-for-the-entrance-hall-2.4.1.signed.release-candidate.bin";
    const file = rawFile(join(folder(), name), 40_000);
    const window = await Firmdrop.open(t, { args: ["--demo", file] });
    await window.session.resize(width, height);
    for (let percent = 100; percent < zoom; ) {
      await window.session.keys(["\uE009", "+"]);
      percent = await until("a larger size", async () => {
        const now = await window.session.run("return Math.round(Number(getComputedStyle(document.documentElement).getPropertyValue('--zoom')) * 100)");
        return now > percent ? now : null;
      });
    }
    await window.isAt("verdict");
    await window.sees('[data-destination="pelion:demo"] input:not([disabled])');
    await uncut(window, ".chip .middle");
    await uncut(window, ".dest .name");
    await window.click('[data-destination="pelion:demo"] .dest-name');
    // The driver's mouse knows nothing of a zoom.
    window.clicksByScript = zoom > 100;
    await window.press("Review");
    await window.isAt("plan");
    await window.sees("[data-primary]:not([disabled])");
    await uncut(window, ".plan-table .name .strong");
    await window.press("Upload to demo");
    await window.isAt("job");
    assert.equal(await window.result(), "Verified");
    await uncut(window, ".head .where");
    await window.session.keys("g", "a");
    await window.isAt("activity");
    await window.sees(".job .where");
    await uncut(window, ".job .where");
    await window.click(".bell");
    await window.sees(".notice-row .where");
    await uncut(window, ".notice-row .where");
  });
}
