"""CapturePayment (payment provider): captures an authorised charge."""

import json
import os
from typing import Any

from coldtrail_testbed.applications.airline.handlers import tracing  # noqa: F401  # isort: skip
import boto3
from botocore.exceptions import ClientError

_ssm = boto3.client("ssm")
_table = boto3.resource("dynamodb").Table("Payment")


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The HTTP response: 200, or 402 when the charge is in another state."""
    _ssm.get_parameter(Name=os.environ["PAYMENT_PROVIDER_PARAMETER"])
    charge_id = json.loads(event["body"])["chargeId"]
    try:
        _table.update_item(
            Key={"id": charge_id},
            ConditionExpression="#status = :before",
            UpdateExpression="SET #status = :after",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={":before": "AUTHORISED", ":after": "CAPTURED"},
        )
    except ClientError:
        return {"statusCode": 402, "body": json.dumps({"error": "payment required"})}
    return {"statusCode": 200, "body": json.dumps({"receiptUrl": f"https://payments.example/{charge_id}"})}
