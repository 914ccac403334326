"""Connections that readers share."""

from __future__ import annotations

import pytest

from coldtrail.store.engine import Connections


class Line:
    """A connection that knows whether it was closed."""

    is_closed = False

    def close(self) -> None:
        self.is_closed = True


def test_a_connection_is_used_again() -> None:
    lines = Connections(Line)
    with lines.lend() as first, lines.lend() as second:
        assert first is not second
    with lines.lend() as again:
        assert again in (first, second)
    assert not first.is_closed


def test_after_a_failure_all_are_made_anew() -> None:
    lines = Connections(Line)
    with lines.lend() as first, lines.lend() as second:
        pass
    with pytest.raises(ValueError, match="cut"), lines.lend():
        raise ValueError("cut")
    assert first.is_closed
    assert second.is_closed
    with lines.lend() as third:
        assert not third.is_closed


def test_what_is_given_back_late_is_closed() -> None:
    lines = Connections(Line)
    with lines.lend() as late:
        lines.close()
        assert not late.is_closed
    assert late.is_closed


def test_one_that_cannot_be_made_takes_no_room() -> None:
    def failing() -> Line:
        raise OSError("no")

    lines = Connections(failing)
    for _ in range(20):
        with pytest.raises(OSError, match="no"), lines.lend():
            pass
