// The bench, as a technician and an operator use it: keys that must not surprise, numbers that are mistyped, a PIN that is mistyped.
import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it, vi } from "vitest";
import AskPin from "../src/features/bench/AskPin.svelte";
import Board from "../src/features/bench/Board.svelte";
import Counts from "../src/features/bench/Counts.svelte";
import Setup from "../src/features/bench/Setup.svelte";
import { useHost, type BenchView, type Host } from "../src/ipc";
import { bench } from "../src/state/bench.svelte";
import { failures } from "../src/state/failures.svelte";
import { mockHost } from "../mock/host";
import { openFile } from "../mock/make";

let host: Host;
beforeEach(() => {
  host = mockHost({ empty: false, demo: false, theme: "dark" });
  useHost(host);
  failures.list = [];
  bench.selected = null;
  bench.pin = null;
});

async function opened(change: Partial<BenchView> = {}): Promise<BenchView> {
  const { setup } = await host.bench();
  const view = { ...(await host.openBench(0, setup)), ...change };
  bench.view = view;
  return view;
}
const entry = (label: string) => screen.getByLabelText(new RegExp(`^${label}`));

describe("the keys of a bench", () => {
  it("write nothing and report no failure while it is not armed", async () => {
    const retryLane = vi.fn<Host["retryLane"]>(() => Promise.resolve());
    const retryFailedLanes = vi.fn<Host["retryFailedLanes"]>(() => Promise.resolve());
    useHost({ ...host, retryLane, retryFailedLanes });
    const view = await opened({ armed: false });
    render(Board, { view });
    bench.selected = view.lanes.findIndex(({ state }) => state === "fail");
    await fireEvent.keyDown(window, { key: "r" });
    await fireEvent.keyDown(window, { key: "R", shiftKey: true });
    expect([retryLane.mock.calls.length, retryFailedLanes.mock.calls.length]).toEqual([0, 0]);
    expect(failures.list).toEqual([]);
  });

  it("retry and acknowledge a lane that failed, and leave one that passed alone", async () => {
    const retryLane = vi.fn<Host["retryLane"]>(() => Promise.resolve());
    const acknowledgeLane = vi.fn<Host["acknowledgeLane"]>(() => Promise.resolve());
    useHost({ ...host, retryLane, acknowledgeLane });
    const view = await opened({ armed: true });
    render(Board, { view });
    bench.selected = view.lanes.findIndex(({ state }) => state === "pass");
    await fireEvent.keyDown(window, { key: "r" });
    await fireEvent.keyDown(window, { key: "x" });
    expect([retryLane.mock.calls.length, acknowledgeLane.mock.calls.length]).toEqual([0, 0]);
    bench.selected = view.lanes.findIndex(({ state }) => state === "fail");
    await fireEvent.keyDown(window, { key: "r" });
    await fireEvent.keyDown(window, { key: "x" });
    expect([retryLane.mock.calls.length, acknowledgeLane.mock.calls.length]).toEqual([1, 1]);
  });
});

it("a button of the bench that cannot be pressed says why", async () => {
  const view = await opened({ armed: false, idle: false });
  render(Board, { view });
  expect(screen.getByText("Close bench").getAttribute("title")).toBe("Lanes are still busy");
  expect(screen.getByText("Retry failed").getAttribute("title")).toBe("Arm the bench first");
});

it("the table shows which lane is selected, and selects by a click", async () => {
  const view = await opened({ armed: true });
  render(Board, { view });
  await fireEvent.click(screen.getByText("Table"));
  const [, , third] = within(screen.getByRole("table")).getAllByRole("row");
  if (third === undefined) throw new Error("no row");
  await fireEvent.click(third);
  expect(bench.selected).toBe(1);
  expect(third.getAttribute("aria-current")).toBe("true");
});

it("a lot that is complete has no time left", async () => {
  const view = await opened();
  const counts = { ...view.counts, done: 10, seconds_left: 0 };
  render(Counts, { view: { ...view, setup: { ...view.setup, lot_size: 10 }, counts } });
  expect(screen.queryByText("Time left for lot")).toBeNull();
});

describe("the numbers of a setup", () => {
  beforeEach(() => {
    bench.view = null;
    bench.file = openFile("/srv/gate.bin");
    bench.setup.lot = "4711";
    bench.setup.lot_size = bench.setup.stop_after = null;
    bench.resize(0);
    bench.resize(2);
  });

  it.each(["abc", "-3", "0", "2.5", "12x"])(
    "are not ignored when they are none: %s keeps the bench closed",
    async (text) => {
      render(Setup);
      const button = screen.getByText("Open bench");
      expect(button.hasAttribute("disabled")).toBe(false);
      await fireEvent.input(entry("Stop after failures"), { target: { value: text } });
      expect(entry("Stop after failures").getAttribute("aria-invalid")).toBe("true");
      expect(button.hasAttribute("disabled")).toBe(true);
      await fireEvent.input(entry("Stop after failures"), { target: { value: "2" } });
      expect([bench.setup.stop_after, button.hasAttribute("disabled")]).toEqual([2, false]);
    },
  );

  it("say that there are no more than 32 lanes instead of showing another number", async () => {
    render(Setup);
    await fireEvent.input(entry("Number of lanes"), { target: { value: "40" } });
    expect(entry("Number of lanes").getAttribute("aria-invalid")).toBe("true");
    expect(bench.setup.lanes).toHaveLength(2);
  });

  it("lose no place of a lane when the number is lowered and raised again", async () => {
    await bench.useReaders(["sim:reader-1", "sim:reader-2"]);
    bench.resize(1);
    bench.resize(2);
    expect(bench.setup.lanes.map(({ place }) => place)).toEqual(["sim:reader-1", "sim:reader-2"]);
  });
});

it("the PIN of operator mode is entered twice: a mistyped one would lock everybody out", async () => {
  await opened();
  render(AskPin, { onclose: () => undefined });
  const start = screen.getByText("Start operator mode");
  await fireEvent.input(entry("PIN"), { target: { value: "2580" } });
  await fireEvent.input(entry("Repeat PIN"), { target: { value: "2581" } });
  expect(start.hasAttribute("disabled")).toBe(true);
  screen.getByText("The two PINs differ");
  await fireEvent.input(entry("Repeat PIN"), { target: { value: "2580" } });
  await fireEvent.click(start);
  expect(bench.pin).toBe("2580");
});
