from __future__ import annotations

import pytest
from msgspec.structs import replace

from coldtrail.alerts.wording.messages import lines, title
from coldtrail.records.episode import Episode, Event, Notice
from coldtrail.records.next_step import Command, NextStep
from tests.reports.stories import alerts

ALERT = alerts()[0]


def notice(event: Event, count: int = 30) -> Notice:
    return Notice(ALERT.id, 1, event, "high", count, 0.0)


@pytest.mark.parametrize(
    ("event", "before"),
    [
        ("new", ""),
        ("severity_up", "Now high: "),
        ("grown", "30 times so far: "),
        ("reopened", "Again: "),
        ("resolved", "Over: "),
    ],
)
def test_titles_say_what_is_new(event: Event, before: str) -> None:
    assert title(ALERT, notice(event)) == before + ALERT.title


EPISODE = Episode(ALERT.id, 1, "open", "high", 1, 0.0, 0.0, 0.0, 1, "high")


def test_lines_say_when_why_and_what_next() -> None:
    told = lines(ALERT, notice("new", 1), EPISODE)
    assert told[0].startswith("Seen at 20")
    assert any("never" in line for line in told)
    assert told[-1].startswith("Next: ")


def test_a_command_is_whole_or_left_out() -> None:
    long = NextStep("See what led to this", Command(("aws", "xray", *["--trace-ids"] * 200)))
    told = lines(replace(ALERT, next_steps=(long,)), notice("new", 1), EPISODE)
    assert told[-1] == "Next: See what led to this"
    fits = replace(long, command=Command(("aws", "xray")))
    told = lines(replace(ALERT, next_steps=(fits,)), notice("new", 1), EPISODE)
    assert told[-1] == "Next: See what led to this: aws xray"


def test_what_is_over_says_why_and_asks_for_nothing() -> None:
    closed = replace(EPISODE, state="closed", resolution="benign", note="a \x1b deployment")
    told = lines(ALERT, notice("resolved"), closed)
    assert told[1:] == ("It was closed as benign. Note: “a \\x1b deployment”.",)
    (_, withdrawn) = lines(ALERT, notice("resolved"), replace(EPISODE, withdrawn=True))
    assert withdrawn.startswith("What came later explains it")
