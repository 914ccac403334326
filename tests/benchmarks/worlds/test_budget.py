"""Which budget training was asked for, by its options."""

from __future__ import annotations

from benchmarks.worlds.budget import Budget, asked
from coldtrail.config import Settings


def test_a_budget_is_a_share_or_so_many_a_day() -> None:
    assert asked(["--budget=0.001"]) == Budget(share=0.001)
    assert asked(["--hold-rare", "--budget", "0.01"]) == Budget(share=0.01)
    assert asked(["--budget=1/day"]) == Budget(a_day=1.0)
    assert asked(["--false-alarms-a-day=2"]) == Budget(a_day=2.0)
    assert asked([]) == Budget(share=Settings().detection.budget)


def test_a_budget_is_told_beside_what_it_limits() -> None:
    assert Budget(share=0.003).as_share == "asked: .0030"
    assert Budget(share=0.003).as_alerts == ""
    assert Budget(a_day=1.0).as_alerts == "asked: 1 a day"
