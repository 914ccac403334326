"""What is let through to be learned."""

from __future__ import annotations

import msgspec

from coldtrail.bundle.model import Model
from coldtrail.learning.gate import Gate
from coldtrail.testing import make_flow, make_history
from tests.verbs.telemetry_files import USUAL, stolen


def test_what_is_flagged_is_held_and_what_cannot_be_judged_passes(model: Model) -> None:
    usual = make_flow(USUAL, flow_id="usual")
    new = make_flow(USUAL, flow_id="new", function="Refund")
    still_open = msgspec.structs.replace(make_flow(USUAL, flow_id="open"), complete=False)
    gate = Gate(model)
    passed = list(gate.let_through([usual, stolen(), new, still_open]))
    assert passed == [usual, new]
    assert [held.flow.function_flow_id for held in gate.held] == ["stolen"]
    assert gate.held[0].verdict.reasons[0].target == "loot"
    assert (gate.still_open, gate.not_judged, gate.met.total()) == (1, 1, 4)


def test_nothing_is_lost(model: Model) -> None:
    flows = make_history(200, seed=5, prefix="n")
    gate = Gate(model)
    assert len(list(gate.let_through(flows))) + len(gate.held) == len(flows)
