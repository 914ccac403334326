"""Flows that several workers read, assemble and judge, to be followed and grouped by one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BytesIO
from math import inf
from pathlib import Path

import msgspec

from coldtrail.assembly.from_documents import batches
from coldtrail.assembly.windows import Windows
from coldtrail.bundle.folder import load
from coldtrail.errors import BundleError
from coldtrail.pipeline import BATCH_FLOWS, Judging, JudgingAlone, signalling_of
from coldtrail.records.tally import Tally
from coldtrail.verbs.earlier import Earlier
from coldtrail.verbs.judged_parts import JudgedPart, in_order, part_of
from coldtrail.verbs.passed import Passed
from coldtrail.verbs.shared_flows import shared_by
from coldtrail.verbs.shares import Told, merge
from coldtrail.verbs.tasks import END, PART, Task, Tell, digest
from coldtrail.verbs.verdict_lines import VerdictLines
from coldtrail.verbs.workers import Workers

_encode = msgspec.msgpack.Encoder().encode
_decode_part = msgspec.msgpack.Decoder(JudgedPart).decode
_decode_told = msgspec.msgpack.Decoder(Told).decode


def make(task: Task, tell: Tell) -> Iterator[bytes]:
    """A worker's flows as they were judged, and what it counted."""
    folder = Path(os.fsdecode(task.bundle))
    model, manifest = load(folder, with_profiles=False)
    if digest(manifest) != task.manifest:
        raise BundleError(f"{folder}: another command replaced this bundle meanwhile; run this one again.")
    shared = shared_by(task, tell)
    judging, windows = JudgingAlone(model, shared.tally), Windows(model.settings)
    counts = signalling_of(model, Tally()).wants_flows
    for some in batches(shared.flows(), BATCH_FLOWS):
        flows = [one.flow for one in some]
        judged, prepared = judging.judge(flows)
        if counts:
            windows.push(flows)
        passed = Passed(VerdictLines(BytesIO()), Earlier(), only_anomalous=task.only_anomalous)
        passed.take(judged)
        yield PART + _encode(part_of([one.number for one in some], prepared, passed))
    told = shared.told()
    told.minutes = windows.counted()
    yield END + _encode(told)


def take_all(workers: Workers, judging: Judging, passed: Passed, tally: Tally) -> None:
    """Takes what all workers judged, in the order in which one would have judged it, to the end."""
    told: list[Told] = []
    for prepared in in_order([_parts(workers, number, passed, told) for number in range(len(workers))]):
        judging.take(prepared)
    if judging.signalling is not None:
        for one in told:
            judging.signalling.add(one.minutes)
    judging.advance(inf)
    merge(tally, told)


def _parts(workers: Workers, number: int, passed: Passed, told: list[Told]) -> Iterator[JudgedPart]:
    while (message := workers.receive(number))[:1] == PART:
        part = _decode_part(message[1:])
        passed.add(part.passed)
        yield part
    told.append(_decode_told(message[1:]))
