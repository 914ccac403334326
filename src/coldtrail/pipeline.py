"""Documents in, flows and verdicts out: pure composition, with counts in and out of every stage."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from coldtrail.assembly.assembler import FlowAssembler
from coldtrail.bundle.model import Model
from coldtrail.config import LimitSettings
from coldtrail.detectors.detector import Parser
from coldtrail.detectors.drift.runs import Judged
from coldtrail.errors import DocumentError
from coldtrail.features.encode import encode
from coldtrail.records.flow import Flow
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document, Parsed
from coldtrail.records.verdict import Verdict

BATCH_FLOWS = 4096


def flows_from(
    documents: Iterable[Document], parser: Parser, limits: LimitSettings, tally: Tally
) -> Iterator[Flow]:
    """The function flows of documents; what a document lacks or breaks is counted, and stops nothing."""
    assembler = FlowAssembler(limits, tally)
    counts = tally.counts
    for document in documents:
        try:
            parsed = parser(document)
        except DocumentError as error:
            counts["documents refused"] += 1
            tally.lose("document", origin=document.origin, place=document.place, reason=str(error))
            continue
        counts["documents parsed"] += 1
        if parsed.problems:
            _lose_parts(document, parsed, tally)
        yield from assembler.add(parsed)
    yield from assembler.finish()


def _lose_parts(document: Document, parsed: Parsed, tally: Tally) -> None:
    kind, origin, place = "part of a document", document.origin, document.place
    for problem in parsed.problems:
        tally.lose(kind, origin=origin, place=place, reason=problem)
    if parsed.more_problems:
        reason = f"{parsed.more_problems:,} more parts of this document were left out."
        tally.lose(kind, origin=origin, place=place, reason=reason, number=parsed.more_problems)


Aside = Callable[[Judged], object]
"""Is shown each batch of flows, as it was judged."""


def verdicts_from(
    flows: Iterable[Flow], model: Model, tally: Tally, aside: Aside | None = None
) -> Iterator[tuple[Verdict, Flow]]:
    """Each flow with its verdict, in the order in which the flows come."""
    waiting = iter(flows)
    while batch := list(islice(waiting, BATCH_FLOWS)):
        encoded = encode(batch, model.vocabulary)
        verdicts = model.judge_encoded(batch, encoded)
        if aside is not None:
            aside(Judged(encoded, batch, verdicts))
        tally.counts.update(verdict.verdict for verdict in verdicts)
        tally.count("flows scored", len(batch))
        yield from zip(verdicts, batch, strict=True)
