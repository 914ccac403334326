"""The source `files`: reads what is in a folder, and then what is added to it."""

from __future__ import annotations

import io
import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from coldtrail.errors import ConfigError, SourceError
from coldtrail.records.intake import Batch, Permission
from coldtrail.records.telemetry import Document
from coldtrail.sources.context import SourceContext
from coldtrail.sources.growing.appended import Appended
from coldtrail.sources.growing.cutting import Growth
from coldtrail.sources.growing.folder import Seen, look
from coldtrail.sources.growing.followed import Followed, Position, forget, is_same
from coldtrail.sources.growing.moved import continued
from coldtrail.sources.growing.whole import Whole

_BATCH_BYTES = 4 * 2**20
_BATCH_DOCUMENTS = 5_000
_SETTLING_S = 0.1
_MOST_SETTLING_S = 60.0
"""A file that is still being written then holds nobody up."""
_SLOWEST = 10.0
"""So many times as long as a look at the folder takes, it is left alone."""


class FilesSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """A folder on this machine that telemetry is written to."""

    path: str
    """The folder, or one file."""
    every_s: float = 1.0
    """How often it is looked at, in seconds."""
    settle_s: float = 5.0
    """How long a file must not have changed, in seconds, before what is read as a whole (.gz, .zst, a JSON
    list), a last line without its end, or a record that may still grow is taken for complete."""


class FilesSource:
    """Documents of files as they come and grow; a file is known by device and inode, and by how it begins.

    Renamed files are read on; one that was cut or replaced is read from its beginning, and a copy of what was
    read before (`copytruncate`, a rotated file that was compressed) from where that ended.
    """

    Settings = FilesSettings

    def __init__(
        self, settings: FilesSettings, context: SourceContext, clock: Callable[[], float] = time.time
    ) -> None:
        """Raises `ConfigError` where no path is named."""
        if not settings.path:
            raise ConfigError("name the folder, or the file, in `path`.")
        self.name = context.name
        self._settings, self._context, self._clock = settings, context, clock
        self._position = Position()
        self._seen: dict[str, Seen] = {}
        self._since: dict[str, tuple[int, float, float]] = {}
        self._told: set[tuple[str, str]] = set()
        self._todo: deque[Seen] = deque()
        self._next_look = 0.0
        self._settling_since: float | None = None
        self._appended = Appended(context.limits, context.tally)
        self._whole = Whole(context.limits, context.tally)

    def resume(self, position: bytes) -> None:
        """Goes on where the position says, file by file."""
        try:
            self._position = msgspec.json.decode(position, type=Position)
        except msgspec.DecodeError:
            raise SourceError(
                f"{self.name}: the stored position is of another kind of source; name this one otherwise."
            ) from None

    def fetch(self) -> Batch | None:
        """Some documents of one file or several; None where all is read, and a batch of none where something
        is there that has not settled yet."""
        if not self._todo and not self._look():
            return self._nothing()
        documents: list[Document] = []
        size, newest = 0, None
        files = dict(self._position.files)
        while self._todo and size < _BATCH_BYTES and len(documents) < _BATCH_DOCUMENTS:
            seen = self._todo[0]
            found, more = self._read(seen, files)
            documents += found
            size += sum([len(document.payload) for document in found])
            newest = max(newest or 0.0, seen.modified) if found else newest
            if not more:
                self._todo.popleft()
        self._position = Position(files, self._position.forgotten)
        if not documents:
            if not any(map(self._waits, self._seen.values())):
                self._settling_since = None
            elif self._settling_since is None:
                self._settling_since = time.monotonic()
            return self._nothing()
        position = forget(self._position, self._seen, self._clock())
        self._position = position
        return Batch(tuple(documents), msgspec.json.encode(position), newest, more=bool(self._todo))

    def committed(self, position: bytes) -> None:
        """Needs no more: what was read stays in its folder."""

    def tend(self) -> None:
        """Nobody else reads what lies in a folder."""

    def close(self) -> None:
        """Closes the file that is read."""
        self._whole.close()

    def needs(self) -> Sequence[Permission]:
        """No account has to allow anything."""
        return ()

    def _nothing(self) -> Batch | None:
        since = self._settling_since
        if since is None or time.monotonic() - since > _MOST_SETTLING_S:
            return None
        time.sleep(_SETTLING_S)
        return Batch((), msgspec.json.encode(self._position), more=True)

    def _waits(self, seen: Seen) -> bool:
        return self._has_more(seen) and not self._is_settled(seen)

    def _look(self) -> bool:
        """Whether there is anything to read, looked for now and then, and again after a failure."""
        began = time.monotonic()
        if began < self._next_look:
            return False
        known = self._position.files
        self._seen = {seen.key: seen for seen in look(self._settings.path, known, self._lose)}
        took = time.monotonic() - began
        self._next_look = began + max(self._settings.every_s, _SLOWEST * took)
        now = self._clock()
        self._note_gone(now)
        self._since = {seen.key: self._unchanged_since(seen) for seen in self._seen.values()}
        waiting = [seen for seen in self._seen.values() if self._has_more(seen)]
        if not waiting:
            self._settling_since = None
        self._todo.extend(sorted(waiting, key=lambda seen: (seen.modified, seen.path)))
        return bool(self._todo)

    def _note_gone(self, now: float) -> None:
        """Notes which files are missed, and which were cut: what they held may live on in a copy."""
        files = dict(self._position.files)
        for key, followed in self._position.files.items():
            seen = self._seen.get(key)
            if seen is None and not followed.gone:
                files[key] = replace(followed, gone=now)
            elif seen is not None and followed.growth is not Growth.WHOLE and seen.size < followed.offset:
                _put_aside(files, key, now)
        self._position = Position(files, self._position.forgotten)

    def _unchanged_since(self, seen: Seen) -> tuple[int, float, float]:
        before = self._since.get(seen.key)
        if before is not None and before[:2] == (seen.size, seen.modified):
            return before
        return seen.size, seen.modified, time.monotonic()

    def _is_settled(self, seen: Seen) -> bool:
        settle_s = self._settings.settle_s
        quiet = time.monotonic() - self._since[seen.key][2]
        return quiet >= settle_s or self._clock() - max(seen.modified, seen.changed) >= settle_s

    def _has_more(self, seen: Seen) -> bool:
        followed = self._position.files.get(seen.key)
        if followed is None:
            return seen.size > 0 and seen.changed > self._position.forgotten
        return not followed.is_done(seen)

    def _read(self, seen: Seen, files: dict[str, Followed]) -> tuple[list[Document], bool]:
        """Documents of a file, and whether more can be read of it at once; `files` is brought up to date."""
        try:
            with open(seen.path, "rb", buffering=0, opener=_without_blocking) as file:
                status = os.fstat(file.fileno())
                if f"{status.st_dev:x}:{status.st_ino:x}" != seen.key:
                    return [], False
                return self._read_open(file, seen, files)
        except OSError as error:
            with suppress(FileNotFoundError):
                why = error.strerror or str(error)
                self._lose(seen.path, f"it cannot be read ({why}); grant the right to read it.")
            return [], False

    def _read_open(
        self, file: io.FileIO, seen: Seen, files: dict[str, Followed]
    ) -> tuple[list[Document], bool]:
        settled = self._is_settled(seen)
        followed = files.get(seen.key)
        if followed is not None and followed.growth is not Growth.WHOLE and not is_same(file, followed):
            # It was cut and has grown since, or its inode is another file's by now.
            _put_aside(files, seen.key, self._clock())
            followed = None
        if followed is None or followed.growth is None:
            followed = self._appended.begun(file, seen, settled=settled)
            if followed is None:
                return [], False
            before = [one for one in files.values() if one.gone]
            followed = continued(file, followed, before, self._context.limits)
        reader = self._whole if followed.growth is Growth.WHOLE else self._appended
        followed, documents, more = reader.read(file, seen, followed, settled=settled)
        files[seen.key] = replace(followed, path=seen.path, changed=seen.changed, gone=0.0)
        return documents, more

    def _lose(self, path: str, why: str) -> None:
        """Counts what cannot be read, once for each file and reason."""
        if (path, why) in self._told:
            return
        if len(self._told) < 10_000:
            self._told.add((path, why))
        self._context.tally.lose("unreadable", origin=path, reason=why)


def _without_blocking(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))


def _put_aside(files: dict[str, Followed], key: str, now: float) -> None:
    files[f"{key} before {now:.3f}"] = replace(files.pop(key), gone=now)
