"""RefundCharge (payment provider): gives a captured charge back."""

import json
from typing import Any

from coldtrail_testbed.applications.airline.handlers.chance import happens
from coldtrail_testbed.applications.airline.handlers.provider import change_status, read_mode

# In test mode the provider lets some refunds fail, so that its customers see what they then do.
_TEST_OUTAGE_SHARE = 0.2


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The HTTP response: 200, 402 when the charge is in another state, 503 in an outage."""
    if read_mode() == "test-mode" and happens(_TEST_OUTAGE_SHARE):
        return {"statusCode": 503, "body": json.dumps({"error": "try again later"})}
    charge_id = json.loads(event["body"])["chargeId"]
    if not change_status(charge_id, before="CAPTURED", after="REFUNDED"):
        return {"statusCode": 402, "body": json.dumps({"error": "payment required"})}
    return {"statusCode": 200, "body": json.dumps({"receiptUrl": f"https://payments.example/{charge_id}"})}
