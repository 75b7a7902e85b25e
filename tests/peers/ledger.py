"""Checks an exported ledger with programs of others alone: tlog-scales (C2SP checkpoint and key), pymerkle
(RFC 6962), securesystemslib (DSSE) and in-toto-attestation (statement). Nothing of Firmdrop is used.

Prints a JSON line with what it found; fails when anything does not verify.
"""

import base64
import hashlib
import json
import sys

from google.protobuf.json_format import ParseDict
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from pymerkle import InmemoryTree
from securesystemslib.dsse import Envelope
from securesystemslib.signer import Key
from tlog_scales.signing import Vkey
from tlog_scales.tlog import Checkpoint


def main(path):
    with open(path, encoding="utf-8") as export:
        *entries, last = [json.loads(line) for line in export]
    head = last["head"]
    vkey = Vkey.from_string(head["verifiers"][-1])
    checkpoint = Checkpoint.from_text(head["checkpoint"])
    checkpoint.verify(vkey)
    assert checkpoint.origin == vkey.name
    assert checkpoint.size == len(entries), (checkpoint.size, len(entries))

    tree = InmemoryTree(algorithm="sha256")
    for entry in entries:
        tree.append_entry(entry["envelope"].encode())
    assert tree.get_root() == checkpoint.root_hash, "the root is another"

    public = {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": vkey.pubkey.hex()}}
    pem = "".join(head["public_key_pem"].splitlines()[1:-1])
    key = Key.from_dict(hashlib.sha256(base64.b64decode(pem)).hexdigest(), public)
    for entry in entries:
        envelope = Envelope.from_dict(json.loads(entry["envelope"]))
        envelope.verify([key], 1)
        assert envelope.payload_type == "application/vnd.in-toto+json"
        payload = json.loads(envelope.payload)
        statement = Statement.copy_from_pb(ParseDict(payload, statement_pb2.Statement()))
        statement.validate()
        subject = statement.pb.subject[0]
        assert subject.digest["sha256"] == entry["sha256"]
        assert subject.name == entry["file_name"]
        assert payload["predicate"]["ledger"]["number"] == entry["number"]
    print(json.dumps({"entries": len(entries), "origin": checkpoint.origin}))


main(sys.argv[1])
