"""output-validate: finds the outputs of a finished job and completes the asset."""

import os
from typing import Any

from coldtrail_testbed.applications.vod.handlers import assets
from coldtrail_testbed.applications.vod.handlers.configuration import read_setting, throttle
from coldtrail_testbed.applications.vod.handlers.reporting import reporting
from coldtrail_testbed.applications.vod.handlers.tracing import subsegment

import boto3  # isort: skip

_s3 = boto3.client("s3")


class OutputsMissingException(Exception):  # noqa: N818 - named as in the traces of other functions
    """The job is complete, but its outputs are not there."""


def check_settings() -> int:
    """The fewest outputs of a job; raises when this attempt is throttled."""
    failure_share = read_setting("output-validate", "failureShare")
    fewest = int(read_setting("output-validate", "fewestOutputs"))
    throttle(failure_share)
    return fewest


def read_asset(guid: str) -> dict[str, Any]:
    """The stored asset."""
    return assets.read_asset(guid)


def list_outputs(guid: str) -> list[str]:
    """The keys of the asset's outputs."""
    answer = _s3.list_objects_v2(Bucket=os.environ["DESTINATION_BUCKET"], Prefix=f"{guid}/")
    return [item["Key"] for item in answer.get("Contents", [])]


def complete(event: dict[str, Any], asset: dict[str, Any], outputs: list[str], fewest: int) -> dict[str, Any]:
    """The asset with its outputs; raises when there are fewer than `fewest`."""
    if len(outputs) < fewest:
        raise OutputsMissingException(f"{len(outputs)} outputs of the job {event['encodingJobId']}")
    playlist = next((key for key in outputs if key.endswith(".m3u8")), outputs[0])
    return {
        **asset,
        "workflowStatus": "Complete",
        "endTime": assets.time_now(),
        "outputs": len(outputs),
        "hlsPlaylist": f"s3://{os.environ['DESTINATION_BUCKET']}/{playlist}",
        "hlsUrl": f"https://{os.environ['DELIVERY_HOST']}/{playlist}",
    }


@reporting("output-validate")
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The complete asset."""
    fewest = check_settings()
    with subsegment("## output_validate"):
        asset = read_asset(event["guid"])
        outputs = list_outputs(event["guid"])
    return complete(event, asset, outputs, fewest)
