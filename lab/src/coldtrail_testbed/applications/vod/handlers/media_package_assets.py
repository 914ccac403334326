"""media-package-assets: hands the asset's playlist to MediaPackage, which packages it on demand."""

import json
import os
from typing import Any

from coldtrail_testbed.applications.vod.handlers.reporting import reporting
from coldtrail_testbed.applications.vod.handlers.tracing import traced

import boto3  # isort: skip

_media_package = boto3.client("mediapackage-vod")
_secrets = boto3.client("secretsmanager")


def packaging_key() -> str:
    """The resource id under which the key server knows this publisher."""
    secret = _secrets.get_secret_value(SecretId=os.environ["PACKAGING_SECRET"])["SecretString"]
    return str(json.loads(secret)["resourceId"])


@reporting("media-package-assets")
@traced("## media_package_assets")
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The asset with its addresses at MediaPackage."""
    bucket_and_key = event["hlsPlaylist"].removeprefix("s3://")
    answer = _media_package.create_asset(
        Id=event["guid"],
        PackagingGroupId=os.environ["PACKAGING_GROUP"],
        ResourceId=packaging_key(),
        SourceArn=f"arn:aws:s3:::{bucket_and_key}",
        SourceRoleArn=os.environ["MEDIA_PACKAGE_ROLE"],
    )
    endpoints = [endpoint["Url"] for endpoint in answer.get("EgressEndpoints", []) if "Url" in endpoint]
    return {**event, "mediaPackageResourceId": event["guid"], "egressEndpoints": endpoints}
