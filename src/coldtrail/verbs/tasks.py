"""What a worker is told to do, and the messages that it answers with."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Any, Literal

import msgspec
from msgspec import Struct

from coldtrail.bundle.manifest import Manifest
from coldtrail.config import Settings
from coldtrail.registry import DETECTORS, FORMATS, SIGNAL_DETECTORS
from coldtrail.verbs.shares import Share

Job = Literal["flows", "judged"]
PROGRESS, PART, END, MISLED, FAILED = b"%", b"+", b".", b"~", b"!"
"""What a message begins with: bytes read; a part of the result; its end; that a look at documents misled; why
the worker gave up."""


class ToRead(Struct, frozen=True):
    """What is to be read."""

    paths: list[bytes]
    format: str
    settings: Settings
    pseudonym_key: bytes | None = None

    @property
    def files(self) -> list[str]:
        """Files and folders."""
        return [os.fsdecode(path) for path in self.paths]


class Task(Struct, frozen=True):
    """What a worker is to do."""

    job: Job
    share: Share
    reading: ToRead
    bundle: bytes = b""
    manifest: bytes = b""
    """Digest of the bundle's manifest: no other one may take its place meanwhile."""
    only_anomalous: bool = False
    formats: dict[str, str] = msgspec.field(default_factory=lambda: dict(FORMATS))
    detectors: dict[str, str] = msgspec.field(default_factory=lambda: dict(DETECTORS))
    signal_detectors: dict[str, str] = msgspec.field(default_factory=lambda: dict(SIGNAL_DETECTORS))


class Failure(Struct, frozen=True):
    """Why a worker gave up."""

    kind: str
    """The class of the error; empty for one that nobody raised on purpose."""
    sentence: str


Tell = Callable[[int], None]
"""Told of bytes as they are read."""
Make = Callable[[Task, Tell], Iterator[bytes]]
"""Does a task, and gives the messages on its result."""


def digest(manifest: Manifest) -> bytes:
    """What tells a manifest from all others."""
    return blake2b(msgspec.json.encode(manifest), digest_size=16).digest()


def tasks_for(number: int, job: Job, reading: ToRead, **more: Any) -> list[Task]:
    """A task for each of so many workers, which share what is to be read."""
    return [Task(job, Share(one, number), reading, **more) for one in range(number)]
