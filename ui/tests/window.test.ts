// The whole page on the mocked host: what a person does, without a web view's layout.
import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { beforeEach, expect, it } from "vitest";
import App from "../src/App.svelte";
import { useHost } from "../src/ipc";
import { mockHost } from "../mock/host";
import { summary, verified } from "../mock/make";
import { jobs } from "../src/state/jobs.svelte";
import { router } from "../src/state/route.svelte";
import { session } from "../src/state/session.svelte";

beforeEach(() => {
  useHost(mockHost({ empty: false, demo: true, theme: "dark" }));
  router.replace({ place: "deliver" });
  session.started = false;
});

const press = (key: string, more: KeyboardEventInit = {}) => fireEvent.keyDown(document.body, { key, ...more });
const place = () => router.route.place;

it("leads from the file to a verified job", async () => {
  render(App);
  await fireEvent.click(await screen.findByText("Choose file", { selector: ".drop button" }));
  await fireEvent.click(await screen.findByLabelText("Demo reader 3, Compatible"));
  await fireEvent.click(screen.getByText("Review"));
  await expect.poll(() => screen.queryByText("Write to Demo reader 3")).not.toBeNull();
  await expect.poll(() => screen.getByText("Write to Demo reader 3").hasAttribute("disabled")).toBe(false);
  await fireEvent.click(screen.getByText("Write to Demo reader 3"));
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

it("shows a failure in its four parts with buttons that act", async () => {
  render(App);
  router.go({ place: "activity", job: "3f02aa000003" });
  const pane = await screen.findByLabelText("Opened job");
  await within(pane).findByText("What happened");
  for (const part of ["Why", "State now", "What to do", "Steps"]) within(pane).getByText(part);
  await fireEvent.click(within(pane).getByText("Send again…"));
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

it("shows what ended since a person looked, until they look", async () => {
  render(App);
  await expect.poll(() => session.started).toBe(true);
  const changed = new Date(Date.now() + 1000).toISOString();
  const bell = await screen.findByLabelText("Notifications, nothing new");
  jobs.take({
    number: 1,
    change: { kind: "job", job: summary({ image_name: "late", changed, state: verified("equal") }) },
  });
  await screen.findByLabelText("Notifications, 1 new");
  await fireEvent.click(bell);
  await fireEvent.click(await screen.findByText("late"));
  expect(place()).toBe("job");
  await screen.findByLabelText("Notifications, nothing new");
});

it("chooses the account by the keyboard alone", async () => {
  render(App);
  const chip = await screen.findByLabelText("Account demo, simulated");
  chip.focus();
  await fireEvent.keyDown(chip, { key: "ArrowDown" });
  expect(document.activeElement?.textContent).toContain("demo");
  await fireEvent.keyDown(document.activeElement ?? chip, { key: "End" });
  await fireEvent.keyDown(document.activeElement ?? chip, { key: "ArrowUp" });
  await fireEvent.click(document.activeElement ?? chip);
  await screen.findByLabelText("Account production-eu, production");
  await fireEvent.keyDown(screen.getByLabelText("Account production-eu, production"), { key: "ArrowDown" });
  await fireEvent.keyDown(document.activeElement ?? chip, { key: "Escape" });
  expect(screen.queryByRole("menu")).toBeNull();
  expect(document.activeElement?.getAttribute("aria-label")).toContain("production-eu");
});

it("finds an error code by its number and by its words", async () => {
  render(App);
  router.go({ place: "help" });
  const field = await screen.findByLabelText("Search error codes");
  await screen.findByText("The file is empty");
  await fireEvent.input(field, { target: { value: "412" } });
  expect(screen.getByText("The name is already taken").tagName).toBe("DD");
  expect(screen.queryByText("The file is empty")).toBeNull();
  await fireEvent.input(field, { target: { value: "no such words" } });
  screen.getByText(/No match among/);
});

it("draws a long history without a row of the page for each job", async () => {
  render(App);
  await expect.poll(() => session.started).toBe(true);
  router.go({ place: "activity" });
  const many = Array.from({ length: 2000 }, (_, at) => summary({ id: `many${at}`, state: verified("equal") }));
  jobs.take({ number: 0, change: { kind: "snapshot", jobs: many, readers: [] } });
  const list = await screen.findByRole("listbox", { name: "Jobs" });
  const size = () => Number(list.querySelector("[data-item]")?.getAttribute("aria-setsize"));
  await expect.poll(size).toBeGreaterThanOrEqual(2000);
  expect(list.querySelectorAll("[data-item]").length).toBeLessThan(100);
});
