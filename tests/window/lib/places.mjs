// Every screen, and how a person gets there in the demo world. The looks tests and the pictures walk the same way.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "./webdriver.mjs";

const READER = '[data-destination="sim:reader-1"]';
const CLOUD = '[data-destination="pelion:demo"]';

async function toPlan(window) {
  await window.session.keys("g", "d");
  await window.isAt("deliver");
  await window.press("demo-reader");
  await window.isAt("verdict");
  await window.sees(`${READER} input:not([disabled])`);
  await window.sees('[data-digest="MD5"]');
  await window.click(`${READER} .dest-name`);
  await window.click(`${CLOUD} .dest-name`);
}

async function makeKey(window, name, development = false) {
  if (await window.session.run("return document.querySelector(`[data-key='${arguments[0]}']`) !== null", name)) return;
  await window.fill("dialog .new-key input", name);
  if (development) await window.session.run("document.querySelector('dialog .new-key [type=checkbox]').click()");
  await window.press("Create key");
  await window.sees(`[data-key="${name}"]`);
}

/** Chooses the key, and the ids of the first kind of device when they are not clear by themselves. */
export async function signWith(window, key) {
  await until("the key can be chosen", () =>
    window.session.run(
      `const select = [...document.querySelectorAll(".signing select")].at(-1);
       if (![...(select?.options ?? [])].some((option) => option.value === arguments[0])) return false;
       select.value = arguments[0];
       select.dispatchEvent(new Event("change", { bubbles: true }));
       return true`,
      key,
    ),
  );
  await until("the ids are known", () =>
    window.session.run(
      `document.querySelector(".kinds .link")?.click();
       return document.querySelector(".kinds .ok") !== null || /[0-9a-f-]{32}/.test([...document.querySelectorAll(".signing .pair input.mono")].map((i) => i.value).join(" "))`,
    ),
  );
  if (await window.session.run("return document.querySelectorAll('.signing .pair input')[1].value === ''"))
    await window.fill(".signing .pair:nth-of-type(2) .entry:last-child input", "9.0.0");
  await window.sees("[data-primary]:not([disabled])");
}

/** In the order in which they can be reached one after the other. */
export const PLACES = {
  deliver: async (window) => {
    await window.session.keys("g", "d");
    await window.sees(".drop");
  },
  verdict: toPlan,
  plan: async (window) => {
    await window.press("Review");
    await window.isAt("plan");
    await window.says("[data-primary]", "Write to Demo reader 1, upload to demo");
    await window.confirmAll();
  },
  activity: async (window) => {
    await window.press("Write to Demo reader 1");
    await window.isAt("activity");
    await until("both jobs are Verified", () =>
      window.session.run("return document.querySelectorAll('.job .ok').length >= 2 && document.querySelectorAll('.job .acc').length === 0"),
      60_000,
    );
  },
  job: async (window) => {
    // Which of the two ended last is left to chance; the one that wrote a reader has more to show.
    await until("the reader's job is chosen", () =>
      window.session.run(
        `const job = [...document.querySelectorAll(".job")].find((job) => job.textContent.includes("Demo read"));
         job?.click();
         return job !== undefined`,
      ),
    );
    await window.press("Open");
    await window.isAt("job");
    await window.sees("[data-result]");
  },
  readers: async (window) => {
    await window.session.keys("g", "r");
    await window.isAt("readers");
    await window.click('[data-drop-reader="sim:reader-1"] td:nth-child(2)');
    await window.says(".detail", "Slot 0");
  },
  doctor: async (window) => {
    await window.press("Doctor");
    await window.isAt("doctor");
    await window.sees('[data-finding="home"]');
  },
  devices: async (window) => {
    await window.session.keys("g", "c");
    await window.isAt("cloud");
    await window.press("Devices");
    await window.fill("[data-filter-text]", "state__eq=registered");
    await window.says(".condition", "State");
    await window.sees(".data-row .ok");
    await until("the device's details", () =>
      window.session.run("return (document.querySelector('.detail .facts:nth-of-type(2) dd')?.textContent ?? '').trim() !== ''"),
    );
    await window.sees("[data-primary]:not([disabled])");
  },
  compose: async (window) => {
    await window.press("New campaign for");
    await window.isAt("compose");
    await window.fill(".compose .pair input", "Every registered device");
    await window.says(".touched-count", "match now");
  },
  campaigns: async (window) => {
    await window.press("Save draft");
    await window.isAt("cloud");
    await window.says(".data-row .state", "Draft");
  },
  campaign: async (window) => {
    await window.press("Open");
    await window.isAt("campaign");
    await window.says(".phase-line", "Draft");
  },
  images: async (window) => {
    await window.session.keys("g", "c");
    await window.press("Images");
    await window.says(".detail", "SHA-256");
  },
  uploads: async (window) => {
    await window.press("Uploads");
    await window.sees(".tabs [aria-pressed=true]");
  },
  keys: async (window) => {
    await window.press("Manifests");
    await window.press("Keys…");
    await makeKey(window, "release");
    await makeKey(window, "bench", true);
  },
  signing: async (window) => {
    await window.press("Close");
    await window.press("Images");
    await window.press("Make manifest…");
    await window.isAt("new-manifest");
    await signWith(window, "release");
  },
  manifests: async (window) => {
    await window.press("Sign and upload");
    await window.isAt("cloud");
    await window.says(".manifest-checks", "Signature");
  },
  settings: async (window) => {
    await window.press("Settings");
    await window.isAt("settings");
    await window.click(".account");
    await window.press("Test connection");
    await window.sees(".layers");
  },
  help: async (window) => {
    await window.press("Help");
    await window.isAt("help");
  },
};

/** Puts a value into the select that `css` names, as its menu does. */
export function choose(window, css, value) {
  return until(`${value} can be chosen in ${css}`, () =>
    window.session.run(
      `const select = document.querySelector(arguments[0]);
       if (![...(select?.options ?? [])].some((option) => option.value === arguments[1])) return false;
       select.value = arguments[1];
       select.dispatchEvent(new Event("change", { bubbles: true }));
       return true`,
      css,
      value,
    ),
  );
}

/** Shows the account of Azure Device Update instead of the first one. */
export async function toAzure(window) {
  await window.session.keys("g", "c");
  await window.isAt("cloud");
  await window.click(".chip");
  await until("the account can be chosen", () =>
    window.session.run(
      `const entry = [...document.querySelectorAll("[role=menuitemradio]")].find((each) => each.textContent.includes("Azure"));
       entry?.click();
       return entry !== undefined`,
    ),
  );
  await window.says(".tabs", "Classes");
}

/** The screens of Azure Device Update, in the same way. The window picks `azureFiles`. */
export const AZURE_PLACES = {
  "azure-updates": async (window) => {
    await toAzure(window);
    await window.says(".detail", "swu");
  },
  "azure-deployments": async (window) => {
    await window.press("Deployments");
    await choose(window, ".groups select", "oulu-lab");
    await window.says(".detail .shares", "updated");
  },
  "azure-groups": async (window) => {
    await window.press("Groups");
    await window.click('.data-row[data-id="oulu-lab"]');
    await window.sees("[data-best]");
    await until("both counts", () => window.session.run("return document.querySelectorAll('.compliance .part').length === 6"));
  },
  "azure-devices": async (window) => {
    await window.press("Devices");
    await choose(window, ".filters label:nth-of-type(2) select", "Failed");
    // The first device fails some seconds after the start, and the list follows it.
    await window.says("[data-report]", "failed", 60_000);
    await window.says("[data-health]", "healthy");
  },
  "azure-logs": async (window) => {
    await window.press("Collect logs of");
    await window.fill("dialog input", "After the deployment of 1.2");
    await window.click("dialog .btn.primary");
    await window.says("[data-log-of]", ".zip", 30_000);
  },
  "azure-classes": async (window) => {
    await window.press("Classes");
    await window.says("[data-fitting]", "the best one");
  },
  "azure-operations": async (window) => {
    await window.press("Operations");
    await window.says(".tabs [aria-pressed=true]", "Operations");
  },
  "azure-import": async (window) => {
    await window.press("Import an update");
    await window.sees(".import");
    if (await window.session.run("return document.querySelector('[data-update-file]') === null")) {
      await window.press("Choose files");
      await until("every file is hashed", () =>
        window.session.run("return document.querySelectorAll('[data-update-file] .ok').length === document.querySelectorAll('[data-update-file]').length && document.querySelector('[data-update-file]') !== null"),
      );
    }
    for (const [field, text] of [["provider", "Contoso"], ["name", "Toaster"], ["version", "2.0"]])
      await window.fill(`[data-field="/updateId/${field}"]`, text);
    await window.press("Use Contoso Toaster");
    await window.session.run("document.querySelector('[data-deploy] input:not(:checked)')?.click()");
    await choose(window, "[data-deploy] select", "oulu-lab");
    await window.says("[data-deploy]", "6 devices");
    await window.sees("[data-primary]:not([aria-disabled='true'])");
  },
  "azure-plan": async (window) => {
    await window.press("Review import of");
    await window.isAt("plan");
    await window.says("[data-primary]", "deploy to 6 devices");
    await window.fill("[data-typed-count]", "6");
    await window.confirmAll();
  },
};

/** A file that the walk imports. */
export function azureFiles(folder) {
  const path = join(folder, "migrate.sh");
  writeFileSync(path, "#!/bin/sh\necho ready\n");
  return path;
}

/** Wears a theme for the walk, as a person sets it. */
export async function wear(window, theme) {
  await window.press("Settings");
  await window.click(`input[name="theme"][value="${theme}"]`);
  await window.sees(`html[data-theme="${theme}"]`);
}
