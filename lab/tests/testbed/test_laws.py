"""The laws on small runs; that they can be broken is shown on a spoilt one."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Run
from .laws import LAWS


@pytest.mark.parametrize("law", LAWS)
def test_runs_obey(law: Callable[[Run], None], benign_run: Run, attacked_run: Run) -> None:
    law(benign_run)
    law(attacked_run)


def _lose_a_parent(run: Run) -> None:
    run.traces[0]["segments"] = run.traces[0]["segments"][1:]


def _repeat_a_trace(run: Run) -> None:
    run.traces.append(run.traces[0])


def _end_early(run: Run) -> None:
    run.segments("AWS::Lambda::Function")[0]["end_time"] -= 0.002


def _start_late(run: Run) -> None:
    called = next(one for one in run.segments("AWS::Lambda") if one["http"]["response"]["status"] == 200)
    called["end_time"] += 100


def _label_nothing(run: Run) -> None:
    run.labels[0]["event_ids"] = ["0123456789abcdef"]


def _lose_a_label(run: Run) -> None:
    del run.labels[0]


@pytest.mark.parametrize(
    "spoil", [_lose_a_parent, _repeat_a_trace, _end_early, _start_late, _label_nothing, _lose_a_label]
)
def test_a_spoilt_run_breaks_a_law(spoil: Callable[[Any], None], attacked_run: Run) -> None:
    spoilt = copy.deepcopy(attacked_run)
    spoil(spoilt)
    assert any(_is_broken(law, spoilt) for law in LAWS)


def _is_broken(law: Callable[[Run], None], run: Run) -> bool:
    try:
        law(run)
    except AssertionError:
        return True
    return False
