// What every screen owes to every person: no fault that axe-core finds in either theme, and the one primary act in view in
// the smallest window.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { Firmdrop } from "./lib/firmdrop.mjs";
import { PLACES, wear } from "./lib/places.mjs";
import { until } from "./lib/webdriver.mjs";

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
