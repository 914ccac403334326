"""Cases in the HTML report."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from coldtrail.alerts.cases.building import cases_of
from coldtrail.alerts.signalled import alert_of
from coldtrail.records.case import Case
from coldtrail.reports.cases_shown import MOST_CASES, MOST_LINES, cases_shown
from coldtrail.reports.html import write_report
from coldtrail.reports.summary import ReportSummary
from tests.signals import NOON, make_signal


def case() -> Case:
    theft = make_signal("theft", alone=True, strength=6.0, indicators=(("network", "p-1"),))
    weak = make_signal("deploy", detector="changes")
    (found,) = cases_of([replace(alert_of([theft]), severity="high")], [theft, weak], 5, NOON)
    return found


def test_a_case_is_shown_with_its_lines() -> None:
    (shown,) = cases_shown([case()])
    assert (shown.about, shown.signs, shown.severity) == ("pay", "2 signs", "high")
    assert {line.by for line in shown.lines} == {"rates", "changes"}
    assert shown.indicators == (("network", "p-1"),)


def test_what_is_too_much_is_counted() -> None:
    long = replace(case(), timeline=case().timeline * MOST_LINES)
    (shown,) = cases_shown([long])
    assert (len(shown.lines), shown.more) == (MOST_LINES, MOST_LINES)
    assert len(cases_shown([case()] * (MOST_CASES + 1))) == MOST_CASES


def test_other_cases_of_the_same_function_are_named_by_their_numbers() -> None:
    first, second = replace(case(), id="a", see_also=("b", "not shown")), replace(case(), id="b")
    assert [one.others for one in cases_shown([first, second])] == [(2,), ()]


def test_the_report_leads_with_cases_and_escapes_them(tmp_path: Path) -> None:
    hostile = replace(case(), title='<script>alert("x")</script>')
    path = tmp_path / "report.html"
    summary = ReportSummary((NOON, NOON), "model", 1, (("normal", 1),), 1, 3.0, 0.003, ())
    write_report(path, alerts=[], cases=[hostile], profiles={}, summary=summary)
    text = path.read_text()
    assert "<script>" not in text
    assert text.index('id="cases"') < text.index('id="alerts"')
