"""encode: starts the MediaConvert job of an asset."""

import os
from typing import Any

from coldtrail_testbed.applications.vod.handlers.configuration import read_setting, throttle
from coldtrail_testbed.applications.vod.handlers.reporting import reporting
from coldtrail_testbed.applications.vod.handlers.tracing import traced

import boto3  # isort: skip

_media_convert = boto3.client("mediaconvert")


def check_settings() -> int:
    """The job's priority; raises when this attempt is throttled."""
    failure_share = read_setting("encode", "failureShare")
    priority = int(read_setting("encode", "priority"))
    throttle(failure_share)
    return priority


def job_settings(event: dict[str, Any], template: dict[str, Any]) -> dict[str, Any]:
    """The input, and the template's output groups with the asset's own folders as destinations."""
    folder = f"s3://{os.environ['DESTINATION_BUCKET']}/{event['guid']}"
    source = {
        "FileInput": f"s3://{event['srcBucket']}/{event['srcVideo']}",
        "AudioSelectors": {"Audio Selector 1": {"DefaultSelection": "DEFAULT"}},
        "VideoSelector": {"Rotate": "AUTO"},
    }
    groups = template["Settings"].get("OutputGroups") or [{"Name": "Apple HLS"}]
    return {"Inputs": [source], "OutputGroups": [_with_destination(group, folder) for group in groups]}


def _with_destination(group: dict[str, Any], folder: str) -> dict[str, Any]:
    settings = {"Type": "HLS_GROUP_SETTINGS", **group.get("OutputGroupSettings", {})}
    kind = settings["Type"].partition("_")[0].lower()
    name = {"hls": "HlsGroupSettings", "file": "FileGroupSettings"}[kind]
    settings[name] = {**settings.get(name, {}), "Destination": f"{folder}/{kind}/"}
    return {**group, "OutputGroupSettings": settings}


@traced("## encode")
def create_job(event: dict[str, Any], priority: int) -> str:
    """The id of the asset's job."""
    template = _media_convert.get_job_template(Name=event["jobTemplate"])["JobTemplate"]
    answer = _media_convert.create_job(
        JobTemplate=event["jobTemplate"],
        Role=os.environ["MEDIA_CONVERT_ROLE"],
        Priority=priority,
        UserMetadata={"guid": event["guid"], "workflow": "vod"},
        Settings=job_settings(event, template),
    )
    return str(answer["Job"]["Id"])


@reporting("encode")
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The fields of the asset that change while it is encoded."""
    job = create_job(event, check_settings())
    return {
        "guid": event["guid"],
        "workflowStatus": "Encoding",
        "encodingProfile": event["encodingProfile"],
        "qualityLevel": event["qualityLevel"],
        "jobTemplate": event["jobTemplate"],
        "encodingJobId": job,
    }
