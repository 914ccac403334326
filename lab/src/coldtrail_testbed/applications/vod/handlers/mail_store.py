"""mail-store: puts a mail's video into the source bucket and thanks its sender."""

import os
from typing import Any

from coldtrail_testbed.applications.vod.handlers.mail_parse import read_mail
from coldtrail_testbed.applications.vod.handlers.reporting import reporting
from coldtrail_testbed.applications.vod.handlers.tracing import traced

import boto3  # isort: skip

_s3 = boto3.client("s3")
_ses = boto3.client("ses")


def thank(sender: str, attachment: str) -> None:
    """None; the sender gets a mail."""
    _ses.send_email(
        Source=os.environ["MAIL_SENDER"],
        Destination={"ToAddresses": [sender]},
        Message={
            "Subject": {"Data": "Your video has arrived"},
            "Body": {"Text": {"Data": f"{attachment} is being prepared. You will hear from us."}},
        },
    )


@reporting("mail-store")
@traced("## mail_store")
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The event with the key of the stored video."""
    mail = read_mail(event["mailBucket"], event["mailKey"])
    video = next(mail.iter_attachments()).get_payload(decode=True)
    key = f"uploads/{event['mailKey'].rpartition('/')[2]}-{event['attachment']}"
    _s3.put_object(Bucket=os.environ["SOURCE_BUCKET"], Key=key, Body=video)
    thank(event["sender"], event["attachment"])
    return {**event, "srcVideo": key}
