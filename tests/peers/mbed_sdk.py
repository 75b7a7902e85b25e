"""Runs the vendor's Python library (mbed-cloud-sdk) through everything a fleet owner does.

Arguments: working directory, vendor id, class id. Host and access key are in the environment: what the
library lists looks nowhere else for them. Prints one JSON object with what the library saw; the test
judges it. Nothing is judged here but that the library raises no error.
"""

import datetime
import json
import os
import pathlib
import subprocess
import sys
import time

from mbed_cloud import SDK, ApiFilter, DeviceDirectoryAPI, UpdateAPI
from mbed_cloud.foundation import CampaignStatistics
from mbed_cloud.sdk.exceptions import ApiErrorResponse

DIRECTORY, VENDOR, CLASS = sys.argv[1:4]
HERE = pathlib.Path(DIRECTORY)
TOOL = pathlib.Path(sys.executable).parent / "manifest-tool"


def condition(*conditions):
    made = ApiFilter()
    for field, operator, value in conditions:
        made.add_filter(field, operator, value)
    return made


def make_manifest(url):
    """The vendor's own tool makes the manifest."""
    (HERE / "config.yaml").write_text(
        json.dumps(
            {
                "vendor": {"vendor-id": VENDOR},
                "device": {"class-id": CLASS},
                "priority": 1,
                "payload": {"url": url, "file-path": str(HERE / "firmware.bin"), "format": "raw-binary"},
                "component": "MAIN",
            }
        )
    )
    arguments = ["create", "--config", "config.yaml", "--key", "key.pem", "--fw-version", "2.0.0"]
    subprocess.run(
        [TOOL, *arguments, "--output", "manifest.bin"], cwd=HERE, check=True, capture_output=True
    )
    return str(HERE / "manifest.bin")


def until(campaign, phase):
    """Reads the campaign until it is in this phase; the test has the deadline."""
    phases = [campaign.read().phase]
    while phases[-1] != phase:
        time.sleep(0.005)
        seen = campaign.read().phase
        if seen != phases[-1]:
            phases.append(seen)
    return phases


def devices(foundation, said):
    device = foundation.device()
    said["all devices"] = [found.name for found in device.list(page_size=2)]
    said["of the class"] = len(list(device.list(filter=condition(("device_class", "eq", CLASS)))))
    said["by names"] = [
        found.name
        for found in device.list(filter=condition(("name", "in", ["puck-0002", "puck 9", "puck-0004"])))
    ]
    moment = datetime.datetime(2001, 1, 1)
    for name, operator in (("since 2001", "gte"), ("until 2001", "lte")):
        made = condition(("created_at", operator, moment))
        # Without being told to include it, the library's own count is 0.
        said[name] = device.list(filter=made, include="total_count").count()
    last = device.list(order="DESC", max_results=1).first()
    last.description = "on the roof"
    last.custom_attributes = {"site": "roof & yard"}
    last.update()
    said["changed"] = foundation.device(id=last.id).read().custom_attributes

    group = foundation.device_group(name="roof", description="windy").create()
    group.add_device(device_id=last.id)
    said["in group"] = [found.name for found in group.devices()]
    group.remove_device(device_id=last.id)
    group.delete()


def upload(foundation, said):
    image = foundation.firmware_image(name="firmware", description="for pucks")
    image.create(str(HERE / "firmware.bin"))
    said["image"] = {"size": image.datafile_size, "checksum": image.datafile_checksum}
    found = foundation.firmware_image().list(filter=condition(("name", "eq", "firmware")))
    said["images"] = [image.name for image in found]
    manifest = foundation.firmware_manifest(name="manifest")
    manifest.create(make_manifest(image.datafile_url))
    listed = foundation.firmware_manifest().list(filter=condition(("id", "eq", manifest.id)))
    said["manifests"] = [found.device_class for found in listed]
    return image, manifest


def campaigns(foundation, manifest, said):
    campaign = foundation.update_campaign(name="spring a&b", root_manifest_id=manifest.id)
    campaign.device_filter_helper = condition(
        ("device_class", "eq", CLASS), ("name", "neq", "puck-0005")
    )
    campaign.create()
    campaign.description = "all but one"
    campaign.update()
    said["filter"] = foundation.update_campaign(id=campaign.id).read().device_filter
    by_name = foundation.update_campaign().list(filter=condition(("name", "eq", "spring a&b")))
    said["campaigns"] = [(found.phase, found.description) for found in by_name]
    campaign.start()
    said["phases"] = until(campaign, "stopped")
    said["reason"] = campaign.autostop_reason
    said["times"] = campaign.created_at <= campaign.started_at <= campaign.finished
    said["states"] = sorted(member.deployment_state for member in campaign.device_metadata())
    first = campaign.device_metadata(max_results=1).first()
    said["metadata read back"] = first.read().device_id == first.device_id
    counts = list(CampaignStatistics(_client=campaign._client, campaign_id=campaign.id).list())
    said["statistics"] = {found.id: found.count for found in counts}
    said["events"] = {
        event.event_type: event.count for found in counts for event in found.events()
    }
    campaign.archive()
    said["archived"] = campaign.read().phase
    campaign.delete()


def taken_back(foundation, manifest, said):
    """A campaign that is stopped by hand, and acts that the phase does not allow."""
    campaign = foundation.update_campaign(name="summer", root_manifest_id=manifest.id)
    campaign.device_filter = "state__eq=registered&id__neq=" + "0" * 32
    campaign.create()
    refused = []
    for act in (campaign.stop, campaign.archive):
        try:
            act()
        except ApiErrorResponse as error:
            refused.append(error.status_code)
    said["refused"] = refused
    campaign.start()
    campaign.stop()
    said["stopped"] = until(campaign, "stopped")[-1]
    campaign.delete()


def legacy(manifest, said):
    """The library's older half: the filter packed into one parameter, start by state."""
    config = {
        "api_key": os.environ["MBED_CLOUD_SDK_API_KEY"],
        "host": os.environ["MBED_CLOUD_SDK_HOST"],
    }
    directory, update = DeviceDirectoryAPI(config), UpdateAPI(config)
    wanted = {"device_class": {"$eq": CLASS}, "state": {"$eq": "registered"}}
    said["legacy devices"] = len(list(directory.list_devices(filters=wanted)))
    query = directory.add_query(name="class", filter=wanted)
    said["query"] = directory.get_query(query.id).filter
    campaign = update.add_campaign("autumn", query.filter, manifest_id=manifest.id)
    said["legacy state"] = campaign.state
    update.start_campaign(campaign)
    while update.get_campaign(campaign.id).state != "autostopped":
        time.sleep(0.005)
    states = update.list_campaign_device_states(campaign.id)
    said["legacy states"] = sorted(found.state for found in states)
    said["legacy events"] = len(list(directory.list_device_events()))
    update.delete_campaign(campaign.id)
    directory.delete_query(query.id)


def main():
    foundation = SDK().foundation
    said = {}
    devices(foundation, said)
    image, manifest = upload(foundation, said)
    campaigns(foundation, manifest, said)
    taken_back(foundation, manifest, said)
    legacy(manifest, said)
    manifest.delete()
    image.delete()
    print(json.dumps(said, default=str))


main()
