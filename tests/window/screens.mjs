// Makes docs/screens/*.png anew: each screen of the real window in both themes.
// FIRMDROP_BIN=… FIRMDROP_CLI=… xvfb-run -s "-screen 0 1280x800x24" dbus-run-session -- node --test tests/window/screens.mjs

import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Firmdrop, folder } from "./lib/firmdrop.mjs";
import { AZURE_PLACES, azureFiles, PLACES, wear } from "./lib/places.mjs";
import { until } from "./lib/webdriver.mjs";

const FOLDER = fileURLToPath(new URL("../../docs/screens/", import.meta.url));

/** A picture of the page is taken from its compositor, which the other tests do without. */
const PAINTED = { WEBKIT_DISABLE_COMPOSITING_MODE: "0" };

/** Large enough for many chunks; a hole in the file system, so that it costs no disk. */
const LARGE = 1_900 * 1024 * 1024;

async function picture(window, name) {
  // The keyboard's ring is no part of a picture, and no transition is half-way.
  await window.session.run("document.activeElement?.blur()");
  await window.session.wait("setTimeout(arguments[arguments.length - 1], 300)");
  writeFileSync(`${FOLDER}${name}.png`, await window.session.picture());
}

/** An upload in chunks, half-way. */
async function upload(window, file) {
  await window.paste(file);
  await window.isAt("verdict");
  await window.click('[data-destination="pelion:demo"] .dest-name');
  await window.click("[data-primary]");
  await window.isAt("plan");
  await window.confirmAll(120_000);
  await window.click("[data-primary]");
  await window.isAt("job");
  await until("some chunks", () => window.session.run("return document.querySelectorAll('.chunks .c').length >= 8"), 120_000);
  await window.turn("Slow network");
}

/** A campaign that runs: its devices are in more than one state. */
async function running(window) {
  await window.session.keys("g", "c");
  await window.press("Devices");
  await window.fill("[data-filter-text]", "state__eq=registered");
  await window.says(".condition", "State");
  await window.sees("[data-primary]:not([disabled])");
  await window.press("New campaign for");
  await window.isAt("compose");
  await window.fill(".compose .pair input", "Rollout of 1.1.0");
  await until("the manifest can be chosen", () =>
    window.session.run(
      `const select = document.querySelector(".compose select");
       if (!select || select.options.length < 2) return false;
       select.value = select.options[1].value;
       select.dispatchEvent(new Event("change", { bubbles: true }));
       return true`,
    ),
  );
  await window.says(".touched", "will accept");
  const count = await window.session.run("return document.querySelector('.touched-count .big').textContent.trim()");
  await window.click("[data-primary]");
  await window.fill("dialog input", count);
  await window.press("Start campaign for");
  await window.isAt("campaign");
  await window.says(".phase-line .here", "Active", 60_000);
  await until("devices in several states", () =>
    window.session.run("return new Set([...document.querySelectorAll('.data-row .state')].map((state) => state.textContent.trim())).size > 1"),
    60_000,
  );
}

for (const theme of ["dark", "light"]) {
  test(`pictures in the ${theme} theme`, async (t) => {
    mkdirSync(FOLDER, { recursive: true });
    const file = join(folder(), "gateway-6.9.0.img");
    writeFileSync(file, "");
    truncateSync(file, LARGE);
    const window = await Firmdrop.open(t, { env: PAINTED });
    await window.session.resize(1280, 800);
    await wear(window, theme);
    for (const [place, go] of Object.entries(PLACES)) {
      await go(window);
      await picture(window, `${place === "campaign" ? "draft" : place}-${theme}`);
    }
    await running(window);
    await picture(window, `campaign-${theme}`);
    await upload(window, file);
    await picture(window, `upload-${theme}`);
    await PLACES.deliver(window);
    await picture(window, `deliver-${theme}`);
  });

  test(`pictures of Azure Device Update in the ${theme} theme`, async (t) => {
    const window = await Firmdrop.open(t, { env: { ...PAINTED, FIRMDROP_E2E_PICK: azureFiles(folder()) } });
    await window.session.resize(1280, 800);
    await wear(window, theme);
    for (const [place, go] of Object.entries(AZURE_PLACES)) {
      await go(window);
      await picture(window, `${place}-${theme}`);
    }
  });
}
