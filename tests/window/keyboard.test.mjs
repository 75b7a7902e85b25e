// What every screen owes to a person without a mouse: Tab comes to every control, and it is seen where the keyboard is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Firmdrop, folder } from "./lib/firmdrop.mjs";
import { AZURE_PLACES, azureFiles, PLACES } from "./lib/places.mjs";
import { KEY } from "./lib/webdriver.mjs";

const WALK = { ...PLACES, ...AZURE_PLACES };
/** More stops than any screen has. */
const MOST_STOPS = 200;

/** The control with the keyboard, and what is wrong with it; null outside of the page. */
const STOP = `
  const at = document.activeElement;
  if (at === null || at === document.body) return null;
  const isNew = !at.hasAttribute("data-walked");
  at.setAttribute("data-walked", "");
  const faults = [];
  /** A control may leave its ring to what is drawn in its place: the box around it, or the tick beside it. */
  const drawn = [at, at.nextElementSibling, at.parentElement, at.parentElement?.parentElement].filter(Boolean);
  const hasRing = drawn.some((each, index) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(each);
    return (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || (index < 2 && boxShadow !== "none");
  });
  if (!hasRing) faults.push("has no ring");
  const { left, right, top, bottom, width, height } = at.getBoundingClientRect();
  if (bottom <= 0 || right <= 0 || top >= innerHeight || left >= innerWidth) faults.push("is out of view");
  else {
    const over = document.elementFromPoint(left + width / 2, top + Math.min(height / 2, 20));
    if (over !== null && !at.contains(over) && !over.contains(at) && !at.labels?.[0]?.contains(over)) faults.push("is covered");
  }
  const name = at.getAttribute("aria-label") ?? at.labels?.[0]?.textContent ?? at.textContent;
  return { isNew, faults: faults.map((fault) => name.trim().slice(0, 40) + " " + fault) };`;

/** Controls that Tab did not come to. Arrow keys lead through the rows of a list and the choices of a group. */
const MISSED = `
  const part = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document;
  const controls = [...part.querySelectorAll("button, a[href], input, select, textarea, summary, [tabindex='0']")];
  const missed = controls.filter(
    (each) =>
      !each.disabled &&
      each.getAttribute("tabindex") !== "-1" &&
      !each.hasAttribute("data-walked") &&
      each.checkVisibility({ visibilityProperty: true }) &&
      each.getBoundingClientRect().width > 0 &&
      !(each.type === "radio" && document.querySelector(\`[type=radio][name="\${each.name}"][data-walked]\`)),
  );
  for (const each of document.querySelectorAll("[data-walked]")) each.removeAttribute("data-walked");
  return missed.map((each) => (each.getAttribute("aria-label") ?? each.textContent).trim() + " is not reached");`;

async function walk(window) {
  const found = [];
  await window.session.run("document.activeElement?.blur()");
  let known = 0;
  for (let stops = 0; stops < MOST_STOPS && known < 2; stops += 1) {
    await window.session.keys(KEY.tab);
    const stop = await window.session.run(STOP);
    if (stop === null) continue;
    if (!stop.isNew) known += 1;
    else found.push(...stop.faults);
  }
  assert.equal(known, 2, "Tab did not come round");
  found.push(...(await window.session.run(MISSED)));
  await window.session.run("document.activeElement?.blur()");
  return found;
}

test("Tab comes to every control of every screen, and each is seen", { timeout: 400_000 }, async (t) => {
  const window = await Firmdrop.open(t, { env: { FIRMDROP_E2E_PICK: azureFiles(folder()) } });
  await window.session.resize(1280, 800);
  const found = [];
  for (const [place, go] of Object.entries(WALK)) {
    await go(window);
    found.push(...(await walk(window)).map((fault) => `${place}: ${fault}`));
  }
  assert.deepEqual(found, []);
});
