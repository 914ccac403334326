"""Members of the families of sources and notifiers, for tests of what is around them."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from coldtrail.errors import SourceError
from coldtrail.records.delivery import Message
from coldtrail.records.intake import Batch, Permission
from coldtrail.records.telemetry import Document
from coldtrail.sources.context import SourceContext


class LineSource:
    """Lines of one file that grows, as documents; its position is a number of bytes."""

    class Settings(Struct, frozen=True, forbid_unknown_fields=True):
        path: str
        at_once: int = 40
        is_packed: bool = False
        """Whether each line is a document as JSON, with its origin and place."""
        pause_s: float = 0.0
        fails: str = ""
        """`once` or `for good`: how it fails before it gives anything."""

    def __init__(self, settings: Settings, context: SourceContext) -> None:
        self.name, self._settings, self._at = context.name, settings, 0
        self.confirmed: list[int] = []
        self._failed = False

    def resume(self, position: bytes) -> None:
        self._at = json.loads(position)

    def fetch(self) -> Batch | None:
        if self._settings.fails and not self._failed:
            self._failed = self._settings.fails == "once"
            raise SourceError("the source is not well.", retryable=self._failed)
        path = Path(self._settings.path)
        if not path.exists():
            return None
        with path.open("rb") as file:
            file.seek(self._at)
            lines = [line for line in file.readlines(1 << 20) if line.endswith(b"\n")]
        lines = lines[: self._settings.at_once]
        if not lines:
            return None
        self._at += sum(map(len, lines))
        time.sleep(self._settings.pause_s)
        if self._settings.is_packed:
            documents = tuple(msgspec.json.decode(line, type=Document) for line in lines)
        else:
            documents = tuple(Document(line, path.name) for line in lines)
        return Batch(documents, json.dumps(self._at).encode(), None, self._at < path.stat().st_size)

    def committed(self, position: bytes) -> None:
        self.confirmed.append(json.loads(position))

    def tend(self) -> None:
        pass

    def close(self) -> None:
        pass

    def needs(self) -> Sequence[Permission]:
        return ()


class ListNotifier:
    """Adds what it is given to a file, a line each."""

    digests = True

    class Settings(Struct, frozen=True, forbid_unknown_fields=True):
        url_env: str

    def __init__(self, settings: Any, environment: Mapping[str, str]) -> None:
        self._path = Path(environment[settings.url_env])

    def send(self, message: Message) -> None:
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(message) + b"\n")

    def needs(self) -> Sequence[Permission]:
        return ()


LINES = {"lines": "tests.service.members:LineSource"}
LIST = {"list": "tests.service.members:ListNotifier"}
