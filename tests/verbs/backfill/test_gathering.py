"""Gathering what sources hold."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coldtrail.config import Settings
from coldtrail.errors import ConfigError, SourceError
from coldtrail.registry import LIVE_SOURCES
from coldtrail.service.settings import SourceTable
from coldtrail.sources.polling import Pauses
from coldtrail.testing import make_history
from coldtrail.verbs.backfill.gathering import Gathering
from coldtrail.verbs.backfill.reaching import reachable
from tests.service.members import LINES
from tests.sources.aws.cloud import REGION, client
from tests.verbs.doctor.settings import settings, table
from tests.verbs.telemetry_files import native_lines, write_native

AT_ONCE = Pauses(first_s=0.0, most_s=0.0)


@pytest.fixture(autouse=True)
def members(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, place in LINES.items():
        monkeypatch.setitem(LIVE_SOURCES, kind, place)


def lines(folder: Path, **more: Any) -> SourceTable:
    path = write_native(folder / "history.jsonl", make_history(20))
    return table(folder, kind="lines", path=str(path), at_once=7, **more)


MADE: list[Gathering] = []


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    while MADE:
        MADE.pop().documents.close()


def gathering(folder: Path, days: float = 14.0) -> Gathering:
    made = Gathering(folder, days, Settings(), pauses=AT_ONCE, sleep=lambda s: time.sleep(min(s, 0.01)))
    MADE.append(made)
    return made


def silent(stage: str, done: int, total: int) -> None: ...


def payloads(one: Gathering) -> list[bytes]:
    return [document.payload.strip() for document in one.documents.read()]


def test_all_that_a_source_holds_is_gathered_once(tmp_path: Path) -> None:
    one = gathering(tmp_path)
    one.gather([lines(tmp_path)], {}, silent)
    assert payloads(one) == native_lines(make_history(20))
    assert one.reached.done == ["lines"]
    assert one.notes == [f"lines: {len(payloads(one))} documents gathered."]
    one.gather([lines(tmp_path)], {}, silent)
    assert payloads(one) == native_lines(make_history(20))


def test_what_was_interrupted_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coldtrail.verbs.backfill.gathering._CONFIRM_BYTES", 0)
    source = lines(tmp_path)
    first = gathering(tmp_path)
    taken = first._take

    def interrupted(name: str, batch: Any, *, look: bool) -> None:
        taken(name, batch, look=look)
        if first.reached.count >= 21:
            raise KeyboardInterrupt

    monkeypatch.setattr(first, "_take", interrupted)
    with pytest.raises(KeyboardInterrupt):
        first.gather([source], {}, silent)
    first.documents.close()
    second = gathering(tmp_path)
    assert second.is_resumed
    assert second.reached.count == 21
    second.gather([source], {}, silent)
    assert payloads(second) == native_lines(make_history(20))


def test_another_number_of_days_is_refused(tmp_path: Path) -> None:
    one = gathering(tmp_path)
    one.gather([lines(tmp_path)], {}, silent)
    with pytest.raises(ConfigError, match=r"A backfill of 14 days was begun; go on with --days 14, or begin"):
        gathering(tmp_path, days=3.0)


def test_an_error_that_passes_is_tried_again_and_one_that_stays_is_told(tmp_path: Path) -> None:
    one = gathering(tmp_path)
    one.gather([lines(tmp_path, fails="once")], {}, silent)
    assert payloads(one) == native_lines(make_history(20))
    other = tmp_path / "other"
    other.mkdir()
    two = gathering(other)
    bad, good = lines(tmp_path, fails="for good", name="bad"), lines(tmp_path)
    with pytest.raises(SourceError, match=r"not well; then run the same again, .* --without bad\.") as told:
        two.gather([bad, good], {}, silent)
    assert not told.value.retryable
    assert two.reached.done == ["lines"]
    assert payloads(two) == native_lines(make_history(20))


def test_log_groups_are_asked_from_the_start_on(endpoint: str, tmp_path: Path) -> None:
    logs, now = client("logs", endpoint), time.time()
    logs.create_log_group(logGroupName="spans")
    logs.create_log_stream(logGroupName="spans", logStreamName="one")
    (old, *_), (new, *_) = (native_lines(make_history(n)) for n in (1, 2))
    events = [
        {"timestamp": int((now - back) * 1_000), "message": line.decode()}
        for back, line in ((9_000.0, old), (2_000.0, new))
    ]
    logs.put_log_events(logGroupName="spans", logStreamName="one", logEvents=events)
    source = {"kind": "cloudwatch-logs", "groups": ["spans"], "region": REGION, "endpoint_url": endpoint}
    asked = reachable(settings(tmp_path, **source).sources, 3_600.0 / 86_400.0)
    one = gathering(tmp_path, days=3_600.0 / 86_400.0)
    told: list[tuple[str, int, int]] = []
    one.gather(asked.tables, {}, lambda *what: told.append(what))
    assert [json.loads(found) for found in payloads(one)] == [json.loads(new)]
    assert told[-1][0] == "cloudwatch-logs"
    assert 1_500 <= told[-1][1] <= told[-1][2] == 3_600


def test_many_errors_in_a_row_end_it_and_it_can_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = lines(tmp_path)
    one = gathering(tmp_path)

    def failing(self: object) -> None:
        raise SourceError("throttled.", retryable=True)

    with monkeypatch.context() as patched:
        patched.setattr("tests.service.members.LineSource.fetch", failing)
        with pytest.raises(SourceError, match=r"throttled"):
            one.gather([source], {}, silent)
    one.gather([source], {}, silent)
    assert payloads(one) == native_lines(make_history(20))
