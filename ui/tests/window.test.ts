// The whole page on the mocked host: what a person does, without a web view's layout.
import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { beforeEach, expect, it } from "vitest";
import App from "../src/App.svelte";
import { useHost } from "../src/ipc";
import { mockHost } from "../src/ipc/mock/host";
import { router } from "../src/state/route.svelte";
import { session } from "../src/state/session.svelte";

beforeEach(() => {
  useHost(mockHost({ empty: false, demo: true, theme: "dark" }));
  router.replace({ place: "deliver" });
});

const press = (key: string, more: KeyboardEventInit = {}) => fireEvent.keyDown(document.body, { key, ...more });
const place = () => router.route.place;

it("leads from the file to a verified job", async () => {
  render(App);
  await fireEvent.click(await screen.findByText("Choose file", { selector: ".drop button" }));
  await fireEvent.click(await screen.findByLabelText("Demo reader 3, Fits"));
  await fireEvent.click(screen.getByText("Make plan"));
  await expect.poll(() => screen.queryByText("Write to 1 reader")).not.toBeNull();
  await expect.poll(() => screen.getByText("Write to 1 reader").hasAttribute("disabled")).toBe(false);
  await fireEvent.click(screen.getByText("Write to 1 reader"));
  await expect.poll(() => document.querySelector("[data-result]")?.getAttribute("data-result")).toBe("Verified");
});

it("goes to the places by G and a letter, unless single keys are off", async () => {
  render(App);
  await press("g");
  await press("r");
  expect(place()).toBe("readers");
  session.settings = { ...session.settings, single_keys_off: true };
  await press("g");
  await press("a");
  expect(place()).toBe("readers");
  session.settings = { ...session.settings, single_keys_off: false };
});

it("opens the palette by Ctrl+K and runs what is found in it", async () => {
  render(App);
  await press("k", { ctrlKey: true });
  const field = await screen.findByRole("combobox");
  await fireEvent.input(field, { target: { value: "go act" } });
  await fireEvent.keyDown(field, { key: "Enter" });
  expect(place()).toBe("activity");
});

it("steps back by Esc and never stops a job by it", async () => {
  render(App);
  router.go({ place: "job", job: "01658f9a0023" });
  await press("Escape");
  expect(place()).toBe("deliver");
});

it("tells a failure in its four parts with buttons that act", async () => {
  render(App);
  router.go({ place: "activity", job: "3f02aa000003" });
  const pane = await screen.findByLabelText("Opened job");
  await within(pane).findByText("What happened");
  for (const part of ["Why", "State now", "What to do", "Steps"]) within(pane).getByText(part);
  await fireEvent.click(within(pane).getByText("Plan it again…"));
  expect(place()).toBe("plan");
});

it("draws the red frame for production and for nothing else", async () => {
  render(App);
  const main = await screen.findByRole("main");
  expect(main.dataset["frame"]).toBeUndefined();
  await screen.findAllByText("Production EU", { exact: false });
  router.go({ place: "job", job: "01658f9a0023" });
  await expect.poll(() => main.dataset["frame"]).toBe("production");
});
