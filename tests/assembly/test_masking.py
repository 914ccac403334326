"""Raw names become those that a flow shows, the same every time and within a bound."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.assembly.masking import ANYWHERE, Masking, short_name
from coldtrail.features.names.masking import normalise
from coldtrail.records.flow import Event
from coldtrail.testing import make_event

HOME = "123456789012"


def shown(target: str, home: str | None = HOME) -> str | None:
    (event,) = Masking(512).steps([make_event(event_target_resource=target)], home)
    return event.event_target_resource


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("Booking", "Booking"),
        ("arn:aws:sns:eu-west-1:123456789012:orders", "orders"),
        ("arn:aws:sns:eu-west-1:999999999999:orders", "999999999999:orders"),
        ("arn:aws:sqs::123456789012:mail", "mail"),
        ("arn:aws:sqs::999999999999:mail", "999999999999:mail"),
        ("arn:aws:states:eu-west-1:123456789012:stateMachine:Booking", "Booking"),
        (
            "arn:aws:states:eu-west-1:123456789012:execution:Booking:0a1b2c3d-0000-4abc-8def-0123456789ab",
            "Booking:*",
        ),
        ("arn:aws:dynamodb:eu-west-1:123456789012:table/orders", "orders"),
        ("arn:aws:dynamodb:eu-west-1:999999999999:table/orders", "999999999999:orders"),
        ("arn:aws:lambda:eu-west-1:123456789012:function:pay", "pay"),
        ("arn:aws:lambda:eu-west-1:123456789012:function:pay:live", "pay:live"),
        ("arn:aws:s3:::backup-bucket", "backup-bucket"),
        ("arn:aws:kinesis:eu-west-1:123456789012:stream/clicks", "clicks"),
        ("arn:", "arn:"),
        ("arn:aws:sns:eu-west-1:123456789012:", "arn:aws:sns:eu-west-1:123456789012:"),
        ("orders\narn:aws:dynamodb:eu-west-1:123456789012:table/customers", "customers,orders"),
        ("https://api.example/v1/orders", "https://api.example/v1/orders"),
    ],
)
def test_resources_are_short_but_foreign_accounts_show(address: str, target: str) -> None:
    assert shown(address) == target


def test_where_the_home_is_unknown_every_account_shows() -> None:
    address = "arn:aws:sns:eu-west-1:999999999999:orders"
    assert shown(address, "") == "999999999999:orders"
    assert short_name(address, ANYWHERE) == Masking(512).resources[address] == "orders"


def test_random_parts_go_from_names_parents_and_targets_alone() -> None:
    event = make_event(
        event_id="id-1234567",
        event_name="load 1234567",
        event_type="function",
        event_parent_id="id-7654321",
        event_parent_name="job 1234567",
        event_target_resource="b-1234567",
        error=True,
        witness="xray",
    )
    (masked,) = Masking(512).steps([event], HOME)
    assert masked == Event(
        "id-1234567", event.start_time, event.end_time,
        "load *", "function", "id-7654321", "job *", "b-*", True, "xray",
    )  # fmt: skip


def test_a_step_in_which_nothing_changes_is_the_same_step() -> None:
    event = make_event()
    assert Masking(512).steps([event], HOME)[0] is event


@given(name=st.text(min_size=1, max_size=300), again=st.integers(1, 3))
def test_names_are_masked_alike_whether_met_before_or_not(name: str, again: int) -> None:
    masking = Masking(64)
    for _ in range(again):
        (event,) = masking.steps([make_event(event_name=name)], HOME)
        assert event.event_name == normalise(name, 64)


def test_what_is_kept_is_bounded() -> None:
    masking = Masking(512)
    for number in range(60_000):
        masking.steps([make_event(event_target_resource=f"table-a{number}x")], f"{number % 7}")
    assert len(masking._steps) <= 50_000
