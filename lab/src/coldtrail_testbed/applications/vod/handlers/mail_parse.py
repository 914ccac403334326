"""mail-parse: reads who sent a mail and which video is attached to it."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

from coldtrail_testbed.applications.vod.handlers.reporting import reporting
from coldtrail_testbed.applications.vod.handlers.tracing import traced

import boto3  # isort: skip

_s3 = boto3.client("s3")


class NoVideoAttachedException(Exception):  # noqa: N818 - named as in the traces of other functions
    """The mail has no attachment."""


def read_mail(bucket: str, key: str) -> EmailMessage:
    """The stored mail."""
    return message_from_bytes(_s3.get_object(Bucket=bucket, Key=key)["Body"].read(), policy=policy.default)


@reporting("mail-parse")
@traced("## mail_parse")
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The event with the mail's sender, subject and attachment."""
    mail = read_mail(event["mailBucket"], event["mailKey"])
    attachment = next(iter(mail.iter_attachments()), None)
    if attachment is None:
        raise NoVideoAttachedException("the mail has no attachment")
    return {
        **event,
        "sender": parseaddr(mail["From"])[1],
        "subject": str(mail["Subject"]),
        "attachment": attachment.get_filename(),
    }
