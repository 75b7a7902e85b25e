// A failure's button does again what failed, and nothing else.
import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it, vi } from "vitest";
import App from "../src/App.svelte";
import Log from "../src/features/job/Log.svelte";
import StopDialog from "../src/features/job/StopDialog.svelte";
import RemoveAccount from "../src/features/account/RemoveAccount.svelte";
import CopyButton from "../src/shared/CopyButton.svelte";
import { useHost, type Host, type JobSummary } from "../src/ipc";
import { accounts } from "../src/state/accounts.svelte";
import { failures } from "../src/state/failures.svelte";
import { dialogs } from "../src/state/dialogs.svelte";
import { jobs } from "../src/state/jobs.svelte";
import { readers } from "../src/state/readers.svelte";
import { router } from "../src/state/route.svelte";
import { mockHost } from "../mock/host";
import { diagnosis, job, summary, verified } from "../mock/make";

let host: Host;
beforeEach(() => {
  host = mockHost({ empty: false, demo: false, theme: "dark" });
  useHost(host);
  dialogs.close();
  failures.list = [];
  router.replace({ place: "deliver" });
});

const refused = () => Promise.reject(Object.assign(new Error("refused"), diagnosis({ remedies: [] })));
/** A world with one job. */
const alone = (listed: JobSummary): Host => ({
  ...host,
  watch: (onFeed) => {
    onFeed({ number: 0, change: { kind: "snapshot", jobs: [listed], readers: [] } });
    return Promise.resolve();
  },
});
const again = () => fireEvent.click(screen.getByText("Try again"));

it("a failure that repeats is shown once, the newest first", async () => {
  const other = () => Promise.reject(Object.assign(new Error("other"), diagnosis({ code: "FD-405" })));
  for (const deed of [refused, refused, other, refused]) await failures.run(deed);
  expect(failures.list.map(({ diagnosis }) => diagnosis.code)).toEqual([diagnosis().code, "FD-405"]);
});

describe("trying again", () => {
  it("restarts a reader whose restart failed, and does not identify it", async () => {
    const restartReader = vi.fn<Host["restartReader"]>(refused);
    const probe = vi.fn<Host["probe"]>((destination) => host.probe(destination));
    useHost({ ...host, restartReader, probe });
    render(App);
    await expect.poll(() => readers.all.length).toBeGreaterThan(0);
    const view = readers.all.find(({ reader }) => reader.channel === "serial" && reader.access.access === "ready");
    router.go({ place: "readers", reader: view?.destination });
    await fireEvent.click(await screen.findByText("Restart"));
    await screen.findByText("Try again");
    await again();
    await expect.poll(() => restartReader.mock.calls.length).toBe(2);
    expect(probe).not.toHaveBeenCalledWith(view?.destination);
  });

  it("pauses a job whose pause failed, and never stops it", async () => {
    const pauseJob = vi.fn<Host["pauseJob"]>(refused);
    const cancelJob = vi.fn<Host["cancelJob"]>(() => Promise.resolve());
    useHost({ ...host, pauseJob, cancelJob });
    const listed = summary();
    jobs.take({ number: 0, change: { kind: "snapshot", jobs: [listed], readers: [] } });
    render(StopDialog, { job: listed.id });
    await fireEvent.click(screen.getByText("Pause instead"));
    await screen.findByText("Try again");
    await again();
    await expect.poll(() => pauseJob.mock.calls.length).toBe(2);
    expect(cancelJob).not.toHaveBeenCalled();
  });

  it("saves a log that was not saved", async () => {
    const exportLog = vi.fn<Host["exportLog"]>(refused);
    useHost({ ...host, exportLog });
    render(Log, { id: "01658f9a0023", changed: "now" });
    await fireEvent.click(screen.getByText("Save as…"));
    await screen.findByText("Try again");
    await again();
    await expect.poll(() => exportLog.mock.calls.length).toBe(2);
  });
});

describe("a job", () => {
  it("that ended while its stop dialog was open is not stopped any more", async () => {
    const listed = summary();
    jobs.take({ number: 0, change: { kind: "snapshot", jobs: [listed], readers: [] } });
    render(StopDialog, { job: listed.id });
    expect(screen.queryByText("Stop for good")).not.toBeNull();
    jobs.take({ number: 1, change: { kind: "job", job: { ...listed, state: verified("equal") } } });
    await screen.findByText(/The job has ended: Verified/);
    expect(screen.queryByText("Stop for good")).toBeNull();
    expect(screen.queryByText("Close")).not.toBeNull();
  });

  it("whose details cannot be read says why, and is read again by a button", async () => {
    let works = false;
    const listed = summary();
    useHost({ ...alone(listed), job: () => (works ? Promise.resolve(job(listed)) : refused()) });
    render(App);
    router.go({ place: "job", job: listed.id });
    await screen.findByText("Not read");
    works = true;
    await again();
    await expect.poll(() => document.querySelector(".jobview")).not.toBeNull();
    expect(screen.queryByText("Not read")).toBeNull();
  });
});

it("the first answer to Remove account is the one that changes nothing, and has the keyboard", async () => {
  await accounts.load();
  const account = accounts.list[0];
  if (account === undefined) throw new Error("no account");
  render(RemoveAccount, { account });
  const place = screen.getByText("Remove account…").parentElement;
  await fireEvent.click(screen.getByText("Remove account…"));
  await expect.poll(() => document.activeElement?.textContent).toBe("Cancel");
  expect(place?.querySelector("button")?.textContent).toBe("Cancel");
  await fireEvent.click(screen.getByText("Cancel"));
  await expect.poll(() => document.activeElement?.textContent).toBe("Remove account…");
});

it("a reader that is identified after its dialog was closed moves nobody away", async () => {
  let answer: () => void = () => undefined;
  const probe = vi.fn<Host["probe"]>(async (destination) => {
    await new Promise<void>((resolve) => (answer = resolve));
    return host.probe(destination);
  });
  useHost({ ...host, probe });
  render(App);
  await screen.findByText("Choose file", { selector: ".drop button" });
  dialogs.open({ kind: "add-reader" });
  await fireEvent.input(await screen.findByLabelText("Address"), { target: { value: "192.168.1.77:1337" } });
  await fireEvent.click(screen.getByText("Identify and add"));
  await expect.poll(() => probe.mock.calls.length).toBe(1);
  await fireEvent.click(within(screen.getByRole("dialog")).getByText("Close"));
  dialogs.open({ kind: "keys" });
  answer();
  await Promise.resolve();
  await expect.poll(() => dialogs.current?.kind).toBe("keys");
  expect(router.route.place).toBe("deliver");
});

it("a copy that the web view refuses is not silent", async () => {
  render(CopyButton, { text: "9f2c", what: "SHA-256" });
  const writeText = vi.spyOn(navigator.clipboard, "writeText").mockRejectedValue(new Error("refused"));
  Object.defineProperty(document, "execCommand", { value: () => false, configurable: true });
  await fireEvent.click(screen.getByText("Copy"));
  await screen.findByText("Not copied");
  writeText.mockRestore();
});

describe("production", () => {
  it("has its frame round a job that Activity opened by itself", async () => {
    useHost(alone(summary({ production: true, image_name: "live" })));
    render(App);
    router.go({ place: "activity" });
    await expect.poll(() => document.querySelector(".main")?.getAttribute("data-frame")).toBe("production");
    router.go({ place: "help" });
    await expect.poll(() => document.querySelector(".main")?.hasAttribute("data-frame")).toBe(false);
  });
});
