/** The preview's Azure Device Update: a few of the program's rules, so that a form has something to say. */
import type { ManifestFinding, PlannedImport } from "../../src/ipc/bindings";
import type { AzureHost } from "../../src/ipc/azure";
import {
  compatibilityOf,
  entryOf,
  filesOf,
  identityOf,
  isNode,
  listAt,
  parsed,
  stepsOf,
  textAt,
  written,
} from "../../src/state/azure/manifestText";
import { azureOptions } from "../../src/state/azure/plan";
import { importPlan } from "../fixtures";
import { HASH, newId, pathOf } from "../make";
import { mockFleet } from "./fleet";
import { mockLists } from "./lists";

const HANDLERS: [RegExp, string][] = [
  [/\.swu$/, "microsoft/swupdate:1"],
  [/\.(sh|ps1)$/, "microsoft/script:1"],
];

const nameOf = (token: number) => pathOf(token).split("/").at(-1) ?? "file";

function line(text: string, word: string): number | null {
  const at = text.split("\n").findIndex((each) => each.includes(`"${word}"`));
  return at < 0 ? null : at + 1;
}

function check(text: string): ManifestFinding[] {
  const document = parsed(text);
  const found: ManifestFinding[] = [];
  const say = (pointer: string, what: string, why: string, remedy: string, severity: "error" | "warning" = "error") =>
    found.push({
      severity,
      rule: pointer.split("/").at(-1) ?? "json",
      pointer,
      what,
      why,
      remedy,
      line: line(text, pointer.split("/").at(-1) ?? ""),
    });
  if (document === null) {
    say("", "The text is no JSON object.", "The service reads JSON.", "Mend it at the line.");
    return found;
  }
  for (const [key, value] of Object.entries(identityOf(document)))
    if (value === "") say(`/updateId/${key}`, `The ${key} is missing.`, "It names the update.", "Enter it.");
  compatibilityOf(document).forEach((row, index) => {
    for (const [key, value] of row)
      if (value === "")
        say(`/compatibility/${index}/${key}`, `The ${key} is empty.`, "No device reports an empty one.", "Enter it.");
  });
  stepsOf(document).forEach((step, index) => {
    const at = `/instructions/steps/${index}`;
    if (step.reference === null && step.handler === "")
      say(`${at}/handler`, "The step has no handler.", "It installs the files.", "Choose one.");
    if (step.handler === "microsoft/swupdate:1" && !step.properties["installedCriteria"])
      say(
        `${at}/handlerProperties/installedCriteria`,
        "installedCriteria is missing.",
        "Without it the installation fails on every device.",
        "Enter the version that a device reports afterwards.",
      );
  });
  if (stepsOf(document).length === 0)
    say("/instructions/steps", "The update has no step.", "A device would do nothing.", "Add a file.");
  if (textAt(document, "description") === "" && filesOf(document).length > 0)
    say("/description", "The update has no description.", "Operators see it.", "Say what changes.", "warning");
  return found;
}

export function mockAzure(): AzureHost {
  const sizes: Record<string, number> = { swu: 222_717_542, sh: 3_174, delta: 19_608_371 };
  return {
    updateFile(file, onBytes) {
      const name = nameOf(file);
      const size_bytes = sizes[name.split(".").at(-1) ?? ""] ?? 40_960;
      onBytes({ bytes: size_bytes, total_bytes: null });
      return Promise.resolve({
        name,
        size_bytes,
        sha256: HASH,
        sha256_base64: "nyxBuOA9WneQwdLj9KW2x9jp+gscLT5PUGFyg3PV4Ho=",
        handler: HANDLERS.find(([ending]) => ending.test(name))?.[1] ?? null,
        criteria: null,
      });
    },
    readManifest: () => Promise.resolve(written({ updateId: { provider: "contoso", name: "door", version: "1.0" } })),
    checkManifest: (text) => Promise.resolve(check(text)),
    mendManifest(text, files) {
      const document = parsed(text) ?? {};
      for (const file of files) {
        const entry = listAt(document, "files").find((each) => isNode(each) && textAt(each, "filename") === file.name);
        if (isNode(entry)) Object.assign(entry, entryOf({ ...file, sha256_base64: "" }));
      }
      return Promise.resolve(written(document));
    },
    saveManifest: () => Promise.resolve("/srv/update.importmanifest.json"),
    planImport(account, _files, text, options) {
      const { deploy } = azureOptions(options);
      const [update] = (importPlan.import as PlannedImport).updates;
      if (!update) throw new Error("no update");
      const planned: PlannedImport = {
        updates: [{ ...update, id: identityOf(parsed(text) ?? {}), manifest: text }],
        deployment: deploy
          ? {
              group: deploy.group,
              deployment_id: null,
              download_security: null,
              expect_devices: deploy.expect_devices,
              reach: { group: deploy.group, subgroups: [] },
            }
          : null,
      };
      const made = {
        ...importPlan,
        id: newId("plan"),
        destination: { scheme: "adu", address: account },
        destination_name: account,
        impact: deploy ? ("fleet" as const) : importPlan.impact,
      };
      return Promise.resolve([Object.assign(made, { import: planned })]);
    },
    ...mockLists(),
    ...mockFleet(),
  };
}
