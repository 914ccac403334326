"""Telemetry that is hard to share among workers, and workers that are no processes."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from coldtrail.config import Settings
from coldtrail.testing import make_flow
from coldtrail.verbs.shares import MisledError
from coldtrail.verbs.tasks import MISLED, PROGRESS, Task, ToRead
from coldtrail.verbs.worker import messages
from tests.fixtures.odd_traces import OddTraces
from tests.fixtures.telemetry import Json, as_answered, payload_of, traces
from tests.verbs.telemetry_files import USUAL, native_lines


def segments(trace: Json) -> list[bytes]:
    """The documents of a trace as daemons send them, each by itself."""
    return [json.dumps(part["Document"]).encode() for part in trace["Segments"]]


def write_mixed(folder: Path, number: int = 60, seed: int = 7) -> Path:
    """Files of X-Ray and native telemetry, whole, broken, doubled and in pieces; traces lie across files."""
    folder.mkdir()
    whole = list(traces(number, seed=seed))
    first, second, third, answered = whole[0::4], whole[1::4], whole[2::4], whole[3::4]
    lines = [payload_of(trace) for trace in first]
    native = replace(make_flow(USUAL, flow_id="native"), application_flow_id=first[0]["Id"])
    odd = replace(make_flow(USUAL, flow_id="odd"), application_flow_id='a "trace"')
    lines += [*native_lines([native, odd]), b'{"Id":"1-broken","Segments":[{"Do', b"[1, 2]", b'"text"']
    lines.append(
        payload_of({**first[1], "Segments": first[1]["Segments"][:1] * 2 + [{"Id": "x", "Document": 5}]})
    )
    (folder / "a.jsonl").write_bytes(b"\n".join(lines))
    pieces = [part for trace in second for part in segments(trace)]
    (folder / "b.jsonl").write_bytes(b"\n".join([*pieces[0::2], payload_of(first[2])]))
    (folder / "c.jsonl.gz").write_bytes(gzip.compress(b"\n".join(pieces[1::2]), mtime=0))
    (folder / "d.json").write_bytes(json.dumps({"Traces": [as_answered(one) for one in answered]}).encode())
    (folder / "e.json").write_bytes(b"[" + b",".join(part for one in third for part in segments(one)) + b"]")
    turned = [json.dumps(as_answered(one), sort_keys=True).encode() for one in third[:3]]
    last = [json.dumps(dict(reversed(as_answered(one).items()))).encode() for one in third[3:6]]
    listed = [b"[" + b",".join(segments(third[6]) + segments(first[3])) + b"]"]
    orphans = [json.dumps(_orphan(one)).encode() for one in (*first[:2], *second[:2])]
    (folder / "f.jsonl").write_bytes(b"\n".join([*turned, *last, *listed, *orphans, *native_lines([native])]))
    (folder / "g.jsonl").write_bytes(b"")
    strange = OddTraces(seed, odds=0.4)
    odd_ones = [strange.trace() for _ in range(number // 2)]
    (folder / "g.json").write_text(json.dumps(odd_ones), encoding="utf-8")
    (folder / "h.jsonl.gz").write_bytes(gzip.compress(b"\n".join(lines), mtime=0)[:-900])
    return folder


def _orphan(trace: Json) -> Json:
    """A subsegment of a function that nobody tells of."""
    own = next(one["Document"] for one in trace["Segments"])
    times = {"start_time": own["start_time"], "end_time": own["start_time"] + 0.1}
    ids = {"id": own["id"][::-1], "trace_id": trace["Id"], "parent_id": "0" * 16}
    return {**ids, "name": "DynamoDB", "type": "subsegment", "namespace": "aws", **times}


def to_read(path: Path, settings: Settings | None = None) -> ToRead:
    """The telemetry at a path, of any format."""
    return ToRead([bytes(path)], "auto", settings or Settings())


class Inline:
    """What workers say, made where it is asked for."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._said = [_said(task) for task in tasks]

    def __len__(self) -> int:
        return len(self._said)

    def receive(self, number: int) -> bytes:
        """The next message of a worker."""
        message = next(self._said[number])
        if message == MISLED:
            raise MisledError
        return message


def _said(task: Task) -> Iterator[bytes]:
    return (message for message in messages(task, lambda more: None) if not message.startswith(PROGRESS))
