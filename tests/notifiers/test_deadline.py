from __future__ import annotations

import socket

import pytest

from coldtrail.errors import ConfigError
from coldtrail.notifiers.deadline import allowed_time, deadline


def test_a_conversation_that_is_over_time_is_cut() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, deadline(0.05, lambda: ours) as is_over:
        assert ours.recv(1) == b""
        assert is_over.is_set()


def test_one_in_time_is_left_alone() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        with deadline(20.0, lambda: ours) as is_over:
            theirs.send(b"x")
            assert ours.recv(1) == b"x"
        assert not is_over.is_set()
        theirs.send(b"y")
        assert ours.recv(1) == b"y"


def test_where_nothing_is_connected_nothing_is_cut() -> None:
    with deadline(0.01, lambda: None) as is_over:
        assert is_over.wait(10)


@pytest.mark.parametrize("timeout_s", [0.0, -1.0, 26.0, float("nan")])
def test_a_time_that_is_too_long_is_refused(timeout_s: float) -> None:
    with pytest.raises(ConfigError, match="timeout_s"):
        allowed_time(timeout_s)
