"""How a function normally runs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.learning import profile
from coldtrail.learning.profile import MOST_RUNS, MOST_STEPS
from coldtrail.learning.profile import profiles as profiles_of
from coldtrail.records.flow import NOBODY, Flow
from coldtrail.records.profile import Profile
from coldtrail.testing import make_flow, make_history
from tests.verbs.telemetry_files import GET, PUBLISH, PUT, USUAL


def profiles(flows: list[Flow]) -> list[Profile]:
    vocabulary = Vocabulary()
    learn_words(flows, vocabulary)
    return profiles_of(encode(flows, vocabulary), vocabulary)


def test_there_is_one_profile_a_function_sorted_by_name() -> None:
    flows = [
        make_flow(USUAL, function=name, application=application)
        for application, name in (("shop", "B"), ("shop", "A"), ("bank", "C"), ("shop", "A"))
    ]
    found = profiles(flows)
    assert [(one.application_name, one.function_name, one.flows) for one in found] == [
        ("bank", "C", 1),
        ("shop", "A", 2),
        ("shop", "B", 1),
    ]


def test_the_most_frequent_runs_come_first_with_their_share() -> None:
    flows = [make_flow(USUAL)] * 6 + [make_flow([GET])] * 3 + [make_flow([PUT])]
    (found,) = profiles(flows)
    assert [(run.flows, run.share) for run in found.runs] == [(6, 0.6), (3, 0.3), (1, 0.1)]
    assert [step.event_name for step in found.runs[1].steps] == ["Invocation", "GetItem", "Overhead"]
    assert [step.depth for step in found.runs[1].steps] == [1, 2, 1]


def test_a_run_without_steps_is_a_way_to_run_as_well() -> None:
    empty = replace(make_flow([GET]), events=(), depths=(), self_times=())
    (found,) = profiles([empty, empty, make_flow([GET])])
    assert [(run.flows, len(run.steps)) for run in found.runs] == [(2, 0), (1, 3)]


def test_steps_have_the_median_times_of_their_runs() -> None:
    flows = [make_flow([("GetItem", "DynamoDB", "Stock", seconds)]) for seconds in (0.1, 0.2, 9.0)]
    (found,) = profiles(flows)
    step = found.runs[0].steps[1]
    assert step.duration == pytest.approx(0.2, abs=1e-3)
    assert step.duration < step.duration_p95 <= 9.01
    assert step.offset == pytest.approx(0.001, abs=1e-3)
    assert found.duration == pytest.approx(0.2, abs=0.01)


def test_triggers_cold_starts_and_errors_have_their_shares() -> None:
    flows = [make_flow(USUAL, trigger="api")] * 3 + [make_flow(USUAL, trigger=None, error=True)]
    (found,) = profiles(flows)
    assert found.triggers == (("api", 0.75), (NOBODY, 0.25))
    assert (found.cold_share, found.error_share) == (0.0, 0.25)


def test_there_are_never_too_many_runs_or_steps() -> None:
    flows = [make_flow([GET] * length, flow_id=f"f{length}") for length in range(1, 20)]
    flows += [make_flow([PUBLISH] * 500, flow_id="long")] * 5
    (found,) = profiles(flows)
    assert len(found.runs) == MOST_RUNS
    assert max(len(run.steps) for run in found.runs) == MOST_STEPS


def test_flows_without_events_are_no_trouble() -> None:
    (found,) = profiles([make_flow([])])
    assert found.flows == 1
    assert profiles([]) == []


def test_the_profile_of_a_history_is_the_usual_run() -> None:
    (found,) = profiles(make_history(300))
    assert found.runs[0].share > 0.7
    calls = [step.event_name for step in found.runs[0].steps]
    assert calls == ["Invocation", "GetItem", "PutItem", "Publish", "Overhead"]


@given(st.lists(st.tuples(st.floats(0, 1e3), st.floats(0, 1e3)), min_size=1, max_size=30))
def test_quantiles_of_all_steps_at_once_are_those_of_each(spans: list[tuple[float, float]]) -> None:
    columns = np.array(spans)
    found = profile.quantiles_at(np.sort(columns, axis=0), (0.5, 0.95))
    np.testing.assert_allclose(found, np.quantile(columns, [0.5, 0.95], axis=0), rtol=1e-12)
