"""Commands: a name is one argument of them or a placeholder, whatever it is."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.alerts.showing.kinds import KINDS
from coldtrail.alerts.showing.shell import arguments, in_shell, notes, step_text
from coldtrail.records.next_step import Command, NextStep, Slot


def of(name: str | None, kind: str = "table", before: str = "") -> Command:
    return Command(("aws", "--name", Slot(kind, name, before)))


def test_a_name_that_aws_allows_enters_the_command() -> None:
    assert in_shell(of("Booking")) == "aws --name Booking"
    assert in_shell(of("Confirm:$LATEST", "function")) == "aws --name 'Confirm:$LATEST'"
    assert notes(of("Booking")) == []


@pytest.mark.parametrize(
    ("name", "kind", "before", "why"),
    [
        ("x: aws s3 rb s3://prod #", "table", "", "AWS allows no such name"),
        ("Book\u0131ng", "table", "", "AWS allows no such name"),
        ("Booking\n", "table", "", "AWS allows no such name"),
        ("uploads-*", "bucket", "", "AWS allows no such name"),
        ("", "table", "", "AWS allows no such name"),
        (None, "table", "", "the telemetry does not tell it"),
        ("--endpoint-url", "table", "", "begins with a dash"),
        ("https://sqs.eu-west-1.amazonaws.com/123456789012/q", "queue_url", "", "the address of a file"),
        ("a,AttributeKey=Username", "role", "AttributeKey=a,AttributeValue=", "take it apart"),
    ],
)
def test_any_other_is_a_placeholder_and_a_sentence(
    name: str | None, kind: str, before: str, why: str
) -> None:
    command = of(name, kind, before)
    placeholder = KINDS[kind].placeholder
    assert arguments(command) == ["aws", "--name", before + placeholder]
    (note,) = notes(command)
    assert note.startswith(f"{placeholder} stands for {KINDS[kind].noun}")
    assert why in note


@pytest.mark.parametrize("kind", KINDS)
@given(name=st.text())
def test_every_argument_comes_back_from_the_shells_own_rules(kind: str, name: str) -> None:
    for before in ("", "Key=a,Value="):
        command = of(name, kind, before)
        argv = arguments(command)
        assert shlex.split(in_shell(command)) == argv
        assert argv[2] in (before + name, before + KINDS[kind].placeholder)
        assert not argv[2].startswith("-")


def test_a_step_as_text_ends_in_its_command() -> None:
    assert step_text(NextStep("Look.")) == "Look."
    assert step_text(NextStep("Look", of("Booking"))) == "Look: aws --name Booking"
    told = step_text(NextStep("Look", of("x: aws s3 rb")))
    assert told.endswith("no such name): aws --name TABLE_NAME")
