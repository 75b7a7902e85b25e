"""Uses every operation of azure-iot-deviceupdate 1.0.0b1 on loopback and prints what it saw, as JSON."""

import datetime
import json
import sys

from azure.iot.deviceupdate import DeviceUpdateClient, models

from client import HOST, Counted, Loopback, SignIn, refusal

given = json.loads(sys.argv[1])
seen = {}
client = DeviceUpdateClient(SignIn(given), HOST, given["instance"], transport=Loopback(given["url"]), retry_total=2)
updates, devices, deployments = (
    Counted(operations) for operations in (client.updates, client.devices, client.deployments)
)
device_class, group = given["class"], given["group"]

# Updates.
item = given["item"]
wanted = models.ImportUpdateInput(
    import_manifest=models.ImportManifestMetadata(
        url=item["importManifest"]["url"],
        size_in_bytes=item["importManifest"]["sizeInBytes"],
        hashes=item["importManifest"]["hashes"],
    ),
    files=[models.FileImportMetadata(filename=file["filename"], url=file["url"]) for file in item["files"]],
)
_, headers = updates.import_update(wanted, cls=lambda _, body, headers: (body, headers))
location = headers["Operation-Location"]
seen["locations"] = [location == headers["Location"], location.split("/")[:-1], location.split("?")[1]]
job_id = location.split("/")[-1].split("?")[0]
while True:
    job = updates.get_operation(job_id)
    if job.status in ("Succeeded", "Failed"):
        break
seen["job"] = [job.status, job.update_id.name, job.resource_location]
seen["jobs"] = [each.operation_id == job_id for each in updates.get_operations()]
running = "status eq 'NotStarted' or status eq 'Running'"
seen["jobs that run"] = len(list(updates.get_operations(filter=running, top=5)))
one = ("Contoso", "Kettle", "2.0")
found = updates.get_update(*one)
seen["update"] = [found.update_type, found.installed_criteria, found.manifest_version]
seen["makers"] = [[each.device_manufacturer, each.device_model] for each in found.compatibility]
seen["not modified"] = updates.get_update(*one, models.AccessCondition(if_none_match=found.etag)) is None
seen["providers"] = list(updates.get_providers())
seen["names"] = list(updates.get_names("Contoso"))
seen["versions"] = list(updates.get_versions("Contoso", "Toaster"))
files = list(updates.get_files(*one))
seen["file"] = updates.get_file(*one, files[0]).file_name
seen["no update"] = refusal(lambda: updates.get_update("Contoso", "Kettle", "9.9"))
updates.delete_update(*one)
while refusal(lambda: updates.get_update(*one)) == "allowed":
    pass

# Devices.
seen["classes"] = len(list(devices.get_all_device_classes()))
seen["class"] = devices.get_device_class(device_class).best_compatible_update_id.version
seen["ids"] = len(list(devices.get_device_class_device_ids(device_class)))
seen["installable"] = [each.version for each in devices.get_device_class_installable_updates(device_class)]
seen["devices"] = len(list(devices.get_all_devices(filter=f"groupId eq '{group}'")))
seen["device"] = devices.get_device("toaster-lab-001").model
seen["compliance"] = devices.get_update_compliance().total_device_count
seen["tags"] = len(list(devices.get_all_device_tags()))
seen["tag"] = devices.get_device_tag(group).device_count
seen["groups"] = len(list(devices.get_all_groups()))
seen["group"] = devices.get_group(group).device_count
now = datetime.datetime.now(datetime.timezone.utc)
new = models.Group(group_id="new", group_type="IoTHubTag", tags=["new"], created_date_time=now.isoformat())
seen["new group"] = devices.create_or_update_group("new", new).device_count
devices.delete_group("new")
seen["compliance of group"] = devices.get_group_update_compliance(group).total_device_count
seen["best"] = [[each.update_id.version, each.device_count] for each in devices.get_group_best_updates(group)]

# A deployment.
deployment = models.Deployment(
    deployment_id="toast",
    deployment_type="Complete",
    start_date_time=now,
    device_group_type="DeviceGroupDefinitions",
    device_group_definition=[group],
    update_id=models.UpdateId(provider="Contoso", name="Toaster", version="1.1"),
)
seen["deployment"] = deployments.create_or_update_deployment("toast", deployment).is_canceled
while deployments.get_deployment_status("toast").devices_in_progress_count > 1:
    pass
status = deployments.get_deployment_status("toast")
seen["status"] = [
    status.deployment_state,
    status.devices_completed_succeeded_count,
    status.devices_completed_failed_count,
    status.devices_in_progress_count,
]
failed = list(deployments.get_deployment_devices("toast", filter="deviceState eq 'Failed'"))
seen["failed"] = len(failed)
seen["retried"] = deployments.retry_deployment("toast").is_retried
seen["canceled"] = deployments.cancel_deployment("toast").is_canceled
seen["completed"] = deployments.get_deployment("toast").is_completed
filter = "provider eq 'Contoso' and name eq 'Toaster' and version eq '1.1'"
seen["deployments"] = [each.deployment_id for each in deployments.get_all_deployments(filter=filter)]
deployments.delete_deployment("toast")
seen["gone"] = refusal(lambda: deployments.get_deployment("toast"))

seen["never called"] = sorted(updates.left | devices.left | deployments.left)
print(json.dumps(seen))
