"""What both ways of taking in OTLP count."""

from __future__ import annotations

import asyncio

import pytest

from coldtrail.errors import SpoolFullError, StoreError
from coldtrail.records.tally import Tally
from coldtrail.sources.otlp.answers import BUSY, FULL, NO_TRACES, UNWRITTEN, Refusal, RefusedError
from coldtrail.sources.otlp.settings import OtlpSettings
from coldtrail.sources.otlp.taking import Taking
from tests.sources.serving import Kept


def taking(kept: Kept) -> tuple[Taking, Tally]:
    tally = Tally()
    return Taking("push", OtlpSettings(), None, tally, kept), tally


def test_only_what_lies_on_disk_is_counted_as_accepted() -> None:
    one, tally = taking(kept := Kept())
    asyncio.run(one.keep(b"telemetry"))
    assert kept.records == [("push", b"telemetry")]
    assert tally.counts == {"requests accepted": 1, "bytes accepted": 9}


@pytest.mark.parametrize(("error", "refusal"), [(SpoolFullError("."), FULL), (StoreError("."), UNWRITTEN)])
def test_what_cannot_be_kept_is_put_off(error: Exception, refusal: Refusal) -> None:
    one, tally = taking(Kept(error))
    with pytest.raises(RefusedError) as caught:
        asyncio.run(one.keep(b"telemetry"))
    assert caught.value.refusal is refusal
    assert not tally.counts


def test_what_is_put_off_is_no_loss_and_what_is_refused_is_one() -> None:
    one, tally = taking(Kept())
    one.refuse(BUSY)
    one.refuse(NO_TRACES)
    one.broken_off()
    assert tally.counts == {"requests put off: too much in flight": 1, "requests broken off": 1}
    assert tally.losses == {"request refused: no OTLP traces": 1}
