"""The files of telemetry in the folders that are named."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from coldtrail.errors import SourceError
from coldtrail.records.tally import Tally
from coldtrail.sources.expansion import NO_PARQUET, NOT_TELEMETRY
from coldtrail.sources.text_lines import is_log

STANDARD_INPUT = "-"
SUFFIXES = (".json", ".jsonl", ".ndjson", ".log", ".pb", ".binpb", ".bin", ".otlp")
PACKED = (".gz", ".zst")
_TEXT, _PARQUET = ".txt", ".parquet"
_HEAD_BYTES = 1 << 13
_DELIVERED = re.compile(
    r"\d{6}(?=\.(?:gz|zst)$)|.{1,200}-\d{4}(?:-\d\d){5}-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=$|\.(?:gz|zst)$)"
)
"""How files are called that CloudWatch Logs exports (`000000.gz`) and Firehose delivers, without a suffix."""
_LICENCE = re.compile(r"(?i)(?:licen[cs]e|notice|copying)(?:[._-]|$)")
"""What stands behind the point in `LICENSE.apache-2.0` is no suffix."""
OWN_FILES = (
    "labels.jsonl",
    "incidents.jsonl",
    "networks.json",
    "cloudtrail_labels.jsonl",
    "look_alikes.jsonl",
    "run.json",
    "coldtrail.toml",
)
"""Files of a recorded run that are no telemetry."""


_LEADS_OUT = "this link leads out of the folder that was named, and is not followed; name what it leads to."


class Found(Struct, frozen=True):
    """A file to read."""

    path: str
    origin: str
    """The path, fit to be shown."""
    size: int


class Finder:
    """Finds each file once, in a fixed order; what is passed over is counted in the tally."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._seen: set[tuple[int, int]] = set()
        self._open: set[tuple[int, int]] = set()

    def find(self, paths: Sequence[str]) -> Iterator[Found]:
        """The files; raises `SourceError` for a path that does not exist."""
        for path in paths:
            if path == STANDARD_INPUT:
                if (0, 0) not in self._seen:
                    self._seen.add((0, 0))
                    yield Found(STANDARD_INPUT, "standard input", 0)
                continue
            status = status_of(path)
            if stat.S_ISDIR(status.st_mode):
                yield from self._folder(path, status)
            else:
                yield from self._file(path, status)

    def _folder(self, path: str, status: os.stat_result) -> Iterator[Found]:
        ignored: Counter[str] = Counter()
        number = 0
        for found in self._below(path, status, ignored):
            number += 1
            yield found
        if number == 0:
            kinds = ", ".join(f"{count:,} {kind}" for kind, count in ignored.most_common(5))
            held = f"it holds {kinds}" if kinds else "it holds nothing that can be read"
            reason = (
                f"there is no telemetry in this folder ({' '.join(SUFFIXES)}, also .gz and .zst); {held}."
            )
            self._tally.lose("folder without telemetry", origin=shown(path), reason=reason)

    def _below(self, path: str, status: os.stat_result, ignored: Counter[str]) -> Iterator[Found]:
        """The files below a folder, depth first, by name; not recursive, so that no depth is too deep."""
        stack = [self._entries(path, status)]
        whole = os.path.realpath(path)
        while stack:
            entry = next(stack[-1], None)
            if entry is None:
                stack.pop()
                continue
            try:
                inner = os.stat(entry)
            except OSError as error:
                self._lose(*_why_not(error), entry)
                continue
            if _leads_out(entry, whole):
                self._lose("link out of the folder", _LEADS_OUT, entry)
                continue
            if stat.S_ISDIR(inner.st_mode):
                stack.append(self._entries(entry, inner))
            elif is_telemetry(os.path.basename(entry)) or _is_log(entry, inner):
                yield from self._file(entry, inner)
            else:
                kind = kind_of(entry, inner)
                ignored[kind] += 1
                if kind == _PARQUET:
                    self._lose(NOT_TELEMETRY, NO_PARQUET, entry)
                self._tally.count("files ignored")
                if os.path.basename(entry).casefold() not in OWN_FILES:
                    self._tally.count(f"files ignored: {kind}")

    def _entries(self, path: str, status: os.stat_result) -> Iterator[str]:
        identity = (status.st_dev, status.st_ino)
        if identity in self._seen:
            self._lose("reached twice", "this folder was reached before (by a link?); it is read once.", path)
            return iter(())
        self._seen.add(identity)
        try:
            with os.scandir(path) as entries:
                return iter(sorted(entry.path for entry in entries))
        except OSError as error:
            self._lose(*_why_not(error), path)
            return iter(())

    def _file(self, path: str, status: os.stat_result) -> Iterator[Found]:
        if not stat.S_ISREG(status.st_mode):
            reason = (
                f"this is {_special(status)}, which is never opened; copy it to a file or pipe it to `-`."
            )
            self._lose("no regular file", reason, path)
            return
        identity = (status.st_dev, status.st_ino)
        if identity in self._seen:
            self._lose(
                "reached twice",
                "this file was reached before (named twice, or a link); it is read once.",
                path,
            )
            return
        self._seen.add(identity)
        yield Found(path, shown(path), status.st_size)

    def _lose(self, kind: str, reason: str, path: str) -> None:
        self._tally.lose(kind, origin=shown(path), reason=reason)


def _leads_out(path: str, folder: str) -> bool:
    """Whether the path is a link to something outside the folder, which has no links in its own path."""
    if not os.path.islink(path):
        return False
    place = os.path.realpath(path)
    return place != folder and not place.startswith(os.path.join(folder, ""))


def status_of(path: str) -> os.stat_result:
    """The status of a path; raises `SourceError` where it does not exist."""
    try:
        return os.stat(path)
    except FileNotFoundError:
        raise SourceError(f"{shown(path)}: there is no such file or folder.") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SourceError(f"{shown(path)}: it cannot be reached: {why}.") from None


def is_telemetry(name: str) -> bool:
    """Whether the name of a file says that it may hold telemetry."""
    name = name.casefold()
    if _DELIVERED.match(name):
        return True
    for suffix in PACKED:
        if name.endswith(suffix):
            name = name.removesuffix(suffix)
            break
    return name.endswith(SUFFIXES) and name not in OWN_FILES


def _is_log(path: str, status: os.stat_result) -> bool:
    """Whether a file that calls itself a text is a log, as people save them; most others are notes."""
    if not path.casefold().endswith(_TEXT) or not stat.S_ISREG(status.st_mode):
        return False
    try:
        with open(path, "rb") as file:
            return is_log(file.read(_HEAD_BYTES))
    except OSError:
        return False


def kind_of(path: str, status: os.stat_result) -> str:
    """What an ignored file is, in a word."""
    if not stat.S_ISREG(status.st_mode):
        return "special"
    if _LICENCE.match(Path(path).name):
        return "licence"
    suffix = Path(path).suffix.casefold()
    return suffix if 1 < len(suffix) <= 10 and suffix.isascii() and suffix.isprintable() else "other"


def shown(path: str) -> str:
    """The path with unprintable characters escaped."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)


def _why_not(error: OSError) -> tuple[str, str]:
    if error.errno == errno.ENOENT:
        return "link to nowhere", "this link leads to nothing; it was passed over."
    if error.errno == errno.ELOOP:
        return "link in a circle", "this link leads back to itself; it was passed over."
    if error.errno in (errno.EACCES, errno.EPERM):
        return "unreadable", "it may not be read; grant the right to read it."
    return "unreadable", f"it cannot be read: {error.strerror or error}."


def _special(status: os.stat_result) -> str:
    if stat.S_ISFIFO(status.st_mode):
        return "a pipe"
    return "a socket" if stat.S_ISSOCK(status.st_mode) else "a device"
