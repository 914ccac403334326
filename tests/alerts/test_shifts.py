"""Shifts with the names of what has shifted."""

from __future__ import annotations

import numpy as np

from coldtrail.alerts.shifts import caller_number, shifts_from
from coldtrail.detectors.drift.change_points import ChangePoints
from coldtrail.detectors.drift.following import Found
from coldtrail.detectors.drift.learning import learn_baselines
from coldtrail.detectors.drift.readings import readings_of
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import ABSENT, UNKNOWN, Vocabulary
from coldtrail.records.finding import Origin
from coldtrail.records.flow import NOBODY
from coldtrail.testing import make_history


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
        for one in ChangePoints(taught).add(nobody, np.arange(len(ids)))
    ]
    shifts = shifts_from(found, taught, vocabulary)
    (shift,) = [one for one in shifts if one.measure == "callers"]
    assert (shift.application_name, shift.function_name) == ("shop", "Order")
    assert shift.what == "something that seldom or never started it"
    assert shift.look_at in {flow.function_flow_id for flow in strange}
    assert len(shift.traces) == len(shift.flow_ids)
    assert shift.origin is None


def test_a_trigger_is_known_by_its_values() -> None:
    vocabulary = Vocabulary()
    numbers = [vocabulary.triggers.learn(name) for name in ("AWS::SNS topic", NOBODY)]
    known = [caller_number(Origin(name), vocabulary) for name in ("AWS::SNS topic", None)]
    assert known == numbers
    assert caller_number(Origin("AWS::SNS other"), vocabulary) == UNKNOWN
    assert caller_number(Origin(None, lost=True), vocabulary) == ABSENT
