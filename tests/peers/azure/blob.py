"""Uses azure-storage-blob against a storage on loopback and prints what it saw, as JSON."""

import datetime
import json
import os
import sys

from azure.core import MatchConditions
from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.transport import RequestsTransport
from azure.storage.blob import (
    BlobBlock,
    BlobClient,
    BlobSasPermissions,
    BlobServiceClient,
    ContainerClient,
    ContainerSasPermissions,
    ContentSettings,
    generate_blob_sas,
    generate_container_sas,
)

given = json.loads(sys.argv[1])
endpoint, account, key = given["endpoint"], given["account"], given["key"]
# The retry policy would hide refusals for minutes.
quiet = {"retry_total": 0}
service = BlobServiceClient(endpoint, credential=key, max_single_put_size=1 << 16, max_block_size=1 << 16, **quiet)
seen = {}
now = datetime.datetime.now(datetime.timezone.utc)
hour = datetime.timedelta(hours=1)


def code(act):
    """The service's code for what was refused."""
    try:
        act()
    except HttpResponseError as error:
        return error.error_code and str(getattr(error.error_code, "value", error.error_code))
    return "allowed"


def refusal(act):
    """Status and code of what was refused."""
    try:
        act()
    except HttpResponseError as error:
        return [error.status_code, str(getattr(error.error_code, "value", error.error_code))]
    return "allowed"


def text(blob):
    return blob.download_blob().readall().decode()


things = service.create_container("things")
seen["container twice"] = code(lambda: service.create_container("things"))
seen["bad container name"] = code(lambda: service.create_container("x"))
seen["no container"] = refusal(lambda: service.get_blob_client("nothing", "a").upload_blob(b"a"))

hard = "a b#%é+/ß.bin"
settings = ContentSettings(content_type="application/x-firmware")
one = things.upload_blob(hard, b"0123456789", content_settings=settings, metadata={"part": "one"})
seen["whole read back"] = text(one) == "0123456789"
seen["range"] = one.download_blob(offset=2, length=4).readall().decode()
properties = one.get_blob_properties()
seen["head"] = [properties.size, properties.content_settings.content_type, properties.metadata]
seen["exists already"] = code(lambda: things.upload_blob(hard, b"again"))

large = os.urandom(1_000_003)
blob = things.upload_blob("large.bin", large, max_concurrency=4, validate_content=True)
seen["parallel blocks read back"] = blob.download_blob(max_concurrency=4).readall() == large

# A stage that was interrupted: the blocks that are there are listed, the missing one is sent.
blob = things.get_blob_client("blocks.bin")
blob.stage_block("0001", b"one")
blob.stage_block("0003", b"new")
blob.stage_block("0002", b"two")


def lists(kind):
    committed, uncommitted = blob.get_block_list(kind)
    return [[[one.id, one.size] for one in some] for some in (committed, uncommitted)]


seen["uncommitted"] = [one for one in lists("uncommitted")[1] if one[0] != "0002"]
seen["not readable yet"] = code(blob.download_blob)
seen["ids of unequal length"] = code(lambda: blob.stage_block("12345678", b"x"))
seen["wrong md5"] = code(
    lambda: blob.stage_block("0009", b"x", headers={"Content-MD5": "CY9rzUYh03PK3k6DJie09g=="})
)
seen["unknown block"] = code(lambda: blob.commit_block_list([BlobBlock("0004")]))
blob.stage_block("0005", b"three")
blob.commit_block_list([BlobBlock("0001"), BlobBlock("0002"), BlobBlock("0005")])
seen["resumed"] = text(blob)
seen["committed"] = lists("all")

for name in ("dir/one", "dir/two"):
    things.upload_blob(name, b"x")
seen["names"] = [one.name for one in things.list_blobs()]
seen["by prefix"] = [one.name for one in things.list_blobs(name_starts_with="dir/")]
pages = things.list_blobs(results_per_page=2).by_page()
seen["pages"] = [len(list(page)) for page in pages]
seen["walk"] = sorted(one.name for one in things.walk_blobs())

etag = one.get_blob_properties().etag
try:
    one.download_blob(etag=etag, match_condition=MatchConditions.IfModified)
    seen["not modified"] = False
except HttpResponseError as error:
    seen["not modified"] = error.status_code == 304
seen["condition"] = code(lambda: one.download_blob(etag='"other"', match_condition=MatchConditions.IfNotModified))
gone = things.upload_blob("gone", b"x")
gone.delete_blob()
seen["deleted"] = code(gone.get_blob_properties) or code(gone.download_blob)


def sas(name="blocks.bin", permission="r", begins=now - hour, ends=now + hour, key=key, **more):
    permission = BlobSasPermissions.from_string(permission)
    begins = {} if begins is None else {"start": begins}
    signing = {"account_key": key} if isinstance(key, str) else {"user_delegation_key": key}
    return generate_blob_sas(account, "things", name, permission=permission, expiry=ends, **signing, **begins, **more)


def signed(sas, name="blocks.bin"):
    return BlobClient(endpoint, "things", name, credential=sas, **quiet)


seen["service sas reads"] = text(signed(sas(begins=None))) == "onetwothree"
seen["service sas of a hard name reads"] = text(signed(sas(hard), hard)) == "0123456789"
container_sas = generate_container_sas(
    account, "things", account_key=key, permission=ContainerSasPermissions.from_string("rl"), expiry=now + hour
)
container = ContainerClient(endpoint, "things", credential=container_sas, **quiet)
odd = "!$&'()*,:;=@ 2%2E.bin"
things.upload_blob(odd, b"odd")
seen["odd name"] = [text(things.get_blob_client(odd)), text(signed(sas(odd), odd))]
things.delete_blob(odd)
named = sas(content_disposition='inline; filename="te%20st.txt"')
seen["named by the signature"] = signed(named).get_blob_properties().content_settings.content_disposition
seen["container sas lists"] = len(list(container.list_blobs())) == 5 and text(container.get_blob_client("dir/one")) == "x"
seen["tampered"] = refusal(lambda: signed(sas().replace("sp=r", "sp=rw")).upload_blob(b"x", overwrite=True))
seen["expired"] = refusal(lambda: text(signed(sas(begins=now - 2 * hour, ends=now - hour))))
seen["not begun"] = refusal(lambda: text(signed(sas(begins=now + hour, ends=now + 2 * hour))))
seen["https only"] = text(signed(sas(protocol="https"))) == "onetwothree"
seen["other blob"] = refusal(lambda: text(signed(sas("dir/one"))))
seen["write with read"] = refusal(lambda: signed(sas()).upload_blob(b"x", overwrite=True))
seen["block with read"] = refusal(lambda: signed(sas()).stage_block("0001", b"x"))
seen["delete with read"] = refusal(lambda: signed(sas()).delete_blob())
seen["create over with create"] = refusal(lambda: signed(sas(permission="c")).upload_blob(b"x", overwrite=True))
seen["wrong key"] = refusal(lambda: text(signed(sas(key="d3Jvbmc="))))
seen["no signature"] = refusal(lambda: text(BlobClient(endpoint, "things", "blocks.bin", **quiet)))


class Token:
    """A credential that always has the same token."""

    def __init__(self, token):
        self.token = token

    def get_token(self, *scopes, **_):
        return AccessToken(self.token, int((now + hour).timestamp()))


class Loopback(RequestsTransport):
    """Sends to loopback what is meant for https: a token is refused on http by the client itself."""

    def send(self, request, **kwargs):
        meant = request.url
        request.url = meant.replace("https://", "http://", 1)
        try:
            response = super().send(request, **kwargs)
        finally:
            request.url = meant
        return response


def with_token(token):
    return BlobServiceClient(
        endpoint.replace("http://", "https://", 1), credential=Token(token), transport=Loopback(), **quiet
    )


bearer = with_token("good")
written = bearer.get_blob_client("things", "bearer")
written.upload_blob(b"written")
seen["bearer writes"] = text(written) == "written"
written.delete_blob()
seen["bearer unknown"] = refusal(lambda: with_token("bad").get_container_client("things").get_container_properties())
delegated = bearer.get_user_delegation_key(now - hour, now + hour)
seen["delegated sas reads"] = text(signed(sas(hard, key=delegated), hard)) == "0123456789"
seen["delegated sas writes"] = refusal(lambda: signed(sas(key=delegated)).upload_blob(b"x", overwrite=True))
delegated_container = generate_container_sas(
    account,
    "things",
    user_delegation_key=delegated,
    permission=ContainerSasPermissions.from_string("rw"),
    expiry=now + hour,
)
signed(delegated_container, "by container").upload_blob(b"new")
seen["delegated container writes"] = text(signed(delegated_container, "by container")) == "new"
seen["delegated tampered"] = refusal(lambda: text(signed(sas(key=delegated).replace("sks=b", "sks=f"))))
try:
    bearer.get_user_delegation_key(now, now + 8 * 24 * hour)
except HttpResponseError as error:
    seen["key of eight days"] = error.status_code

print(json.dumps(seen))
