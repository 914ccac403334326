"""IngestLoyalty: stores the points of a confirmed booking."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from coldtrail_testbed.applications.airline.handlers import tracing  # noqa: F401  # isort: skip
import boto3

_table = boto3.resource("dynamodb").Table("LoyaltyData")


def handler(event: dict[str, Any], _context: Any) -> None:
    """None; one entry a record is stored."""
    for record in event["Records"]:
        message = json.loads(record["Sns"]["Message"])
        _table.put_item(
            Item={
                "id": str(uuid.uuid4()),
                "customerId": message["customerId"],
                "points": message["price"],
                "flag": "active",
                "date": datetime.now(UTC).isoformat(),
            }
        )
