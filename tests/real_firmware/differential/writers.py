"""Random valid HEX, S-record and UF2 files of other programs' writers, and what their readers say of them.

`writers.py SEED COUNT FOLDER` writes COUNT files and prints one line of JSON for each: its name, its format, who wrote
it, and what each reader found, as runs of start, length and SHA-256. A reader that says one run "filled" has put
zeros into the gaps. "written" is what the writer was given.
"""

import contextlib
import hashlib
import io
import json
import os
import random
import subprocess
import sys

import bincopy
import intelhex
from adafruit_uf2 import uf2conv
from esptool.uf2_writer import UF2Writer

seed, count, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
chance = random.Random(seed)


def runs(limit):
    """Random runs that neither touch nor overlap, in a random order."""
    found, taken = [], []
    for _ in range(chance.choice([1, 1, 2, 3, 8])):
        # Large ones are rare: these libraries read about a megabyte a second.
        large = chance.randrange(1, 70000) if chance.random() < 0.05 else chance.randrange(1, 600)
        length = chance.choice([1, 2, 15, 16, 17, 255, 256, 1000, large])
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


FAMILIES = [0xE48BFF56, 0xADA52840, 0x57755A57, 0x1C5F21B0]


def by_uf2conv(path):
    """One run from the first address on, or nothing where it refuses what the format allows."""
    uf2conv.appstartaddr, uf2conv.familyid = 0, 0
    with open(path, "rb") as file:
        data = file.read()
    with contextlib.redirect_stdout(None):
        data = uf2conv.convert_from_uf2(data)
    return [[uf2conv.appstartaddr, len(data), hashlib.sha256(data).hexdigest()]]


def write_uf2(path):
    """Who wrote it, and the runs that were given, where these are what is written."""
    uf2conv.familyid = chance.choice([0, *FAMILIES])
    # Ascending, in words and not far apart: the reader takes nothing else.
    begin = chance.choice([0, 0x2000, 0x8000000, 0x10000000, 0xF0000000]) + 4 * chance.randrange(64)
    pairs = []
    for _ in range(chance.choice([1, 1, 2, 4])):
        length = 4 * chance.choice([1, 4, 63, 64, 65, 128, chance.randrange(1, 3000)])
        pairs.append((begin, chance.randbytes(length)))
        begin += length + 4 * chance.randrange(1, 5000)
    writer = chance.choice(["esptool", "uf2conv of bytes", "uf2conv of HEX"])
    if writer == "esptool":
        chunk = chance.choice([None, 4, 16, 64, 256, 400])
        with UF2Writer(chance.choice(FAMILIES), path, chunk, md5_enabled=chance.random() < 0.5) as file:
            for start, data in pairs:
                file.add_file(start, data)
        return writer, said(pairs)
    if writer == "uf2conv of bytes":
        uf2conv.appstartaddr, data = pairs[0]
        written = uf2conv.convert_to_uf2(data)
        pairs = [(pairs[0][0], data + bytes(-len(data) % 256))]
    else:
        file = intelhex.IntelHex()
        for start, data in pairs:
            file.frombytes(data, start)
        text = io.StringIO()
        file.write_hex_file(text)
        # A line behind the last one, which it looks at: it does not take an empty one.
        written = uf2conv.convert_from_hex_to_uf2(text.getvalue().strip())
        pairs = None
    with open(path, "wb") as out:
        out.write(written)
    return writer, said(pairs) if pairs else None


def print_uf2(path):
    writer, given = write_uf2(path)
    readers = {"uf2conv": {"filled": by_uf2conv(path)}}
    if given:
        readers["written"] = {"runs": given}
    print(json.dumps({"file": path, "format": "UF2", "writer": writer, "readers": readers}))


for number in range(count):
    if number % 3 == 2:
        print_uf2(os.path.join(folder, f"{seed}-{number}.uf2"))
        continue
    srec = number % 3 == 1
    limit = chance.choice([1 << 16, 1 << 24, 1 << 32])
    path = os.path.join(folder, f"{seed}-{number}.{'srec' if srec else 'hex'}")
    # Programs that are started for each file are slower than libraries.
    writer = chance.choices(["intelhex", "bincopy", "srec_cat", "objcopy"], [16, 16, 1, 1])[0]
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
    name = "S-record" if srec else "Intel HEX"
    print(json.dumps({"file": path, "format": name, "writer": writer, "readers": found}))
