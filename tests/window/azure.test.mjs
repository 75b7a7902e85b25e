// Azure Device Update in the real window: from files to an update, a deployment, and both deleted again; by mouse and by keyboard alone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { cli, Firmdrop, folder } from "./lib/firmdrop.mjs";
import { azureFiles, choose } from "./lib/places.mjs";
import { KEY, until } from "./lib/webdriver.mjs";

const PRIMARY = "[data-primary]";
const READY = "[data-primary]:not([disabled]):not([aria-disabled='true'])";

const updates = (home) => cli(home, "adu", "updates", "list").map((each) => each.id);
const deployments = (home, group) => cli(home, "adu", "deployments", "list", "--group", group);

/** Waits until the list was read and none of its rows says so. A list that could not be read shows that nothing is gone. */
const gone = (window, words) =>
  until(`no row says ${words}`, () =>
    window.session.run(
      `const rows = [...document.querySelectorAll(".cloud-body .data-row[data-item]")];
       const isRead = rows.length > 0 || document.querySelector(".cloud-body .empty") !== null;
       return isRead && !rows.some((row) => row.textContent.includes(arguments[0]))`,
      words,
    ), 40_000);

test("by mouse: files become an update that is deployed, watched, cancelled and deleted", { timeout: 300_000 }, async (t) => {
  const window = await Firmdrop.open(t, { env: { FIRMDROP_E2E_PICK: azureFiles(folder()) } });
  const row = (words) => until(`the row ${words}`, () =>
    window.session.run(
      `const found = [...document.querySelectorAll(".data-row[data-item]")].find((row) => row.textContent.replaceAll(/\\s/g, "").includes(arguments[0]));
       for (const each of document.querySelectorAll("[data-wanted]")) each.removeAttribute("data-wanted");
       found?.setAttribute("data-wanted", "");
       return found !== undefined`,
      words,
    ));
  await window.says(".status", "Device Update");
  await window.mouseClick(".rail button", "Cloud");
  await window.isAt("cloud");
  await window.mouseClick(".chip");
  await window.mouseClick("[role=menuitemradio]:nth-of-type(2)");
  await window.says(".tabs", "Updates");
  await window.mouseClick(PRIMARY, "Import an update");
  await window.sees(".import");
  await window.mouseClick(".more-drop");
  await window.says('[data-update-file="migrate.sh"]', "Hashed");
  assert.deepEqual(await window.session.run("return [...document.querySelectorAll('[data-finding]')].map((each) => each.textContent)"), []);
  for (const [field, text] of [["provider", "Contoso"], ["name", "Toaster"], ["version", "1.1"]]) {
    await window.mouseClick(`[data-field="/updateId/${field}"]`);
    await window.session.type(text);
  }
  await window.says("[data-identity]", "Already imported");
  await window.mouseClick("[data-identity] button", "Use 1.2");
  await window.says("[data-identity]", "Not imported yet");
  await window.mouseClick("[data-use-class]", "Use Contoso Toaster");
  await window.mouseClick("[data-deploy] label", "Deploy");
  await choose(window, "[data-deploy] select", "oulu-lab");
  await window.says("[data-deploy]", "6 devices");
  await window.sees(READY);
  await window.mouseClick(PRIMARY, "Review import of Toaster 1.2, deploy to 6 devices");

  await window.isAt("plan");
  await window.says(PRIMARY, "Import Toaster 1.2, deploy to 6 devices");
  await window.says(".foot", "Type the number of devices");
  await window.mouseClick("[data-typed-count]");
  await window.session.type("6");
  await window.sees(READY);
  await window.mouseClick(PRIMARY, "Import Toaster 1.2");
  await window.isAt("job");
  await window.sees('[data-result="Verified"]', 120_000);

  await window.mouseClick(".rail button", "Cloud");
  await window.mouseClick(".tabs button", "Updates");
  await row("Toaster1.2");
  await window.mouseClick("[data-wanted]");
  await window.says(".detail", "migrate.sh");
  await window.mouseClick(".detail button", "Deploy…");
  await choose(window, "dialog select", "cambridge-hall");
  await window.says("dialog [data-reach]", "8 devices");
  await window.mouseClick("dialog [data-typed-count]");
  await window.session.type("8");
  await window.mouseClick("dialog button", "Deploy to 8 devices");
  await window.says(".detail-head", "cambridge-hall");
  await until("a device failed", () =>
    window.session.run("return [...document.querySelectorAll('.detail button')].some((each) => each.textContent.includes('Show failed'))"), 60_000);
  await window.mouseClick(".detail button", "Show failed devices");
  const states = await until("failed devices are listed", () =>
    window.session.run(
      `const isCounted = document.querySelector(".filters [role=status]")?.textContent.includes("device");
       const states = [...document.querySelectorAll(".data-row[data-item] .state")].map((state) => state.textContent.trim());
       return isCounted && states.length > 0 ? states : null`,
    ));
  assert.deepEqual(new Set(states), new Set(["Failed"]));
  await window.says("[data-report]", "failed");
  await window.mouseClick(".detail button", "Collect logs…");
  await window.mouseClick("dialog button.primary", "Collect logs");
  await window.says("[data-log-of]", ".zip", 30_000);

  await window.mouseClick(".tabs button", "Deployments");
  await window.says(".detail-head", "cambridge-hall");
  await window.mouseClick(".detail button", "Cancel deployment…");
  await window.mouseClick(".detail button", "Cancel for");
  await window.mouseClick(".detail button", "Delete…");
  await window.mouseClick("dialog button", "Delete 1 deployment");
  await gone(window, "Toaster/1.2");
  assert.deepEqual(deployments(window.home, "cambridge-hall").filter(({ update }) => update.endsWith("/1.2")), []);

  await choose(window, ".groups select", "oulu-lab");
  await row("Toaster/1.2");
  await window.mouseClick("[data-wanted]");
  await window.mouseClick(".detail button", "Delete…");
  await window.mouseClick("dialog button", "Delete 1 deployment");
  await gone(window, "Toaster/1.2");
  await window.mouseClick(".tabs button", "Updates");
  await row("Toaster1.2");
  await window.mouseClick("[data-wanted]");
  await window.mouseClick(".detail button", "Delete…");
  await window.mouseClick("dialog button", "Delete 1 update");
  await until("the update is no longer listed", () =>
    window.session.run("return document.querySelector('.data-row[data-item]') !== null && document.querySelector('[data-id=\"Contoso/Toaster/1.2\"]') === null"), 40_000);
  assert.ok(!updates(window.home).includes("Contoso/Toaster/1.2"));
});

test("by keyboard alone: files become an update that is deployed, watched, cancelled and deleted", { timeout: 300_000 }, async (t) => {
  const window = await Firmdrop.open(t, { env: { FIRMDROP_E2E_PICK: azureFiles(folder()) } });
  /** What the element with the keyboard is called. */
  const NAME = `
    const at = document.activeElement;
    const by = document.getElementById(at.getAttribute("aria-labelledby"));
    const label = at.getAttribute("aria-label") ?? (by ?? at.labels?.[0] ?? at).textContent;
    return (at.matches("select") ? "Menu " : "") + label.trim().replaceAll(/\\s+/g, " ")`;
  const tabTo = async (words, ...presses) => {
    const walked = [];
    for (let steps = 0; steps < 120; steps += 1) {
      const name = await window.session.run(NAME);
      if (name.startsWith(words)) return;
      walked.push(name.slice(0, 24));
      await window.session.keys(...(presses.length > 0 ? presses : [KEY.tab]));
    }
    throw new Error(`Tab never came to "${words}": ${walked.join(" | ")}`);
  };
  const press = async (words) => {
    await tabTo(words);
    await window.session.keys(KEY.enter);
  };
  const type = async (words, text) => {
    await tabTo(words);
    await window.session.type(text);
  };
  /** Down through the rows, until the selected one says so. */
  const rowOf = async (words) => {
    await until("the list has the keyboard", async () => {
      if (await window.session.run("return document.activeElement.matches('.data-row[data-item]')")) return true;
      await window.session.keys(KEY.tab);
      return false;
    });
    await until(`the row ${words} is selected`, async () => {
      if (await window.session.run("return document.activeElement.textContent.includes(arguments[0])", words)) return true;
      await window.session.keys(KEY.down);
      return false;
    });
  };
  await window.session.keys("g", "c");
  await window.isAt("cloud");
  await press("Account demo");
  await window.session.keys(KEY.down);
  await window.session.keys(KEY.enter);
  await window.says(".tabs", "Updates");
  await window.sees(".data-row[data-item]");
  await window.session.keys([KEY.control, KEY.enter]);
  await window.sees(".import");
  await press("Choose files");
  await window.says('[data-update-file="migrate.sh"]', "Hashed");
  // What is missing is said when it is asked for, and F8 leads through it.
  await window.session.keys([KEY.control, KEY.enter]);
  await until("the keyboard is at the first problem", async () => (await window.session.run(NAME)).startsWith("Provider"));
  await window.session.type("Contoso");
  await type("Name", "Toaster");
  await type("Version", "2.5");
  await window.says("[data-identity]", "Not imported yet");
  await press("Use Contoso Toaster");
  await tabTo("Deploy");
  await window.session.keys(KEY.space);
  await tabTo("Menu Group to deploy to");
  await until("the groups are there", () => window.session.run("return document.activeElement.options.length > 1"));
  await window.session.type("oulu");
  await window.says("[data-deploy]", "6 devices");
  await window.sees(READY);
  await window.session.keys([KEY.control, KEY.enter]);
  await window.isAt("plan");
  await window.sees("[data-typed-count]");
  await type("Deploy to 6 devices of oulu-lab", "6");
  await window.sees(READY);
  await window.session.keys([KEY.control, KEY.enter]);
  await window.isAt("job");
  await window.sees('[data-result="Verified"]', 120_000);

  await window.session.keys("g", "c");
  await window.isAt("cloud");
  await rowOf("2.5");
  await window.says(".detail", "migrate.sh");
  await press("Deploy…");
  await window.sees("dialog");
  await tabTo("Menu Group");
  await until("the groups are there", () => window.session.run("return document.activeElement.options.length > 1"));
  await window.session.type("cambridge");
  await window.says("dialog [data-reach]", "8 devices");
  await type("To confirm, type the number of devices", "8");
  await press("Deploy to 8 devices");
  await window.says(".detail-head", "cambridge-hall");
  await until("a device has it", () =>
    window.session.run("return /[1-9]\\d* updated/.test(document.querySelector('.detail .shares')?.textContent ?? '')"), 60_000);
  await press("Cancel deployment…");
  await press("Cancel for");
  await window.says(".detail-head", "Delete…", 30_000);
  const removeSelected = async (button) => {
    await press("Delete…");
    await window.sees("dialog");
    await press(button);
    await gone(window, "2.5");
  };
  await removeSelected("Delete 1 deployment");
  await tabTo("Menu Group");
  await window.session.type("oulu");
  await window.says(".data-rows", "2.5");
  await rowOf("2.5");
  await removeSelected("Delete 1 deployment");
  await press("Updates");
  await rowOf("2.5");
  await removeSelected("Delete 1 update");
  assert.ok(!updates(window.home).includes("Contoso/Toaster/2.5"));
});
