"""Documents to flows, or to windows, for who judges none of them; and things some at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from math import inf
from typing import TypeVar

from coldtrail.assembly.assembling import Assembling, Expecting, nothing_more, straight
from coldtrail.assembly.windows import Windows
from coldtrail.config import Settings
from coldtrail.features.lean import whole
from coldtrail.records.columns import AnyFlow
from coldtrail.records.flow import Flow
from coldtrail.records.stage import Store
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document, Observations, Parser
from coldtrail.records.window import Window

BATCH_DOCUMENTS = 256
T = TypeVar("T")


def flows_from(
    documents: Iterable[Document],
    parser: Parser,
    settings: Settings,
    tally: Tally,
    store: Store | None = None,
    *,
    expecting: Expecting = nothing_more,
) -> Iterator[Flow]:
    """The function flows of documents, for who judges none of them."""
    return map(whole, any_flows_from(documents, parser, settings, tally, store, expecting=expecting))


def any_flows_from(
    documents: Iterable[Document],
    parser: Parser,
    settings: Settings,
    tally: Tally,
    store: Store | None = None,
    *,
    expecting: Expecting = nothing_more,
    watch: Callable[[Observations], None] | None = None,
) -> Iterator[AnyFlow]:
    """The same, with their steps as columns where that can be; `watch` is told what documents tell beside
    whole traces."""
    assembling = Assembling(straight(parser), settings, tally, store, expecting=expecting, watch=watch)
    for some in batches(documents, BATCH_DOCUMENTS):
        yield from assembling.passing(some)
    yield from assembling.drain()


def windows_from(
    documents: Iterable[Document],
    parser: Parser,
    settings: Settings,
    tally: Tally,
    store: Store | None = None,
    *,
    expecting: Expecting = nothing_more,
) -> Iterator[Window]:
    """How much each function ran in each minute, by all that documents tell, in the order of time."""
    windows = Windows(settings)

    def watch(told: Observations) -> None:
        windows.push([*told.reports, *told.metrics])

    assembling = Assembling(straight(parser), settings, tally, store, expecting=expecting, watch=watch)
    for some in batches(documents, BATCH_DOCUMENTS):
        windows.push(assembling.passing(some))
    windows.push(assembling.drain())
    yield from windows.advance(inf)


def batches(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """The things, so many at a time."""
    waiting = iter(things)
    while some := list(islice(waiting, size)):
        yield some
