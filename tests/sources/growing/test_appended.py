"""Appended requests, piece by piece."""

from __future__ import annotations

from coldtrail.config import LimitSettings
from tests.sources.growing.conftest import Growing
from tests.sources.growing.test_cutting import FORMS, REQUEST, Growth


def test_requests_are_read_as_they_are_appended(growing: Growing) -> None:
    one = FORMS[Growth.FIXED]
    path = growing.folder / "spans.pb"
    with path.open("ab", buffering=0) as file:
        file.write(one + one[:20])
        assert growing.read() == [REQUEST]
        file.write(one[20:])
        assert growing.read(restarting=True) == [REQUEST]
    assert growing.tally.lost == 0


def test_a_request_that_is_too_large_is_passed_over_as_it_comes(growing: Growing) -> None:
    growing.limits = LimitSettings(max_document_bytes=300)
    growing.restart()
    path = growing.folder / "spans.pb"
    with path.open("ab", buffering=0) as file:
        file.write(FORMS[Growth.FIXED] + (2**21).to_bytes(4, "big") + REQUEST + b"x" * 2**20)
        assert growing.read() == [REQUEST]
        file.write(b"x" * (2**20 - len(REQUEST)) + FORMS[Growth.FIXED])
        assert growing.read() == [REQUEST]
    assert growing.tally.losses == {"document too large": 1}
