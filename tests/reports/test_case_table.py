"""Cases in the terminal."""

from __future__ import annotations

import io
from collections.abc import Sequence

from msgspec.structs import replace
from rich.console import Console

from coldtrail.alerts.cases.building import cases_of
from coldtrail.alerts.signalled import alert_of
from coldtrail.records.case import Case
from coldtrail.reports.case_table import print_cases, worth_showing
from tests.signals import HOUR_S, NOON, SHIP, make_signal


def cases() -> list[Case]:
    theft = make_signal("theft", alone=True, strength=6.0)
    other = make_signal("gap", SHIP, alone=True, strength=6.0)
    weak = make_signal("deploy", at=NOON + HOUR_S, detector="changes")
    alerts = [replace(alert_of([one]), severity="high") for one in (theft, other)]
    return cases_of(alerts, [theft, other, weak], 5, NOON)


def printed(told: Sequence[Case], limit: int | None = None) -> str:
    out = io.StringIO()
    print_cases(told, Console(file=out, width=100, color_system=None), limit)
    return out.getvalue()


def test_the_table_counts_signs_and_the_story_follows() -> None:
    text = printed(cases())
    assert "HIGH" in text
    assert text.count("2023-11-14 22:1") >= 2
    assert text.count("Case ") == 2, "the head of the table, and the one case that joins several signs"


def test_what_is_not_shown_is_said() -> None:
    assert "1 more case not shown (limit 1)." in printed(cases(), 1)


def test_the_story_names_other_cases_of_its_function() -> None:
    first, second, *rest = cases()
    beside = [replace(one, see_also=(second.id, first.id)) for one in (first, second)]
    text = printed([*beside, *rest])
    assert "See also case 1, 2." in text


def test_hostile_names_do_nothing() -> None:
    hostile = [replace(one, title="\x1b[2J[bold]x") for one in cases()]
    text = printed(hostile)
    assert "\x1b" not in text
    assert "[bold]x" in text


def test_cases_of_one_sign_each_say_no_more_than_the_alerts() -> None:
    assert worth_showing(cases())
    assert not worth_showing([one for one in cases() if len(one.members) == 1])
