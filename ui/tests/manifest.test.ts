// Manifests and their keys on the mocked host: what is filled in, what is refused, what is sent.
import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it, vi } from "vitest";
import App from "../src/App.svelte";
import { useHost } from "../src/ipc";
import { openFile } from "../mock/make";
import { mockHost } from "../mock/host";
import { accounts } from "../src/state/accounts.svelte";
import { composer } from "../src/state/pelion/composer.svelte";
import { manifestKeys } from "../src/state/pelion/keys.svelte";
import { clouds } from "../src/state/pelion/lists.svelte";
import { compareVersions, isId, nextVersion, versionProblem } from "../src/state/pelion/manifestRules";
import { kindsOf, NewManifest } from "../src/state/pelion/newManifest.svelte";
import { router } from "../src/state/route.svelte";
import { session } from "../src/state/session.svelte";

const VENDOR = "cfbff0d193755685968c48ce8b15ae17";
const CLASS = "c9e5e8a4dd02584fbcad02e9cd816d21";
let host: ReturnType<typeof mockHost>;

beforeEach(() => {
  host = mockHost({ empty: false, demo: true, theme: "dark", devices: 400 });
  useHost(host);
  clouds.forget();
  manifestKeys.list = [];
  manifestKeys.known = false;
  session.settings = { ...session.settings, account: null };
  router.replace({ place: "deliver" });
});

it("takes an id with and without hyphens, and nothing else", () => {
  expect(["c9e5e8a4-dd02-584f-bcad-02e9cd816d21", CLASS.toUpperCase(), ` ${CLASS} `].every(isId)).toBe(true);
  expect(
    ["", CLASS.slice(1), `${CLASS}0`, CLASS.replace("c", "g"), "c9e5-e8a4dd02584fbcad02e9cd816d21"].some(isId),
  ).toBe(false);
});

it("knows versions, their order and the next one", () => {
  expect(["1.2.3", "0.0.1", "999.999.999"].map(versionProblem)).toEqual([undefined, undefined, undefined]);
  expect(["0.0.0", "1.2", "01.2.3", "1.2.1000", "v1.2.3"].every((text) => versionProblem(text) !== undefined)).toBe(
    true,
  );
  expect(compareVersions("1.10.0", "1.9.9")).toBeGreaterThan(0);
  expect(["1.2.3", "1.2.999", "1.999.999", "999.999.999", ""].map(nextVersion)).toEqual([
    "1.2.4",
    "1.3.0",
    "2.0.0",
    "",
    "",
  ]);
});

describe("a new manifest", () => {
  it("takes ids from the devices only when they are all of one kind", async () => {
    const several = new NewManifest("demo", null);
    await several.load();
    expect(several.kinds).toHaveLength(2);
    expect([several.vendor, several.class]).toEqual(["", ""]);
    several.kinds = several.kinds.slice(0, 1);
    expect([several.vendor, several.class, several.version]).toEqual([VENDOR, CLASS, "1.42.1"]);
    expect(several.classHint).toContain("From the newest device");
  });

  it("believes the certificate of its key before the devices", async () => {
    await host.pelion.certifyManifestKey("release", VENDOR, "00000000000000000000000000000001");
    const draft = new NewManifest("demo", null);
    await draft.load();
    draft.chosenKey = "release";
    expect([draft.vendor, draft.class]).toEqual([VENDOR, "00000000000000000000000000000001"]);
    expect(draft.classHint).toBe("From the certificate of release");
  });

  it("is refused with a development key where devices are in people's hands, and says why", async () => {
    const draft = new NewManifest("demo", null);
    await draft.load();
    accounts.list = (await host.accounts()).map((account) => ({ ...account, production: account.name === "demo" }));
    draft.chosenKey = "bench";
    expect(draft.blockers.join()).toContain("production account takes no development key");
    draft.chosenKey = null;
    expect(draft.key?.name).toBe("release");
  });

  it("of schema 1 needs a certificate and no version", async () => {
    const draft = new NewManifest("demo", null);
    await draft.load();
    draft.chosenKey = "release";
    draft.schema1 = true;
    expect(draft.wrong.key).toContain("certificate");
    expect([draft.wrong.version, draft.wrong.component]).toEqual([undefined, undefined]);
    await manifestKeys.certify("release", VENDOR, CLASS);
    expect(draft.wrong.key).toBeUndefined();
  });

  it("warns of a version that devices would refuse", async () => {
    const draft = new NewManifest("demo", null);
    await draft.load();
    const [kind] = draft.kinds;
    if (kind) draft.take(kind);
    expect([draft.version, draft.versionRefused]).toEqual(["1.42.1", false]);
    draft.typedVersion = "1.42.0";
    expect(draft.versionRefused).toBe(true);
  });

  it("is begun at its image, signed as it is shown, and selected in the list afterwards", async () => {
    const make = vi.spyOn(host.pelion, "makeManifest");
    render(App);
    await expect.poll(() => session.started).toBe(true);
    router.go({ place: "cloud", tab: "images" });
    await fireEvent.click(await screen.findByText("Make manifest…"));
    const sign = await screen.findByRole("button", { name: /^Sign and upload/ });
    expect(sign.hasAttribute("disabled")).toBe(true);
    await fireEvent.change(screen.getByLabelText("Signed with"), { target: { value: "release" } });
    await fireEvent.click((await screen.findAllByText("Use these"))[0] as HTMLElement);
    const values = within(screen.getByRole("region", { name: "Contents to sign" }));
    values.getByTitle(CLASS);
    values.getByText("puck 1.42.0");
    await expect.poll(() => sign.hasAttribute("disabled")).toBe(false);
    await fireEvent.click(sign);
    await within(await screen.findByRole("grid", { name: "Firmware manifests" })).findByText("puck 1.42.0 1.42.1");
    expect(make.mock.lastCall?.[1]).toMatchObject({
      name: "puck 1.42.0 1.42.1",
      spec: {
        key: "release",
        vendor_id: VENDOR,
        class_id: CLASS,
        version: "1.42.1",
        component: "MAIN",
        schema_1: false,
      },
    });
    await screen.findByText("Signature");
  });
});

it("counts devices by vendor and class, whatever is not reported", async () => {
  const { data } = await host.pelion.devices("demo", { limit: 10 });
  const kinds = kindsOf([...data, { ...data[0], device_class: "" } as (typeof data)[0]]);
  expect(kinds.map(({ count }) => count)).toEqual([8, 2]);
});

describe("the keys of this computer", () => {
  it("are made, taken over and certified in one dialog", async () => {
    const take = vi.spyOn(host.pelion, "importManifestKey");
    vi.spyOn(host.pelion, "manifestKeys").mockResolvedValue([]);
    render(App);
    await expect.poll(() => session.started).toBe(true);
    router.go({ place: "cloud", tab: "manifests" });
    await fireEvent.click(await screen.findByText("Keys…"));
    const dialog = within(await screen.findByRole("dialog"));
    await dialog.findByText("No key on this computer yet.");
    const name = dialog.getByLabelText(/^Key name/);
    await fireEvent.input(name, { target: { value: "two words" } });
    dialog.getByText("Letters, digits, “-” and “_”");
    await fireEvent.input(name, { target: { value: "release" } });
    await fireEvent.click(dialog.getByText("Create key"));
    await dialog.findByText("Production");
    await fireEvent.input(name, { target: { value: "laptop" } });
    await fireEvent.click(dialog.getByRole("checkbox"));
    await fireEvent.click(dialog.getByText("Import a PEM file…"));
    await dialog.findByText("Development");
    expect(take).toHaveBeenCalledWith("laptop", expect.any(Number), true);
    await fireEvent.click(dialog.getByRole("button", { name: "Certificate of release" }));
    await fireEvent.input(dialog.getByLabelText(/^Vendor id/), { target: { value: VENDOR } });
    await fireEvent.click(dialog.getByText("Make 1 certificate"));
    await dialog.findByTitle(VENDOR);
  });
});

it("sends no file that is no manifest, and says so in its dialog", async () => {
  render(App);
  await expect.poll(() => session.started).toBe(true);
  router.go({ place: "cloud", tab: "manifests" });
  await fireEvent.click(await screen.findByText("Upload a manifest file…"));
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByRole<HTMLInputElement>("textbox").value).toBe("gate-reader-2.4.1.signed");
  await fireEvent.click(dialog.getByText("Upload 1 manifest"));
  await dialog.findByText("This is no manifest");
  await fireEvent.click(dialog.getByText("Cancel"));
  vi.spyOn(host, "pickFiles").mockResolvedValue([openFile("/srv/elsewhere.manifest")]);
  await fireEvent.click(screen.getByText("Upload a manifest file…"));
  await fireEvent.click(await screen.findByText("Upload 1 manifest"));
  await within(await screen.findByRole("grid", { name: "Firmware manifests" })).findByText("elsewhere");
});

describe("devices of another campaign", () => {
  const open = (text: string) =>
    composer.open("demo", (draft) => {
      draft.manifest = "01";
      void draft.filter.take(text);
    });

  it("are left out of the filter by their ids", async () => {
    open("state__eq=registered");
    await expect.poll(() => composer.draft?.fresh).toBe(true);
    const draft = composer.draft;
    const before = draft?.count ?? 0;
    const taken = draft?.radius?.in_other_campaigns.sample.map(({ id }) => id) ?? [];
    expect(taken.length).toBeGreaterThan(0);
    expect(draft?.overlapStays).toBeUndefined();
    draft?.excludeOverlap();
    await expect.poll(() => draft?.filter.read).toContain(`id__nin=${taken[0] ?? ""}`);
    await expect.poll(() => draft?.count).toBe(before - taken.length);
  });

  it("stay when not all of them are known, and it is said why", async () => {
    open("state__eq=registered");
    await expect.poll(() => composer.draft?.fresh).toBe(true);
    const radius = composer.draft?.radius;
    if (!composer.draft || !radius) throw new Error("no radius");
    composer.draft.radius = { ...radius, in_other_campaigns: { ...radius.in_other_campaigns, count: 99 } };
    expect(composer.draft.overlapStays).toContain("cannot leave out all 99");
  });
});
