"""Deliveries from a real SQLite file to a real address that is down, drops what it took, and comes back."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from coldtrail.records.delivery import Delivery
from coldtrail.service.channels import channels_from
from coldtrail.service.delivering import Delivering
from coldtrail.store.database import Changes
from coldtrail.store.databases import open_database
from tests.notifiers.http_server import Place, listening
from tests.notifiers.messages import a_message

STEPS = (("trigger", "new"), ("update", "grown"), ("resolve", "resolved"))


@pytest.fixture
def place() -> Iterator[Place]:
    with listening() as place:
        yield place


@contextmanager
def delivering(file: Path, place: Place, speed: float) -> Iterator[Delivering]:
    table = {"kind": "webhook", "url_env": "HOOK"}
    channels = channels_from([table], {"HOOK": f"http://127.0.0.1:{place.port}/"}, "coldtrail.toml")
    began = time.monotonic()

    def clock() -> float:
        return time.time() + (time.monotonic() - began) * speed

    running = Delivering(lambda: open_database(file, serving=False), channels, clock=clock, random=Random(1))
    running.start()
    try:
        yield running
    finally:
        assert running.stop(30.0)


def put(file: Path, keys: int) -> list[str]:
    """Commits three steps of so many alerts; their ids."""
    database, now = open_database(file), time.time()
    made = [
        Delivery(
            id=f"{key} {place}",
            channel="webhook",
            message=a_message(dedup_key=f"k{key}", title=f"{key} {place}", what=what, event=event),
            next_at=now + place * 1e-3,
            made_at=now + place * 1e-3,
        )
        for key in range(keys)
        for place, (what, event) in enumerate(STEPS)
    ]
    database.commit(Changes(deliveries=tuple(made)))
    database.commit(Changes(deliveries=tuple(made)))
    database.close()
    return [one.id for one in made]


def states(file: Path) -> Counter[str]:
    database = open_database(file, serving=False)
    try:
        return Counter({one: len(database.deliveries(one)[0]) for one in ("due", "sent", "dead")})  # type: ignore[arg-type]
    finally:
        database.close()


def eventually(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def titles(place: Place) -> list[str]:
    return [json.loads(one.body)["title"] for one in place.requests]


def in_order(told: list[str]) -> bool:
    return all(told.index(f"{one.split()[0]} {int(one.split()[1]) - 1}") < told.index(one)
               for one in told if not one.endswith(" 0"))  # fmt: skip


def test_an_address_that_was_down_is_told_everything_once_in_order(tmp_path: Path, place: Place) -> None:
    file = tmp_path / "coldtrail.db"
    ids = put(file, 5)
    place.mode = "throttle"
    with delivering(file, place, speed=200.0) as running:
        eventually(lambda: running.state().channels[0].failed >= 3)
        place.mode = "drop"
        eventually(lambda: running.state().channels[0].failed >= 6)
        place.mode = "take"
        eventually(lambda: running.state().channels[0].sent == len(ids))
    assert sorted(titles(place)) == sorted(ids)
    assert in_order(titles(place))
    assert states(file) == {"due": 0, "sent": len(ids), "dead": 0}


def test_what_was_taken_and_not_acknowledged_comes_again_under_the_same_key(
    tmp_path: Path, place: Place
) -> None:
    file = tmp_path / "coldtrail.db"
    ids = put(file, 1)
    place.taken = lambda: (500, b"") if len(place.requests) == 1 else (200, b"")
    with delivering(file, place, speed=200.0) as running:
        eventually(lambda: running.state().channels[0].sent == len(ids))
    first, again, *_ = place.requests
    assert first.body == again.body
    assert first.headers["Idempotency-Key"] == again.headers["Idempotency-Key"]
    assert len(place.requests) == len(ids) + 1


def test_what_is_not_sent_when_it_stops_is_sent_by_the_next(tmp_path: Path, place: Place) -> None:
    file = tmp_path / "coldtrail.db"
    ids = put(file, 4)
    place.mode = "stall"
    with delivering(file, place, speed=1.0) as running:
        eventually(lambda: place.asked != [])
        assert running.stop(4.0)
    place.mode = "take"
    with delivering(file, place, speed=200.0):
        eventually(lambda: states(file)["sent"] == len(ids))
    assert sorted(titles(place)) == sorted(ids)
    assert in_order(titles(place))
