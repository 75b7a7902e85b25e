// What every screen owes to every person: no fault that axe-core finds in either theme, and the one primary act in view in
// the smallest window.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { Firmdrop } from "./lib/firmdrop.mjs";
import { PLACES, wear } from "./lib/places.mjs";
import { KEY, until } from "./lib/webdriver.mjs";

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
  test(`in the ${theme} theme no screen has a fault that axe-core finds`, { timeout: 170_000 }, async (t) => {
    const window = await Firmdrop.open(t);
    await wear(window, theme);
    const found = [];
    for (const [place, go] of Object.entries(PLACES)) {
      await go(window);
      found.push(...(await faults(window)).map((fault) => `${place}: ${fault}`));
    }
    assert.deepEqual(found, []);
  });
}

test("at 200 % nothing overlaps and the primary act of each screen is in view", { timeout: 120_000 }, async (t) => {
  const window = await Firmdrop.open(t);
  await window.session.resize(1280, 800);
  for (let step = 0; step < 5; step += 1) await window.session.keys([KEY.control, "+"]);
  await window.says(".status", "200 %");
  await until("everything is drawn twice as large", () => window.session.run("return innerWidth === 640"));
  for (const [place, go] of Object.entries(PLACES)) {
    await go(window);
    const { primary, wide, over } = await window.session.run(LARGE_LOOK);
    assert.ok(primary, `${place}: the primary act is out of view`);
    assert.ok(!wide, `${place}: wider than the window`);
    assert.deepEqual(over, [], `${place}: words on words`);
  }
  await window.session.keys([KEY.control, "0"]);
  await until("everything has its usual size", () => window.session.run("return innerWidth === 1280"));
});

/** Whether the primary act is in view, whether the page is too wide, and which buttons and headings lie on each other. */
const LARGE_LOOK = `
  const primary = document.querySelector("[data-primary]")?.getBoundingClientRect();
  const inside = !primary || (primary.top >= 0 && primary.left >= 0 && primary.bottom <= innerHeight + 1 && primary.right <= innerWidth + 1);
  const seen = [...document.querySelectorAll(".app button, .app h1, .app h2, .app input")]
    .filter((e) => !e.closest(".visually-hidden") && !e.matches(".visually-hidden"))
    .map((e) => ({ e, r: e.getBoundingClientRect() }))
    .filter(({ e, r }) => r.width > 0 && r.height > 0 && document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2) !== null);
  const over = [];
  for (const [at, a] of seen.entries())
    for (const b of seen.slice(at + 1)) {
      if (a.e.contains(b.e) || b.e.contains(a.e)) continue;
      const w = Math.min(a.r.right, b.r.right) - Math.max(a.r.left, b.r.left);
      const h = Math.min(a.r.bottom, b.r.bottom) - Math.max(a.r.top, b.r.top);
      // What scrolls under a bar that stays is not seen there: only what both show counts.
      const x = Math.max(a.r.left, b.r.left) + w / 2, y = Math.max(a.r.top, b.r.top) + h / 2;
      const top = w > 2 && h > 2 ? document.elementFromPoint(x, y) : null;
      if (top && (a.e.contains(top) || b.e.contains(top)) && a.e.closest(".main, .topbar, .rail, .status") === b.e.closest(".main, .topbar, .rail, .status"))
        over.push(a.e.textContent.trim().slice(0, 30) + " / " + b.e.textContent.trim().slice(0, 30));
    }
  return { primary: inside, wide: document.documentElement.scrollWidth > innerWidth, over };
`;

test("at 960 × 600 the primary act of each screen is in view and nothing runs out of the window", { timeout: 120_000 }, async (t) => {
  const window = await Firmdrop.open(t);
  await window.session.resize(960, 600);
  for (const [place, go] of Object.entries(PLACES)) {
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
