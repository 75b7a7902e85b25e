// What every screen owes to every person: no fault that axe-core finds in either theme, and the one primary act in view in
// the smallest window.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { Firmdrop, folder } from "./lib/firmdrop.mjs";
import { AZURE_PLACES, azureFiles, PLACES, wear } from "./lib/places.mjs";
import { KEY, until } from "./lib/webdriver.mjs";

/** Every screen, those of one service after the other. */
const WALK = { ...PLACES, ...AZURE_PLACES };
const open = (t) => Firmdrop.open(t, { env: { FIRMDROP_E2E_PICK: azureFiles(folder()) } });

const fromUi = createRequire(new URL("../../ui/package.json", import.meta.url));
const AXE = readFileSync(fromUi.resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** What axe finds, one line each. */
async function faults(window) {
  // A colour half-way between two states is nobody's colour.
  await until("every transition has ended", () => window.session.run("return document.getAnimations().length === 0"));
  if (!(await window.session.run("return typeof window.axe === 'object'"))) await window.session.run(`${AXE}; window.axe = axe;`);
  return window.session.wait(
    `const done = arguments[arguments.length - 1];
     axe.run(document, { runOnly: arguments[0] }).then(
       (found) => done(found.violations.flatMap((rule) => rule.nodes.map((node) => rule.id + ": " + node.target.join(" ") + " " + (node.any[0]?.message ?? "")))),
       (error) => done([String(error)]),
     )`,
    RULES,
  );
}

for (const theme of ["dark", "light"]) {
  test(`in the ${theme} theme no screen has a fault that axe-core finds`, { timeout: 240_000 }, async (t) => {
    const window = await open(t);
    await wear(window, theme);
    const found = [];
    for (const [place, go] of Object.entries(WALK)) {
      await go(window);
      found.push(...(await faults(window)).map((fault) => `${place}: ${fault}`));
    }
    assert.deepEqual(found, []);
  });
}

test("at 200 % nothing overlaps and the primary act of each screen is in view", { timeout: 200_000 }, async (t) => {
  const window = await open(t);
  await window.session.resize(1280, 800);
  // The driver's mouse does not know the zoom and would click beside.
  window.clicksByScript = true;
  for (let step = 0; step < 5; step += 1) await window.session.keys([KEY.control, "+"]);
  await window.says(".status", "200 %");
  await until("everything is drawn twice as large", () => window.session.run("return innerWidth === 640"));
  for (const [place, go] of Object.entries(WALK)) {
    await go(window);
    const { primary, wide, over } = await window.session.run(LARGE_LOOK);
    assert.ok(primary, `${place}: the primary act is out of view`);
    assert.ok(!wide, `${place}: wider than the window`);
    assert.deepEqual(over, [], `${place}: words on words`);
  }
  await window.session.keys([KEY.control, "0"]);
  await until("everything has its usual size", () => window.session.run("return innerWidth === 1280"));
});

/** Whether the primary act is in view, whether the page is too wide, and which buttons, fields and headings lie on each other. */
const LARGE_LOOK = `
  const primary = document.querySelector("[data-primary]")?.getBoundingClientRect();
  const inside = !primary || (primary.top >= 0 && primary.left >= 0 && primary.bottom <= innerHeight + 1 && primary.right <= innerWidth + 1);
  /** What of it can be seen: boxes that scroll cut off the rest. */
  const visible = (e) => {
    let { left, top, right, bottom } = e.getBoundingClientRect();
    for (let box = e.parentElement; box; box = box.parentElement) {
      if (getComputedStyle(box).overflow === "visible") continue;
      const cut = box.getBoundingClientRect();
      left = Math.max(left, cut.left); top = Math.max(top, cut.top);
      right = Math.min(right, cut.right); bottom = Math.min(bottom, cut.bottom);
    }
    return { e, left, top, right, bottom };
  };
  const seen = [...document.querySelectorAll(".app button, .app h1, .app h2, .app input:not(.visually-hidden)")]
    .map(visible).filter((r) => r.right - r.left > 2 && r.bottom - r.top > 2);
  const over = [];
  for (const [at, a] of seen.entries())
    for (const b of seen.slice(at + 1)) {
      if (a.e.contains(b.e) || b.e.contains(a.e)) continue;
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 2 && high > 2) over.push(a.e.textContent.trim().slice(0, 30) + " / " + b.e.textContent.trim().slice(0, 30));
    }
  return { primary: inside, wide: document.documentElement.scrollWidth > innerWidth, over };
`;

test("at 960 × 600, 125 %, the status bar is one line and nothing has to be scrolled sideways", { timeout: 200_000 }, async (t) => {
  const window = await open(t);
  await window.session.resize(960, 600);
  // The driver's mouse does not know the zoom and would click beside.
  window.clicksByScript = true;
  for (let step = 0; step < 2; step += 1) await window.session.keys([KEY.control, "+"]);
  await window.says(".status", "125 %");
  const found = [];
  for (const [place, go] of Object.entries(WALK)) {
    await go(window);
    const { tall, wide } = await window.session.run(SMALL_LOOK);
    found.push(...tall.map((text) => `${place}: the status bar wraps: ${text}`), ...wide.map((what) => `${place}: wider than its pane: ${what}`));
  }
  assert.deepEqual(found, []);
});

/** What of the status bar takes more than a line, and which panes scroll sideways. */
const SMALL_LOOK = `
  const tall = [...document.querySelectorAll(".status > span")].filter((e) => e.offsetHeight > 24).map((e) => e.textContent.trim());
  const wide = [...document.querySelectorAll(".main .split > *, .main .body, .main .head, .main .foot")]
    .filter((e) => e.scrollWidth > e.clientWidth + 1)
    .map((pane) => {
      // A scroll bar stands between the content and the edge of the pane.
      const edge = pane.getBoundingClientRect().left + pane.clientLeft + pane.clientWidth;
      const out = [...pane.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > edge + 1);
      return out.map((e) => e.tagName + "." + e.className + " " + e.textContent.trim().slice(0, 20)).join(" | ");
    });
  return { tall, wide };
`;

test("at 960 × 600 the primary act of each screen is in view and nothing runs out of the window", { timeout: 200_000 }, async (t) => {
  const window = await open(t);
  await window.session.resize(960, 600);
  for (const [place, go] of Object.entries(WALK)) {
    await go(window);
    const out = await window.session.run(
      `const primary = document.querySelector("[data-primary]")?.getBoundingClientRect();
       const inside = !primary || (primary.top >= 0 && primary.left >= 0 && primary.bottom <= innerHeight && primary.right <= innerWidth);
       return { inside, wide: document.documentElement.scrollWidth > innerWidth, size: [innerWidth, innerHeight] }`,
    );
    assert.ok(out.inside, `${place}: the primary act is out of view at ${out.size.join(" × ")}`);
    assert.ok(!out.wide, `${place}: wider than the window`);
  }
});
