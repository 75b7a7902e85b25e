"""Uses azure-storage-blob on a storage of loopback: `client.py ACT CONNECTION CONTAINER ...`.

`make`: makes the container. `upload FILE BLOB`: hashes the file with SHA-256, then uploads it in blocks
of 8 MiB, four at a time. `sign BLOB`: prints an address that the blob can be written and read with.
`sha256 BLOB`: prints size and SHA-256 of what is stored. `list`: prints the names of all blobs, also of
those that are only blocks yet.
"""

import datetime
import hashlib
import sys

from azure.storage.blob import BlobSasPermissions, BlobServiceClient, generate_blob_sas

BLOCK = 8 * 1024 * 1024

act, connection, container, *more = sys.argv[1:]
# The newest version that the emulator knows.
service = BlobServiceClient.from_connection_string(
    connection, api_version="2023-11-03", max_block_size=BLOCK, max_single_put_size=BLOCK
)
if act == "make":
    service.create_container(container)
elif act == "upload":
    path, name = more
    with open(path, "rb") as file:
        print(hashlib.file_digest(file, "sha256").hexdigest())
        file.seek(0)
        blob = service.get_blob_client(container, name)
        blob.upload_blob(file, max_concurrency=4, overwrite=True)
elif act == "sign":
    blob = service.get_blob_client(container, more[0])
    token = generate_blob_sas(
        service.account_name,
        container,
        more[0],
        account_key=service.credential.account_key,
        permission=BlobSasPermissions(read=True, write=True, create=True, add=True),
        expiry=datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=4),
        version="2023-11-03",
    )
    print(f"{blob.url}?{token}")
elif act == "sha256":
    digest, size = hashlib.sha256(), 0
    for piece in service.get_blob_client(container, more[0]).download_blob().chunks():
        digest.update(piece)
        size += len(piece)
    print(size, digest.hexdigest())
elif act == "list":
    blobs = service.get_container_client(container).list_blobs(include=["uncommittedblobs"])
    for blob in blobs:
        print(blob.name)
else:
    sys.exit(__doc__)
