"""archive-source: marks the source video for the archive, and keeps a record of it."""

import os
from typing import Any

from coldtrail_testbed.applications.vod.handlers import assets
from coldtrail_testbed.applications.vod.handlers.reporting import reporting
from coldtrail_testbed.applications.vod.handlers.tracing import subsegment

import boto3  # isort: skip

_s3 = boto3.client("s3")
_ssm = boto3.client("ssm")


def archive_tag() -> str:
    """The name of the tag that the bucket's lifecycle rule looks for."""
    return str(_ssm.get_parameter(Name=os.environ["ARCHIVE_PARAMETER"])["Parameter"]["Value"])


def tag_source(event: dict[str, Any], tag: str) -> None:
    """None; the source object carries its asset's id and the archive's tag."""
    tags = {"guid": event["guid"], tag: event["archiveSource"]}
    _s3.put_object_tagging(
        Bucket=event["srcBucket"],
        Key=event["srcVideo"],
        Tagging={"TagSet": [{"Key": key, "Value": value} for key, value in tags.items()]},
    )


def write_audit(event: dict[str, Any]) -> None:
    """None; the asset's audit trail says what was archived, where to and when."""
    entry = {"action": "archive", "class": event["archiveSource"], "time": assets.time_now()}
    assets.table.update_item(
        Key={"guid": event["guid"]},
        UpdateExpression="SET auditTrail = list_append(if_not_exists(auditTrail, :none), :entry)",
        ExpressionAttributeValues={":none": [], ":entry": [entry]},
    )


@reporting("archive-source")
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The event, unchanged."""
    tag = archive_tag()
    with subsegment("## archive_source"):
        tag_source(event, tag)
        write_audit(event)
    return event
