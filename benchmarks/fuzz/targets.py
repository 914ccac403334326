"""What coverage-guided fuzzing hands its bytes to: each parser, `auto`, and files as they lie in a folder.

The first byte of an input names the target, the rest is the document or the file. Every input is refused
with a `DocumentError`, in a sentence, or read, in bounded time and memory; all else is a fault.
"""

from __future__ import annotations

import gzip
import json
import resource
import time
import traceback
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import NamedTuple

from benchmarks.fuzz.families.documents import expanded
from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.formats.detect import AUTO, Parser, parser_for
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document
from coldtrail.registry import FORMATS
from coldtrail.sources.expansion import zstd
from coldtrail.sources.files import FileSource

SECONDS = 2.0
SECONDS_PER_MIB = 2.0
"""Processor seconds that one input may take, more for what is larger than a MiB."""
MEMORY_MIB = 400
"""By which one input may make the process grow."""
_REPEATED = 0x80
"""Bit of the first byte: what follows is repeated, which shows what takes time beyond its size."""
_MOST_REPEATED = 1 << 16


class Fault(NamedTuple):
    """What went wrong with an input."""

    kind: str
    """The same for inputs that fail alike."""
    target: str
    told: str


class Targets:
    """Tries inputs, each in a target of its own choice."""

    def __init__(self, folder: Path, slower: float = 1.0) -> None:
        """`slower`: how many times longer everything takes than it would without being watched."""
        self._slower = slower
        self._file = folder / "in.json"
        self._settings = Settings()
        keyed = Pseudonyms(b"k" * 32)
        self._parsers: dict[str, Parser] = {
            name: parser_for(name, self._settings, pseudonyms=keyed) for name in (*FORMATS, AUTO)
        }
        self.refused: Counter[str] = Counter()
        self.read: Counter[str] = Counter()

    def fault_of(self, data: bytes) -> Fault | None:
        """What is wrong with one input; None where it is read or refused as it should be."""
        if not data:
            return None
        name, payload = target_of(data)
        size, grown = max(len(payload), expanded(payload)), _grown_mib()
        began = time.process_time()
        try:
            said = FILES[name](self, payload) if name in FILES else self._parse(name, payload)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            return Fault(_kind_of(error), name, traceback.format_exc(limit=-8))
        took, grown = time.process_time() - began, _grown_mib() - grown
        if took > self._slower * (SECONDS + SECONDS_PER_MIB * (size >> 20)):
            return Fault(f"slow-{name}", name, f"{took:.1f} s for {size:,} bytes")
        if grown > MEMORY_MIB + (size >> 20) * 8:
            return Fault(f"memory-{name}", name, f"{grown:,} MiB for {size:,} bytes")
        odd = next((one for one in said if not _is_a_sentence(one)), None)
        return None if odd is None else Fault(f"sentence-{name}", name, repr(odd[:500]))

    def _parse(self, name: str, payload: bytes) -> list[str]:
        return self._parsed(name, Document(payload, "fuzz"))

    def _parsed(self, name: str, document: Document) -> list[str]:
        """What a parser says of a document that is amiss, each of its ways to read it tried."""
        parser, said = self._parsers[name], list[str]()
        parser.trace_of(document.payload)
        for read in (parser, parser.straight):
            try:
                told = read(document)
            except DocumentError as error:
                self.refused[name] += 1
                said.append(str(error))
            else:
                self.read[name] += 1
                said += getattr(told, "problems", ())
        return said

    def file(self, content: bytes) -> list[str]:
        """What reading a file, and the documents in it, says is amiss."""
        self._file.write_bytes(content)
        tally = Tally()
        source = FileSource([self._file], limits=self._settings.limits, tally=tally)
        said: list[str] = []
        for document, _ in source.read():
            said += self._parsed(AUTO, document)
        return said + [one.reason for one in tally.kept]


def _packed_event(payload: bytes) -> bytes:
    return json.dumps({"awslogs": {"data": b64encode(payload).decode()}}).encode()


FILES: dict[str, Callable[[Targets, bytes], list[str]]] = {
    "file": lambda targets, data: targets.file(data),
    "gzip": lambda targets, data: targets.file(gzip.compress(data, 1)),
    "zstd": lambda targets, data: targets.file(zstd.compress(data)),
    "envelope": lambda targets, data: targets.file(_packed_event(gzip.compress(data, 1))),
}
"""Targets that are files; the damage to what is compressed is done to `file`."""
NAMES = (*FORMATS, AUTO, *FILES)


def target_of(data: bytes) -> tuple[str, bytes]:
    """The target that an input names, and what it hands to it."""
    name, payload = NAMES[(data[0] & ~_REPEATED) % len(NAMES)], data[1:]
    if data[0] & _REPEATED and len(payload) > 3:
        at, upto = sorted(byte * len(payload) // 256 for byte in payload[:2])
        part = payload[at : upto + 1]
        payload = payload[2:at] + part * max(1, _MOST_REPEATED // len(part)) + payload[upto + 1 :]
    return name, payload


def input_for(name: str, payload: bytes) -> bytes:
    """The input that hands a payload to a target."""
    return bytes((NAMES.index(name),)) + payload


def elsewhere(random: Random, data: bytes) -> bytes:
    """The input, handed to any target instead, seldom with a part repeated."""
    return bytes((random.randrange(len(NAMES)) | (_REPEATED if random.random() < 0.1 else 0),)) + data[1:]


def _kind_of(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}-{Path(last.filename).stem}-{last.name}"


def _is_a_sentence(text: str) -> bool:
    return text.isprintable() and text.endswith((".", "?")) and len(text) < 1_000


def _grown_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
