"""What little history cannot hold is said in a sentence."""

from __future__ import annotations

from coldtrail.config import Settings
from coldtrail.learning.train import learn
from coldtrail.testing import make_history


def test_warnings_name_what_is_too_little() -> None:
    training = learn(make_history(200) + make_history(10, function="Quiet", prefix="q"), Settings())
    budget, quiet = training.warnings
    assert budget.startswith("210 flows cannot hold a budget of 0.003 false alarms a flow; it takes 1,000.")
    assert quiet == "Too little history (under 50 flows) for Quiet: their verdict is not_ready."
    assert learn(make_history(1_000), Settings()).warnings == ()
