// States and counts that were said wrongly, or not at all, after something else had happened meanwhile.
import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import App from "../src/App.svelte";
import CloseDialog from "../src/features/frame/CloseDialog.svelte";
import ConnectionTest from "../src/features/account/ConnectionTest.svelte";
import CountsBar from "../src/features/pelion/CountsBar.svelte";
import Notes from "../src/features/job/Notes.svelte";
import Silence from "../src/features/job/Silence.svelte";
import Touched from "../src/features/pelion/Touched.svelte";
import { lineOf } from "../src/features/job/rate";
import { useHost, type Feed, type Host, type TimedNote } from "../src/ipc";
import { accounts } from "../src/state/accounts.svelte";
import { announcer } from "../src/state/announce.svelte";
import { dialogs } from "../src/state/dialogs.svelte";
import { drags } from "../src/state/drags.svelte";
import { failures } from "../src/state/failures.svelte";
import { TableFile } from "../src/state/files.svelte";
import { activeLine } from "../src/features/frame/activeLine";
import { jobs } from "../src/state/jobs.svelte";
import { composer } from "../src/state/pelion/composer.svelte";
import { readers } from "../src/state/readers.svelte";
import { router } from "../src/state/route.svelte";
import { session } from "../src/state/session.svelte";
import { mockHost } from "../mock/host";
import { diagnosis, job, openFile, summary } from "../mock/make";

let host: ReturnType<typeof mockHost>;
beforeEach(() => {
  host = mockHost({ empty: false, demo: true, theme: "dark", devices: 40 });
  useHost(host);
  dialogs.close();
  failures.list = [];
  router.replace({ place: "deliver" });
});
afterEach(() => vi.restoreAllMocks());

const refused = () => Promise.reject(Object.assign(new Error("refused"), diagnosis({ remedies: [] })));
const feed = (number: number, change: Feed["change"]): Feed => ({ number, change });
const started = async () => {
  render(App);
  await expect.poll(() => session.started && readers.all.length > 0).toBe(true);
};

describe("jobs", () => {
  it("are counted in one plain phrase where all of them are in one state", () => {
    const running = summary({ state: { state: "running", phase: "a" } });
    const queued = summary({ state: { state: "queued" } });
    expect(activeLine([running])).toBe("1 job running");
    expect(activeLine([running, running])).toBe("2 jobs running");
    expect(activeLine([running, queued, queued])).toBe("3 jobs: 1 running, 2 queued");
  });

  it("have all of their events counted, also those that only the log has", () => {
    const note = (at: number): TimedNote => ({
      at: new Date(Date.UTC(2026, 2, 1, 12, 0, at)).toISOString(),
      kind: "step",
      text: `Step ${at}`,
      detail: null,
      piece: null,
    });
    render(Notes, { notes: Array.from({ length: 250 }, (_, at) => note(at)) });
    expect(document.querySelector(".sec .n")?.textContent).toBe("250");
    expect(document.querySelectorAll(".notes li")).toHaveLength(200);
    screen.getByText("Older events are in the log.");
  });

  it("have a rate that is drawn level: no slope stands for a time in which nothing was confirmed", () => {
    const step = (from: number, to: number, bytes: number) => ({ from, to, bytes });
    const line = lineOf(
      [step(0, 1_000, 10), step(1_000, 2_000, 20), step(2_500, 3_000, 5)],
      Number,
      (rate) => 100 - rate,
    );
    expect(line).toBe("M0 90H1000V80H2000M2500 90H3000");
  });

  it("that are silent have the account of their own service tested, not one of the same name", async () => {
    const silent = job(
      summary({
        destination: "adu:demo",
        state: { state: "running", phase: "send_chunks" },
        pace: { bytes_per_second: null, seconds_left: null, stalled: true, waiting: null },
      }),
    );
    render(Silence, { job: silent });
    await fireEvent.click(screen.getByText("Test connection…"));
    expect(router.route).toEqual({ place: "settings", account: "adu:demo" });
  });
});

describe("closing the window while jobs run", () => {
  it("says so when the last of them ended while the question stood, and offers no background", async () => {
    const running = summary({ state: { state: "running", phase: "a" } });
    jobs.take(feed(0, { kind: "snapshot", jobs: [running], readers: [] }));
    render(CloseDialog, { running: 1 });
    screen.getByText("1 job is not finished");
    jobs.take(feed(1, { kind: "job", job: { ...running, state: { state: "cancelled", state_now: "" } } }));
    await screen.findByText("Every job has ended");
    screen.getByText("Quit");
    expect(screen.queryByText("Continue in background")).toBeNull();
  });

  it("says why it could not continue in the background, and stays", async () => {
    const continueHidden = vi.fn<Host["continueHidden"]>(refused);
    useHost({ ...host, continueHidden });
    const running = summary({ state: { state: "running", phase: "a" } });
    jobs.take(feed(0, { kind: "snapshot", jobs: [running], readers: [] }));
    render(CloseDialog, { running: 1 });
    await fireEvent.click(screen.getByText("Continue in background"));
    await fireEvent.click(await screen.findByText("Try again"));
    await expect.poll(() => continueHidden.mock.calls.length).toBe(2);
  });
});

describe("an account", () => {
  it("keeps what its connection test found while other places are looked at, until it is changed", async () => {
    await accounts.load();
    const [account] = accounts.list;
    if (account === undefined) throw new Error("no account");
    const first = render(ConnectionTest, { account });
    await fireEvent.click(screen.getByText("Test connection"));
    await expect.poll(() => document.querySelectorAll(".layers li").length).toBeGreaterThan(0);
    first.unmount();
    render(ConnectionTest, { account });
    expect(document.querySelectorAll(".layers li").length).toBeGreaterThan(0);
    expect(screen.queryByText(/Not tested since/)).toBeNull();
    await accounts.remove("other:one").catch(() => undefined);
    await screen.findByText(/Not tested since/);
  });

  it("that is gone is said to be gone, and is no form for a new one", async () => {
    await started();
    router.go({ place: "settings", account: "pelion:gone" });
    const said = await screen.findByText(/There is no account/);
    expect(said.textContent).toContain("pelion:gone");
    expect(document.querySelector(".account-form")).toBeNull();
    await fireEvent.click(within(said.parentElement ?? said).getByText("Add an account…"));
    await expect.poll(() => document.querySelector(".account-form")).not.toBeNull();
  });
});

it("Shift+F6 with the keyboard nowhere goes to the last region, F6 to the first", async () => {
  await started();
  (document.activeElement as HTMLElement | null)?.blur();
  await fireEvent.keyDown(document.body, { key: "F6", shiftKey: true });
  expect(document.activeElement?.getAttribute("aria-label")).toBe("Status");
  (document.activeElement as HTMLElement).blur();
  await fireEvent.keyDown(document.body, { key: "F6" });
  expect(document.activeElement?.className).toContain("topbar");
});

it("a theme that cannot be stored says so", async () => {
  useHost({ ...host, saveSettings: refused });
  await started();
  router.go({ place: "settings" });
  await fireEvent.click(await screen.findByLabelText("Light"));
  await expect.poll(() => failures.list.length).toBe(1);
});

describe("a reader", () => {
  it("that is being renamed keeps its name by Esc, and the keyboard is where it began", async () => {
    const rename = vi.spyOn(host, "renameReader");
    await started();
    router.go({ place: "readers" });
    await fireEvent.click(await screen.findByText("Rename…"));
    const field = document.querySelector<HTMLInputElement>("[data-reader-name]");
    if (field === null) throw new Error("no field");
    const names = [...(field.closest("form")?.querySelectorAll("button") ?? [])].map((each) => each.textContent);
    expect(names).toEqual(["Cancel", "Rename"]);
    await fireEvent.keyDown(field, { key: "Escape" });
    await expect.poll(() => document.activeElement?.textContent.trim()).toBe("Rename…");
    expect(rename).not.toHaveBeenCalled();
    expect(router.route.place).toBe("readers");
  });

  it("is said to be missing by what was asked for, not as a filter without a match", async () => {
    await started();
    router.go({ place: "readers" });
    await expect.poll(() => readers.all.length).toBeGreaterThan(0);
    readers.take(
      feed(1, {
        kind: "readers",
        readers: readers.all.slice(0, 1).map((view) => ({ ...view, reader: { ...view.reader, simulated: false } })),
      }),
    );
    await fireEvent.click(await screen.findByText("Simulated", { selector: ".tabs button" }));
    await screen.findByText("None of 1 reader is simulated.");
  });
});

it("what is dropped and is no file asks for a path, and the file on the table stays", async () => {
  await started();
  const said = vi.spyOn(announcer, "interrupt");
  drags.take({ kind: "drop", x: 1, y: 1, files: [] });
  expect(said).toHaveBeenCalledWith("What was dropped is no file");
  await screen.findByText("Open from path or URL");
  expect(router.route.place).toBe("deliver");
});

it("hashes that could not be computed are computed again by a button", async () => {
  let fails = true;
  const digests: Host["digests"] = (file, onBytes) => (fails ? refused() : host.digests(file, onBytes));
  useHost({ ...host, digests });
  const file = new TableFile(openFile("/srv/a.bin"));
  await file.read();
  await expect.poll(() => file.digestProblem).not.toBeNull();
  fails = false;
  await file.hashAgain();
  expect(file.digestProblem).toBeNull();
  expect(file.digests?.md5).toBe("d41d8cd98f00b204e9800998ecf8427e");
});

describe("one device", () => {
  it("is no several devices in the counts of a campaign", () => {
    render(CountsBar, { counts: { total: 1, success: 1, failed: 0, skipped: 0, pending: 0, other: 0 } });
    expect(document.querySelector(".count-words")?.textContent.replaceAll(/\s+/g, " ")).toContain("1 device ");
  });

  it("runs it already, is of another class, is in another campaign", async () => {
    const radius = await host.pelion.blastRadius("demo", { filter: "state__eq=registered", manifest_id: "01" });
    const one = { count: 1, sample: [] };
    useHost({
      ...host,
      services: {
        ...host.services,
        pelion: {
          ...host.pelion,
          blastRadius: () =>
            Promise.resolve({ ...radius, up_to_date: one, wrong_class: one, in_other_campaigns: one, blocked: one }),
        },
      },
    });
    composer.open("demo", (draft) => {
      draft.manifest = "01";
      void draft.filter.take("state__eq=registered");
    });
    const { draft } = composer;
    if (draft === null) throw new Error("no draft");
    render(Touched, { draft });
    for (const words of [
      "runs it already",
      "is of another class, would refuse",
      "is in another campaign",
      "is blocked or suspended",
    ])
      await screen.findByText(words);
  });
});
