"""Messages for the tests of notifiers."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from coldtrail.records.delivery import Message

AT = 1_795_000_000.25


def a_message(**fields: Any) -> Message:
    """The first message of an alert, with other fields where they are given."""
    plain = Message(
        what="trigger",
        event="new",
        dedup_key="ct-0123456789abcdef-1",
        alert_id="ct-0123456789abcdef",
        case_id="cc-1",
        severity="high",
        title="Confirm wrote to a bucket it never touched before",
        lines=(
            "Seen at 2026-11-18 13:46:40 UTC.",
            "PutObject on S3 evil: never before.",
            "Next: look at it.",
        ),
        function="Confirm",
        application="airline",
        account="123456789012",
        region="eu-west-1",
        at=AT,
        first_seen=AT - 60,
        count=3,
        link="https://coldtrail.example/alerts/ct-0123456789abcdef",
        alert=b'{"id":"ct-0123456789abcdef","kind":"new_resource"}',
    )
    return replace(plain, **fields)


def hostile_message(name: str) -> Message:
    """A message that has a hostile name wherever telemetry puts one."""
    return a_message(
        title=f"{name} did what it never did before",
        lines=(name, f"{name} on {name}: never before.", f"Next: look at {name}."),
        function=name,
        application=name,
        account=name,
        region=name,
        alert=b"",
    )


LONG = a_message(
    title="é" * 50_000,
    lines=tuple(f"{number} " + "\u4e16<&'\"" * 20_000 for number in range(500)),
    function="f" * 10_000,
    application="a" * 10_000,
    account="1" * 10_000,
    link="https://coldtrail.example/" + "x" * 10_000,
    alert=b'{"long":"' + b"x" * 2_000_000 + b'"}',
)
