"""thumbnails, deployed later: writes the list from which players draw a video's pictures."""

import json
import os
from typing import Any

from coldtrail_testbed.applications.vod.handlers.assets import update_asset
from coldtrail_testbed.applications.vod.handlers.reporting import reporting
from coldtrail_testbed.applications.vod.handlers.tracing import traced

import boto3  # isort: skip

_s3 = boto3.client("s3")


@reporting("thumbnails")
@traced("## thumbnails")
def handler(event: dict[str, Any], _context: Any) -> str:
    """The key of the list."""
    guid, bucket = event["detail"]["userMetadata"]["guid"], os.environ["DESTINATION_BUCKET"]
    outputs = _s3.list_objects_v2(Bucket=bucket, Prefix=f"{guid}/").get("Contents", [])
    key = f"{guid}/thumbnails/list.json"
    _s3.put_object(Bucket=bucket, Key=key, Body=json.dumps([item["Key"] for item in outputs]).encode())
    update_asset(guid, {"thumbnailList": key})
    return key
