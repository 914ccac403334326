"""Reasons: shared as the detector shares its score, the largest first, each said once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
import pytest

from coldtrail.detectors.channel import Channel
from coldtrail.detectors.detector import Contributions, Evidence, Place, State
from coldtrail.features.batch import Encoded, Floats
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.finding import Feature, StepKey, StepValue, UsualStep
from coldtrail.records.flow import Flow
from coldtrail.records.verdict import Reason
from coldtrail.testing import make_flow
from coldtrail.verdicts.attribution import MOST_REASONS, reasons
from coldtrail.verdicts.shares import Explained
from tests.verbs.telemetry_files import GET, PUBLISH, PUT

FLOW = make_flow([GET, PUT, PUBLISH], flow_id="x")
"""Its events: Invocation, the three calls, Overhead."""
WORDS = Vocabulary()
learn_words([FLOW], WORDS)


class Says:
    """A detector that says what it is told to say."""

    alone = False
    """Whether its channels alarm by themselves."""

    def __init__(self, kind: str, *channels: dict[int | None, float]) -> None:
        self.channels = tuple(Channel(f"c{i}", "bans", self.alone) for i in range(len(channels)))
        self._kind = kind
        self._shares = channels

    def explain(self, flows: Encoded) -> Contributions:
        steps, whole = np.zeros((len(flows.step), len(self.channels))), np.zeros((1, len(self.channels)))
        for channel, shares in enumerate(self._shares):
            for step, share in shares.items():
                if step is None:
                    whole[0, channel] = share
                else:
                    steps[step, channel] = share
        return Contributions(steps, whole)

    def evidences(
        self, flows: Encoded, places: Sequence[Place], told: Sequence[Flow], vocabulary: Vocabulary
    ) -> list[Evidence]:
        return [
            Evidence(self._kind, Feature("channel", place.channel), Feature("step", place.step))
            for place in places
        ]

    def fit(self, flows: Encoded) -> Self:
        return self

    def score(self, flows: Encoded) -> Floats:
        return np.zeros((len(flows), len(self.channels)))

    def state(self) -> State:
        return {}

    def restore(self, state: State) -> Self:
        return self


def told(
    bans: list[float], threshold: float, *detectors: Says, flow: Flow = FLOW, runs: int = 0
) -> tuple[Reason, ...]:
    named = {f"d{i}": detector for i, detector in enumerate(detectors)}
    explained = Explained(named, encode([flow], WORDS))
    (found,) = reasons(explained, WORDS, [flow], np.array([bans]), threshold, [runs])
    return found


def test_a_channels_score_is_shared_as_the_detector_shares_its_own() -> None:
    first, second = told([8.0], 2.0, Says("order", {1: 3.0, 2: 1.0}))
    assert (first.event_id, first.contribution) == ("x-0", 6.0)
    assert (second.event_id, second.contribution) == ("x-1", 2.0)
    assert (first.event_name, first.target) == ("GetItem", "Stock")
    assert (first.finding.expected, first.finding.seen) == (Feature("channel", 0), Feature("step", 1))
    assert first.finding.step == StepKey("GetItem", "DynamoDB", "Stock")


def test_the_largest_contribution_comes_first_whatever_the_channel() -> None:
    found = told([3.0, 9.0], 2.0, Says("order", {1: 1.0}), Says("duration", {2: 1.0}))
    assert [reason.contribution for reason in found] == [9.0, 3.0]


def test_channels_below_the_threshold_give_no_reason() -> None:
    found = told([1.0, 9.0], 2.0, Says("order", {1: 1.0}), Says("duration", {2: 1.0}))
    assert [reason.kind for reason in found] == ["duration"]


def test_the_strangest_channel_gives_reasons_even_below_the_threshold() -> None:
    (found,) = told([1.0, 0.5], 2.0, Says("order", {1: 1.0}), Says("duration", {2: 1.0}))
    assert found.kind == "order"


def test_steps_with_a_small_share_are_left_out() -> None:
    assert len(told([5.0], 2.0, Says("order", {1: 100.0, 2: 1.0}))) == 1


def test_where_all_shares_are_small_the_largest_are_told() -> None:
    long = make_flow([GET] * 20)
    found = told([5.0], 2.0, Says("order", dict.fromkeys(range(1, 21), 1.0)), flow=long)
    assert len(found) == MOST_REASONS


class Knows(Says):
    """A detector whose channels alarm by themselves."""

    alone = True


def test_something_never_met_before_leads_however_strange_the_rest_is() -> None:
    found = told([9.0, 3.0], 2.0, Says("order", {1: 1.0}), Knows("new_resource", {2: 3.5}))
    assert [(reason.kind, reason.contribution) for reason in found] == [("new_resource", 9.0), ("order", 9.0)]


@pytest.mark.parametrize("kind", ["new_resource", "new_action", "new_event"])
def test_what_is_new_leads_before_what_is_missing_in_its_place(kind: str) -> None:
    """A statement that stands where another always stood: both alarm by themselves."""
    found = told([9.0, 8.0], 2.0, Knows("omission", {3: 5.0}), Knows(kind, {2: 3.5}))
    assert [reason.kind for reason in found] == [kind, "omission"]
    budgeted = told([9.0, 8.0], 2.0, Says("omission", {3: 5.0}), Says(kind, {2: 3.5}))
    assert [reason.kind for reason in budgeted] == [kind, "omission"]


def test_what_is_new_and_far_less_strange_than_another_thing_does_not_lead() -> None:
    found = told([9.0, 4.0], 2.0, Says("omission", {3: 5.0}), Says("new_action", {2: 3.5}))
    assert [reason.kind for reason in found] == ["omission", "new_action"]


def test_each_new_thing_alarms_by_its_own_chance() -> None:
    first, second = told([3.0], 2.0, Knows("new_resource", {1: 2.0, 2: 4.0}), runs=5_000)
    assert (first.event_id, first.contribution, first.odds) == ("x-1", 3.0, 5_001.0)
    assert (second.event_id, second.contribution, second.odds) == ("x-0", 1.5, 100.0)


def test_a_new_thing_that_the_function_often_meets_does_not_lead() -> None:
    found = told([9.0, 1.0], 2.0, Says("order", {1: 1.0}), Knows("new_resource", {2: 0.2}))
    assert [reason.kind for reason in found] == ["order"]


@pytest.mark.parametrize(("runs", "odds"), [(0, None), (50, 51.0), (100_000, 1_000.0)])
def test_odds_never_claim_more_than_the_history_holds(runs: int, odds: float | None) -> None:
    (found,) = told([3.0], 2.0, Says("order", {1: 1.0}), runs=runs)
    assert (found.odds, found.runs) == (odds, runs)


def test_a_new_name_is_compared_with_the_known_ones() -> None:
    def named(target: str) -> Reason:
        flow = make_flow([GET, ("PutItem", "DynamoDB", target, 0.01)], flow_id="x")
        (found,) = told([5.0], 2.0, Says("new_resource", {2: 1.0}), flow=flow)
        return found

    assert (named("0rders").near, named("0rders").elsewhere) == ("Orders", False)
    assert (named("Orders").near, named("Orders").elsewhere) == (None, True)
    assert (named("Invoices").near, named("Invoices").elsewhere) == (None, False)


def test_that_a_step_is_new_is_told_once_by_the_most_telling() -> None:
    flow = make_flow([GET, ("PutItem", "DynamoDB", "Loot", 0.01)], flow_id="x")
    (found,) = told([8.0, 3.0], 2.0, Says("new_event", {2: 1.0}), Says("new_resource", {2: 1.0}), flow=flow)
    assert (found.kind, found.contribution) == ("new_resource", 8.0)
    (found,) = told([3.0, 8.0], 2.0, Says("new_event", {2: 1.0}), Says("duration", {2: 1.0}), flow=flow)
    assert (found.kind, found.contribution) == ("new_event", 8.0)


def test_what_says_the_same_is_told_once() -> None:
    class Repeats(Says):
        share = 0.971

        def evidences(
            self, flows: Encoded, places: Sequence[Place], told: Sequence[Flow], vocabulary: Vocabulary
        ) -> list[Evidence]:
            shares = [self.share + 0.001 * (at + 1) for at in range(len(places))]
            return [Evidence("order", UsualStep(None, share), StepValue(None)) for share in shares]

    (found,) = told([5.0], 2.0, Repeats("order", {1: 3.0, 2: 2.0}), flow=make_flow([GET, GET], flow_id="x"))
    assert found.event_id == "x-0"


def test_the_same_evidence_is_told_once() -> None:
    (found,) = told([4.0, 6.0], 2.0, Says("order", {1: 1.0}, {1: 1.0}))
    assert found.contribution == 6.0


def test_there_are_never_too_many_reasons() -> None:
    long = make_flow([GET] * 30)
    detectors = [Says(f"kind {i}", {1: 1.0, 2: 1.0}) for i in range(20)]
    assert len(told([5.0] * 20, 2.0, *detectors, flow=long)) == MOST_REASONS


@pytest.mark.parametrize(
    ("kind", "event_id"), [("trigger", "x-i"), ("duration", "x-i"), ("omission", "x-2"), ("order", "x-2")]
)
def test_a_matter_of_the_whole_run_lies_at_the_invocation_or_beside_the_hole(
    kind: str, event_id: str
) -> None:
    (found,) = told([5.0], 2.0, Says(kind, {None: 1.0}))
    assert found.event_id == event_id


def test_a_run_without_events_is_told_by_its_function() -> None:
    bare = Flow("shop", "t", "Order", "x", 1.0, 2.0, (), (), (), 1.0)
    (found,) = told([5.0], 2.0, Says("omission", {None: 1.0}), flow=bare)
    assert (found.event_id, found.event_name) == (None, "Order")


@pytest.mark.parametrize(("step", "event_id"), [(4, "x-2"), (3, "x-2"), (1, "x-0")])
def test_a_hole_before_the_end_lies_beside_the_last_call(step: int, event_id: str) -> None:
    """The runtime's own Overhead stands right after the hole, and is nothing to look at."""
    (found,) = told([5.0], 2.0, Says("omission", {step: 1.0}))
    assert found.event_id == event_id


def test_a_hole_in_a_run_without_calls_lies_at_its_end() -> None:
    (found,) = told([5.0], 2.0, Says("omission", {1: 1.0}), flow=make_flow([], flow_id="x"))
    assert found.event_id == "x-o"
