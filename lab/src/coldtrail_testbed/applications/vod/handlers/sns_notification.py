"""sns-notification: tells the operators that an asset was ingested or published."""

import json
import os
from typing import Any

from coldtrail_testbed.applications.vod.handlers.reporting import reporting
from coldtrail_testbed.applications.vod.handlers.tracing import traced

import boto3  # isort: skip

_sns = boto3.client("sns")
_TOLD = ("guid", "workflowStatus", "srcVideo", "hlsUrl", "endTime")


@reporting("sns-notification")
@traced("## sns_notification")
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The event, unchanged."""
    status = event["workflowStatus"]
    _sns.publish(
        TopicArn=os.environ["NOTIFICATION_TOPIC"],
        Subject=f"Workflow status {status}: {event['guid']}",
        Message=json.dumps({name: event[name] for name in _TOLD if name in event}),
        MessageAttributes={"workflowStatus": {"DataType": "String", "StringValue": status}},
    )
    return event
