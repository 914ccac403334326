"""error-handler: marks the asset as failed and tells the operators."""

import json
import os
from typing import Any

from coldtrail_testbed.applications.vod.handlers.assets import update_asset
from coldtrail_testbed.applications.vod.handlers.tracing import traced

import boto3  # isort: skip

_sns = boto3.client("sns")


def described(event: dict[str, Any]) -> tuple[str | None, str, str]:
    """The asset, the part that failed and its message, from a function's report or a job's event."""
    if "detail" in event:
        detail = event["detail"]
        return detail["userMetadata"]["guid"], "mediaconvert", str(detail.get("errorMessage", "job failed"))
    return event["guid"], event["function"], event["error"]


@traced("## error_handler")
def handler(event: dict[str, Any], _context: Any) -> None:
    """None; an error before there is an asset is only told."""
    guid, part, message = described(event)
    if guid:
        error = {"workflowStatus": "Error", "workflowErrorAt": part, "errorMessage": message}
        update_asset(guid, error)
    _sns.publish(
        TopicArn=os.environ["NOTIFICATION_TOPIC"],
        Subject=f"Workflow status Error: {guid or 'unknown'}",
        Message=json.dumps({"guid": guid, "function": part, "error": message}),
        MessageAttributes={"workflowStatus": {"DataType": "String", "StringValue": "Error"}},
    )
