"""What intelhex and bincopy say of files, one line of JSON for each: `readers.py FILE...`."""

import json
import sys

import bincopy
import intelhex


def of_intelhex(path):
    return [[start, end - start] for start, end in intelhex.IntelHex(path).segments()]


def of_bincopy(path):
    file = bincopy.BinFile()
    file.add_file(path)
    size = file.word_size_bytes
    return [[part.minimum_address * size, len(part.data)] for part in file.segments]


def said(read, path):
    try:
        return {"segments": read(path)}
    except Exception as error:  # whatever they raise is their answer
        return {"error": str(error) or type(error).__name__}


for path in sys.argv[1:]:
    print(json.dumps({"intelhex": said(of_intelhex, path), "bincopy": said(of_bincopy, path)}))
