#!/usr/bin/env python3
"""Makes an old home with an old command line: make.py PROGRAM FOLDER OUTPUT.sqlite

PROGRAM is a debug build of `firmdrop-cli` of the revision; FOLDER becomes part of the stored paths.
Nothing but the simulated world is used. See README.md.
"""

import hashlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request

PROGRAM, FOLDER, OUTPUT = sys.argv[1:]
HOME = os.path.join(FOLDER, "firmdrop")
CHUNK = 5 << 20


def content(length, seed):
    """The bytes of `bytes(length, seed)` in tests/support/distinct_bytes.rs."""
    state, out, mask = (seed * 2 + 1) & (2**64 - 1), bytearray(), 2**64 - 1
    while len(out) < length:
        state = (state * 6364136223846793005 + 1) & mask
        out += (state ^ (state >> 29)).to_bytes(8, "little")
    return bytes(out[:length])


def file(name, length, seed):
    path = os.path.join(FOLDER, name)
    with open(path, "wb") as out:
        out.write(content(length, seed))
    return path


def command(*arguments):
    environment = {k: v for k, v in os.environ.items() if k != "DBUS_SESSION_BUS_ADDRESS"}
    return dict(args=[PROGRAM, "--home", HOME, *arguments], env=environment, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)


def run(*arguments, code=0):
    ran = subprocess.run(**command(*arguments), check=False)
    print(arguments[:3], ran.returncode, flush=True)
    assert code is None or ran.returncode == code, (ran.stdout, ran.stderr)
    return ran.stdout


def start(*arguments):
    return subprocess.Popen(**command(*arguments))


def until(process, so):
    for line in process.stdout:
        if so(json.loads(line)):
            return
    raise SystemExit("it ended before: " + process.stderr.read())


def confirmed(count):
    def so(line):
        progress = line.get("progress") or line.get("job", {}).get("progress") or {}
        return progress.get("confirmed_bytes", 0) >= count
    return so


def stop(process, how):
    process.send_signal(how)
    process.wait()


def fault(host, rule):
    body = json.dumps(rule).encode()
    request = urllib.request.Request(host + "/simulator/faults", body, {"Content-Type": "application/json"})
    urllib.request.urlopen(request).read()


def upload(path, *more):
    return ["deliver", path, "--to", "pelion:demo", "--chunk-bytes", str(CHUNK), "--yes", "--json", *more]


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    os.makedirs(FOLDER)
    demo = start("demo", "--json", "--pelion-only", "--devices", "3")
    world = json.loads(demo.stdout.readline())
    host = world["pelion"]["host"]

    run(*upload(file("finished.bin", 2 * CHUNK + 17, 1)))
    fault(host, {"add": [{"effect": {"kind": "latency", "milliseconds": 700}, "method": "POST", "path_contains": "/chunks"}]})
    process = start(*upload(file("interrupted.bin", 4 * CHUNK + 17, 2)))
    until(process, confirmed(2 * CHUNK))
    stop(process, signal.SIGKILL)
    process = start(*upload(file("cancelled.bin", 4 * CHUNK + 17, 3)))
    until(process, confirmed(CHUNK))
    ids = json.loads(run("jobs", "--json"))
    run("job", "cancel", ids[0]["id"])
    process.wait()
    process = start(*upload(file("paused.bin", 4 * CHUNK + 17, 4)))
    until(process, confirmed(CHUNK))
    ids = json.loads(run("jobs", "--json"))
    run("job", "pause", ids[0]["id"])
    process.wait()
    fault(host, {"clear": True})
    # Another firmware image has the name: it fails.
    run(*upload(file("failed.bin", CHUNK + 17, 5), "--name", "finished.bin"), code=1)

    sample = world["sample"]
    run("deliver", sample, "--to", "sim:reader-1", "--yes", "--json")
    process = start("deliver", sample, "--to", "sim:reader-1", "--yes", "--json")
    until(process, confirmed(100_000))
    stop(process, signal.SIGKILL)

    run("manifest", "key", "new", "front")
    fleet = ["--filter", "state__eq=registered"]
    puck = file("puck.bin", 40_000, 6)
    run("deliver", puck, "--to", "pelion:demo", "--yes", "--json", "--campaign", "Draft", *fleet)
    puck = file("puck-2.bin", 40_000, 7)
    run("deliver", puck, "--to", "pelion:demo", "--yes", "--json", "--campaign", "Started", *fleet,
        "--start", "--expect-devices", "2", code=None)
    print(run("jobs"))
    print(run("ledger", "verify", "--demo"))
    jobs = json.loads(run("jobs", "--json"))
    stop(demo, signal.SIGINT)

    if os.path.exists(OUTPUT):
        os.remove(OUTPUT)
    journal = sqlite3.connect(os.path.join(HOME, "journal.sqlite"))
    journal.execute("VACUUM INTO ?", [OUTPUT])
    journal.close()
    with open(OUTPUT.replace(".sqlite", ".jobs.json"), "w") as out:
        json.dump(jobs, out, indent=1)
        out.write("\n")
    print(hashlib.sha256(open(OUTPUT, "rb").read()).hexdigest(), os.path.getsize(OUTPUT))


main()
