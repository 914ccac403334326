"""What coverage-guided fuzzing begins with: sound documents of all formats, and real ones where they are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.fuzz.targets import NAMES, input_for
from coldtrail.formats.detect import AUTO
from coldtrail.registry import FORMATS
from coldtrail.testing import make_history
from tests.fixtures import otel, witnesses
from tests.fixtures.telemetry import as_answered, payload_of, traces
from tests.verbs.telemetry_files import native_events

SHARED = Path(__file__).parents[3] / "shared"
_REAL = ("data", "cases")
_MOST_BYTES = 1 << 14
_PART_BYTES = 1 << 14
_WORD = re.compile(rb'"([A-Za-z][\w.:/-]{1,40})"|\b([A-Z_]{3,20}|[A-Z][a-z]+Id)\b')
_MOST_WORDS = 4_000


def sound() -> dict[str, list[bytes]]:
    """Some documents of each format."""
    found: dict[str, list[bytes]] = {name: [] for name in FORMATS}
    found["xray"] = [payload_of(one) for one in traces(6, seed=3)]
    found["xray"] += [_dumps(part["Document"]) for one in traces(1) for part in one["Segments"]]
    for flow in make_history(2):
        found["native"] += [_dumps(event) for event in native_events(flow)]
    for documents in (witnesses.DOCUMENTS, witnesses.SECRETS, otel.DOCUMENTS, otel.SECRETS):
        for name, document in documents.items():
            found[name].append(document if isinstance(document, bytes) else _dumps(document))
    found["otlp"].append(otel.SECRET_WIRE)
    found["access-log"].append(witnesses.BALANCED)
    return found


def seeds(shared: Path = SHARED) -> Iterator[bytes]:
    """The inputs to begin with."""
    documents = sound()
    for name, some in documents.items():
        for document in some:
            yield input_for(name, document)
            yield input_for(AUTO, document)
    mixed = [some[0] for some in documents.values() if some and b"\n" not in some[0]]
    answers = [_dumps(as_answered(one)) for one in traces(3, seed=8)]
    for name in NAMES:
        if name not in documents and name != AUTO:
            yield input_for(name, b"\n".join(mixed + answers))
            yield from (input_for(name, some[-1]) for some in documents.values())
    for content in real(shared):
        yield input_for("file", content)
        yield input_for(AUTO, content)


def real(shared: Path = SHARED) -> Iterator[bytes]:
    """The beginnings of real files, and their first lines, where they are at hand."""
    for path in sorted(path for folder in _REAL for path in (shared / folder).rglob("*") if path.is_file()):
        content = path.read_bytes()
        if path.suffix in (".json", ".jsonl", ".txt"):
            if len(content) <= _MOST_BYTES:
                yield content
            yield from (line for line in content.split(b"\n", 20)[:20] if 20 < len(line) <= _PART_BYTES)


def words(inputs: list[bytes]) -> list[str]:
    """The words of a libFuzzer dictionary: keys and values that stand in the inputs."""
    found = {one or other for text in inputs for one, other in _WORD.findall(text)}
    return [f'"{word.decode()}"' for word in sorted(found)[:_MOST_WORDS]]


def _dumps(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
