"""The table of the video assets: one item a video, from its upload to its end."""

import json
import os
from datetime import UTC, datetime
from typing import Any

from coldtrail_testbed.applications.vod.handlers import tracing  # noqa: F401  # isort: skip
import boto3

table = boto3.resource("dynamodb").Table(os.environ["ASSETS_TABLE"])


def read_asset(guid: str) -> dict[str, Any]:
    """The stored asset as plain JSON values, empty when there is none."""
    item = table.get_item(Key={"guid": guid}).get("Item", {})
    # The table's numbers are decimals, which JSON does not know; all of ours are whole.
    asset: dict[str, Any] = json.loads(json.dumps(item, default=int))
    return asset


def update_asset(guid: str, attributes: dict[str, Any]) -> None:
    """None; the asset has these attributes beside its others."""
    names = sorted(attributes)
    table.update_item(
        Key={"guid": guid},
        UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in names),
        ExpressionAttributeNames={f"#{name}": name for name in names},
        ExpressionAttributeValues={f":{name}": attributes[name] for name in names},
    )


def time_now() -> str:
    """The time in ISO 8601, in UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
