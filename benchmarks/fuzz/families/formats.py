"""Documents of all formats but the oldest two, hostile and mixed, beside traces they may be joined to."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random

from benchmarks.fuzz import mutations
from benchmarks.fuzz.families.documents import CALLS, VERBS, expanded, packed
from benchmarks.fuzz.ground import Ground
from benchmarks.fuzz.judging import problems_of
from benchmarks.fuzz.seeds import sound
from coldtrail.registry import FORMATS
from tests.fixtures import otel, witnesses
from tests.fixtures.telemetry import as_answered, traces

NEW = tuple(name for name in FORMATS if name not in ("xray", "native"))
Named = tuple[str, bytes]
"""The name and the bytes of a file."""


def run(random: Random, ground: Ground, folder: Path) -> list[str]:
    """The problems of one case."""
    (folder / "in").mkdir()
    files = hostile(random)
    for name, data in files:
        (folder / "in" / name).write_bytes(data)
    (folder / "in" / "zz.jsonl").write_bytes(ground.good.read_bytes())
    size = sum(max(len(data), expanded(data)) for _, data in files) + 20_000
    verb = CALLS[random.choice(VERBS)]
    return problems_of(lambda: verb(ground, folder), size, may_refuse=False)


def hostile(random: Random) -> list[Named]:
    """Files of one format or of several, and mostly one of the trace that some of them speak of."""
    (trace,) = traces(1, seed=random.randrange(2**30))
    ids = _ids(trace)
    files = [_file(random, name, ids) for name in random.sample(NEW, random.choice((1, 1, 2, 4, len(NEW))))]
    if random.random() < 0.3:
        lines = b"\n".join(data for _, data in files if b"\n" not in data)
        files = [("mixed.jsonl", lines or b"{}")]
    if random.random() < 0.8:
        files.append(("trace.jsonl", json.dumps(as_answered(trace)).encode()))
    return files


def _ids(trace: dict[str, object]) -> list[tuple[bytes, bytes]]:
    """What stands for the ids of documents, so that they are those of the trace."""
    held = json.dumps(trace)
    at = held.find('"request_id": "')
    request = held[at + 15 : at + 51] if at >= 0 else witnesses.REQUEST_ID
    own = str(trace["Id"])
    plain = own[2:].replace("-", "")
    pairs = ((witnesses.REQUEST_ID, request), (witnesses.TRACE_ID, own), (witnesses.OPERATION, plain))
    wire = (bytes.fromhex(OTEL_TRACE), bytes.fromhex(plain))
    return [
        *((old.encode(), new.encode()) for old, new in pairs),
        (OTEL_TRACE.encode(), plain.encode()),
        wire,
    ]


OTEL_TRACE = otel.some_spans({})[0].trace_id


@cache
def _sound(name: str) -> Sequence[bytes]:
    return sound()[name]


def _file(random: Random, name: str, ids: list[tuple[bytes, bytes]]) -> Named:
    parts = [_joined(random, random.choice(_sound(name)), ids) for _ in range(random.choice((1, 3, 12)))]
    hurt = random.randrange(5)
    if hurt < 3:
        parts = [_changed(random, part) for part in parts]
    is_wire = any(part.startswith(b"\n") for part in parts)
    data = _framed(random, parts) if is_wire else b"\n".join(parts)
    if hurt > 1:
        data = mutations.battered(random, data)
    ending = "pb" if is_wire else random.choice(("jsonl", "log", "json"))
    if random.random() < 0.2:
        return f"{name}.{ending}.gz", packed(random, data)[1] if random.random() < 0.5 else gzip.compress(
            data, mtime=0
        )
    return f"{name}.{ending}", data


def _joined(random: Random, document: bytes, ids: list[tuple[bytes, bytes]]) -> bytes:
    """The document with the ids of the trace, each mostly."""
    for old, new in ids:
        if random.random() < 0.8:
            document = document.replace(old, new)
    return document


def _changed(random: Random, document: bytes) -> bytes:
    try:
        value = json.loads(document)
    except ValueError:
        return mutations.battered(random, document)
    return mutations.dumped(random, mutations.changed(random, value))


def _framed(random: Random, parts: list[bytes]) -> bytes:
    """Requests in protobuf's wire format, as one of the ways to write several has them; some lengths lie."""
    if random.random() < 0.5:
        return b"".join(parts)
    lie = random.choice((0, 0, 0, 1, 2**31))
    return b"".join((len(part) + lie).to_bytes(4, "big") + part for part in parts)
