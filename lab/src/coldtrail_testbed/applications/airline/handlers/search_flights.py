"""SearchFlights: publishes the list of flights with free seats, which the front page searches."""

import json
import os
from typing import Any

from coldtrail_testbed.applications.airline.handlers import tracing  # noqa: F401  # isort: skip
import boto3

_table = boto3.resource("dynamodb").Table(os.environ["FLIGHT_TABLE"])
_s3 = boto3.client("s3")


def handler(_event: dict[str, Any], _context: Any) -> int:
    """The number of flights on the list."""
    found = _table.scan(
        FilterExpression="seatCapacity > :zero",
        ProjectionExpression="id, ticketPrice",
        ExpressionAttributeValues={":zero": 0},
    )
    flights = [{"id": flight["id"], "price": int(flight["ticketPrice"])} for flight in found["Items"]]
    _s3.put_object(
        Bucket=os.environ["ASSETS_BUCKET"],
        Key="flights.json",
        Body=json.dumps(flights).encode(),
        ContentType="application/json",
    )
    return len(flights)
