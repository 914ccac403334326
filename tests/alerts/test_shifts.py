"""Shifts in words."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import numpy as np
import pytest

from coldtrail.alerts.shifts import alerts_from_shifts, shifts_from
from coldtrail.detectors.drift.following import Found
from coldtrail.detectors.drift.learning import learn_baselines
from coldtrail.detectors.drift.readings import TOLD, readings_of
from coldtrail.detectors.drift.watch import ShiftWatch
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.shift import Shift
from coldtrail.testing import START, make_flow, make_history
from tests.reports.stories import HOSTILE


def _shift(
    measure: str = "duration", function: str = "Order", found: float = START, after: float = 0.5
) -> Shift:
    runs = (found - 60, found, 31)
    amounts = (0.35, after, "an API", 50_000)
    return Shift("", "", "shop", function, measure, *runs, *amounts, "f1", "t1", ("f1", "f2"))


@pytest.mark.parametrize("measure", TOLD)
def test_each_measure_has_its_words(measure: str) -> None:
    (alert,) = alerts_from_shifts([_shift(measure)], {})
    assert "Order" in alert.title
    assert alert.next_steps
    (reason,) = alert.verdict.reasons
    assert reason.kind == "shift"
    assert "31" in reason.seen
    assert "{" not in alert.title + reason.expected + reason.seen + "".join(alert.next_steps)


def test_a_shift_is_told_with_before_and_after() -> None:
    flow = make_flow([("GetItem", "DynamoDB", "Stock", 0.4)], flow_id="f1")
    (alert,) = alerts_from_shifts([_shift()], {"f1": flow})
    assert alert.title == "Order takes 500 ms instead of 350 ms"
    assert alert.verdict.reasons[0].seen.startswith("500 ms a run since 2026-")
    assert alert.verdict.reasons[0].target == "Stock"
    assert alert.flow is flow
    assert "GetItem on Stock" in alert.next_steps[0]
    assert (alert.count, alert.flow_ids) == (31, ("f1", "f2"))
    assert alert.verdict.p_value == 1 / 50_000


def test_measures_that_one_cause_moves_are_one_alert() -> None:
    told = alerts_from_shifts([_shift("duration"), _shift("own_time"), _shift("rate")], {})
    assert [alert.severity for alert in told] == ["medium", "medium"]
    assert "its own code" in told[0].title


def test_a_day_that_is_busy_for_all_is_one_alert() -> None:
    busy = [_shift("rate", name, START + i, 2.0 + i) for i, name in enumerate("ABCDE")]
    (alert,) = alerts_from_shifts([*busy], {})
    assert alert.title == "5 functions of shop run up to 17 times as often as usual"
    assert alert.severity == "low"
    assert alert.function_name == "E"
    late = _shift("rate", "F", START + 90_000)
    assert len(alerts_from_shifts([*busy, late], {})) == 2


def test_an_alert_keeps_its_id_and_others_have_others() -> None:
    (first,) = alerts_from_shifts([_shift()], {})
    (later,) = alerts_from_shifts([_shift(found=START + 500)], {})
    (other,) = alerts_from_shifts([_shift(function="Stock")], {})
    assert first.alert_id == later.alert_id != other.alert_id


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_safe(name: str) -> None:
    (alert,) = alerts_from_shifts([_shift("callers", name)], {})
    assert alert.title.isprintable()


def test_what_a_watch_finds_has_its_names() -> None:
    flows = make_history(400)
    vocabulary = Vocabulary()
    learn_words(flows, vocabulary)
    taught = learn_baselines(readings_of(encode(flows, vocabulary)))
    strange = make_history(60, seed=3, prefix="s")
    readings = readings_of(encode(strange, vocabulary))
    nobody = readings._replace(caller=np.zeros_like(readings.caller))
    ids = [(flow.function_flow_id, flow.application_flow_id) for flow in strange]
    found = [
        Found(*one[:6], tuple(ids[place] for place in one.places), ids[one.look])
        for one in ShiftWatch(taught).add(nobody, np.arange(len(ids)))
    ]
    shifts = shifts_from(found, taught, vocabulary)
    (shift,) = [one for one in shifts if one.measure == "callers"]
    assert (shift.application_name, shift.function_name) == ("shop", "Order")
    assert shift.what == "something that seldom or never started it"
    assert shift.look_at in {flow.function_flow_id for flow in strange}


def test_the_words_are_those_of_the_measures() -> None:
    rules = tomllib.loads((files("coldtrail.alerts") / "data" / "shifts.toml").read_text(encoding="utf-8"))
    assert set(rules["measures"]) == set(TOLD)
