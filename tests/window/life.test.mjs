// The life of the window: a second start, a kill in mid-delivery, a failure, closing while jobs run.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { BINARY, CLI, Firmdrop, cli, folder, rawFile, serveDemo } from "./lib/firmdrop.mjs";
import { KEY, until } from "./lib/webdriver.mjs";

const CLOUD = '[data-destination="pelion:demo"]';
/** Long enough that a kill finds it half-way. */
const LARGE = 300 * 1024 * 1024;

async function startUpload(window) {
  await window.isAt("verdict");
  await window.click(`${CLOUD} .dest-name`);
  await window.click("[data-primary]");
  await window.isAt("plan");
  await window.click("[data-primary]");
  await window.isAt("job");
}

test("a second start hands its file over and ends", { timeout: 90_000 }, async (t) => {
  const file = rawFile(join(folder(t), "second.bin"), 1000);
  const window = await Firmdrop.open(t);
  const second = spawn(BINARY, ["--home", window.home, file], { stdio: "ignore" });
  const [code] = await once(second, "exit");
  assert.equal(code, 0);
  await window.isAt("verdict");
  await window.says(".head h1", "second.bin");
});

test("killed in mid-delivery, the next start says what happened, goes on, and ends Verified", { timeout: 180_000 }, async (t) => {
  const home = folder(t);
  const file = rawFile(join(folder(t), "large.img"), LARGE);
  await serveDemo(t, home);
  const first = await Firmdrop.open(t, { home, args: [file] });
  await startUpload(first);
  await first.sees(".chunks .c", 60_000);
  first.session.kill();

  const second = await Firmdrop.open(t, { home, args: [] });
  await second.says(".interrupted", "The last run ended with 1 job unfinished");
  await second.click(".interrupted .link");
  await second.isAt("job");
  assert.equal(await second.result(120_000), "Verified");
  await second.says("aside", "Resumed 1×");
});

test("the window and two command lines on one home each start a job: none is lost, none runs twice", { timeout: 180_000 }, async (t) => {
  const home = folder(t);
  const file = rawFile(join(folder(t), "from-window.img"), 120 * 1024 * 1024);
  await serveDemo(t, home);
  const window = await Firmdrop.open(t, { home, args: [file] });
  const ends = ["from-line-1", "from-line-2"].map((name) => {
    const line = spawn(CLI, ["--home", home, "deliver", file, "--to", "pelion:demo", "--name", name, "--yes", "--json"], { stdio: "ignore" });
    t.after(() => void line.kill("SIGKILL"));
    return once(line, "exit");
  });
  await startUpload(window);
  // It may have to wait for its turn first.
  await window.sees('[data-result="Verified"]', 120_000);
  assert.deepEqual((await Promise.all(ends)).map(([code]) => code), [0, 0]);

  const names = ["from-line-1", "from-line-2", "from-window.img"];
  const jobs = cli(home, "jobs");
  assert.deepEqual(jobs.map((job) => job.image_name).sort(), names);
  assert.deepEqual(jobs.map((job) => job.state.outcome?.outcome), ["verified", "verified", "verified"]);
  const images = cli(home, "pelion", "images", "list", "--account", "demo").data;
  assert.deepEqual(images.map((image) => image.name).sort(), names, "each image is there once");
  assert.equal(cli(home, "ledger", "list", "--demo").length, 3);
  // The window followed what the other processes did.
  await window.session.keys("g", "a");
  await window.isAt("activity");
  for (const name of names) await window.says(".main", name);
});

test("with the plug pulled the job tells what happened, why, and what to do", { timeout: 180_000 }, async (t) => {
  const file = rawFile(join(folder(t), "unplugged.bin"), 2_000_000);
  const window = await Firmdrop.open(t, { args: ["--demo", file] });
  await window.isAt("verdict");
  await window.click(`${CLOUD} .dest-name`);
  await window.click("[data-primary]");
  await window.isAt("plan");
  await window.sees("[data-primary]:not([disabled])");
  await window.turn("Pull the plug");
  await window.sees('.dial [aria-pressed="true"]');
  await window.click("[data-primary]");
  await window.isAt("job");
  await window.sees('[data-state="failed"] .problem, [data-state="interrupted"] [data-result], .stalled', 120_000);
});

test("a file that is no firmware file at all is refused with a code and a way out", { timeout: 90_000 }, async (t) => {
  const empty = join(folder(t), "empty.bin");
  writeFileSync(empty, "");
  const window = await Firmdrop.open(t, { args: ["--demo", empty] });
  await window.says(".problem", "FD-101");
  await window.says(".problem", "What to do");
});

test("closing the window while a job runs asks once; pausing and quitting keeps the job", { timeout: 180_000 }, async (t) => {
  const home = folder(t);
  const file = rawFile(join(folder(t), "closing.img"), LARGE);
  await serveDemo(t, home);
  const window = await Firmdrop.open(t, { home, args: [file] });
  await startUpload(window);
  await window.sees(".chunks .c", 60_000);
  const { spawnSync } = await import("node:child_process");
  // Without a window manager nobody sends the polite request to close, so it is sent here.
  const found = spawnSync("xdotool", ["search", "--onlyvisible", "--name", "^Firmdrop$"], { encoding: "utf8", timeout: 5_000 });
  const id = found.stdout.trim().split("\n").at(-1);
  spawnSync("/usr/bin/python3", ["-c", CLOSE, id], { timeout: 5_000 });
  await window.says("dialog", "1 job is not finished");
  await window.session.run("[...document.querySelectorAll('dialog .btn')].find((b) => b.textContent.trim() === 'Pause and quit').click()");
  await until("the window is gone", () => window.session.run("return true").then(() => false, () => true), 60_000);

  const next = await Firmdrop.open(t, { home, args: [] });
  await next.says(".main", "Resume");
  await next.session.keys(KEY.escape);
});

const CLOSE = `
import sys, ctypes
x = ctypes.CDLL("libX11.so.6")
x.XOpenDisplay.restype = ctypes.c_void_p
x.XInternAtom.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
x.XInternAtom.restype = ctypes.c_ulong
class Message(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int), ("display", ctypes.c_void_p),
                ("window", ctypes.c_ulong), ("message_type", ctypes.c_ulong), ("format", ctypes.c_int), ("data", ctypes.c_long * 5)]
class Event(ctypes.Union):
    _fields_ = [("message", Message), ("pad", ctypes.c_long * 24)]
display = x.XOpenDisplay(None)
event = Event()
event.message.type = 33
event.message.window = int(sys.argv[1])
event.message.message_type = x.XInternAtom(display, b"WM_PROTOCOLS", 0)
event.message.format = 32
event.message.data[0] = x.XInternAtom(display, b"WM_DELETE_WINDOW", 0)
x.XSendEvent.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int, ctypes.c_long, ctypes.c_void_p]
x.XSendEvent(display, event.message.window, 0, 0, ctypes.byref(event))
x.XFlush.argtypes = [ctypes.c_void_p]
x.XFlush(display)
`;
