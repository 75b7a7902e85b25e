"""Uses every operation of azure-iot-deviceupdate 1.1.0 on loopback and prints what it saw, as JSON."""

import datetime
import json
import sys

from azure.core.exceptions import HttpResponseError
from azure.iot.deviceupdate import DeviceUpdateClient

from client import HOST, Counted, Loopback, OldToken, SignIn, refusal

given = json.loads(sys.argv[1])
seen = {}


def client(credential):
    more = {"api_version": given["version"]} if given["version"] else {}
    return DeviceUpdateClient(
        HOST, given["instance"], credential, transport=Loopback(given["url"]), polling_interval=1, retry_total=2, **more
    )


whole = client(SignIn(given))
updates = Counted(whole.device_update)
devices = Counted(whole.device_management)
device_class, group = given["class"], given["group"]


def refused(poller):
    """What a job that failed says, from the outside in."""
    try:
        poller.result()
    except HttpResponseError as error:
        return [error.error.code, error.error.innererror.get("code")]
    return "succeeded"


# Updates.
updates.begin_import_update([given["item"]]).result()
one = ("Contoso", "Kettle", "1.0")
found = updates.get_update(*one)
seen["update"] = [found["friendlyName"], found["isDeployable"], found["manifestVersion"], found["scanResult"]]
seen["not modified"] = refusal(lambda: updates.get_update(*one, if_none_match=found["etag"]))
seen["no update"] = refusal(lambda: updates.get_update("Contoso", "Kettle", "9.9"))
seen["again"] = refused(updates.begin_import_update([given["item"]]))
seen["broken"] = refused(updates.begin_import_update([given["broken"]]))
seen["searched"] = [each["updateId"]["name"] for each in updates.list_updates(search="kettle")]
seen["deployable"] = len(list(updates.list_updates(filter="isDeployable eq true")))
seen["providers"] = list(updates.list_providers())
seen["names"] = list(updates.list_names("Contoso"))
seen["versions"] = list(updates.list_versions("Contoso", "Toaster"))
files = list(updates.list_files(*one))
file = updates.get_file(*one, files[0])
seen["file"] = [len(files), file["fileName"], file["sizeInBytes"]]
jobs = list(updates.list_operation_statuses(top=1))
seen["jobs"] = len(jobs)
seen["jobs that run"] = list(
    updates.list_operation_statuses(filter="status eq 'NotStarted' or status eq 'Running'", top=5)
)
seen["job"] = updates.get_operation_status(jobs[-1]["operationId"])["status"]
updates.begin_delete_update(*one).result()
seen["deleted"] = refusal(lambda: updates.get_update(*one))

# Devices.
seen["classes"] = len(list(devices.list_device_classes()))
renamed = devices.update_device_class(device_class, {"friendlyName": "Hot-things"})
seen["class"] = [renamed["friendlyName"], devices.get_device_class(device_class)["bestCompatibleUpdate"]["updateId"]["version"]]
seen["by name"] = len(list(devices.list_device_classes(filter="friendlyName eq 'Hot-things'")))
seen["installable"] = [each["updateId"]["version"] for each in devices.list_installable_updates_for_device_class(device_class)]
empty = next(each for each in devices.list_device_classes() if each["deviceClassId"] == given["empty class"])
seen["class with devices"] = refusal(lambda: devices.delete_device_class(device_class))
devices.delete_device_class(empty["deviceClassId"])
devices.begin_import_devices("All").result()
seen["devices"] = len(list(devices.list_devices(filter=f"groupId eq '{group}'")))
seen["device"] = devices.get_device("toaster-lab-001")["installedUpdate"]["updateId"]["version"]
seen["module"] = refusal(lambda: devices.get_device_module("toaster-lab-001", "m"))
job = next(iter(devices.list_operation_statuses()))
seen["device job"] = devices.get_operation_status(job["operationId"])["status"]
seen["groups"] = [each["groupId"] for each in devices.list_groups()]
seen["largest group"] = next(iter(devices.list_groups(order_by="deviceCount desc")))["groupId"]
devices.delete_group("empty")
seen["group"] = devices.get_group(group)["deviceCount"]
subgroup = (group, device_class)
seen["subgroups"] = len(list(devices.list_device_class_subgroups_for_group(group)))
seen["subgroups of"] = len(
    list(devices.list_device_class_subgroups_for_group(group, filter="compatProperties/model eq 'Toaster'"))
)
seen["subgroup"] = devices.get_device_class_subgroup(*subgroup)["deviceCount"]
seen["subgroup with devices"] = refusal(lambda: devices.delete_device_class_subgroup(*subgroup))


def counts(compliance):
    return [
        compliance[name + "DeviceCount"]
        for name in ("total", "onLatestUpdate", "newUpdatesAvailable", "updatesInProgress")
    ]


seen["compliance"] = [
    counts(devices.get_update_compliance()),
    counts(devices.get_update_compliance_for_group(group)),
    counts(devices.get_device_class_subgroup_update_compliance(*subgroup)),
]
best = list(devices.list_best_updates_for_group(group))
seen["best"] = [[each["update"]["updateId"]["version"], each["deviceCount"]] for each in best]
seen["best of subgroup"] = devices.get_best_updates_for_device_class_subgroup(*subgroup)["deviceCount"]

# A deployment: some devices succeed, one fails until it is tried again, one is silent.
identity = {"provider": "Contoso", "name": "Toaster", "version": "1.1"}
wanted = {
    "deploymentId": "toast",
    "groupId": group,
    "startDateTime": datetime.datetime.now(datetime.timezone.utc).isoformat(),
    "update": {"updateId": identity},
}
made = devices.create_or_update_deployment(group, "toast", wanted)
seen["deployment"] = [made["deviceClassSubgroups"] == [device_class], made["isCanceled"], made["isRetried"]]
unknown = {**wanted, "deploymentId": "other", "update": {"updateId": {**identity, "version": "7.7"}}}
seen["no such update"] = refusal(lambda: devices.create_or_update_deployment(group, "other", unknown))
seen["bad id"] = refusal(lambda: devices.create_or_update_deployment(group, "A", {**wanted, "deploymentId": "A"}))
place = (*subgroup, "toast")


def status():
    """Succeeded, failed, canceled and running, as soon as only the silent device is left."""
    while True:
        now = devices.get_device_class_subgroup_deployment_status(*place)
        names = ("CompletedSucceeded", "CompletedFailed", "Canceled", "InProgress")
        now = [now[f"devices{name}Count"] for name in names]
        if now[3] <= 1:
            return now


seen["after a while"] = status()
seen["states"] = sorted(
    each["deviceState"] for each in devices.list_device_states_for_device_class_subgroup_deployment(*place)
)
failed = list(
    devices.list_device_states_for_device_class_subgroup_deployment(*place, filter="deviceState eq 'Failed'")
)
result = devices.get_device(failed[0]["deviceId"])["lastInstallResult"]
seen["result"] = [result["resultCode"], result["extendedResultCode"], len(result["stepResults"])]
seen["retried"] = devices.retry_deployment(*place)["isRetried"]
seen["after another"] = status()
seen["canceled"] = devices.stop_deployment(*place)["isCanceled"]
seen["at last"] = status()
seen["group status"] = devices.get_deployment_status(group, "toast")["deploymentState"]
seen["deployments"] = [each["deploymentId"] for each in devices.list_deployments_for_group(group)]
seen["deployments of subgroup"] = len(list(devices.list_deployments_for_device_class_subgroup(*subgroup)))
seen["same"] = devices.get_deployment(group, "toast") == devices.get_deployment_for_device_class_subgroup(*place)
devices.delete_deployment_for_device_class_subgroup(*place)
seen["gone"] = refusal(lambda: devices.get_deployment(group, "toast"))
devices.create_or_update_deployment(group, "toast", wanted)
devices.delete_deployment(group, "toast")

# Diagnostics.
logs = {"deviceList": [{"deviceId": "toaster-lab-001"}], "description": "Why?"}
seen["logs"] = devices.start_log_collection("logs-1", logs)["deviceList"]
seen["logs again"] = refusal(lambda: devices.start_log_collection("logs-1", logs))
seen["collections"] = [each["operationId"] for each in devices.list_log_collections()]
seen["collection"] = devices.get_log_collection("logs-1")["description"]
seen["detailed"] = len(devices.get_log_collection_detailed_status("logs-1")["deviceStatus"])
seen["unhealthy"] = [each["deviceId"] for each in devices.list_health_of_devices(filter="state eq 'unhealthy'")]

seen["old token"] = refusal(lambda: list(client(OldToken()).device_update.list_providers()))
seen["never called"] = sorted(updates.left | devices.left)
print(json.dumps(seen))
