"""Random valid HEX and S-record files of other programs' writers, and what their readers say of them.

`writers.py SEED COUNT FOLDER` writes COUNT files and prints one line of JSON for each: its name, who wrote it, and
what each reader found, as runs of start, length and SHA-256.
"""

import hashlib
import io
import json
import os
import random
import subprocess
import sys

import bincopy
import intelhex

seed, count, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
chance = random.Random(seed)


def runs(limit):
    """Random runs that neither touch nor overlap, in a random order."""
    found, taken = [], []
    for _ in range(chance.choice([1, 1, 2, 3, 8])):
        length = chance.choice([1, 2, 15, 16, 17, 255, 256, 1000, 5000, chance.randrange(1, 70000)])
        length = min(length, limit // 2)
        edge = chance.choice([0, 0x10000, 0x20000, 0x100000, 0x1000000, 0x8000000, 0xF0000000, limit - length])
        start = max(0, min(edge + chance.randrange(-300, 300), limit - length))
        if all(start > end or start + length < begin for begin, end in taken) and start + length <= limit:
            taken.append((start, start + length))
            found.append((start, chance.randbytes(length)))
    return found


def said(pairs):
    return [[start, len(data), hashlib.sha256(data).hexdigest()] for start, data in sorted(pairs)]


def by_intelhex(path):
    file = intelhex.IntelHex(path)
    return said((start, file.tobinstr(start=start, end=end - 1).__bytes__()) for start, end in file.segments())


def by_bincopy(path):
    file = bincopy.BinFile()
    file.add_file(path)
    return said((part.minimum_address, bytes(part.data)) for part in file.segments)


def write_intelhex(path, limit):
    file = intelhex.IntelHex()
    for start, data in runs(limit):
        file.frombytes(data, start)
    if chance.random() < 0.5:
        file.start_addr = chance.choice([{"EIP": chance.getrandbits(32)}, {"CS": 0x1234, "IP": 0x5678}])
    text = io.StringIO()
    file.write_hex_file(text, byte_count=chance.choice([1, 8, 16, 32, 255]))
    end = chance.choice(["\n", "\r\n", "\r"])
    with open(path, "w", newline="") as out:
        out.write(text.getvalue().replace("\n", end))


def write_bincopy(path, limit, srec):
    file = bincopy.BinFile()
    for start, data in runs(limit):
        file.add_binary(data, start)
    if chance.random() < 0.5:
        file.execution_start_address = chance.randrange(min(limit, 1 << 32))
    size = chance.choice([1, 8, 16, 32, 100])
    with open(path, "w") as out:
        if srec:
            bits = {1 << 16: 16, 1 << 24: 24, 1 << 32: 32}[limit]
            out.write(file.as_srec(size, bits))
        else:
            out.write(file.as_ihex(size))


def run(arguments):
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def write_srec_cat(path, limit, srec):
    arguments = ["srec_cat"]
    for number, (start, data) in enumerate(runs(limit)):
        part = f"{path}.{number}.bin"
        with open(part, "wb") as out:
            out.write(data)
        arguments += [part, "-binary", "-offset", str(start)]
    run(arguments + ["-o", path, "-motorola" if srec else "-intel", "-line-length", str(chance.choice([44, 60, 80, 200]))])


def write_objcopy(path, limit, srec):
    start, data = runs(limit)[0]
    part = f"{path}.bin"
    with open(part, "wb") as out:
        out.write(data)
    arguments = ["objcopy", "-I", "binary", "-O", "srec" if srec else "ihex", f"--change-addresses={start}"]
    if srec:
        arguments += [f"--srec-len={chance.choice([1, 16, 40])}"]
        arguments += ["--srec-forceS3"] if chance.random() < 0.5 else []
    run(arguments + [part, path])


for number in range(count):
    srec = chance.random() < 0.5
    limit = chance.choice([1 << 16, 1 << 24, 1 << 32])
    path = os.path.join(folder, f"{seed}-{number}.{'srec' if srec else 'hex'}")
    # Programs that are started for each file are slower than libraries.
    writer = chance.choices(["intelhex", "bincopy", "srec_cat", "objcopy"], [8, 8, 1, 1])[0]
    if writer == "intelhex" and srec:
        writer = "bincopy"
    if writer == "intelhex":
        write_intelhex(path, limit)
    else:
        {"bincopy": write_bincopy, "srec_cat": write_srec_cat, "objcopy": write_objcopy}[writer](path, limit, srec)
    readers = {"bincopy": by_bincopy} if srec else {"bincopy": by_bincopy, "intelhex": by_intelhex}
    found = {}
    for name, read in readers.items():
        try:
            found[name] = {"runs": read(path)}
        except Exception as error:  # whatever they raise is their answer
            found[name] = {"error": str(error) or type(error).__name__}
    print(json.dumps({"file": path, "writer": writer, "readers": found}))
