"""Worker processes: they share the work, and none outlives it."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from coldtrail.config import BaselineSettings, Settings
from coldtrail.errors import ColdtrailError, ConfigError, SourceError
from coldtrail.verbs import workers
from coldtrail.verbs.tasks import END, tasks_for
from coldtrail.verbs.workers import Plan, Workers, cores, plan, working
from tests.verbs.shared_telemetry import to_read
from tests.verbs.telemetry_files import write_xray


def silent(stage: str, done: int, total: int) -> None:
    """Shows no progress."""


def processes_of(some: Workers) -> Sequence[int]:
    return [process.pid for process in some._processes]


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_little_work_and_standard_input_are_for_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, settings = write_xray(tmp_path / "new.jsonl.gz", 3), Settings()
    assert plan(5, [path], settings, "auto").workers == 1
    monkeypatch.setattr(workers, "LEAST_BYTES", 1)
    assert plan(5, [path], settings, "auto") == Plan(5, path.stat().st_size)
    assert plan(None, [path], settings, "auto").workers == cores()
    assert plan(5, [path, "-"], settings, "auto").workers == 1
    assert plan(1, [path], settings, "auto").workers == 1
    monkeypatch.setattr(workers.sys, "frozen", True, raising=False)
    assert plan(5, [path], settings, "auto").workers == 1


@pytest.mark.parametrize("number", [0, -3])
def test_fewer_than_one_are_refused(number: int) -> None:
    with pytest.raises(ConfigError, match="give 1 or more"):
        plan(number, [], Settings(), "auto")


def test_an_absent_path_is_told_by_whoever_meets_it(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="absent"):
        plan(2, [tmp_path / "absent"], Settings(), "auto")
    tasks = tasks_for(2, "flows", to_read(tmp_path / "absent"))
    with pytest.raises(SourceError, match="absent"), working(tasks, silent, 0) as some:
        some.receive(1)


def test_a_worker_that_dies_is_told_and_none_is_left(tmp_path: Path) -> None:
    tasks = tasks_for(2, "flows", to_read(write_xray(tmp_path / "more.jsonl.gz", 3)))
    with working(tasks, silent, 0) as some:
        running = processes_of(some)
        os.kill(running[1], signal.SIGKILL)
        with pytest.raises(ColdtrailError, match=r"ended early, by signal 9; .*--workers"):
            list(iter(lambda: some.receive(1)[:1], END))
    assert not any(map(is_running, running))


def test_an_interrupted_parent_leaves_none(tmp_path: Path) -> None:
    tasks = tasks_for(2, "flows", to_read(write_xray(tmp_path / "new.jsonl.gz", 3)))
    running: list[int] = []

    def interrupted() -> None:
        with working(tasks, silent, 0) as some:
            running.extend(processes_of(some))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(running) == 2
    assert not any(map(is_running, running))


def test_workers_know_the_file_of_countries(tmp_path: Path) -> None:
    settings = Settings(baselines=BaselineSettings(country_file=str(tmp_path / "absent.mmdb")))
    reading = to_read(write_xray(tmp_path / "new.jsonl.gz", 3))
    tasks = tasks_for(2, "flows", msgspec.structs.replace(reading, settings=settings))
    with working(tasks, silent, 0) as some, pytest.raises(ConfigError, match=r"absent\.mmdb"):
        some.receive(1)
