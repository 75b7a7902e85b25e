"""Times manifests of the vendor's manifest-tool in its own process: KEY.pem PAYLOAD COUNT.

Makes and signs that many of schema 3, each from the files up, and prints the median as JSON.
"""

import json
import statistics
import sys
import time
from pathlib import Path

from manifesttool.mtool.actions.create import CreateAction
from manifesttool.mtool.asn1.v3 import ManifestAsnCodecV3


def manifest(key, payload):
    """One manifest, with the words of the tool's configuration file."""
    return CreateAction.do_create(
        signing_key=Path(key).read_bytes(),
        input_cfg={
            "vendor": {"domain": "example.com"},
            "device": {"model-name": "Widget"},
            "priority": 1,
            "payload": {
                "url": "http://127.0.0.1:8080/fw/abc",
                "format": "raw-binary",
                "file-path": payload,
            },
        },
        fw_version="1.2.3",
        update_certificate=None,
        asn1_codec_class=ManifestAsnCodecV3,
    )


def main(key, payload, count):
    """Prints the median."""
    seconds = []
    for _ in range(int(count)):
        begun = time.perf_counter()
        manifest(key, payload)
        seconds.append(time.perf_counter() - begun)
    print(json.dumps({"median_seconds": statistics.median(seconds)}))


main(*sys.argv[1:])
