"""The service's side of the receiver process, with processes that behave as none should."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from coldtrail.service import receiving
from coldtrail.service.receiver_report import ReceiverSettings
from coldtrail.service.receiving import Receiving
from tests.service.receivers import receiving as real
from tests.service.receivers import spooled
from tests.sources.otlp.sending import WIRE, post
from tests.sources.serving import until

LINE = """import sys, time, signal, json
def say(**more):
    print(json.dumps({"at": 1.0, **more}), flush=True)
def source(n):
    return {"push": {"listening": ["127.0.0.1:1"], "counts": {"requests accepted": n}, "losses": {"x": 1}}}
settings = json.loads(sys.stdin.readline())
"""


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "_FIRST_PAUSE_S", 0.01)


@contextmanager
def running(program: str, **more: object) -> Iterator[Receiving]:
    command = [sys.executable, "-c", LINE + program]
    one = Receiving(ReceiverSettings("d", "s", ()), command=command, **more)  # type: ignore[arg-type]
    one.start()
    try:
        yield one
    finally:
        one.stop()


def test_what_it_counts_is_summed_over_all_its_lives() -> None:
    with running("say(sources=source(3)); sys.exit(3)") as one:
        until(lambda: one.status().starts >= 4)
    found = one.status()
    assert not found.is_running
    assert found.sources["push"].counts["requests accepted"] >= 9
    assert found.sources["push"].losses["x"] >= 3
    assert found.sources["push"].listening == ()


def test_why_it_ended_is_told() -> None:
    with running("sys.exit(3)") as one:
        until(lambda: one.status().error)
        assert "The receiver ended with status 3" in one.status().error
    with running("say(error='The port is taken.'); sys.exit(2)") as one:
        until(lambda: one.status().error)
        assert one.status().error == "The port is taken."


def test_pauses_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(receiving.random, "uniform", lambda least, most: pauses.append(most) or 0.0)
    with running("sys.exit(1)") as one:
        until(lambda: len(pauses) >= 4)
    assert pauses[:4] == [0.01, 0.02, 0.04, 0.08]
    assert one.status().starts >= 4


def test_one_that_says_nothing_does_not_move() -> None:
    now = [0.0]
    with running("say(sources=source(1)); time.sleep(600)", clock=lambda: now[0]) as one:
        until(lambda: one.status().sources)
        assert one.status().is_moving
        assert one.status().sources["push"].listening == ("127.0.0.1:1",)
        now[0] += 6.0
        assert one.status().is_running
        assert not one.status().is_moving


def test_rubbish_is_no_report() -> None:
    with running("print('rubbish', flush=True); say(sources=source(1)); time.sleep(600)") as one:
        until(lambda: one.status().sources)


def test_one_that_does_not_stop_is_ended_by_force() -> None:
    program = "signal.signal(signal.SIGTERM, signal.SIG_IGN); say(); time.sleep(600)"
    one = Receiving(ReceiverSettings("d", "s", ()), command=[sys.executable, "-c", LINE + program])
    one.start()
    until(lambda: one.status().starts and one._report.at)
    one.stop(within_s=0.01)
    assert not one.status().is_running
    assert one.status().starts == 1


def test_one_that_cannot_be_started_is_tried_again(tmp_path: Path) -> None:
    one = Receiving(ReceiverSettings("d", "s", ()), command=[str(tmp_path / "absent")])
    one.start()
    until(lambda: one.status().error)
    assert "cannot be started: No such file or directory" in one.status().error
    one.stop()


def test_a_real_one_that_is_killed_comes_back(tmp_path: Path) -> None:
    with real(tmp_path) as (one, (address,)):
        assert post(address).status == 200
        until(lambda: one.status().sources["push"].counts)
        process = one._process
        assert process is not None
        process.kill()
        until(lambda: one.status().starts == 2 and one.status().sources["push"].listening)
        assert one.status().is_moving
        assert one.status().sources["push"].counts["requests accepted"] == 1
        assert one.status().error == ""
    assert [record.payload for record in spooled(tmp_path)] == [WIRE]
