"""What the service says is one event a line."""

from __future__ import annotations

import io
import json
import threading
from pathlib import Path

from msgspec.structs import replace

from coldtrail.service.logs import Following, Log
from coldtrail.service.status import Outbox, Watcher
from tests.service.memory import MemoryDatabase
from tests.service.test_loop import service, telemetry


def test_each_change_is_one_line_and_what_stays_is_none(bundle: Path, tmp_path: Path) -> None:
    running = service(bundle, telemetry(tmp_path / "in.jsonl"), MemoryDatabase())
    running.run(threading.Event())
    status, stream = Watcher(running).status(), io.StringIO()
    following = Following(Log(stream, lambda: 7.0))
    following.look(status)
    following.look(status)
    following.look(replace(status, outbox=Outbox(dead=1)))
    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [one["event"] for one in events] == ["source", "told", "health"]
    assert events[0] == {"at": 7.0, "event": "source", "name": "lines", "condition": "ended", "error": ""}
    assert "Order" not in stream.getvalue()


def test_a_stream_that_is_closed_stops_nothing() -> None:
    stream = io.StringIO()
    stream.close()
    Log(stream)("started")
