"""Mail that real users send, stored by the rule and read by real functions."""

from collections.abc import Iterator
from email import message_from_bytes, policy

import pytest

from coldtrail_testbed.applications.model import BucketNotification, MailRule
from coldtrail_testbed.cloud.local_cloud import LocalCloud
from coldtrail_testbed.errors import TestbedError

from .conftest import START
from .small_cloud import ask, events_of, segments_of, small_application, small_cloud

_APPLICATION = small_application(
    "Read",
    buckets=["mails"],
    bucket_notifications=[BucketNotification("mails", "Read", "inbox/")],
    mail_rules=[MailRule("films.example", "mails", "inbox/")],
)


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with small_cloud(_APPLICATION) as cloud:
        yield cloud


def _send(cloud: LocalCloud) -> bytes:
    cloud.open_browser().send_mail("new@films.example", "A film", "a.mp4", b"frames\n\0")
    cloud.settle()
    [event] = events_of(cloud, "Read")
    key = event["Records"][0]["s3"]["object"]["key"]
    assert key.startswith("inbox/")
    assert event["Records"][0]["requestParameters"] == {"sourceIPAddress": "ses.amazonaws.com"}
    stored: bytes = cloud.client("s3").get_object(Bucket="mails", Key=key)["Body"].read()
    return stored


def test_a_mail_is_stored_as_it_came(cloud: LocalCloud) -> None:
    mail = message_from_bytes(_send(cloud), policy=policy.default)
    assert (mail["To"], mail["Subject"]) == ("new@films.example", "A film")
    assert mail["X-SES-Spam-Verdict"] == "PASS"
    assert mail["Date"].datetime.timestamp() == START
    [attachment] = mail.iter_attachments()
    assert (attachment.get_filename(), attachment.get_content()) == ("a.mp4", b"frames\n\0")
    assert attachment.get_content_type() == "video/mp4"


def test_a_mail_starts_a_trace_when_it_is_stored(cloud: LocalCloud) -> None:
    _send(cloud)
    [woken] = segments_of(cloud, "AWS::Lambda")
    assert "parent_id" not in woken
    assert 1.5 < woken["start_time"] - START < 15


def test_the_same_seed_stores_the_same_bytes() -> None:
    stored = []
    for _ in range(2):
        with small_cloud(_APPLICATION, seed=4) as cloud:
            stored.append(_send(cloud))
    assert stored[0] == stored[1]


def test_mail_to_nobody_is_a_mistake_of_the_application(cloud: LocalCloud) -> None:
    with pytest.raises(TestbedError, match=r"nobody takes mail for elsewhere.example"):
        cloud.open_browser().send_mail("a@elsewhere.example", "s", "a.mp4", b"")


def test_functions_may_send_from_the_domain(cloud: LocalCloud) -> None:
    body = {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}
    mail = {
        "Source": "no-reply@films.example",
        "Message": body,
        "Destination": {"ToAddresses": ["a@b.example"]},
    }
    [answer] = ask(cloud, ("ses", "send_email", mail))
    assert answer["MessageId"]
