"""sqs-publish: queues the published asset for whoever works on with it."""

import json
import os
from typing import Any

from coldtrail_testbed.applications.vod.handlers.reporting import reporting
from coldtrail_testbed.applications.vod.handlers.tracing import traced

import boto3  # isort: skip

_sqs = boto3.client("sqs")


@reporting("sqs-publish")
@traced("## sqs_publish")
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The event, unchanged."""
    _sqs.send_message(QueueUrl=os.environ["PUBLISHED_QUEUE"], MessageBody=json.dumps(event))
    return event
