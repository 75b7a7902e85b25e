// What hands do besides the intended: double clicks, held keys, words that an input method has not ended, drops in the wrong moment.
import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it, vi } from "vitest";
import App from "../src/App.svelte";
import { useHost, type Host } from "../src/ipc";
import { dialogs } from "../src/state/dialogs.svelte";
import { table } from "../src/state/files.svelte";
import { router } from "../src/state/route.svelte";
import { session } from "../src/state/session.svelte";
import { mockHost } from "../mock/host";
import { openFile } from "../mock/make";

let host: ReturnType<typeof mockHost>;
beforeEach(() => {
  host = mockHost({ empty: false, demo: true, theme: "dark" });
  useHost(host);
  dialogs.close();
  router.replace({ place: "deliver" });
  session.started = false;
});

/** On the plan, with a button that could be pressed at once. */
async function review(click: MouseEventInit) {
  await fireEvent.click(await screen.findByText("Choose file", { selector: ".drop button" }));
  await fireEvent.click(await screen.findByLabelText("Demo reader 3, Compatible"));
  await fireEvent.click(screen.getByText("Review"), click);
  await expect.poll(() => screen.queryByText("Write to Demo reader 3")?.hasAttribute("disabled")).toBe(false);
  return screen.getByText("Write to Demo reader 3");
}

describe("a delivery is not started", () => {
  it("by the second click of a double click on Review", async () => {
    const deliver = vi.fn<Host["deliver"]>((plans) => host.deliver(plans));
    useHost({ ...host, deliver });
    render(App);
    const start = await review({ detail: 1 });
    await fireEvent.click(start, { detail: 2 });
    expect(deliver).not.toHaveBeenCalled();
    await fireEvent.click(start, { detail: 1 });
    await expect.poll(() => deliver.mock.calls.length).toBe(1);
  });

  it("by a Ctrl+Enter that is held since Review", async () => {
    const deliver = vi.fn<Host["deliver"]>((plans) => host.deliver(plans));
    useHost({ ...host, deliver });
    render(App);
    await review({});
    await fireEvent.keyDown(document.body, { key: "Enter", ctrlKey: true, repeat: true });
    expect(deliver).not.toHaveBeenCalled();
    await fireEvent.keyDown(document.body, { key: "Enter", ctrlKey: true });
    await expect.poll(() => deliver.mock.calls.length).toBe(1);
  });
});

it("a button is pressed once by an Enter that is held", async () => {
  render(App);
  const button = await screen.findByText("Choose file", { selector: ".drop button" });
  expect(await fireEvent.keyDown(button, { key: "Enter" })).toBe(true);
  expect(await fireEvent.keyDown(button, { key: "Enter", repeat: true })).toBe(false);
});

it("an Enter that ends the word of an input method runs no command, and the next one does", async () => {
  render(App);
  await fireEvent.keyDown(document.body, { key: "k", ctrlKey: true });
  const field = await screen.findByRole("combobox");
  await fireEvent.input(field, { target: { value: "go act" } });
  await fireEvent.keyDown(field, { key: "Enter", isComposing: true });
  await fireEvent.keyDown(field, { key: "Enter", keyCode: 229 });
  expect(router.route.place).toBe("deliver");
  await fireEvent.keyDown(field, { key: "Enter", keyCode: 13 });
  expect(router.route.place).toBe("activity");
});

describe("files that are dropped while a dialog is open", () => {
  it("close it and are inspected, where it can be opened again", async () => {
    render(App);
    await fireEvent.keyDown(document.body, { key: "k", ctrlKey: true });
    await screen.findByRole("combobox");
    host.drag({ kind: "drop", x: 1, y: 1, files: [openFile("/srv/images/gateway.img")] });
    await expect.poll(() => router.route.place).toBe("verdict");
    expect(dialogs.current).toBeNull();
    expect(table.files).toHaveLength(1);
  });

  it("change nothing where it asks for a decision", async () => {
    render(App);
    await screen.findByText("Choose file", { selector: ".drop button" });
    dialogs.open({ kind: "stop", job: "01658f9a0023" });
    const before = table.files;
    host.drag({ kind: "over", x: 1, y: 1 });
    host.drag({ kind: "drop", x: 1, y: 1, files: [openFile("/srv/images/other.img")] });
    await screen.findByText("Stop for good");
    expect(router.route.place).toBe("deliver");
    expect(table.files).toBe(before);
  });

  it("are said there not to be opened, until the next dialog", async () => {
    render(App);
    await screen.findByText("Choose file", { selector: ".drop button" });
    dialogs.open({ kind: "stop", job: "01658f9a0023" });
    await screen.findByText("Stop for good");
    host.drag({ kind: "drop", x: 1, y: 1, files: [openFile("/srv/images/other.img")] });
    const refused = () => document.querySelector("dialog [data-refused]");
    await expect.poll(() => refused()?.textContent).toContain("The file was not opened.");
    dialogs.close();
    dialogs.open({ kind: "stop", job: "01658f9a0023" });
    await screen.findByText("Stop for good");
    expect(refused()).toBeNull();
  });

  it("change nothing below a dialog that a page has drawn by itself", async () => {
    render(App);
    await screen.findByText("Choose file", { selector: ".drop button" });
    const own = document.body.appendChild(document.createElement("dialog"));
    own.showModal();
    host.drag({ kind: "drop", x: 1, y: 1, files: [openFile("/srv/images/other.img")] });
    expect(router.route.place).toBe("deliver");
    own.remove();
  });
});

it("files that another start hands over close a dialog that only leads somewhere", async () => {
  let listen: Parameters<Host["onOpenFiles"]>[0] = () => undefined;
  useHost({ ...host, onOpenFiles: (each) => (listen = each) });
  render(App);
  await fireEvent.keyDown(document.body, { key: "k", ctrlKey: true });
  await screen.findByRole("combobox");
  listen([openFile("/srv/images/gateway.img")]);
  await expect.poll(() => router.route.place).toBe("verdict");
  expect(dialogs.current).toBeNull();
});

it("the first stop of Tab leads to the content", async () => {
  render(App);
  const first = document.querySelector<HTMLElement>("button, a, input");
  expect(first?.textContent).toBe("Go to content");
  if (first) await fireEvent.click(first);
  expect(document.activeElement?.matches(".main")).toBe(true);
});
