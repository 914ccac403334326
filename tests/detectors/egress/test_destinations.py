"""Weights of destinations: who else knows them, whose they are, what is done."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from coldtrail.detectors.egress.destinations import Sent, signal_of
from coldtrail.detectors.egress.states import Meetings, Pool, Travels
from coldtrail.features.recent import mark
from coldtrail.records.signal import Ref, Signal
from tests.detectors.egress.days import OTHER, PAY

AT = 10 * 86_400.0
LOOT = Sent("S3", "PutObject", "loot", None, True, False, Ref("event", "e"), "p-pay", "p-key")


def told(sent: Sent, pool: Pool | None = None, **fields: float) -> Signal | None:
    travels = Travels(
        PAY, Meetings(since=0.0, hours=400.0, times=5_000, known={mark("bucket", "own"): 5_000})
    )
    travels = replace(travels, **fields)
    return signal_of(sent, travels, pool or Pool(), AT)


def strength(sent: Sent, pool: Pool | None = None, **fields: float) -> float:
    found = told(sent, pool, **fields)
    return 0.0 if found is None else found.strength


def test_what_others_use_is_less_strange() -> None:
    assert strength(LOOT) == 2.5
    assert strength(LOOT, Pool(known={mark("bucket", "loot"): 1})) == 0.0


def test_another_account_weighs_more_most_where_nobody_uses_it() -> None:
    foreign = LOOT._replace(owner=OTHER)
    assert strength(foreign) == 6.5
    assert strength(foreign, Pool(accounts={mark(OTHER): 1})) == 4.5
    assert strength(LOOT._replace(owner=PAY.account)) == 2.5


@pytest.mark.parametrize("field", ["is_write", "is_denied"])
def test_reads_and_what_was_denied_weigh_less(field: str) -> None:
    foreign = LOOT._replace(owner=OTHER)
    assert 0 < strength(foreign._replace(**{field: not getattr(foreign, field)})) < strength(foreign)


def test_what_a_release_brings_weighs_less() -> None:
    foreign = LOOT._replace(owner=OTHER)
    assert strength(foreign, released=AT - 100.0) < strength(foreign)
    assert strength(foreign, released=AT - 5 * 86_400.0) == strength(foreign)
