"""How stable the groups of a history are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from coldtrail.bundle.history import History
from coldtrail.features.batch import Encoded, Ints
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.learning import group_stability
from coldtrail.learning.behaviour_groups import Stability
from coldtrail.learning.group_stability import Measured, by_behaviour, by_known, daily, several, shaky
from coldtrail.learning.groups import group, kind_of_caller, put_in_groups
from coldtrail.records.flow import Flow
from coldtrail.testing import START, Call, make_flow, make_key

DAY = 86_400.0
READ: Call = ("GetItem", "DynamoDB", "Stock", 0.01)
TELL: Call = ("Publish", "SNS", "news", 0.01)
API, QUEUE = "AWS::ApiGateway::Stage shop/prod", "AWS::SQS::Queue jobs"


def runs(
    function: str, calls: Sequence[Call], days: Sequence[int], number: int = 4, trigger: str = API
) -> list[Flow]:
    return [
        make_flow(
            calls,
            function=function,
            flow_id=f"{function}-{day}-{n}-{trigger[-4:]}",
            trigger=trigger,
            start=START + day * DAY + 60 * n,
        )
        for day in days
        for n in range(number)
    ]


def learned(flows: Sequence[Flow]) -> tuple[History, Measured]:
    history = History(Vocabulary()).add(flows)
    return history, put_in_groups(history)


STEADY = [
    *runs("Stock", [READ], range(8), 6),
    *runs("Prices", [READ], range(8)),
    *runs("Mail", [TELL], range(8), trigger=QUEUE),
]


def test_groups_of_steady_functions_are_stable() -> None:
    history, measured = learned(STEADY)
    assert measured.behaviour is not None
    assert (measured.behaviour.rand, measured.behaviour.kept) == (1.0, 1.0)
    assert measured.behaviour.groups == {1: 1.0}
    assert history.vocabulary.group_of(make_key("Stock")) == history.vocabulary.group_of(make_key("Prices"))
    assert measured.figures == {
        "groups_days": 8.0,
        "groups_rand": 1.0,
        "groups_kept": 1.0,
        "group_1_stability": 1.0,
        **{
            f"groups_{figure}_by_{by}": 1.0
            for by in ("trigger", "trigger_traffic")
            for figure in ("rand", "kept")
        },
    }


def test_functions_of_a_group_that_other_days_would_not_bring_are_alone() -> None:
    moods = [f"Mood{day}" for day in range(4)]
    moody = [
        one
        for day, name in enumerate(moods)
        for one in (*runs(name, [READ], [day], 20), *runs(name, [TELL], range(4, 8), 4, QUEUE))
    ]
    flows = [*runs("Stock", [READ], range(8), 30), *moody]
    words = Vocabulary()
    learn_words(flows, words)
    assert group(encode(flows, words), words).of.tolist() == [0, 1, 1, 1, 1, 1]
    history, measured = learned(flows)
    assert measured.behaviour is not None
    assert not measured.behaviour.is_stable
    assert measured.behaviour.groups == {}
    assert sorted(set(history.flows.group.tolist())) == [1, 2, 3, 4, 5]
    assert len(set(history.vocabulary.groups)) == 5


def test_few_days_tell_nothing_and_groups_are_lent_as_ever() -> None:
    history, measured = learned([one for one in STEADY if one.start_time < START + 3 * DAY])
    assert measured == (None, {})
    assert measured.figures == {}
    assert history.vocabulary.group_of(make_key("Stock")) == history.vocabulary.group_of(make_key("Prices"))


def test_a_day_that_is_drawn_twice_counts_twice() -> None:
    history, _ = learned(STEADY)
    weights: list[float] = []

    def group_anew(flows: Encoded) -> Ints:
        weights.append(float(flows.weight.sum()))
        return usual

    usual = np.array([0, 1, 1, 2])
    assert by_behaviour(history.flows, usual, group_anew) is not None
    assert weights == pytest.approx([float(history.flows.weight.sum())] * len(weights), rel=1e-3)


def test_unstable_are_groups_of_several_functions_alone() -> None:
    of = np.array([0, 1, 1, 2, 2, 3])
    assert several(of) == [1, 2]
    found = Stability(0.5, 0.5, {1: 0.9, 2: 0.5, 3: 0.1}, 8)
    assert shaky(found, of).tolist() == [2]
    assert shaky(None, of).tolist() == []


def test_runs_do_not_fade() -> None:
    history, _ = learned([*runs("Stock", [READ], [-100, 0]), *runs("Stock", [READ], [0], 2, QUEUE)])
    (one,) = daily(
        history.flows,
        history.vocabulary,
        kind_of_caller,
        2,
        (history.flows.start > START - DAY).astype(np.int64),
    )
    assert one.key == make_key("Stock")
    assert sum(one.runs["an API"]) == pytest.approx(8.0, rel=0.05)
    assert one.runs["a queue"] == pytest.approx([0.0, 2.0], rel=0.01)


def test_kinds_of_triggers_that_nobody_told_are_unknown() -> None:
    history, _ = learned(STEADY)
    found = by_known(history.flows, history.vocabulary, lambda trigger: None)
    assert found == {}


def test_of_a_long_history_a_part_is_looked_at_that_stands_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_stability, "MOST_FLOWS", 30)
    history, measured = learned(STEADY)
    assert measured.behaviour is not None
    assert measured.behaviour.rand == 1.0
    kept = group_stability._thinned(history.flows.function)
    assert np.bincount(history.flows.function[kept]).tolist() == [0, 20, 20, 20]
    starts = history.flows.start[kept[history.flows.function[kept] == 1]]
    assert set(np.floor((starts - START) / DAY)) == set(range(8))
    weight = group_stability._standing_for(history.flows, kept)
    assert weight.sum() == pytest.approx(history.flows.weight.sum())
    assert group_stability._thinned(replace(history.flows).function[:0]).tolist() == []
