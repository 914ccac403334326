"""The loop takes in, judges and commits, and goes on where it was stopped."""

from __future__ import annotations

import copy
import json
import threading
from pathlib import Path
from typing import Literal

import msgspec
import pytest

from coldtrail.alerts.showing.json import in_json
from coldtrail.bundle.folder import load
from coldtrail.bundle.manifest import identity
from coldtrail.errors import SourceError, StoreError
from coldtrail.formats.detect import parser_for
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document
from coldtrail.reports.alert_lines import line_of
from coldtrail.service.committing import SINCE
from coldtrail.service.line import Making
from coldtrail.service.running import Service, service_of
from coldtrail.service.settings import ServiceSettings
from coldtrail.store.database import Changes
from coldtrail.testing import START, make_flow, make_history
from coldtrail.verbs.pseudonym_key import pseudonyms_of
from coldtrail.verbs.scoring import score
from tests.service.members import LineSource
from tests.service.memory import MemoryDatabase
from tests.service.starting import context_of
from tests.verbs.telemetry_files import USUAL, native_lines, stolen

ALL = ServiceSettings(keep_verdicts="all", checkpoint_s=0.1)


def service(
    bundle: Path,
    path: Path,
    database: MemoryDatabase,
    *,
    until_done: bool = True,
    fails: str = "",
    settings: ServiceSettings = ALL,
) -> Service:
    model, manifest = load(bundle)
    parser = parser_for("auto", model.settings, None, pseudonyms_of(bundle, manifest))
    making = Making(model, parser, model.settings, lambda: False, identity(manifest))
    source = LineSource(LineSource.Settings(str(path), fails=fails), context_of("lines", path.parent))
    return service_of(settings, making, database, [(source, Tally())], until_done=until_done)


def telemetry(path: Path) -> Path:
    flows = [*make_history(60, seed=5, prefix="n"), stolen("one", START + 20), stolen("two", START + 45)]
    path.write_bytes(b"\n".join(native_lines(flows)) + b"\n")
    return path


def lines_of(database: MemoryDatabase) -> list[bytes]:
    return [row.line for row in database.verdicts()]


def test_what_is_done_is_what_score_writes(bundle: Path, tmp_path: Path) -> None:
    path, database = telemetry(tmp_path / "in.jsonl"), MemoryDatabase()
    service(bundle, path, database).run(threading.Event())
    score(bundle, path, tmp_path / "v", alerts=tmp_path / "a", cases=tmp_path / "c")
    assert lines_of(database) == (tmp_path / "v").read_bytes().splitlines()
    encode = msgspec.json.encode
    alerts = [in_json(encode(line_of(row.alert))) for row in database.alert_rows.values()]
    assert sorted(alerts) == sorted((tmp_path / "a").read_bytes().splitlines())
    cases = [in_json(encode(case)) for case in database.case_rows.values()]
    assert sorted(cases) == sorted((tmp_path / "c").read_bytes().splitlines())
    assert database.counted["flows scored"] == 62
    assert {row.verdict for row in database.rows.values() if row.flow} == {"anomalous"}
    assert database.last is not None
    assert json.loads(database.last.positions["lines"]) == path.stat().st_size


def test_a_service_that_is_stopped_commits_what_it_took_and_the_next_goes_on(
    bundle: Path, tmp_path: Path
) -> None:
    path, database = tmp_path / "in.jsonl", MemoryDatabase()
    whole = telemetry(tmp_path / "all.jsonl").read_bytes().splitlines(keepends=True)
    for cut in (40, 130, 200, len(whole)):
        path.write_bytes(b"".join(whole[:cut]))
        stopping = threading.Event()
        running = service(bundle, path, database, until_done=False)
        thread = threading.Thread(target=running.run, args=(stopping,))
        thread.start()
        size = path.stat().st_size
        while running.feeds.states()[0].documents == 0 or not running.feeds.is_done:
            stopping.wait(0.01)
        stopping.set()
        thread.join(10)
        assert database.last is not None
        assert json.loads(database.last.positions["lines"]) == size
    service(bundle, path, database).run(threading.Event())
    score(bundle, tmp_path / "all.jsonl", tmp_path / "v")
    assert lines_of(database) == (tmp_path / "v").read_bytes().splitlines()


@pytest.mark.parametrize("keep", ["all", "anomalous"])
def test_a_fragment_that_comes_late_has_its_flow_judged_again_under_the_same_id(
    bundle: Path, tmp_path: Path, keep: Literal["all", "anomalous"]
) -> None:
    database = MemoryDatabase()
    settings = ServiceSettings(keep_verdicts=keep, usual_flows=0.0)
    running = service(bundle, tmp_path / "none", database, settings=settings)
    flows = [*make_history(60, seed=5, prefix="n"), stolen("one", START + 20)]
    documents = [Document(line, "in", str(place)) for place, line in enumerate(native_lines(flows))]
    cut = next(place for place, one in enumerate(documents) if b"loot" in one.payload)
    running.line.take([*documents[:cut], *documents[cut + 1 :]])
    running.line.advance(running.line.now + 600)
    running.commits.checkpoint({}, {})
    before = [row for row in database.rows.values() if row.id.startswith("one/")]
    assert len(before) == (keep == "all")
    running.line.take(documents[cut : cut + 1])
    running.line.take([Document(line, "in", f"again {n}") for n, line in enumerate(native_lines(flows[-1:]))])
    running.line.advance(running.line.now + 1200)
    running.commits.checkpoint({}, {})
    (after,) = (row for row in database.rows.values() if row.id.startswith("one/"))
    running.line.close()
    assert [row.id for row in before] in ([], [after.id])
    assert after.verdict == "anomalous"
    assert "loot" in after.line.decode()
    assert json.loads(after.line)["revised"]


class Recording(MemoryDatabase):
    """Remembers whether an alert was ever taken back."""

    withdrew = False

    def commit(self, changes: Changes) -> None:
        super().commit(changes)
        self.withdrew |= any(row.episode.withdrawn for row in changes.alerts) or bool(changes.gone_cases)


def test_what_was_told_after_the_last_checkpoint_is_not_taken_back_by_a_service_behind_it(
    bundle: Path, tmp_path: Path
) -> None:
    path, database = telemetry(tmp_path / "in.jsonl"), Recording()
    later = [make_flow(USUAL, flow_id=f"late{n}", start=START + 700 + 10 * n) for n in range(40)]
    with path.open("ab") as file:
        file.write(b"\n".join(native_lines(later)) + b"\n")
    seldom = ServiceSettings(keep_verdicts="all", checkpoint_s=600)
    stopping = threading.Event()
    first = service(bundle, path, database, until_done=False, settings=seldom)
    thread = threading.Thread(target=first.run, args=(stopping,))
    thread.start()
    while not database.alert_rows:
        stopping.wait(0.01)
    killed = copy.deepcopy(database)
    stopping.set()
    thread.join(10)
    assert killed.last is None
    assert any(name.startswith(SINCE) for name in killed.counts())
    second = service(bundle, path, killed)
    second.run(threading.Event())
    assert not killed.withdrew
    assert [row.episode.count for row in killed.alert_rows.values() if row.alert.kind == "new_resource"] == [
        2
    ]
    assert {row.episode.episode for row in killed.alert_rows.values()} == {1}
    assert not any(number for name, number in killed.counts().items() if name.startswith(SINCE))
    assert killed.counts()["flows scored"] == 102


def test_a_service_that_goes_on_after_one_that_ended_takes_nothing_back(bundle: Path, tmp_path: Path) -> None:
    path, database = tmp_path / "in.jsonl", Recording()
    flows = make_history(60, seed=5, prefix="n")
    last = max(flow.start_time for flow in flows)
    path.write_bytes(b"\n".join(native_lines([*flows, stolen("open", last + 1)])) + b"\n")
    service(bundle, path, database).run(threading.Event())
    told = dict(database.alert_rows)
    assert told
    stopping = threading.Event()
    thread = threading.Thread(target=service(bundle, path, database, until_done=False).run, args=(stopping,))
    thread.start()
    stopping.wait(1.0)
    stopping.set()
    thread.join(10)
    assert not database.withdrew
    assert database.alert_rows.keys() == told.keys()


def test_a_store_that_fails_ends_the_service(bundle: Path, tmp_path: Path) -> None:
    database = MemoryDatabase()
    database.fails = "the database cannot be written."
    with pytest.raises(StoreError, match="cannot be written"):
        service(bundle, telemetry(tmp_path / "in.jsonl"), database).run(threading.Event())
    assert database.commits == 0


def test_a_source_that_stops_for_good_ends_what_waits_for_its_end(bundle: Path, tmp_path: Path) -> None:
    running = service(bundle, telemetry(tmp_path / "in.jsonl"), MemoryDatabase(), fails="for good")
    with pytest.raises(SourceError, match=r"source lines: the source is not well\."):
        running.run(threading.Event())


def test_a_source_that_fails_again_and_again_ends_what_waits_for_its_end(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coldtrail.service.feeds._MOST_FAILURES", 1)
    running = service(bundle, telemetry(tmp_path / "in.jsonl"), MemoryDatabase(), fails="once")
    with pytest.raises(SourceError, match=r"source lines: the source is not well\."):
        running.run(threading.Event())


def test_documents_that_fail_are_counted_and_stop_nothing(bundle: Path, tmp_path: Path) -> None:
    path, database = telemetry(tmp_path / "in.jsonl"), MemoryDatabase()
    with path.open("ab") as file:
        file.write(b"{}\n{\n[7]\n")
    service(bundle, path, database).run(threading.Event())
    assert database.counted["documents refused"] == database.counted["lost: document"] == 3
    assert database.counted["flows scored"] == 62


def test_where_nothing_comes_the_clock_on_the_wall_closes_the_last_traces(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, database = telemetry(tmp_path / "in.jsonl"), MemoryDatabase()
    running = service(bundle, path, database, until_done=False)
    seconds = iter(range(0, 10**6, 30))
    monkeypatch.setattr(running.loop, "_clock", lambda: float(next(seconds)))
    stopping = threading.Event()
    thread = threading.Thread(target=running.run, args=(stopping,))
    thread.start()
    for _ in range(1000):
        if len(database.rows) == 62:
            break
        stopping.wait(0.02)
    stopping.set()
    thread.join(10)
    assert len(database.rows) == 62


def test_the_line_goes_on_with_another_bundle_with_what_was_open(
    bundle: Path, xray_bundle: Path, tmp_path: Path
) -> None:
    path, database = telemetry(tmp_path / "in.jsonl"), MemoryDatabase()
    running = service(bundle, path, database)
    running.line.take([Document(line, "in") for line in path.read_bytes().splitlines()])
    running.commits.checkpoint({"lines": b"0"}, {})
    other = service(xray_bundle, tmp_path / "none", database)
    other.line.finish()
    assert other.line.tally.counts["flows scored"] == 62
    running.line.close()
    other.line.close()
