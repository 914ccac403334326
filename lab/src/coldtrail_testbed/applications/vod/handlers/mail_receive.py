"""mail-receive: starts the mail machine for each mail that SES has stored."""

import json
import os
import uuid
from typing import Any
from urllib.parse import unquote_plus

from coldtrail_testbed.applications.vod.handlers.reporting import reporting

import boto3  # isort: skip

_states = boto3.client("stepfunctions")


@reporting("mail-receive")
def handler(event: dict[str, Any], _context: Any) -> None:
    """None; one execution a mail is started."""
    for record in event["Records"]:
        bucket, key = record["s3"]["bucket"]["name"], unquote_plus(record["s3"]["object"]["key"])
        _states.start_execution(
            stateMachineArn=os.environ["MAIL_STATE_MACHINE"],
            name=str(uuid.uuid4()),
            input=json.dumps({"mailBucket": bucket, "mailKey": key}),
        )
