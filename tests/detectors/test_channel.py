"""What a channel says of its scores."""

from __future__ import annotations

from typing import get_args

import pytest

from coldtrail.bundle.model import channels_of, new_detectors
from coldtrail.detectors.channel import Channel, Scale
from coldtrail.registry import DETECTORS


def test_what_alarms_by_itself_does_so_by_its_chance_or_by_its_own_threshold() -> None:
    chance, multiple = Channel("new", "bans", alone=True), Channel("window", "ratio", alone=True)
    assert (chance.alarms_by_chance, chance.has_own_threshold) == (True, False)
    assert (multiple.alarms_by_chance, multiple.has_own_threshold) == (False, True)
    for scale in get_args(Scale):
        plain = Channel("plain", scale)
        assert not plain.alarms_by_chance
        assert not plain.has_own_threshold
        assert plain.is_surprise == (scale == "nats")


@pytest.mark.parametrize("scale", ["nats", "amount"])
def test_no_budget_says_where_an_amount_or_a_surprise_alarms_by_itself(scale: Scale) -> None:
    with pytest.raises(ValueError, match=f"in {scale} cannot alarm by itself"):
        Channel("loud", scale, alone=True)


def test_what_each_detector_declares() -> None:
    declared = {
        name: [(one.name, one.scale, one.alone) for one in channels_of(new_detectors([name]))]
        for name in DETECTORS
    }
    assert declared == {
        "sequence": [
            ("order", "nats", False),
            ("step", "nats", False),
            ("repeat", "nats", False),
            ("succession", "bans", True),
        ],
        "timing": [(name, "amount", False) for name in ("excess", "tail", "together", "own")],
        "novelty": [(name, "bans", True) for name in ("resource", "action", "trigger", "caller")],
        "presence": [("presence", "bans", True)],
        "autoencoder": [(f"window_{size}", "ratio", False) for size in (3, 5, 10)],
        "autoencoder-paper": [(f"window_{size}", "ratio", True) for size in (3, 5, 10)],
    }
