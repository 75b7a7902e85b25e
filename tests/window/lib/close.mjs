// Closing a window as a window manager asks for it. None runs under the tests, so the polite request is sent here.

import { spawnSync } from "node:child_process";

/** The ids of Firmdrop's windows that can be seen. */
export function windows() {
  const found = spawnSync("xdotool", ["search", "--onlyvisible", "--name", "^Firmdrop$"], { encoding: "utf8", timeout: 5_000 });
  return found.stdout.split("\n").filter((id) => id !== "" && widthOf(id) >= NARROWEST);
}

/** The toolkit has small windows of the same name outside of the screen, once something was dragged. */
const NARROWEST = 200;

function widthOf(id) {
  const geometry = spawnSync("xdotool", ["getwindowgeometry", "--shell", id], { encoding: "utf8", timeout: 5_000 });
  return Number(/^WIDTH=(\d+)$/m.exec(geometry.stdout)?.[1] ?? 0);
}

/** Asks the window to close; it may refuse. */
export function askToClose() {
  const [window] = windows().slice(-1);
  if (window === undefined) throw new Error("no window can be seen");
  const sent = spawnSync("/usr/bin/python3", ["-c", CLOSE, window], { encoding: "utf8", timeout: 15_000 });
  if (sent.status !== 0) throw new Error(`the request to close was not sent: ${sent.stderr}`);
}

/** It ends once the server has the request: of a program that is gone, the server drops what it has not read yet. */
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
x.XSync.argtypes = [ctypes.c_void_p, ctypes.c_int]
x.XSync(display, 0)
`;
