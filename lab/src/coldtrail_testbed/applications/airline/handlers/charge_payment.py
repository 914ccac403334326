"""ChargePayment (payment provider): authorises a charge on a card."""

import json
import os
import uuid
from datetime import UTC, datetime
from typing import Any

from coldtrail_testbed.applications.airline.handlers.provider import read_mode

import boto3  # isort: skip

_table = boto3.resource("dynamodb").Table(os.environ["PAYMENT_TABLE"])


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The HTTP response that carries the charge's id."""
    read_mode()
    order = json.loads(event["body"])
    charge_id = f"ch_{uuid.uuid4().hex}"
    # A card without cover is found out when the charge is captured.
    status = "AUTHORISED" if order["card"] == "valid" else "UNCOVERED"
    item = {"id": charge_id, "amount": order["amount"], "status": status}
    _table.put_item(Item={**item, "createdAt": datetime.now(UTC).isoformat()})
    return {"statusCode": 200, "body": json.dumps({"chargeId": charge_id})}
