"""ChargePayment (payment provider): authorises a charge on a card."""

import json
import os
import uuid
from typing import Any

from coldtrail_testbed.applications.airline.handlers import tracing  # noqa: F401  # isort: skip
import boto3

_ssm = boto3.client("ssm")
_table = boto3.resource("dynamodb").Table("Payment")


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The HTTP response that carries the charge's id."""
    _ssm.get_parameter(Name=os.environ["PAYMENT_PROVIDER_PARAMETER"])
    order = json.loads(event["body"])
    charge_id = f"ch_{uuid.uuid4().hex}"
    # A card without cover is found out when the charge is captured.
    status = "AUTHORISED" if order["card"] == "valid" else "UNCOVERED"
    _table.put_item(Item={"id": charge_id, "amount": order["amount"], "status": status})
    return {"statusCode": 200, "body": json.dumps({"chargeId": charge_id})}
