"""A new version is heard beside a long history."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from coldtrail.bundle.history import History
from coldtrail.bundle.history_state import restored, state_of
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.learning.newest import latest_versions, lifted
from coldtrail.records.flow import Flow
from coldtrail.testing import START, make_history, make_key


def runs(number: int, version: str | None, start: float = 0.0, prefix: str = "h") -> list[Flow]:
    return [
        msgspec.structs.replace(flow, version=version, start_time=flow.start_time + start)
        for flow in make_history(number, prefix=prefix)
    ]


def share(history: History, since: float) -> float:
    flows = lifted(history)
    new = flows.start >= START + since
    return float(flows.weight[new].sum() / flows.weight.sum())


@pytest.mark.parametrize("number", [25, 60])
def test_the_newest_version_weighs_a_tenth(number: int) -> None:
    history = History(Vocabulary()).add([*runs(2000, "1"), *runs(number, "2", 50_000, "n")])
    assert share(history, 50_000) == pytest.approx(0.1)
    assert latest_versions(history)[make_key()][0] == "2"
    assert np.all(lifted(history).weight >= history.flows.weight)


def test_few_runs_and_versions_with_their_share_stay_as_they_are() -> None:
    few = History(Vocabulary()).add([*runs(500, "1"), *runs(10, "2", 50_000, "n")])
    assert share(few, 50_000) == pytest.approx(10 / 510, rel=0.01)
    many = History(Vocabulary()).add([*runs(100, "1"), *runs(100, "2", 50_000, "n")])
    assert np.array_equal(lifted(many).weight, many.flows.weight)
    alone = History(Vocabulary()).add(runs(100, "1"))
    assert np.array_equal(lifted(alone).weight, alone.flows.weight)


def test_a_release_without_a_version_is_lifted_from_its_start() -> None:
    history = History(Vocabulary()).add([*runs(1000, None), *runs(30, None, 50_000, "n")])
    assert share(history, 50_000) < 0.05
    history.releases = {make_key(): START + 50_000}
    assert share(history, 50_000) == pytest.approx(0.1)
    back = restored(history.vocabulary, state_of(history))
    assert back.releases == history.releases
    assert latest_versions(history) == {}
