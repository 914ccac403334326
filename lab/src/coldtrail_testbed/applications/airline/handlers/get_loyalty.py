"""GetLoyalty: adds up the points of a customer."""

import json
import os
from typing import Any

from coldtrail_testbed.applications.airline.handlers import tracing  # noqa: F401  # isort: skip
import boto3

_table = boto3.resource("dynamodb").Table(os.environ["LOYALTY_TABLE"])


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The HTTP response that carries the points and the level."""
    answer = _table.query(
        IndexName="customer-flag",
        KeyConditionExpression="customerId = :customer AND flag = :flag",
        ExpressionAttributeValues={":customer": event["pathParameters"]["customerId"], ":flag": "active"},
    )
    points = sum(int(item["points"]) for item in answer["Items"])
    level = "gold" if points >= 5000 else "silver" if points >= 1000 else "bronze"
    return {"statusCode": 200, "body": json.dumps({"points": points, "level": level})}
