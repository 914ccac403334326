"""What is let through to be learned."""

from __future__ import annotations

import msgspec

from coldtrail.bundle.model import Model
from coldtrail.learning.sifting import Sieve
from coldtrail.testing import make_flow, make_history
from tests.verbs.telemetry_files import USUAL, stolen


def test_what_is_flagged_is_held_and_what_cannot_be_judged_passes(model: Model) -> None:
    usual = make_flow(USUAL, flow_id="usual")
    new = make_flow(USUAL, flow_id="new", function="Refund")
    still_open = msgspec.structs.replace(make_flow(USUAL, flow_id="open"), complete=False)
    sieve = Sieve(model)
    passed = list(sieve.let_through([usual, stolen(), new, still_open]))
    assert passed == [usual, new]
    assert [held.flow.function_flow_id for held in sieve.held] == ["stolen"]
    assert sieve.held[0].verdict.reasons[0].target == "loot"
    assert (sieve.still_open, sieve.not_judged, sieve.met.total()) == (1, 1, 4)


def test_nothing_is_lost(model: Model) -> None:
    flows = make_history(200, seed=5, prefix="n")
    sieve = Sieve(model)
    assert len(list(sieve.let_through(flows))) + len(sieve.held) == len(flows)
