"""input-validate: adds the workflow's options to the asset; checks the metadata file where there is one."""

import json
import os
from typing import Any

from coldtrail_testbed.applications.vod.handlers.reporting import reporting
from coldtrail_testbed.applications.vod.handlers.tracing import traced

import boto3  # isort: skip

_s3 = boto3.client("s3")
_ssm = boto3.client("ssm")
_KINDS: dict[str, type] = {
    "srcVideo": str,
    "archiveSource": str,
    "enableMediaPackage": bool,
    "enableSqs": bool,
    "title": str,
}


class InvalidMetadataException(Exception):  # noqa: N818 - named as in the traces of other functions
    """The metadata file has an unknown field, or a value of the wrong kind."""


def workflow_options() -> dict[str, Any]:
    """What the workflow does with every video, unless its metadata file says otherwise."""
    answer = _ssm.get_parameter(Name=os.environ["WORKFLOW_PARAMETER"])
    options: dict[str, Any] = json.loads(answer["Parameter"]["Value"])
    return options


def read_metadata(bucket: str, key: str) -> dict[str, Any]:
    """The fields of a metadata file, once they are checked and the video that they name is there."""
    metadata: dict[str, Any] = json.loads(_s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    wrong = [field for field, value in metadata.items() if not isinstance(value, _KINDS.get(field, ()))]
    if wrong or "srcVideo" not in metadata:
        raise InvalidMetadataException(f"invalid fields: {', '.join(wrong) or 'srcVideo is missing'}")
    _s3.head_object(Bucket=bucket, Key=metadata["srcVideo"])
    return metadata


@reporting("input-validate")
@traced("## input_validate")
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The asset with its options."""
    asset = {**event, **workflow_options()}
    if event["workflowTrigger"] == "Metadata":
        asset |= read_metadata(event["srcBucket"], event["srcMetadataFile"])
    return asset
