from __future__ import annotations

import pytest

from coldtrail.alerts.wording.messages import lines, title
from coldtrail.records.episode import Event, Notice
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


def test_lines_say_when_why_and_what_next() -> None:
    told = lines(ALERT, notice("new", 1))
    assert told[0].startswith("Seen at 20")
    assert any("never" in line for line in told)
    assert told[-1].startswith("Next: ")


def test_what_is_over_asks_for_nothing() -> None:
    told = lines(ALERT, notice("resolved"))
    assert len(told) == 2
    assert "Next" not in " ".join(told)
