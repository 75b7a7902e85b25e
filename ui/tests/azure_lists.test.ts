// Lists of Azure Device Update in which something is under way: they follow it, and stay when they cannot be read.
import { render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import App from "../src/App.svelte";
import { useHost, type AduDeviceRow } from "../src/ipc";
import type { AzureHost } from "../src/ipc/azure";
import { azureClouds, Listing } from "../src/state/azure/lists.svelte";
import { router } from "../src/state/route.svelte";
import { session } from "../src/state/session.svelte";
import { mockHost } from "../mock/host";
import { diagnosis } from "../mock/make";

let host: ReturnType<typeof mockHost>;
beforeEach(() => {
  host = mockHost({ empty: false, demo: false, theme: "dark", account: "adu:contoso-blue" });
  useHost(host);
  azureClouds.forget();
  session.settings = { ...session.settings, account: "adu:contoso-blue" };
  router.replace({ place: "deliver" });
});
afterEach(() => vi.useRealTimers());

interface Row {
  id: string;
  going: boolean;
}
const going = ({ going }: Row) => going;

it("a device that fails while the list is open is in it without a click", async () => {
  const { adu: azure } = host.services as { adu: AzureHost };
  const [first] = await azure.devices("contoso-blue", null);
  if (first === undefined) throw new Error("no device");
  const device = (status: string): AduDeviceRow => ({ ...first, id: "door-1", status });
  let answer = [device("InProgress")];
  const devices = vi.fn(() => Promise.resolve(answer));
  useHost({ ...host, services: { ...host.services, adu: { ...azure, devices } } });
  vi.useFakeTimers({ shouldAdvanceTime: true });
  render(App);
  router.go({ place: "cloud", tab: "devices" });
  const table = await screen.findByRole("grid", { name: "Devices" });
  await within(table).findByText("In progress");
  answer = [device("Failed")];
  await vi.advanceTimersByTimeAsync(11_000);
  await within(table).findByText("Failed");
  const asked = devices.mock.calls.length;
  // Nothing is under way any more, and nobody is asked again.
  expect(azureClouds.of("contoso-blue").devices.isDue(performance.now() + 1e9)).toBe(false);
  expect(devices.mock.calls.length).toBe(asked);
});

it("a list is read again while something in it is under way, more rarely the longer that takes", async () => {
  vi.useFakeTimers({ toFake: ["performance", "setTimeout"] });
  let rows: Row[] = [{ id: "a", going: true }];
  const list = new Listing<Row>(() => new Promise((resolve) => setTimeout(() => resolve(rows), 3_000)), going);
  const read = list.load();
  await vi.advanceTimersByTimeAsync(3_000);
  await read;
  const now = performance.now();
  expect([list.isDue(now + 10_000), list.isDue(now + 30_000)]).toEqual([false, true]);
  rows = [{ id: "a", going: false }];
  const again = list.follow();
  await vi.advanceTimersByTimeAsync(3_000);
  await again;
  expect(list.isDue(performance.now() + 1e9)).toBe(false);
});

it("a list that cannot be read again keeps its rows, says why, and is there when the service is back", async () => {
  let fails = false;
  const list = new Listing<Row>(
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what the shell rejects with
    () => (fails ? Promise.reject(diagnosis()) : Promise.resolve([{ id: "a", going: true }])),
    going,
  );
  await list.load();
  fails = true;
  await list.follow();
  expect([list.rows.length, list.problem?.code, list.loading]).toEqual([1, diagnosis().code, false]);
  fails = false;
  await list.follow();
  expect([list.rows.length, list.problem]).toEqual([1, null]);
});
