"""Shifts as alerts."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import msgspec
import pytest

from coldtrail.alerts.building import MAX_EVIDENCE
from coldtrail.alerts.drifts import alert_ids, alerts_from_shifts, kind_of
from coldtrail.alerts.shifts_together import FAMILIES, family_of
from coldtrail.alerts.wording.findings import expected, seen
from coldtrail.detectors.drift.readings import TOLD
from coldtrail.records.alert import Evidence
from coldtrail.records.finding import Origin, StepKey, Subject
from coldtrail.records.shift import Shift
from coldtrail.testing import START, make_flow, make_key
from tests.reports.stories import HOSTILE


def make_shift(
    measure: str = "duration",
    function: str = "Order",
    found: float = START,
    after: float = 0.5,
    name: str = "an API",
) -> Shift:
    runs = (found - 60, found, 31)
    amounts = (0.35, after, name, 50_000)
    traces = ("t1", "t2") if function == "Order" else (f"{function}1", f"{function}2")
    look = ("f1", "t1", ("f1", "f2"), traces, f"cs-{function}-{measure}")
    step = StepKey("PutItem", "DynamoDB", name) if measure == "no_step" else None
    origin = Origin(name) if measure == "callers" else None
    return Shift("", "", "shop", function, measure, *runs, *amounts, *look, step, origin)


@pytest.mark.parametrize("measure", TOLD)
def test_each_measure_has_its_words(measure: str) -> None:
    (alert,) = alerts_from_shifts([make_shift(measure)], {})
    assert ("shop" if measure == "load" else "Order") in alert.title
    assert alert.next_steps
    (reason,) = alert.reasons
    assert reason.kind == kind_of(measure) == alert.finding.kind
    assert (alert.kind, alert.is_drift, alert.detectors) == (family_of(measure), True, ("drift",))
    assert "31" in seen(reason.finding)
    steps = "".join(step.told for step in alert.next_steps)
    assert "{" not in alert.title + expected(reason.finding) + seen(reason.finding) + steps


def test_a_shift_is_told_with_before_and_after() -> None:
    flow = make_flow([("GetItem", "DynamoDB", "Stock", 0.4)], flow_id="f1")
    (alert,) = alerts_from_shifts([make_shift()], {"f1": flow})
    assert alert.title == "Order takes 500 ms instead of 350 ms"
    assert seen(alert.reasons[0].finding).startswith("500 ms a run since 2026-")
    assert alert.reasons[0].target == "Stock"
    assert alert.flow is flow
    assert "GetItem on Stock" in alert.next_steps[0].told
    assert (alert.count, alert.evidence) == (31, (Evidence("f1", "t1"), Evidence("f2", "t2")))
    assert (alert.p_value, alert.score, alert.threshold) == (1 / 50_000, None, None)
    assert (alert.first_seen, alert.last_seen, alert.told_at) == (START - 60, START, START)


def test_a_flow_that_was_not_kept_is_known_by_its_ids() -> None:
    (alert,) = alerts_from_shifts([make_shift()], {})
    assert (alert.flow, alert.look_at) == (None, Evidence("f1", "t1"))
    assert alert.key == make_key()


def test_measures_that_one_cause_moves_are_one_alert() -> None:
    told = alerts_from_shifts([make_shift("duration"), make_shift("own_time"), make_shift("rate")], {})
    assert [alert.severity for alert in told] == ["medium", "medium"]
    assert "its own code" in told[0].title


def test_a_day_that_is_busy_for_all_is_one_alert() -> None:
    busy = [make_shift("rate", name, START + i, 2.0 + i) for i, name in enumerate("ABCDE")]
    (alert,) = alerts_from_shifts([*busy], {})
    assert alert.title == "5 functions of shop run up to 17 times as often as usual"
    assert alert.severity == "low"
    assert alert.subject == Subject("application", application_name="shop")
    assert alert.details[0] == "D: 5 instead of 0.35"
    assert alert.look_at == Evidence("f1", "t1")
    late = make_shift("rate", "F", START + 90_000)
    assert len(alerts_from_shifts([*busy, late], {})) == 2


def test_days_that_are_busy_for_all_are_one_alert_that_keeps_its_id() -> None:
    days = [
        make_shift("rate", name, START + 1e5 * day) for day in range(2) for name in "ABC"[day:] + "XYZ"[day:]
    ]
    first, *_ = alerts_from_shifts([make_shift("rate", name) for name in "ABC"], {})
    again = alerts_from_shifts([*days, make_shift("rate", "V", START + 1e5)], {})
    assert {alert.id: alert.count for alert in again} == {first.id: 31 * 11}


def test_what_comes_again_is_told_in_the_same_alert_with_its_runs_and_its_time() -> None:
    """A call is slow on Monday and on Tuesday: who looks at the alert on Tuesday finds runs of that day."""
    flows = [tuple(f"{day}{number}" for number in range(100)) for day in ("m", "t")]
    monday, tuesday = (
        msgspec.structs.replace(
            make_shift("step_time", found=START + 86_400 * day, name="Stock"),
            since=START + 86_400 * day - 60.0,
            flow_ids=flows[day],
            traces=flows[day],
            id=f"cs-{day}",
        )
        for day in range(2)
    )
    (first,) = alerts_from_shifts([monday], {})
    (both,) = alerts_from_shifts([tuesday, monday], {})
    assert (both.id, both.told_at, both.first_seen) == (first.id, first.told_at, first.first_seen)
    assert (both.last_seen, both.count) == (tuesday.found, monday.runs + tuesday.runs)
    shown = {run.function_flow_id[0] for run in both.evidence}
    assert (shown, len(both.evidence)) == ({"m", "t"}, MAX_EVIDENCE)
    many = [
        msgspec.structs.replace(tuesday, found=tuesday.found + day, since=tuesday.found) for day in range(30)
    ]
    (often,) = alerts_from_shifts([monday, *many], {})
    assert len(often.evidence) == MAX_EVIDENCE


def test_an_alert_keeps_its_id_and_others_have_others() -> None:
    (first,) = alerts_from_shifts([make_shift()], {})
    (later,) = alerts_from_shifts([make_shift(found=START + 500)], {})
    (other,) = alerts_from_shifts([make_shift(function="Stock")], {})
    assert first.id == later.id != other.id
    assert (first.id, len({*alert_ids(make_key(), "duration")})) == (alert_ids(make_key(), "own_time")[0], 2)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_safe(name: str) -> None:
    (alert,) = alerts_from_shifts([make_shift("callers", name=name)], {})
    assert alert.title.isprintable()


def test_the_words_are_those_of_the_measures() -> None:
    rules = tomllib.loads((files("coldtrail.alerts") / "data" / "shifts.toml").read_text(encoding="utf-8"))
    assert set(rules["kinds"]) == set(map(kind_of, TOLD))
    assert set(TOLD) == {one for same in FAMILIES.values() for one in same}
