"""What writers of telemetry have in common: traces and facts go in, in release order; files come out."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar

from coldtrail_testbed.cloud.traces import Document
from coldtrail_testbed.compressed_file import CompressedFile
from coldtrail_testbed.facts import Facts


class Writer:
    """Writes one format into the folder of a recording; a format overrides what it is made from."""

    name: ClassVar[str]

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._counts: Counter[str] = Counter()
        self._files: dict[str, CompressedFile] = {}

    def trace(self, trace: Document) -> None:
        """None; one assembled trace, `{"id", "segments"}`, is written."""

    def facts(self, facts: Facts) -> None:
        """None; what happened since the last call is written."""

    def label(self, trace_id: str, flow_id: str, attack: str, event_ids: Sequence[str]) -> None:
        """None; events of a trace are an attack's: called for each attacked flow, before or after `trace`."""

    def close(self) -> None:
        """None; all files are complete."""
        with ExitStack() as stack:
            for file in self._files.values():
                stack.callback(file.close)

    @property
    def counts(self) -> Mapping[str, int]:
        """The records written so far, by file."""
        return dict(self._counts)

    def _open(self, file: str) -> None:
        """None; `file` exists, even if nothing is written into it."""
        self._files[file] = CompressedFile(self._folder / file)
        self._counts[file] = 0

    def _line(self, file: str, record: Mapping[str, Any]) -> None:
        """None; `record` is the next line of `file`."""
        self._files[file].write(compact_json(record) + b"\n")
        self._counts[file] += 1


def compact_json(record: Mapping[str, Any]) -> bytes:
    """`record` as JSON without spaces."""
    return json.dumps(record, separators=(",", ":")).encode()


def whole_ms(seconds: float) -> int:
    """UTC epoch milliseconds of a time in seconds."""
    return int(round(seconds * 1000, 3))
