// One reader: restarted, recovered, and its console.
import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it, vi } from "vitest";
import App from "../src/App.svelte";
import { useHost, type ConsoleEvent, type Host } from "../src/ipc";
import { consoles, LONGEST_LINE, MOST_LINES, ReaderConsole } from "../src/state/consoles.svelte";
import { plans, Draft, asCommand } from "../src/state/plans.svelte";
import { readers } from "../src/state/readers.svelte";
import { router } from "../src/state/route.svelte";
import { mockHost } from "../mock/host";
import { mayRecover } from "../src/features/reader/words";
import { openFile, plan, reader, summary, verified } from "../mock/make";

let host: Host;
beforeEach(() => {
  host = mockHost({ empty: false, demo: false, theme: "dark" });
  useHost(host);
});

const text = (text: string): ConsoleEvent => ({ event: "text", at: "2026-11-29T10:00:00Z", text });

async function show(channel: string) {
  render(App);
  await expect.poll(() => readers.all.length).toBeGreaterThan(0);
  const view = readers.all.find(({ reader }) => reader.channel === channel && reader.access.access === "ready");
  if (view === undefined) throw new Error(`no reader is reached by ${channel}`);
  router.go({ place: "readers", reader: view.destination });
  await screen.findByRole("region", { name: view.reader.name });
  return view;
}

describe("a reader", () => {
  it("says what came of a restart", async () => {
    const restartReader = vi.fn<Host["restartReader"]>((destination) => host.restartReader(destination));
    useHost({ ...host, restartReader });
    const view = await show("serial");
    await fireEvent.click(screen.getByText("Restart"));
    await screen.findByText(/confirmed the request to restart/);
    expect(restartReader).toHaveBeenCalledWith(view.destination);
  });

  it("shows the reason when it is not restarted, and stays usable", async () => {
    const refused = Object.assign(new Error("refused"), {
      code: "FD-315",
      title: "The reader cannot be restarted from here",
      what_happened: "The reader was not restarted.",
      why: "It runs its application.",
      state_now: "",
      remedies: [],
      details: [],
    });
    useHost({ ...host, restartReader: () => Promise.reject(refused) });
    await show("serial");
    await fireEvent.click(screen.getByText("Restart"));
    await screen.findByText("It runs its application.");
    expect(screen.getByText("Restart").hasAttribute("disabled")).toBe(false);
  });
});

it("may be recovered as the program says of its last load, paused or failed, or when its bootloader answers", () => {
  const view = reader("Gate 04", "smp+serial:/dev/ttyACM0");
  expect(mayRecover(view, undefined)).toBe(false);
  expect(mayRecover(view, summary({ state: { state: "paused" } }))).toBe(true);
  expect(mayRecover(view, summary({ state: verified("equal"), broke_off: false }))).toBe(false);
  expect(mayRecover(view, summary({ state: verified("equal"), broke_off: true }))).toBe(true);
});

describe("a console", () => {
  it("shows what the reader prints as text, and sends a line with its ending", async () => {
    const writeConsole = vi.fn<Host["writeConsole"]>().mockResolvedValue();
    let tell: (event: ConsoleEvent) => void = () => undefined;
    useHost({
      ...host,
      writeConsole,
      openConsole: (_destination, _baud, onEvent) => {
        tell = onEvent;
        onEvent({ event: "state", state: { state: "open" } });
        return Promise.resolve();
      },
    });
    const view = await show("serial");
    await fireEvent.click(screen.getByText("Console"));
    await screen.findByRole("log");
    tell(text("<img src=x onerror=alert(1)>\nuart:~$ "));
    await screen.findByText("<img src=x onerror=alert(1)>");
    expect(document.querySelector("[role=log] img")).toBeNull();
    const field = screen.getByLabelText("Line to send");
    await fireEvent.input(field, { target: { value: "version" } });
    await fireEvent.submit(field);
    expect(writeConsole).toHaveBeenCalledWith(view.destination, "version\r");
    tell({ event: "state", state: { state: "paused", why: "Paused while firmware is loaded" } });
    await screen.findByText("Paused while firmware is loaded");
    await expect.poll(() => field.hasAttribute("disabled")).toBe(true);
    await consoles.close(view.destination);
  });

  it("puts lines together from parts and holds a bounded number of bounded lines", () => {
    const console = new ReaderConsole("smp+serial:/dev/ttyACM0");
    console.take(text("one\ntw"));
    console.take(text("o\n\nthree"));
    expect(console.lines.map((line) => line.text)).toEqual(["one", "two", "", "three"]);
    console.take(text("x".repeat(LONGEST_LINE)));
    console.take(text("y"));
    expect(console.lines.at(-1)?.text).toBe("y");
    console.take(text("z\n".repeat(MOST_LINES + 10)));
    expect(console.lines.length).toBe(MOST_LINES);
  });
});

describe("a plan", () => {
  const save_before = (chosen: boolean) => ({ save: "offered", option: "save", value: "yes", chosen }) as const;

  it("has what the reader holds saved when that is ticked, and is written so as a command", async () => {
    const planOf = vi.fn<Host["plan"]>((_file, [destination = ""], options) =>
      Promise.resolve([
        plan({ id: destination, destination_name: destination, save_before: save_before("save" in options) }),
      ]),
    );
    useHost({ ...host, plan: planOf });
    render(App);
    const draft = new Draft(openFile("/srv/a.bin"), "a.bin", "dfu+usb:1-2", "Gate 04");
    await plans.open([draft]);
    expect(asCommand(draft)).not.toContain("save=yes");
    draft.saveFirst(true);
    await expect.poll(() => draft.plan?.save_before).toEqual(save_before(true));
    expect(planOf.mock.lastCall?.[2]).toMatchObject({ save: "yes" });
    expect(asCommand(draft)).toContain("--option save=yes");
  });
});
