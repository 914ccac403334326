"""What a worker is told."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from coldtrail.bundle.manifest import read_manifest
from coldtrail.config import Settings
from coldtrail.verbs.shares import Share
from coldtrail.verbs.tasks import Task, ToRead, digest, tasks_for


def test_a_task_survives_the_way_with_any_path(bundle: Path) -> None:
    odd = os.fsencode(b"traces/\xff.jsonl".decode("utf-8", "surrogateescape"))
    tasks = tasks_for(2, "judged", ToRead([odd], "auto", Settings()), bundle=bytes(bundle))
    assert [task.share for task in tasks] == [Share(0, 2), Share(1, 2)]
    again = msgspec.json.decode(msgspec.json.encode(tasks[1]), type=Task)
    assert again == tasks[1]
    assert [os.fsencode(path) for path in again.reading.files] == [odd]


def test_another_manifest_has_another_digest(bundle: Path, xray_bundle: Path) -> None:
    own = digest(read_manifest(bundle))
    assert own == digest(read_manifest(bundle))
    assert own != digest(read_manifest(xray_bundle))
