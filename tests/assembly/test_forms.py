"""What copies of one event say without any contradiction, and what they do not."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from coldtrail.assembly.forms import MOST_COPIES, apart, event_rank, is_at_one_time
from coldtrail.records.flow import Event
from coldtrail.testing import START, make_event

WHOLE = make_event(
    event_id="e", event_target_resource="Orders", event_parent_id="h", event_parent_name="handler"
)
FORMS = {
    "the same": WHOLE,
    "not ended": replace(WHOLE, end_time=START),
    "not ended, without its resource": replace(WHOLE, end_time=START, event_target_resource=None),
    "not ended, named by its service": replace(
        WHOLE, end_time=START, event_name="DynamoDB", event_target_resource=None
    ),
    "not ended, not yet known as a call": replace(
        WHOLE, end_time=START, event_name="DynamoDB", event_type="function", event_target_resource=None
    ),
    "clock rounded": replace(WHOLE, start_time=START - 0.0005, end_time=WHOLE.end_time + 0.001),
    "another witness that knows less": replace(
        WHOLE, witness="native", event_target_resource=None, event_parent_id=None, event_parent_name=None
    ),
}
CONTRADICTIONS: dict[str, dict[str, Any]] = {
    "name": {"event_name": "PutItem"},
    "type": {"event_type": "S3"},
    "resource": {"event_target_resource": "evil"},
    "no resource": {"event_target_resource": None},
    "parent": {"event_parent_id": "other"},
    "name of the parent": {"event_parent_name": "other"},
    "outcome": {"error": True},
    "start": {"start_time": START - 0.002},
    "end": {"end_time": START + 0.02},
    "as overhead that has not ended": {
        "event_name": "Overhead",
        "event_type": "lifecycle",
        "end_time": START,
        "event_target_resource": None,
    },
    "failed before it ended": {"error": True, "end_time": START},
}


@pytest.mark.parametrize("form", FORMS)
def test_forms_of_one_document_are_one_in_any_order(form: str) -> None:
    for copies in permutations([WHOLE, FORMS[form], WHOLE]):
        (kept,) = apart(copies)
        assert (kept.event_name, kept.event_target_resource) == ("GetItem", "Orders")
        assert kept.event_parent_id == "h"


@given(st.lists(st.sampled_from(list(FORMS.values())), min_size=1), st.randoms(use_true_random=False))
def test_any_forms_are_one_that_does_not_depend_on_their_order(forms: list[Event], random: Any) -> None:
    shuffled = random.sample(forms, len(forms))
    assert apart(shuffled) == apart(forms)
    assert len(apart(forms)) == 1


@pytest.mark.parametrize("what", CONTRADICTIONS)
def test_what_contradicts_stays_beside_it(what: str) -> None:
    other = replace(WHOLE, **CONTRADICTIONS[what])
    assert set(apart([WHOLE, other])) == set(apart([other, WHOLE])) == {WHOLE, other}


def test_a_completed_step_takes_over_what_only_another_witness_knows() -> None:
    late = replace(WHOLE, end_time=WHOLE.end_time + 0.0005, event_target_resource=None, witness="native")
    (kept,) = apart([replace(WHOLE, witness="xray", error=True), late])
    assert (kept.event_target_resource, kept.error) == ("Orders", True)


def test_a_call_of_a_host_gets_its_method_when_it_ends() -> None:
    whole = make_event(event_name="POST", event_type="remote", event_target_resource="api.example")
    assert apart([whole, replace(whole, event_name="call", end_time=START)]) == [whole]


def test_a_flood_of_copies_is_kept_in_linear_time() -> None:
    copies = [replace(WHOLE, event_name=f"n{i}") for i in range(20_000)]
    assert len(apart(copies)) == len(copies) > MOST_COPIES


def test_events_that_differ_in_anything_told_have_different_ranks() -> None:
    others = [replace(WHOLE, **fields) for fields in CONTRADICTIONS.values()]
    assert len({event_rank(one) for one in [WHOLE, *others]}) == len(others) + 1


def test_clocks_agree_within_a_millisecond_and_silence_agrees_with_any() -> None:
    assert is_at_one_time(START, START + 0.001)
    assert is_at_one_time(None, START)
    assert not is_at_one_time(START, START + 0.0011)
