"""Words keep their numbers, and survive the way to disk and back."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.errors import BundleError
from coldtrail.features.vocabulary import ABSENT, NO_GROUP, UNKNOWN, Step, Vocabulary, Words
from coldtrail.records.identity import FunctionKey
from coldtrail.testing import make_event, make_key

text = st.text(max_size=6)
steps = st.tuples(text, text | st.just("lifecycle"), st.none() | text, st.none() | text, st.integers(1, 64))


def vocabulary_of(
    found: list[Step], functions: list[FunctionKey] | None = None, triggers: list[str] | None = None
) -> Vocabulary:
    vocabulary = Vocabulary()
    for step in found:
        vocabulary.learn_step(step)
    for function in functions or ():
        vocabulary.functions.learn(function)
    for trigger in triggers or ():
        vocabulary.triggers.learn(trigger)
    return vocabulary


@given(words=st.lists(text))
def test_a_word_keeps_its_number_and_can_be_read_back(words: list[str]) -> None:
    numbered = Words(words)
    before = dict(numbered.numbers)
    for word in words:
        number = numbered.learn(word)
        assert number == before[word] > UNKNOWN
        assert numbered[number] == word
    assert len(numbered) == len(set(words))
    assert sorted(numbered.numbers.values()) == list(range(1, len(numbered) + 1))


@given(
    found=st.lists(steps, max_size=12),
    functions=st.lists(st.builds(FunctionKey, text, text, text, text)),
    triggers=st.lists(text),
)
def test_a_vocabulary_survives_json(
    found: list[Step], functions: list[FunctionKey], triggers: list[str]
) -> None:
    vocabulary = vocabulary_of(found, functions, triggers)
    raw = msgspec.json.decode(msgspec.json.encode(vocabulary.to_json()))
    again = Vocabulary.from_json(raw)
    for family in ("functions", "steps", "actions", "resources", "triggers"):
        assert getattr(again, family).numbers == getattr(vocabulary, family).numbers
    assert again.step_actions == vocabulary.step_actions
    assert again.step_resources == vocabulary.step_resources


def test_learning_more_leaves_the_old_numbers_alone() -> None:
    old: list[Step] = [("GetItem", "DynamoDB", None, "Stock", 1), ("PutItem", "DynamoDB", None, "Orders", 1)]
    vocabulary = vocabulary_of(old)
    before = dict(vocabulary.steps.numbers)
    vocabulary.learn_step(("PutObject", "S3", None, "loot", 1))
    assert {step: vocabulary.steps.numbers[step] for step in old} == before


def test_steps_that_do_the_same_share_action_and_resource() -> None:
    vocabulary = vocabulary_of(
        [("GetItem", "DynamoDB", "a", "Stock", 1), ("GetItem", "DynamoDB", "b", "Stock", 2)]
    )
    assert len(vocabulary.steps) == 2
    assert len(vocabulary.actions) == len(vocabulary.resources) == 1


def test_events_are_told_apart_by_what_they_do_and_touch() -> None:
    vocabulary = vocabulary_of(
        [("GetItem", "DynamoDB", None, "Stock", 1), ("handler", "function", None, None, 1)]
    )
    known = make_event(event_name="GetItem", event_type="DynamoDB", event_target_resource="Stock")
    assert vocabulary.action_and_resource(known) == (1, 1)
    new_action = make_event(event_name="DeleteItem", event_type="DynamoDB", event_target_resource="Stock")
    assert vocabulary.action_and_resource(new_action) == (UNKNOWN, 1)
    new_resource = make_event(event_name="GetItem", event_type="DynamoDB", event_target_resource="Users")
    assert vocabulary.action_and_resource(new_resource) == (UNKNOWN, UNKNOWN)
    own_step = make_event(event_name="handler", event_type="function")
    assert vocabulary.action_and_resource(own_step) == (2, ABSENT)


def test_functions_know_their_group() -> None:
    vocabulary = vocabulary_of([])
    for name in ("Order", "Refund", "Later"):
        vocabulary.functions.learn(make_key(name))
    assert vocabulary.group_of(make_key()) == NO_GROUP
    vocabulary.put_in_groups(["reads", "writes"], [0, 2, 1])
    again = Vocabulary.from_json(msgspec.json.decode(msgspec.json.encode(vocabulary.to_json())))
    assert again.groups == ["reads", "writes"]
    assert [again.group_of(make_key(name)) for name in ("Order", "Refund", "Later", "Lost")] == [2, 1, 0, 0]


@pytest.mark.parametrize(
    "raw",
    [
        [],
        {},
        None,
        {"functions": [["a"]], "steps": [], "triggers": []},
        {"functions": [], "steps": [["a", "b"]], "triggers": []},
        {"functions": [], "steps": [["a", "b", None, None, "deep"]], "triggers": []},
        {"functions": [], "steps": [], "triggers": [["unhashable"]]},
        {"functions": [], "steps": [], "triggers": [], "groups": ["a"], "function_groups": [0, 2]},
        {"functions": [], "steps": [], "triggers": [], "groups": ["a"], "function_groups": [-1]},
        {"functions": [], "steps": [], "triggers": [], "groups": 7},
    ],
)
def test_a_damaged_vocabulary_is_refused(raw: Any) -> None:
    with pytest.raises(BundleError, match=r"vocabulary is damaged .*train again\."):
        Vocabulary.from_json(raw)


@pytest.mark.parametrize("depth", [-1, 2**31, 1e300])
def test_a_step_of_an_impossible_depth_is_refused(depth: float) -> None:
    raw = Vocabulary().to_json() | {"steps": [["GetItem", "DynamoDB", None, "Stock", depth]]}
    with pytest.raises(BundleError, match=r"a step of an impossible depth|Expected `int`"):
        Vocabulary.from_json(raw)
