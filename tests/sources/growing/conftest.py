"""What tests of growing folders share: a source of one, whose clock is ahead where files have settled."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from coldtrail.config import LimitSettings
from coldtrail.records.tally import Tally
from coldtrail.sources.context import SourceContext
from coldtrail.sources.growing.source import FilesSettings, FilesSource


class Growing:
    """A folder, and a source that reads it."""

    def __init__(self, folder: Path, data: Path) -> None:
        self.folder, self.data = folder, data
        self.tally = Tally()
        self.limits = LimitSettings()
        self.ahead_s = 0.0
        self.position: bytes | None = None
        self.source = self.made()

    def made(self) -> FilesSource:
        context = SourceContext("files", self.limits, self.tally, {}, self.data)
        return FilesSource(
            FilesSettings(str(self.folder), every_s=0.0), context, lambda: time.time() + self.ahead_s
        )

    def restart(self) -> None:
        """As after a kill: from the last position."""
        self.source.close()
        self.source = self.made()
        if self.position is not None:
            self.source.resume(self.position)

    def read(self, *, settled: bool = False, restarting: bool = False) -> list[bytes]:
        """All documents that are there now; `restarting` before each fetch."""
        self.ahead_s = 100.0 if settled else 0.0
        found: list[bytes] = []
        while True:
            self.source._next_look = 0.0
            batch = self.source.fetch()
            if batch is None or not batch.documents:
                return found
            found += [document.payload for document in batch.documents]
            self.position = batch.position
            if restarting:
                self.restart()


@pytest.fixture
def growing(tmp_path: Path) -> Growing:
    (tmp_path / "in").mkdir()
    return Growing(tmp_path / "in", tmp_path)


Made = Callable[[], Growing]
