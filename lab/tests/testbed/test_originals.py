"""Instances are forked from a process that has imported their handler, and nothing recorded shows it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coldtrail_testbed.cloud import local_cloud
from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.recorder import record

from .lambda_bench import Bench, lambda_bench

HANDLER = "lab.tests.testbed.handler_with_client.handler"


@pytest.fixture
def bench(foundation: Foundation, tmp_path: Path) -> Iterator[Bench]:
    with lambda_bench(foundation, tmp_path) as bench:
        yield bench


def _two_answers(bench: Bench) -> list[dict[str, Any]]:
    """The answers of two instances of one function."""
    bench.add("client", HANDLER)
    answers = []
    for _ in range(2):
        answers.append(json.loads(bench.invoke("client").body))
        bench.pool.retire("client")
    return answers


def test_a_handler_is_imported_once_for_all_its_instances(bench: Bench) -> None:
    first, second = _two_answers(bench)
    assert first["made_by"] == second["made_by"] not in (first["process"], second["process"])
    assert first["process"] != second["process"]


def test_each_instance_signs_with_its_own_credentials(bench: Bench) -> None:
    first, second = _two_answers(bench)
    assert first["access_key"] != second["access_key"]
    for answer in (first, second):
        assert (answer["access_key"], answer["token"]) == (answer["own_key"], answer["own_token"])


def test_closing_the_pool_ends_what_instances_are_forked_from(bench: Bench) -> None:
    original = _two_answers(bench)[0]["made_by"]
    os.kill(original, 0)
    bench.pool.close()
    with pytest.raises(ProcessLookupError):
        os.kill(original, 0)


@pytest.mark.parametrize("app", ["airline", "vod"])
def test_recordings_are_those_of_instances_that_import_for_themselves(
    app: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(app, 3, 5, ["none"], tmp_path / "shared", telemetry=["all"])
    plain = local_cloud.worker_environment
    monkeypatch.setattr(
        local_cloud, "worker_environment", lambda **places: {**plain(**places), "TESTBED_ORIGINALS": "0"}
    )
    record(app, 3, 5, ["none"], tmp_path / "alone", telemetry=["all"])
    shared, alone = (_contents(tmp_path / name) for name in ("shared", "alone"))
    assert len(shared) > 10
    assert shared == alone


def _contents(folder: Path) -> dict[str, bytes]:
    """The files of a recording but for its summary, which tells how long it took."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "run.json")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
