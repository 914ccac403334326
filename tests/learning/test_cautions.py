"""What little history cannot hold, and what telemetry without accounts cannot tell, is said in a sentence."""

from __future__ import annotations

import msgspec

from coldtrail.bundle.history import History
from coldtrail.config import Settings
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.learning.cautions import left_out
from coldtrail.learning.train import learn
from coldtrail.records.flow import Flow
from coldtrail.testing import make_history


def in_account(flows: list[Flow], account: str = "123456789012") -> list[Flow]:
    return [msgspec.structs.replace(flow, account=account, region="eu-west-1") for flow in flows]


def test_warnings_name_what_is_too_little() -> None:
    flows = make_history(200) + make_history(10, function="Quiet", prefix="q")
    budget, quiet = learn(in_account(flows), Settings()).warnings
    assert budget.startswith("210 flows cannot hold a budget of 0.003 false alarms a flow; it takes 1,000.")
    assert quiet == "Too little history (under 20 flows) for Quiet: their verdict is not_ready."
    assert learn(in_account(make_history(1_000)), Settings()).warnings == ()


def test_functions_without_an_account_are_named() -> None:
    flows = [flow for name in "ABCD" for flow in make_history(60, function=name, prefix=name)]
    training = learn(flows + in_account(make_history(60)), Settings())
    assert training.warnings[1] == (
        "The telemetry names no account for 4 functions (A, B and 2 more): the same name in two accounts "
        "cannot be told apart."
    )


def test_a_quiet_function_is_named_with_its_account_where_there_are_several() -> None:
    flows = in_account(make_history(60)) + in_account(make_history(9, prefix="o"), "210987654321")
    training = learn(flows, Settings())
    assert training.not_ready == ("Order (210987654321)",)
    assert training.warnings[-1].startswith("Too little history (under 20 flows) for Order (210987654321):")


def test_what_a_history_left_out_is_told() -> None:
    history = History(Vocabulary())
    assert left_out(history) == []
    history.ahead, history.dropped_kinds = 1, 350
    assert left_out(history) == [
        "1 flow left out: dated after today, more than a month after all others; see to the clock.",
        "350 kinds of runs left out, the rarest: "
        "a history keeps 5,000 of a function, and 400,000 flows in all.",
    ]
