"""publish-digest: takes the published assets off the queue and mails their addresses to the editors."""

import json
import os
from typing import Any

from coldtrail_testbed.applications.vod.handlers.reporting import reporting
from coldtrail_testbed.applications.vod.handlers.tracing import traced

import boto3  # isort: skip

_sqs = boto3.client("sqs")
_ses = boto3.client("ses")
_MOST_BATCHES = 3


def take_batch() -> list[dict[str, Any]]:
    """Up to ten assets, taken off the queue."""
    queue = os.environ["PUBLISHED_QUEUE"]
    messages = _sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    if messages:
        entries = [
            {"Id": str(place), "ReceiptHandle": message["ReceiptHandle"]}
            for place, message in enumerate(messages)
        ]
        _sqs.delete_message_batch(QueueUrl=queue, Entries=entries)
    return [json.loads(message["Body"]) for message in messages]


def send_digest(assets: list[dict[str, Any]]) -> None:
    """None; the editors get one mail."""
    lines = [f"{asset['srcVideo']}: {asset['hlsUrl']}" for asset in assets]
    _ses.send_email(
        Source=os.environ["MAIL_SENDER"],
        Destination={"ToAddresses": [os.environ["EDITORS_ADDRESS"]]},
        Message={
            "Subject": {"Data": f"{len(assets)} videos published"},
            "Body": {"Text": {"Data": "\n".join(lines)}},
        },
    )


@reporting("publish-digest")
@traced("## publish_digest")
def handler(_event: dict[str, Any], _context: Any) -> int:
    """The number of assets in the digest; none is sent when there is nothing to tell."""
    assets: list[dict[str, Any]] = []
    for _ in range(_MOST_BATCHES):
        batch = take_batch()
        assets += batch
        if len(batch) < 10:
            break
    if assets:
        send_digest(assets)
    return len(assets)
