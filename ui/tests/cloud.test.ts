// The cloud on the mocked host: lists, what waits to be deleted, and what it takes to start a campaign.
import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import App from "../src/App.svelte";
import { byFamily } from "../src/features/help/codes";
import { useHost, type BlastRadius, type PageQueryRequest, type ErrorCode } from "../src/ipc";
import { mockHost } from "../mock/host";
import { offsetsOf, rowAt } from "../src/shared/virtual";
import { composer } from "../src/state/pelion/composer.svelte";
import { FilterEdit } from "../src/state/pelion/filter.svelte";
import { clouds } from "../src/state/pelion/lists.svelte";
import { FIRST_PAGE, FULL_PAGE, Pages } from "../src/state/pelion/pages.svelte";
import { pageOf } from "../src/state/pelion/routes";
import { undo, UNDO_SECONDS } from "../src/state/undo.svelte";
import { router } from "../src/state/route.svelte";
import { session } from "../src/state/session.svelte";

type Mock = ReturnType<typeof mockHost>;
let host: Mock;

beforeEach(() => {
  host = mockHost({ empty: false, demo: true, theme: "dark", devices: 400 });
  useHost(host);
  clouds.forget();
  session.settings = { ...session.settings, account: null };
  router.replace({ place: "deliver" });
});
afterEach(() => vi.useRealTimers());

const page = () => (router.route.place === "page" ? router.route.page : undefined);
const list = (name: string) => screen.findByRole("grid", { name });

describe("a list that comes in pages", () => {
  const all = Array.from({ length: 2_350 }, (_, at) => ({ id: `d${at}` }));
  const asked: PageQueryRequest[] = [];
  const serve = (ask: PageQueryRequest) => {
    asked.push(ask);
    const from = ask.after ? all.findIndex((each) => each.id === ask.after) + 1 : 0;
    const data = all.slice(from, from + (ask.limit ?? 50));
    return Promise.resolve({
      data,
      has_more: from + data.length < all.length,
      total_count: ask.count ? all.length : null,
    });
  };

  it("asks for a short page first, then for full ones, and for the count once", async () => {
    asked.length = 0;
    const pages = new Pages(serve);
    await pages.load();
    expect(pages.rows).toHaveLength(all.length);
    expect(asked.map((ask) => ask.limit)).toEqual([FIRST_PAGE, FULL_PAGE, FULL_PAGE, FULL_PAGE]);
    expect(asked.map((ask) => ask.count)).toEqual([true, false, false, false]);
  });

  it("ends when a service serves the same page for ever", async () => {
    const pages = new Pages(() => Promise.resolve({ data: all.slice(0, 2), has_more: true, total_count: 99 }));
    await pages.load();
    expect(pages.rows).toHaveLength(2);
    expect(pages.total).toBe(2);
  });

  it("retains what it has when a page fails, and says why", async () => {
    let times = 0;
    const pages = new Pages((ask: PageQueryRequest) =>
      times++ === 0 ? serve(ask) : Promise.reject(new Error("gone")),
    );
    await pages.load();
    expect(pages.rows).toHaveLength(FIRST_PAGE);
    expect(pages.problem?.why).toBe("gone");
    expect(pages.loading).toBe(false);
  });
});

describe("what is about to be deleted", () => {
  it("is not sent before the time is over, and not at all when it is taken back", async () => {
    vi.useFakeTimers();
    const sent = vi.fn(() => Promise.resolve());
    undo.later("the image “a”", "a", sent);
    await vi.advanceTimersByTimeAsync((UNDO_SECONDS - 1) * 1000);
    expect(sent).not.toHaveBeenCalled();
    expect(undo.undoLast()).toBe(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).not.toHaveBeenCalled();
    undo.later("the image “b”", "b", sent);
    await vi.advanceTimersByTimeAsync(UNDO_SECONDS * 1000);
    expect(sent).toHaveBeenCalledOnce();
    expect(undo.list).toEqual([]);
  });

  it("waits as long as somebody is at the bar", async () => {
    vi.useFakeTimers();
    const sent = vi.fn(() => Promise.resolve());
    undo.later("the image “c”", "c", sent);
    const leaving = undo.list[0];
    if (leaving) leaving.held = true;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).not.toHaveBeenCalled();
    if (leaving) undo.undo(leaving);
  });

  it("is asked about once, marked in the list, and back with Ctrl+Z", async () => {
    const remove = vi.spyOn(host.pelion, "delete");
    render(App);
    router.go({ place: "cloud", tab: "images" });
    await within(await list("Firmware images")).findByText("puck 1.42.0");
    await fireEvent.click(screen.getByText("Delete…"));
    const dialog = await screen.findByRole("dialog");
    expect(document.activeElement?.textContent).toBe("Cancel");
    await fireEvent.click(within(dialog).getByText("Delete 1 image"));
    await screen.findByRole("button", { name: /^Undo/ });
    expect(document.querySelector(".data-row.deleting")).not.toBeNull();
    await fireEvent.keyDown(document.body, { key: "z", ctrlKey: true });
    expect(document.querySelector(".data-row.deleting")).toBeNull();
    expect(remove).not.toHaveBeenCalled();
  });
});

describe("a filter", () => {
  it("holds its conditions and its text in step", async () => {
    const edit = new FilterEdit();
    await edit.take("state__eq=registered&name__neq=a");
    expect(edit.conditions).toEqual([
      { field: "state", operator: "equal", value: "registered" },
      { field: "name", operator: "not_equal", value: "a" },
    ]);
    edit.change(edit.conditions.slice(0, 1));
    await expect.poll(() => edit.text).toBe("state__eq=registered");
  });

  it("leaves a condition without a value out of its text", async () => {
    const edit = new FilterEdit();
    edit.change([
      { field: "state", operator: "equal", value: "registered" },
      { field: "name", operator: "equal", value: "" },
    ]);
    await expect.poll(() => edit.read).toBe("state__eq=registered");
    expect(edit.conditions).toHaveLength(2);
  });

  it("says what cannot be read and continues with what could", async () => {
    const edit = new FilterEdit();
    await edit.take("state__eq=registered");
    await edit.take("nonsense");
    expect(edit.error).toMatchObject({ at: 0, length: 8 });
    expect(edit.isUsable).toBe(false);
    expect(edit.read).toBe("state__eq=registered");
  });
});

describe("campaigns", () => {
  it("hide archived ones until they are asked for", async () => {
    render(App);
    router.go({ place: "cloud", tab: "campaigns" });
    const table = await list("Update campaigns");
    await within(table).findByText("Puck 1.42 EU");
    expect(within(table).queryByText("Puck 1.41 EU")).toBeNull();
    screen.getByText("1 archived one is hidden", { exact: false });
    await fireEvent.click(screen.getByLabelText("Show archived"));
    await within(table).findByText("Puck 1.41 EU");
  });

  it("are started only by whoever types how many devices they touch", async () => {
    const start = vi.spyOn(host.pelion, "startCampaign");
    render(App);
    await expect.poll(() => session.started).toBe(true);
    composer.open("demo", (draft) => {
      draft.name = "Everywhere";
      draft.manifest = "01";
      void draft.filter.take("state__eq=registered");
    });
    await expect.poll(() => composer.draft?.startable).toBe(true);
    screen.getByText("match now", { exact: false });
    await fireEvent.click(screen.getByText("Start…"));
    const dialog = await screen.findByRole("dialog");
    const number = composer.draft?.radius?.expected_devices ?? 0;
    const accept = composer.draft?.radius?.fits.count ?? 0;
    within(dialog).getByText(new RegExp(`^${accept} will accept it`));
    const button = within(dialog).getByText(`Start campaign for ${number} devices`);
    expect(document.activeElement?.textContent).toBe("Cancel");
    expect(button.hasAttribute("disabled")).toBe(true);
    const field = within(dialog).getByRole("textbox");
    await fireEvent.input(field, { target: { value: String(number - 1) } });
    expect(button.hasAttribute("disabled")).toBe(true);
    await fireEvent.keyDown(field, { key: "Enter" });
    expect(start).not.toHaveBeenCalled();
    await fireEvent.input(field, { target: { value: String(number) } });
    await fireEvent.click(button);
    await expect.poll(page).toBe("campaign");
    expect(start).toHaveBeenCalledWith("demo", expect.any(String), number);
  });

  it("cannot be started by what was found out for the filter of before, however late it comes", async () => {
    const waiting: ((radius: BlastRadius) => void)[] = [];
    const late = vi.fn<Mock["pelion"]["blastRadius"]>(() => new Promise((resolve) => waiting.push(resolve)));
    const start = vi.spyOn(host.pelion, "startCampaign");
    const found = await host.pelion.blastRadius("demo", { filter: "state__eq=registered", manifest_id: "01" });
    useHost({ ...host, services: { pelion: { ...host.pelion, blastRadius: late } } });
    composer.open("demo", (draft) => {
      draft.name = "Everywhere";
      draft.manifest = "01";
      void draft.filter.take("state__eq=registered");
    });
    const { draft } = composer;
    if (draft === null) throw new Error("no draft");
    await expect.poll(() => waiting.length).toBe(1);
    void draft.filter.take("state__eq=registered&serial_number__eq=1");
    await expect.poll(() => draft.filter.read).toContain("serial_number");
    waiting[0]?.(found);
    await Promise.resolve();
    await Promise.resolve();
    expect([draft.fresh, draft.startable]).toEqual([false, false]);
    expect(await draft.start(found.expected_devices)).toBe(false);
    expect(start).not.toHaveBeenCalled();
  });

  it("show no number of the filter before while the devices of the new one are counted", async () => {
    render(App);
    await expect.poll(() => session.started).toBe(true);
    composer.open("demo", (draft) => void draft.filter.take("state__eq=registered"));
    const { draft } = composer;
    if (draft === null) throw new Error("no draft");
    await expect.poll(() => draft.count).not.toBeNull();
    await screen.findByText("match now", { exact: false });
    void draft.filter.take("state__eq=registered&serial_number__eq=1");
    await expect.poll(() => draft.filter.read).toContain("serial_number");
    await screen.findByText("Counting the devices");
    expect(screen.queryByText("match now", { exact: false })).toBeNull();
  });

  it("cannot be started without a name, a manifest and a filter, and say which is missing", () => {
    composer.open("demo");
    expect(composer.draft?.missing).toEqual(["A campaign needs a name", "Choose a manifest", "Select devices"]);
    expect(composer.draft?.startable).toBe(false);
  });

  it("say before a stop that a device that was processed still gets the firmware", async () => {
    const stop = vi.spyOn(host.pelion, "stopCampaign");
    render(App);
    router.go(pageOf("campaign", "demo", "c1"));
    await fireEvent.click(await screen.findByText("Stop…"));
    const dialog = await screen.findByRole("dialog");
    within(dialog).getByText("Devices whose update the service has processed still get the new firmware.", {
      exact: false,
    });
    const button = within(dialog).getByText("Stop 1 campaign");
    expect(button.hasAttribute("disabled")).toBe(true);
    await fireEvent.input(within(dialog).getByRole("textbox"), { target: { value: "Puck 1.42 EU" } });
    await fireEvent.click(button);
    expect(stop).toHaveBeenCalledWith("demo", "c1");
  });

  it("lead from their failed devices to a new campaign for just those", async () => {
    render(App);
    router.go(pageOf("campaign", "demo", "c1"));
    await fireEvent.click(await screen.findByText(/New campaign for the \d+ failed/));
    await expect.poll(page).toBe("compose");
    await expect.poll(() => composer.draft?.filter.read).toMatch(/^id__in=/);
  });
});

it("finds the row under a pixel among rows of different heights", () => {
  const offsets = offsetsOf([32, 48, 48, 32], (height) => height);
  expect(offsets).toEqual([0, 32, 80, 128, 160]);
  expect([0, 31, 32, 79, 80, 159, 10_000].map((pixel) => rowAt(offsets, pixel))).toEqual([0, 0, 1, 1, 2, 3, 3]);
  expect(rowAt([0], 5)).toBe(0);
});

it("groups codes by what they are about and finds them by number", () => {
  const code = (name: ErrorCode["code"], title: string) => ({
    code: name,
    title,
    family: "file" as const,
    family_title: "File",
    meaning: "m",
  });
  const codes = [code("FD-101", "Empty"), code("FD-102", "Changed")];
  expect(byFamily(codes, "")).toHaveLength(1);
  expect(byFamily(codes, "102")[0]?.codes).toHaveLength(1);
  expect(byFamily(codes, "nothing")).toEqual([]);
});

it("counts the devices of a filter the same in the list, in its tab and on the button", async () => {
  render(App);
  router.go({ place: "cloud", tab: "devices" });
  await list("Devices");
  const text = "device_class__eq=7a31c0de55aa4f17a1b2c3d4e5f60718";
  await fireEvent.input(screen.getByPlaceholderText(/As text/), { target: { value: text } });
  await screen.findByText("New campaign for 80 devices…");
  screen.getByText("80 devices", { selector: ".list-count" });
  expect(screen.getByRole("button", { name: /^Devices/ }).textContent).toContain("80");
});
