// Azure Device Update on the mocked host: the import's form and JSON in step, and what it takes to start a deployment.
import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { tick } from "svelte";
import { beforeEach, describe, expect, it, vi } from "vitest";
import App from "../src/App.svelte";
import { useHost } from "../src/ipc";
import { mockAzure } from "../mock/azure/host";
import { mockHost } from "../mock/host";
import { diagnosis, openFile } from "../mock/make";
import { ImportDraft, importDesk, isWithin } from "../src/state/azure/importDraft.svelte";
import { azureClouds } from "../src/state/azure/lists.svelte";
import { compatibilityOf, filesOf, parsed, stepsOf } from "../src/state/azure/manifestText";
import type { AduDeviceRow } from "../src/ipc";
import { deviceMark, hexOf, nextVersion } from "../src/features/azure/words";
import { clock } from "../src/state/clock.svelte";
import { plans } from "../src/state/plans.svelte";
import { router } from "../src/state/route.svelte";
import { session } from "../src/state/session.svelte";

const service = mockAzure();

beforeEach(() => {
  useHost({
    ...mockHost({ empty: false, demo: false, theme: "dark", account: "adu:contoso-blue" }),
    services: { adu: service },
  });
  azureClouds.forget();
  router.replace({ place: "deliver" });
  session.started = false;
});

const document = (draft: ImportDraft) => draft.document ?? {};

describe("an import", () => {
  it("gives each file its entry and its step, and takes both away with it", async () => {
    const draft = new ImportDraft("contoso-blue");
    await draft.add([openFile("/srv/door-panel-3.2.0.swu"), openFile("/srv/migrate.sh")]);
    expect(filesOf(document(draft)).map(({ name }) => name)).toEqual(["door-panel-3.2.0.swu", "migrate.sh"]);
    expect(stepsOf(document(draft)).map(({ handler }) => handler)).toEqual([
      "microsoft/swupdate:1",
      "microsoft/script:1",
    ]);
    const [, script] = draft.files;
    if (script === undefined) throw new Error("no file");
    draft.remove(script);
    expect(stepsOf(document(draft))).toHaveLength(1);
    expect(filesOf(document(draft))).toHaveLength(1);
  });

  it("makes a file stand for another one, and a file of its own again", async () => {
    const draft = new ImportDraft("contoso-blue");
    await draft.add([openFile("/srv/a.swu"), openFile("/srv/from.delta")]);
    const delta = draft.files[1];
    if (delta === undefined) throw new Error("no file");
    draft.relate(delta, "a.swu");
    expect(filesOf(document(draft))).toEqual([{ name: "a.swu", related: ["from.delta"] }]);
    expect(stepsOf(document(draft)).flatMap(({ files }) => files)).toEqual(["a.swu"]);
    draft.relate(delta, null);
    expect(filesOf(document(draft)).map(({ name }) => name)).toEqual(["a.swu", "from.delta"]);
    expect(draft.text).not.toContain("downloadHandler");
  });

  it("says which files its manifest names and nobody added, and is not ready", async () => {
    const draft = new ImportDraft("contoso-blue");
    draft.type('{"files": [{"filename": "missing.swu"}]}');
    await draft.check();
    expect(draft.missing).toEqual(["missing.swu"]);
    expect(draft.ready).toBe(false);
  });

  it("reads whatever stands in a manifest without failing", () => {
    for (const text of ["null", "[]", '{"files": 3, "instructions": [], "compatibility": ["x", {"a": 1}]}', "{"]) {
      const read = parsed(text) ?? {};
      expect([filesOf(read), stepsOf(read)]).toEqual([[], []]);
      expect(
        compatibilityOf(read)
          .flat()
          .every(([, value]) => value === ""),
      ).toBe(true);
    }
    expect(isWithin("/files/1", "/files/1")).toBe(true);
    expect(isWithin("/files/10", "/files/1")).toBe(false);
  });

  it("only counts the findings of the present text", async () => {
    const answers: ((findings: []) => void)[] = [];
    const late = vi
      .spyOn(service, "checkManifest")
      .mockImplementation(() => new Promise((resolve) => answers.push(resolve)));
    const draft = new ImportDraft("contoso-blue");
    void draft.check();
    draft.type("{}");
    answers[0]?.([]);
    await Promise.resolve();
    expect(draft.checked).toBe(false);
    late.mockRestore();
  });

  it("has a form and a JSON text that are one document, a finding at its field, and a button that mends it", async () => {
    render(App);
    await expect.poll(() => session.started).toBe(true);
    importDesk.open("contoso-blue");
    importDesk.clear();
    await importDesk.draft?.add([openFile("/srv/door-panel-3.2.0.swu")]);
    await fireEvent.input(await screen.findByLabelText("Version"), { target: { value: "3.2.0" } });
    expect(importDesk.draft?.text).toContain('"version": "3.2.0"');
    await fireEvent.click(await screen.findByText("Use 3.2.0"));
    expect(importDesk.draft?.text).toContain('"installedCriteria": "3.2.0"');
    await fireEvent.click(screen.getByText("JSON"));
    const text = await screen.findByLabelText<HTMLTextAreaElement>("Import manifest as JSON");
    await fireEvent.input(text, { target: { value: text.value.replace("3.2.0", "3.3.0") } });
    await fireEvent.click(screen.getByText("Form"));
    expect(screen.getByLabelText<HTMLInputElement>("Version").value).toBe("3.3.0");
  });

  it("is planned with all its files and its text once nothing is wrong, and not before", async () => {
    const planned = vi.spyOn(service, "planImport");
    const draft = new ImportDraft("contoso-blue");
    await draft.add([openFile("/srv/migrate.sh")]);
    await draft.check();
    expect(draft.ready).toBe(false);
    await draft.review();
    expect(planned).not.toHaveBeenCalled();
    draft.type(draft.text.replace(/"(provider|name|version|manufacturer|model)": ""/g, '"$1": "1.0"'));
    await draft.check();
    expect(draft.errors).toEqual([]);
    await draft.review();
    expect(planned).toHaveBeenCalledWith("contoso-blue", [expect.any(Number)], draft.text, { deploy: null });
    expect(plans.drafts[0]?.destination).toBe("adu:contoso-blue");
  });
});

describe("an empty form", () => {
  const findings = () => [...globalThis.document.querySelectorAll<HTMLElement>("[data-finding]")];

  async function open(): Promise<void> {
    render(App);
    await expect.poll(() => session.started).toBe(true);
    importDesk.open("contoso-blue");
    importDesk.clear();
    await expect.poll(() => importDesk.draft?.checked).toBe(true);
    await screen.findByLabelText("Provider");
  }

  it("says whether it is imported only by the last answer of the service", async () => {
    await open();
    const updates = azureClouds.of("contoso-blue").updates;
    await expect.poll(() => updates.isCurrent).toBe(true);
    for (const [field, value] of [
      ["Provider", "contoso"],
      ["Name", "door-panel"],
      ["Version", "9.0"],
    ] as const)
      await fireEvent.input(screen.getByLabelText(field), { target: { value } });
    expect(await screen.findByText("Not imported yet")).toBeTruthy();
    const late = vi.spyOn(service, "updates").mockImplementation(() => new Promise(() => undefined));
    void updates.load();
    expect(await screen.findByText("Checking whether it is imported")).toBeTruthy();
    expect(screen.queryByText("Not imported yet")).toBeNull();
    late.mockRestore();
  });

  it("has the keyboard in the field that a button has filled in", async () => {
    await open();
    await importDesk.draft?.add([openFile("/srv/door-panel-3.2.0.swu")]);
    for (const [field, value] of [
      ["Provider", "contoso"],
      ["Name", "door-panel"],
      ["Version", "3.2.0"],
    ] as const)
      await fireEvent.input(screen.getByLabelText(field), { target: { value } });
    const has = (label: string) =>
      expect.poll(() => globalThis.document.activeElement).toBe(screen.getByLabelText(label));
    await fireEvent.click(await screen.findByText("Use 3.2.1"));
    await has("Version");
    await fireEvent.click(await screen.findByText("Use 3.2.1"));
    await has("Installed criteria of step 1");
    const useClass = await screen.findByText(/^Use contoso/);
    await fireEvent.click(useClass);
    await has("manufacturer, row 1");
    await fireEvent.click(screen.getByLabelText("Remove step 1"));
    await expect.poll(() => globalThis.document.activeElement?.textContent).toBe("Add step");
  });

  it("says nothing is wrong before somebody was there, and then only of the field that was left", async () => {
    await open();
    expect(importDesk.draft?.findings.length).toBeGreaterThan(3);
    expect(findings()).toEqual([]);
    expect(screen.queryByText("No problem found")).toBeNull();
    const provider = screen.getByLabelText("Provider");
    expect(provider.dataset["state"]).toBeUndefined();
    await fireEvent.focusOut(provider);
    await expect.poll(() => findings().map((each) => each.dataset["pointer"])).toEqual(["/updateId/provider"]);
  });

  it("moves nothing under a pointer that is down: a field that it left is judged after the click", async () => {
    await open();
    const provider = screen.getByLabelText("Provider");
    await fireEvent.pointerDown(globalThis.document.body);
    await fireEvent.focusOut(provider);
    await tick();
    expect(findings()).toEqual([]);
    await fireEvent.pointerUp(globalThis.document.body);
    await expect.poll(() => findings().length).toBe(1);
  });

  it("says all of it once the import was asked for, and the keyboard is at the first of them", async () => {
    await open();
    await fireEvent.click(screen.getByText(/^Review import of/));
    await expect.poll(() => findings().length).toBe(importDesk.draft?.findings.length);
    expect(globalThis.document.activeElement).toBe(screen.getByLabelText("Provider"));
  });

  it("that was opened from a manifest hides nothing", async () => {
    const draft = new ImportDraft("contoso-blue");
    await draft.add([openFile("/srv/door.importmanifest.json")]);
    await draft.check();
    expect(draft.shown).toEqual(draft.findings);
    expect(draft.errors.length).toBeGreaterThan(0);
  });
});

describe("a deployment inside an import", () => {
  async function filled(): Promise<ImportDraft> {
    const draft = new ImportDraft("contoso-blue");
    await draft.add([openFile("/srv/migrate.sh")]);
    draft.type(draft.text.replace(/"(provider|name|version|manufacturer|model)": ""/g, '"$1": "1.0"'));
    await draft.check();
    return draft;
  }

  it("is planned with the number that was counted, and nothing is ready before", async () => {
    const planned = vi.spyOn(service, "planImport");
    const draft = await filled();
    draft.deployment.on = true;
    expect(draft.ready).toBe(false);
    draft.deployment.group = "lab-panels";
    await draft.deployment.count(draft.text);
    expect([draft.ready, draft.deployment.matching]).toEqual([true, 10]);
    await draft.review();
    const options = { deploy: expect.objectContaining({ group: "lab-panels", expect_devices: 10 }) as object };
    expect(planned).toHaveBeenCalledWith("contoso-blue", [expect.any(Number)], draft.text, options);
  });

  it("is counted again when the manifest is for other devices, and an answer for the old ones does not count", async () => {
    const draft = await filled();
    draft.deployment.on = true;
    draft.deployment.group = "lab-panels";
    await draft.deployment.count(draft.text);
    draft.type(draft.text.replace('"model": "1.0"', '"model": "2.0"'));
    expect(draft.deployment.isCounted(draft.text)).toBe(false);
    await draft.check();
    await expect.poll(() => draft.deployment.isCounted(draft.text)).toBe(true);
  });

  it("says nothing of the group before when another one is counted", async () => {
    const draft = await filled();
    draft.deployment.on = true;
    draft.deployment.group = "lab-panels";
    const reach = vi.spyOn(service, "reachOfManifest").mockRejectedValueOnce(new Error("no connection"));
    await draft.deployment.count(draft.text);
    expect(draft.deployment.problem).not.toBeNull();
    draft.deployment.group = "entrance-halls";
    const counted = draft.deployment.count(draft.text);
    expect(draft.deployment.problem).toBeNull();
    await counted;
    expect(draft.deployment.matching).toBe(300);
    reach.mockRestore();
  });

  it("counts nothing, and says so, while the manifest cannot be read", async () => {
    render(App);
    await expect.poll(() => session.started).toBe(true);
    importDesk.open("contoso-blue");
    const draft = importDesk.draft;
    if (draft === null) throw new Error("no draft");
    draft.deployment.on = true;
    draft.deployment.group = "lab-panels";
    draft.type("{");
    expect(await screen.findByText("Its devices are counted once the manifest can be read")).toBeTruthy();
    expect(screen.queryByText("Counting the devices")).toBeNull();
    importDesk.clear();
  });

  it("waits in the plan until the number of devices is typed, or is left out", async () => {
    const deliver = vi.fn(() => Promise.resolve(["job-1"]));
    useHost({
      ...mockHost({ empty: false, demo: false, theme: "dark", account: "adu:contoso-blue" }),
      deliver,
      services: { adu: service },
    });
    render(App);
    await expect.poll(() => session.started).toBe(true);
    const draft = await filled();
    draft.deployment.on = true;
    draft.deployment.group = "lab-panels";
    await draft.deployment.count(draft.text);
    await draft.review();
    const button = await screen.findByText(/^Import 1\.0 1\.0, deploy to 10 devices/);
    const field = await screen.findByLabelText("Deploy to 10 devices of lab-panels: type 10 to confirm");
    expect(plans.ready).toBe(false);
    await fireEvent.input(field, { target: { value: "11" } });
    await fireEvent.click(button);
    expect(deliver).not.toHaveBeenCalled();
    await fireEvent.input(field, { target: { value: "10" } });
    await expect.poll(() => plans.ready).toBe(true);
    await fireEvent.input(field, { target: { value: "" } });
    await fireEvent.click(await screen.findByText("Import without deploying"));
    expect(await screen.findByText(/^Import 1\.0 1\.0/)).toBeTruthy();
    await expect.poll(() => plans.ready).toBe(true);
    await fireEvent.click(screen.getByText(/^Import 1\.0 1\.0/));
    await expect.poll(() => deliver.mock.calls.length).toBe(1);
  });
});

describe("devices", () => {
  async function open(tab: string): Promise<void> {
    render(App);
    await expect.poll(() => session.started).toBe(true);
    router.go({ place: "cloud", tab });
  }

  it("show what the agent of a failed one reported, with what helps", async () => {
    await open("devices");
    azureClouds.of("contoso-blue").showDevices("lab-panels", "Failed");
    await screen.findAllByText("panel-004");
    expect(await screen.findByText(/Give handlerProperties\.installedCriteria/)).toBeTruthy();
    expect(screen.getByText("1 device", { selector: "[role=status]" })).toBeTruthy();
  });

  it("give their logs, whose places are listed", async () => {
    const collected = vi.spyOn(service, "collectLogs");
    await open("devices");
    azureClouds.of("contoso-blue").showDevices("", "Failed");
    await fireEvent.click(await screen.findByText("Collect logs of 1 device…"));
    await fireEvent.click(within(await screen.findByRole("dialog")).getByText("Collect logs"));
    await expect.poll(() => collected.mock.calls[0]?.[1].devices).toEqual(["panel-004"]);
    expect(await screen.findByText(/^panel-004\/.*\.zip$/)).toBeTruthy();
  });

  it("of another group are neither shown nor counted before the service has said them, nor after it could not", async () => {
    await open("devices");
    const lists = azureClouds.of("contoso-blue");
    await screen.findByText("12 devices", { selector: "[role=status]" });
    let refuse: (error: Error) => void = () => undefined;
    const late = vi
      .spyOn(service, "devices")
      .mockImplementation(() => new Promise((_resolve, reject) => (refuse = reject)));
    lists.showDevices("lab-panels");
    const unknown = async () => {
      await expect.poll(() => screen.queryByText("12 devices")).toBeNull();
      expect(screen.queryByText("panel-001")).toBeNull();
      expect(screen.getByText<HTMLButtonElement>("Collect logs…").disabled).toBe(true);
    };
    await unknown();
    refuse(new Error("no connection"));
    await expect.poll(() => lists.devices.problem).not.toBeNull();
    await unknown();
    late.mockRestore();
  });

  it("have codes that can be looked up by hand", async () => {
    await open("devices");
    await fireEvent.click(await screen.findByText("Look up a code…"));
    const dialog = await screen.findByRole("dialog");
    const field = within(dialog).getByRole("textbox");
    await fireEvent.input(field, { target: { value: "nonsense" } });
    expect(await within(dialog).findByText("A result code is a number of 32 bits.")).toBeTruthy();
    await fireEvent.input(field, { target: { value: "0x30100206" } });
    expect(await within(dialog).findByText(/Give handlerProperties/)).toBeTruthy();
  });
});

it("the count of all devices is read anew with the groups", async () => {
  const counted = vi.spyOn(service, "compliance");
  render(App);
  await expect.poll(() => session.started).toBe(true);
  router.go({ place: "cloud", tab: "groups" });
  const ofAll = () => counted.mock.calls.filter(([, group]) => group === null).length;
  await expect.poll(ofAll).toBe(1);
  await fireEvent.click(await screen.findByText("Refresh"));
  await expect.poll(ofAll).toBe(2);
  counted.mockRestore();
});

it("what a device did not report is said as not reported", () => {
  expect(deviceMark({ status: null } as AduDeviceRow).word).toBe("Not reported");
});

it("the next version is the first that is not there, by its last number", () => {
  expect(nextVersion("3.2.0", ["3.2.0", "3.2.1"])).toBe("3.2.2");
  expect(nextVersion("9", [])).toBe("10");
  expect(nextVersion("1.x", [])).toBeNull();
});

it("a deployment's buttons stay usable while it is looked at again", async () => {
  render(App);
  await expect.poll(() => session.started).toBe(true);
  router.go({ place: "cloud", tab: "deployments" });
  await screen.findByText("Retry 1 failed");
  const late = vi.spyOn(service, "deployment").mockImplementation(() => new Promise(() => undefined));
  clock.now = Date.now() + 11_000;
  await expect.poll(() => late.mock.calls.length).toBe(1);
  for (const name of ["Retry 1 failed", "Cancel deployment…"])
    expect(screen.getByText<HTMLButtonElement>(name).disabled).toBe(false);
  late.mockRestore();
});

it("the keyboard stays among a deployment's buttons when the pressed one is gone", async () => {
  render(App);
  await expect.poll(() => session.started).toBe(true);
  router.go({ place: "cloud", tab: "deployments" });
  const has = (words: string) =>
    expect.poll(() => globalThis.document.activeElement?.textContent.trim() ?? "").toMatch(new RegExp(`^${words}`));
  const press = async (words: string | RegExp) => {
    const button = await screen.findByText(words);
    button.focus();
    await fireEvent.click(button);
  };
  await press("Cancel deployment…");
  await has("Back");
  await press("Back");
  await has("Cancel deployment…");
  await press("Cancel deployment…");
  await press(/^Cancel for/);
  await has("Delete…");
});

it("a deployment is started only by whoever types how many devices match", async () => {
  const start = vi.spyOn(service, "startDeployment");
  render(App);
  await expect.poll(() => session.started).toBe(true);
  router.go({ place: "cloud", tab: "updates" });
  await fireEvent.click(await screen.findByText("Deploy…"));
  const dialog = await screen.findByRole("dialog");
  await within(dialog).findByText("lab-panels, 12 devices");
  await fireEvent.change(within(dialog).getByRole("combobox"), { target: { value: "lab-panels" } });
  const field = await within(dialog).findByRole("textbox");
  const button = within(dialog).getByText("Deploy to 10 devices");
  await fireEvent.input(field, { target: { value: "12" } });
  expect(button.hasAttribute("disabled")).toBe(true);
  await fireEvent.input(field, { target: { value: "10" } });
  await fireEvent.click(button);
  await expect.poll(() => start.mock.calls.length).toBe(1);
  expect(start).toHaveBeenCalledWith(
    "contoso-blue",
    expect.objectContaining({ group: "lab-panels", expect_devices: 10 }),
  );
  await expect.poll(() => (router.route.place === "cloud" ? router.route.tab : undefined)).toBe("deployments");
});

it("a start whose answer was lost is repeated under the same id, and another group has its own", async () => {
  const start = vi
    .spyOn(service, "startDeployment")
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what the shell rejects with
    .mockImplementation(() => Promise.reject(diagnosis()));
  const reach = vi.spyOn(service, "reach");
  render(App);
  await expect.poll(() => session.started).toBe(true);
  router.go({ place: "cloud", tab: "updates" });
  await fireEvent.click(await screen.findByText("Deploy…"));
  const dialog = await screen.findByRole("dialog");
  await within(dialog).findByText("lab-panels, 12 devices");
  const choose = (group: string) =>
    fireEvent.change(within(dialog).getByRole("combobox"), { target: { value: group } });
  const confirm = async () => {
    const before = start.mock.calls.length;
    await fireEvent.input(await within(dialog).findByRole("textbox"), { target: { value: "10" } });
    await fireEvent.click(within(dialog).getByText("Deploy to 10 devices"));
    await expect.poll(() => start.mock.calls.length).toBe(before + 1);
    await within(dialog).findByText("Not started");
  };
  await choose("lab-panels");
  await confirm();
  await choose("lab-panels");
  await confirm();
  const [first, second] = start.mock.calls.slice(-2).map(([, request]) => request.deployment_id);
  expect(second).toBe(first);
  // Choosing none counts nothing, and takes the failure of the group before away.
  const counted = reach.mock.calls.length;
  await choose("");
  await expect.poll(() => within(dialog).queryByText("Not started")).toBeNull();
  expect(reach.mock.calls.length).toBe(counted);
  start.mockRestore();
});

it("a deployment that could not be read for a while is read again without a click, and its last numbers stay", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  render(App);
  await expect.poll(() => session.started).toBe(true);
  router.go({ place: "cloud", tab: "deployments" });
  await screen.findByText("Retry 1 failed");
  const look = vi
    .spyOn(service, "deployment")
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what the shell rejects with
    .mockImplementation(() => Promise.reject(diagnosis()));
  await vi.advanceTimersByTimeAsync(11_000);
  await screen.findByText("Not read");
  await screen.findByText(/reported before/);
  expect(globalThis.document.querySelector(".shares")).not.toBeNull();
  look.mockRestore();
  await vi.advanceTimersByTimeAsync(11_000);
  await expect.poll(() => screen.queryByText("Not read")).toBeNull();
  vi.useRealTimers();
});

it("a failed import leads to a new one, not to the same list again", async () => {
  const read = vi.spyOn(service, "operations");
  render(App);
  await expect.poll(() => session.started).toBe(true);
  const [failed] = (await service.operations("contoso-blue")).filter(({ failure }) => failure !== null);
  router.go({ place: "cloud", tab: "operations", item: failed?.id });
  const again = await screen.findByText("Try again");
  const before = read.mock.calls.length;
  await fireEvent.click(again);
  await expect.poll(() => router.route.place).toBe("page");
  expect(read.mock.calls.length).toBe(before);
});

it("a SHA-256 has the same digits in every list", () => {
  expect(hexOf("nyxBuOA9WneQwdLj9KW2x9jp+gscLT5PUGFyg3PV4Ho=")).toBe(
    "9f2c41b8e03d5a7790c1d2e3f4a5b6c7d8e9fa0b1c2d3e4f5061728373d5e07a",
  );
  for (const odd of ["nyxBuOA9WneQ", "not base64", ""]) expect(hexOf(odd)).toBe(odd);
});

it("a second file of one name is said not to be added, until other files are chosen", async () => {
  render(App);
  await expect.poll(() => session.started).toBe(true);
  importDesk.open("contoso-blue");
  importDesk.clear();
  await expect.poll(() => importDesk.draft).not.toBeNull();
  await importDesk.draft?.add([openFile("/srv/a/door.swu"), openFile("/srv/b/door.swu")]);
  await screen.findByText(/door\.swu: not added, the list has a file of this name/);
  await importDesk.draft?.add([openFile("/srv/b/window.swu")]);
  await expect.poll(() => screen.queryByText(/not added/)).toBeNull();
  expect(importDesk.draft?.files.map(({ name }) => name)).toEqual(["door.swu", "window.swu"]);
});
