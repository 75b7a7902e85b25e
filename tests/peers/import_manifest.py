"""Validates import manifests with Microsoft's published schemas. Nothing of Firmdrop is used.

Reads lines of JSON: a name, the version of the schema, the manifest as base64. Prints for each the name and
where the schema refuses it; an empty list when it does not.
"""

import base64
import json
import pathlib
import sys

from jsonschema import Draft7Validator, RefResolver

SCHEMAS = pathlib.Path(__file__).parent / "schemas"


def validators():
    documents = [json.loads(path.read_text("utf-8")) for path in SCHEMAS.glob("*.json")]
    # The definitions refer to each other by their addresses; nothing is downloaded.
    store = {document["$id"]: document for document in documents}
    made = {}
    for version in ("4.0", "5.0"):
        address = f"https://json.schemastore.org/azure-deviceupdate-import-manifest-{version}.json"
        schema = store[address]
        Draft7Validator.check_schema(schema)
        made[version] = Draft7Validator(schema, resolver=RefResolver(address, schema, store=store))
    return made


def main():
    made = validators()
    for line in sys.stdin:
        case = json.loads(line)
        text = base64.b64decode(case["manifest"]).decode("utf-8-sig")
        errors = made[case["version"]].iter_errors(json.loads(text))
        found = ["/" + "/".join(map(str, error.absolute_path)) for error in errors]
        print(json.dumps({"name": case["name"], "refused": found}))


main()
