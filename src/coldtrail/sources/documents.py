"""A stream of bytes as documents: expanded, split and taken out of envelopes, whoever gives the bytes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from coldtrail.config import LimitSettings
from coldtrail.records.tally import EMPTY, Tally
from coldtrail.records.telemetry import Document
from coldtrail.sources.envelopes import Envelopes
from coldtrail.sources.expansion import Expansion, Stream
from coldtrail.sources.outcomes import MOST_REFUSED
from coldtrail.sources.splitting import Splitter

_HOPELESS = f"its first {MOST_REFUSED:,} documents were all refused; the rest of it was not read."


def ignore(size: int) -> None:
    """Does not ask how many bytes were read."""


def documents_of(
    stream: Stream,
    origin: str,
    limits: LimitSettings,
    tally: Tally,
    *,
    size: int | None = None,
    skip: int = 0,
    within: str = "",
    on_bytes: Callable[[int], None] = ignore,
    hopeless: Collection[str] = (),
    counted: str = "files read",
) -> Iterator[Document]:
    """Each document of a stream, but for the first `skip`; all that is no document is counted in the tally.

    `size` is that of the stream, where it is known, by which expansion is bounded; `within` stands before
    each place. Reading ends early where the origin has become hopeless. `counted` is what one such stream is
    called in the tally. What the stream itself raises, but for `OSError`, goes through.
    """
    expansion = Expansion(stream, size, limits, on_bytes)
    lost = tally.lost
    number = 0

    def lose(kind: str, place: str, reason: str) -> None:
        # What was lost before documents that are skipped was counted when they were given.
        if number >= skip:
            tally.lose(kind, origin=origin, place=_below(within, place), reason=reason)

    most = limits.max_document_bytes
    splitter = Splitter(most, lose, lambda: expansion.damage is not None)
    envelopes = Envelopes(most, lose, limits.max_expansion)
    try:
        for place, payload, log in envelopes.opened(splitter.split(iter(expansion))):
            number += 1
            if number > skip:
                yield Document(payload, origin, _below(within, place), log)
            if origin in hopeless:
                lose("nothing but refused documents", f"after document {number:,}", _HOPELESS)
                break
    finally:
        tally.count("documents read", max(0, number - skip))
        tally.count(counted)
        tally.count(EMPTY, splitter.empty + envelopes.empty)
    if expansion.damage is not None:
        lose(expansion.damage.kind, f"after document {number:,}" if number else "", expansion.damage.reason)
    if number == 0 and tally.lost == lost and not splitter.empty + envelopes.empty:
        lose("file without documents", "", "there is no document in this file.")


def _below(within: str, place: str) -> str:
    return f"{within}, {place}" if within and place else within or place
