"""IngestLoyalty: stores the points of a confirmed booking; every hour it exports the new entries."""

import json
import os
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from coldtrail_testbed.applications.airline.handlers import tracing  # noqa: F401  # isort: skip
import boto3

_table = boto3.resource("dynamodb").Table(os.environ["LOYALTY_TABLE"])
_s3 = boto3.client("s3")


def store(message: dict[str, Any]) -> None:
    """None; the points of one confirmed booking are stored."""
    _table.put_item(
        Item={
            "id": str(uuid.uuid4()),
            "customerId": message["customerId"],
            "points": message["price"],
            "flag": "active",
            "date": datetime.now(UTC).isoformat(),
        }
    )


def export(last: timedelta) -> int:
    """The number of entries of so long a time that were written to the export bucket."""
    now = datetime.now(UTC)
    entries = _read_since(now - last)
    lines = "".join(json.dumps(entry, default=int) + "\n" for entry in entries)
    _s3.put_object(
        Bucket=os.environ["EXPORT_BUCKET"], Key=f"loyalty/{now:%Y-%m-%d/%H}.jsonl", Body=lines.encode()
    )
    return len(entries)


def _read_since(begin: datetime) -> list[dict[str, Any]]:
    options: dict[str, Any] = {
        "FilterExpression": "#date >= :begin",
        "ExpressionAttributeNames": {"#date": "date"},
        "ExpressionAttributeValues": {":begin": begin.isoformat()},
    }
    entries: list[dict[str, Any]] = []
    while True:
        page = _table.scan(**options)
        entries += page["Items"]
        if "LastEvaluatedKey" not in page:
            return entries
        options["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def handler(event: dict[str, Any], _context: Any) -> int:
    """The number of stored entries, or of exported ones when a timed event asks for an export."""
    if event.get("task") == "export":
        return export(timedelta(minutes=event["lastMinutes"]))
    for record in event["Records"]:
        store(json.loads(record["Sns"]["Message"]))
    return len(event["Records"])
