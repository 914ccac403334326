"""Stretches of time in which not very much is due."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from coldtrail.assembly.join import stretches as module
from coldtrail.assembly.join.stretches import stretches


def test_little_is_due_in_one_stretch() -> None:
    assert stretches([np.arange(9.0), np.array([])], 5.0) == [5.0]
    assert stretches([np.array([])], inf) == [inf]


def test_of_much_no_stretch_has_more_than_its_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEAST", 64)
    due = np.random.default_rng(1).random(10_000)
    ends = stretches([due[:9_000], due[9_000:]], 0.5)
    assert ends == sorted(ends)
    assert ends[-1] == 0.5
    parts, _ = np.histogram(due, [-inf, *ends])
    assert len(parts) <= module.MOST_STRETCHES
    assert parts.max() <= -(-int((due < 0.5).sum()) // module.MOST_STRETCHES) + 1


def test_what_is_due_at_one_time_or_at_none_parts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEAST", 2)
    assert stretches([np.array([-inf, -inf, -inf, 1.0, 1.0, 1.0, 1.0, inf, inf])], inf) == [1.0, inf]
