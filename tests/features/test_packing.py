"""Lean flows as bytes, and back."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from coldtrail.features import packing
from coldtrail.features.packing import Packing, unpacked
from coldtrail.testing import make_flow, make_history
from tests.features.test_lean import FACTS, lean


def test_a_flow_that_was_packed_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "_MOST_STEPS", 30)
    packs = Packing()
    for number, flow in enumerate([*make_history(60), make_flow([])]):
        odd = bool(number % 2)
        told = replace(flow, error=odd, complete=not odd, upstream_lost=odd, request_id="r" if odd else None)
        told = replace(told, account="1", version="7" if odd else None, witnesses=("native", "xray")[:number])
        told = replace(told, facts=FACTS if odd else None, invocation_type="synchronous" if odd else None)
        packed = packs.packed(lean(told))
        assert unpacked(packed) == told
        assert packed.startswith(packing.PACKED)
        assert len(packs._known) <= 9


def test_what_runs_alike_share_is_made_once() -> None:
    first, packs = lean(make_flow([("GetItem", "DynamoDB", "Books", 0.01)])), Packing()
    second = replace(first, function_flow_id="other")
    assert unpacked(packs.packed(first)).events == unpacked(packs.packed(second)).events
    assert len(packs._known) == 1


def test_a_flow_that_was_packed_when_less_was_told_is_read() -> None:
    flow = make_flow([("GetItem", "DynamoDB", "Books", 0.01)])
    *before, facts, how = msgspec.msgpack.decode(Packing().packed(lean(flow)))
    assert facts is how is None
    for earlier in (before, [*before, facts]):
        packed = msgspec.msgpack.encode(earlier)
        assert packed.startswith(packing.PACKED)
        assert unpacked(packed) == flow


@pytest.mark.parametrize("ends", [b"", b"1234567", b"12345678"])
def test_a_flow_that_is_damaged_is_refused(ends: bytes) -> None:
    told = msgspec.msgpack.decode(Packing().packed(lean(make_flow([("GetItem", "DynamoDB", "B", 0.01)]))))
    for place, value in ((10, ends), (8, [["GetItem", "DynamoDB", None, None, 0, False]]), (11, "one")):
        with pytest.raises(msgspec.DecodeError):
            unpacked(msgspec.msgpack.encode([*told[:place], value, *told[place + 1 :]]))
