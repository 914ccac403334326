"""Mail to the application: SES takes it and stores it, raw, in the bucket of its receipt rule."""

import mimetypes
import string
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from functools import partial
from random import Random
from typing import Any

from coldtrail_testbed.applications.model import MailRule
from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.identifiers import REGION
from coldtrail_testbed.errors import TestbedError
from coldtrail_testbed.facts import Caller

MAIL_SERVICE = Caller("service", "ses.amazonaws.com", "ses.amazonaws.com", "ses.amazonaws.com", "mail")

_UNDERWAY_S = (1.5, 12.0)
_IDENTIFIER = string.ascii_lowercase + string.digits


@dataclass(frozen=True)
class Mail:
    """A mail with one attachment, `name` and `content`; `address` is where the sender's machine is."""

    sender: str
    recipient: str
    subject: str
    name: str
    content: bytes
    address: str


class MailService:
    """The receiving side of SES; `s3` is its own client."""

    def __init__(self, foundation: Foundation, rules: Sequence[MailRule], s3: Any, generator: Random) -> None:
        self._base = foundation
        self._rules = {rule.domain: rule for rule in rules}
        self._s3 = s3
        self._generator = generator

    def send(self, mail: Mail) -> None:
        """None; the mail is on its way, and arrives seconds later."""
        domain = mail.recipient.rpartition("@")[2]
        if domain not in self._rules:
            raise TestbedError(f"nobody takes mail for {domain}; domains with a rule: {sorted(self._rules)}")
        sent = self._base.clock.now()
        arrival = sent + self._generator.uniform(*_UNDERWAY_S)
        self._base.agenda.add(arrival, partial(self._store, mail, self._rules[domain], sent))

    def _store(self, mail: Mail, rule: MailRule, sent: float) -> None:
        identifier = "".join(self._generator.choices(_IDENTIFIER, k=40))
        boundary = f"=_{self._generator.getrandbits(128):032x}"
        raw = _received(mail, identifier, self._base.clock.now()) + _message(mail, sent, identifier, boundary)
        self._s3.put_object(Bucket=rule.bucket, Key=f"{rule.prefix}{identifier}", Body=raw)


def _message(mail: Mail, sent: float, identifier: str, boundary: str) -> bytes:
    """The mail in MIME form; the boundary is given because the library would draw one by itself."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = mail.sender, mail.recipient, mail.subject
    message["Date"] = format_datetime(datetime.fromtimestamp(int(sent), UTC))
    message["Message-ID"] = f"<{identifier[:24]}@{mail.sender.rpartition('@')[2]}>"
    message.set_content(f"Please find {mail.name} attached.\n")
    # Python's own table: the machine's may know more types than another's.
    kind = mimetypes.MimeTypes().guess_type(mail.name)[0] or "application/octet-stream"
    main, _, sub = kind.partition("/")
    message.add_attachment(mail.content, maintype=main, subtype=sub, filename=mail.name)
    message.set_boundary(boundary)
    return message.as_bytes()


def _received(mail: Mail, identifier: str, time: float) -> bytes:
    """The headers that SES puts before a mail (SES developer guide, "Store mail in S3" example)."""
    host = mail.sender.rpartition("@")[2]
    date = format_datetime(datetime.fromtimestamp(int(time), UTC))
    lines = (
        f"Return-Path: <{mail.sender}>",
        f"Received: from {host} ({host} [{mail.address}])",
        f" by inbound-smtp.{REGION}.amazonaws.com with SMTP id {identifier}",
        f" for {mail.recipient};",
        f" {date}",
        "X-SES-Spam-Verdict: PASS",
        "X-SES-Virus-Verdict: PASS",
        "",
    )
    return "\r\n".join(lines).encode()
