"""Names that AWS allows, by kind: real ones pass, and nothing that a shell or a command line reads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.alerts.showing.kinds import KINDS, kind_of

REAL = {
    "function": ["shop-prod-order", "Confirm:42", "Confirm:$LATEST",
                 "arn:aws:lambda:eu-west-1:123456789012:function:Pay"],
    "table": ["Booking", "a.b_c-d", "arn:aws-us-gov:dynamodb:us-gov-west-1:123456789012:table/Booking"],
    "bucket": ["booking-public", "a.b.c", "arn:aws:s3:::booking-public"],
    "queue": ["mail-queue", "orders.fifo"],
    "queue_url": ["https://sqs.eu-west-1.amazonaws.com/123456789012/mail-queue"],
    "topic": ["order-events", "arn:aws:sns:eu-west-1:123456789012:order-events.fifo"],
    "role": ["shop-role", "a+b=c,d.e@f-g"],
    "trace": ["1-6966ae91-ffa13b811caa56a884e9e349"],
    "request": ["8f507cfc-1b2c-4d5e-8f60-718293a4b5c6"],
    "event": ["f2b287f3-0df1-1234-a2f4-c4bdfed47657"],
    "region": ["eu-west-1", "us-gov-east-1", "us-isob-east-1", "ap-southeast-2", "eusc-de-east-1"],
    "log_group": ["/aws/lambda/Confirm"],
    "state_machine": ["ProcessBooking"],
    "secret": ["prod/db/password"],
    "parameter": ["/airline/payment/url"],
    "stream": ["clicks"],
    "event_bus": ["default", "aws.partner/shop/1"],
    "key": ["1234abcd-12ab-34cd-56ef-1234567890ab", "alias/shop"],
    "host": ["api.payments.example", "localhost:8080"],
    "call": ["PutObject"],
    "resource": ["whatever-1"],
}  # fmt: skip
READ = " \t\n\r\"'`\\;&|<>(){}[]*?!#~^%\x00\x1b\u202eé"


@pytest.mark.parametrize("kind", KINDS)
def test_real_names_are_allowed(kind: str) -> None:
    for name in REAL[kind]:
        assert KINDS[kind].allowed.fullmatch(name), name


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_no_kind_allows_what_a_shell_reads(kind: str, data: st.DataObject) -> None:
    """But for `#`, `$` and `~` inside a word, which quotation takes care of."""
    for name in REAL[kind]:
        at = data.draw(st.integers(0, len(name)))
        char = data.draw(st.sampled_from([*READ]))
        if char != "#" or kind != "log_group":
            assert not KINDS[kind].allowed.fullmatch(name[:at] + char + name[at:]), (name, at, char)


def test_services_are_known_by_any_of_their_spellings() -> None:
    assert kind_of("DynamoDB") == kind_of("AWS::DynamoDB") == "table"
    assert kind_of("Gizmo") == "resource"
