"""What each flow holds, once."""

from __future__ import annotations

from collections import Counter

import pytest

from coldtrail.detectors.held import actions_held, resources_held
from coldtrail.features import batch
from tests.features.example_flows import ENCODED


@pytest.mark.parametrize("at_once", [1, 4, 1_000])
@pytest.mark.parametrize(("name", "held_in"), [("action", actions_held), ("resource", resources_held)])
def test_each_thing_is_told_once_a_flow_with_its_first_step(
    monkeypatch: pytest.MonkeyPatch, at_once: int, name: str, held_in: object
) -> None:
    monkeypatch.setattr(batch, "BLOCK_FLOWS", at_once)
    things = getattr(ENCODED, name).tolist()
    of = ENCODED.flow_of.tolist()
    expected = Counter(zip(of, things, strict=True))
    held = held_in(ENCODED)  # type: ignore[operator]
    found = list(zip(*(column.tolist() for column in held), strict=True))
    least = 1 if name == "resource" else -1
    assert {(flow, thing): number for flow, thing, _, number in found} == {
        pair: number for pair, number in expected.items() if pair[1] >= least
    }
    for flow, thing, row, _ in found:
        assert (of[row], things[row]) == (flow, thing)
        assert (flow, thing) not in zip(of[:row], things[:row], strict=True)
    assert [one[0] for one in found] == sorted(one[0] for one in found)
