"""mediainfo, the next version: reads the source object's tags too: uploaders may name their channel."""

from typing import Any

from coldtrail_testbed.applications.vod.handlers.configuration import read_setting, throttle
from coldtrail_testbed.applications.vod.handlers.mediainfo import probe
from coldtrail_testbed.applications.vod.handlers.reporting import reporting

import boto3  # isort: skip

_s3 = boto3.client("s3")


@reporting("mediainfo")
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The asset with its media information and its channel."""
    throttle(read_setting("mediainfo", "failureShare"))
    information = probe(event["srcBucket"], event["srcVideo"])
    tags = _s3.get_object_tagging(Bucket=event["srcBucket"], Key=event["srcVideo"])["TagSet"]
    channel = next((tag["Value"] for tag in tags if tag["Key"] == "channel"), "none")
    return {**event, "srcMediainfo": information, "channel": channel}
