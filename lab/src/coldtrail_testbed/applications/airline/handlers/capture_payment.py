"""CapturePayment (payment provider): captures a charge; every half hour it releases forgotten ones."""

import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any

from coldtrail_testbed.applications.airline.handlers.provider import change_status, read_mode

import boto3  # isort: skip

_table = boto3.resource("dynamodb").Table(os.environ["PAYMENT_TABLE"])
_s3 = boto3.client("s3")
_LARGEST_RECONCILIATION = 25


def capture(charge_id: str) -> bool:
    """Whether the charge could be captured."""
    return change_status(charge_id, before="AUTHORISED", after="CAPTURED")


def write_audit(charge_id: str, captured: bool) -> None:
    """None; the audit trail holds what became of the charge."""
    entry = {"chargeId": charge_id, "captured": captured, "time": datetime.now(UTC).isoformat()}
    _s3.put_object(
        Bucket=os.environ["AUDIT_BUCKET"], Key=f"captures/{charge_id}.json", Body=json.dumps(entry).encode()
    )


def answer(charge_id: str, captured: bool) -> dict[str, Any]:
    """The HTTP response: 200, or 402 when the charge was in another state."""
    if not captured:
        return {"statusCode": 402, "body": json.dumps({"error": "payment required"})}
    return {"statusCode": 200, "body": json.dumps({"receiptUrl": f"https://payments.example/{charge_id}"})}


def reconcile(older_than: timedelta) -> dict[str, Any]:
    """The report: charges that nobody captured, as after a refused booking, are released."""
    now = datetime.now(UTC)
    forgotten = _find_forgotten(now - older_than)
    released = [
        charge_id
        for charge_id in forgotten
        if change_status(charge_id, before="AUTHORISED", after="RELEASED")
    ]
    report = {"time": now.isoformat(), "released": released}
    _s3.put_object(
        Bucket=os.environ["REPORT_BUCKET"],
        Key=f"reconciliation/{now:%Y-%m-%d/%H-%M}.json",
        Body=json.dumps(report).encode(),
    )
    return report


def _find_forgotten(before: datetime) -> list[str]:
    found = _table.query(
        IndexName="status-createdAt",
        KeyConditionExpression="#status = :status AND createdAt < :before",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":status": "AUTHORISED", ":before": before.isoformat()},
        Limit=_LARGEST_RECONCILIATION,
    )
    return [charge["id"] for charge in found["Items"]]


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The HTTP response; the report when a timed event asks for a reconciliation."""
    read_mode()
    if event.get("task") == "reconcile":
        return reconcile(timedelta(minutes=event["olderThanMinutes"]))
    charge_id = json.loads(event["body"])["chargeId"]
    captured = capture(charge_id)
    write_audit(charge_id, captured)
    return answer(charge_id, captured)
