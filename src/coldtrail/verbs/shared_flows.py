"""Flows that several workers read and assemble, in the order in which one would give them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import merge as merged
from operator import itemgetter

import msgspec

from coldtrail.assembly.from_documents import batches
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.columns import AnyFlow
from coldtrail.records.tally import Tally
from coldtrail.verbs.packed_flows import Packer, Unpacker
from coldtrail.verbs.shares import SharedFlows, Told, merge
from coldtrail.verbs.tasks import END, PART, Task, Tell
from coldtrail.verbs.workers import Progress, Workers, working

_AT_ONCE = 1_024
_encode = msgspec.msgpack.Encoder().encode
_decode_told = msgspec.msgpack.Decoder(Told).decode


def shared_by(task: Task, tell: Tell) -> SharedFlows:
    """The flows of a worker's share."""
    reading = task.reading
    pseudonyms = Pseudonyms(reading.pseudonym_key)
    return SharedFlows(
        task.share,
        reading.files,
        reading.format,
        reading.settings,
        tell,
        lean=True,
        pseudonyms=pseudonyms,
    )


def make(task: Task, tell: Tell) -> Iterator[bytes]:
    """A worker's flows, and what it counted."""
    shared = shared_by(task, tell)
    packer = Packer()
    for some in batches(shared.flows(), _AT_ONCE):
        yield PART + packer.pack(some)
    yield END + _encode(shared.told())


def flows_in(
    tasks: Sequence[Task], tally: Tally, progress: Progress, total: int, pseudonyms: Pseudonyms
) -> Iterator[AnyFlow]:
    """The flows of all workers; in the end the tally holds what was counted, and the pseudonyms tell whether
    workers made any."""
    told: list[Told] = []
    with working(tasks, progress, total) as workers:
        each = [_flows(workers, number, told) for number in range(len(workers))]
        for _, flow in merged(*each, key=itemgetter(0)):
            yield flow
    merge(tally, told)
    pseudonyms.used |= any(one.pseudonyms for one in told)


def _flows(workers: Workers, number: int, told: list[Told]) -> Iterator[tuple[int, AnyFlow]]:
    unpacker = Unpacker()
    while (message := workers.receive(number))[:1] == PART:
        yield from unpacker.unpack(message[1:])
    told.append(_decode_told(message[1:]))
