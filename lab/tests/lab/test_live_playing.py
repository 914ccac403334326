"""Both applications in step: what is merged, what is sent, and at which pace."""

from __future__ import annotations

import socket
import threading
from queue import Queue
from typing import Any

import pytest

from coldtrail.errors import ColdtrailError
from coldtrail_lab.live_playing import HOLD_BACK_S, Attacked, Merged, Plan, Senders, Stage


class Player:
    """Tells what it is given."""

    def __init__(self, name: str, lines: list[dict[str, Any]], said: str = "", form: str = "xray") -> None:
        self.plan = Plan(name, form, {})
        self.lines: Queue[dict[str, Any] | None] = Queue()
        for line in (*lines, None):
            self.lines.put(line)
        self._said = said

    def failure(self) -> str:
        return self._said


def sent(at: float, trace: str = "t") -> dict[str, Any]:
    return {"at": at, "trace": trace, "send": {"at": at}}


def test_nothing_is_given_before_all_have_told_what_lies_before_it() -> None:
    one = Player("one", [sent(5.0), sent(1.0), {"now": 6.0}, {"now": 60.0}, sent(61.0)])
    two = Player("two", [sent(3.0), {"now": 4.0}, sent(2.0), {"now": 40.0}])
    given = [(at, name) for at, name, _ in Merged([one, two])]  # type: ignore[list-item]
    assert given == [(1.0, "one"), (2.0, "two"), (3.0, "two"), (5.0, "one"), (61.0, "one")]
    assert HOLD_BACK_S > 4.0


def test_an_application_that_fails_is_told() -> None:
    with pytest.raises(ColdtrailError, match="is broken"):
        list(Merged([Player("one", [], "it is broken")]))  # type: ignore[list-item]


def test_documents_are_sent_and_attacks_noted() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("127.0.0.1", 0))
        daemon.settimeout(5.0)
        attack = {"at": 1.0, "attack": "rain", "function": "fn", "flow": "f", "trace": "t", "end": 1.0}
        player = Player("one", [attack, sent(1.0), sent(1.1), {"now": 1.2}, sent(99.0, "late")])
        senders = Senders(daemon.getsockname(), ("127.0.0.1", 1))
        stage = Stage([player], senders, 0.0, 50.0, 1_000.0)  # type: ignore[list-item]
        stage.play(lambda _: None, threading.Event())
        senders.close()
        assert daemon.recv(1_000) == b'{"format": "json", "version": 1}\n{"at":1.0}'
    assert stage.attacked == [Attacked("rain", "one", "fn", "f", "t", 1.0)]
    assert list(stage.complete_at) == ["t"]
    assert senders.sent == {"xray": 2, "otlp": 0}
