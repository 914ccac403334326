"""The verb `inspect`: what is in this telemetry, and what is missing from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from coldtrail.alerts.wording.amounts import counted
from coldtrail.assembly.from_documents import any_flows_from
from coldtrail.config import Settings
from coldtrail.features.homes import at_home
from coldtrail.features.lean import whole
from coldtrail.formats.detect import parser_for, tells_besides
from coldtrail.records.columns import WholeTrace
from coldtrail.records.flow import Flow
from coldtrail.records.stage import Store
from coldtrail.records.tally import REFUSED, REFUSED_SINCE, Tally, like
from coldtrail.records.telemetry import Document, Observations
from coldtrail.store.scratch import scratch
from coldtrail.verbs.coverage.beside import Beside
from coldtrail.verbs.coverage.census import Census, SeenFlow, SeenFunction, sampling
from coldtrail.verbs.coverage.cost import Cost
from coldtrail.verbs.coverage.covering import Covered, Covering
from coldtrail.verbs.coverage.lag import Lag
from coldtrail.verbs.coverage.oddities import oddities
from coldtrail.verbs.coverage.watching import Watching
from coldtrail.verbs.pseudonym_key import pseudonyms_alone
from coldtrail.verbs.reading import (
    PathLike,
    Progress,
    Telemetry,
    check_readable,
    of_a_quiet_hour,
    read_documents,
    silent,
)
from coldtrail.verbs.repeats import READ, REPEATED, Repeats
from coldtrail.verbs.untraced import unrecorded, untraced

_IGNORED = "files ignored: "
_WITHOUT_SUFFIX = "without a suffix"


class SeenFormat(Struct, frozen=True):
    """What became of the documents of a format, or of those that look like none."""

    read: int = 0
    refused: int = 0
    repeated: int = 0
    """The same as a document read before."""


class Inspection(Struct, frozen=True):
    """What telemetry holds."""

    formats: dict[str, SeenFormat]
    """Their documents add up to all that were found."""
    documents: int
    refused: dict[str, int]
    """Documents, by the reason."""
    first_refused: dict[str, str]
    """The place of the first of them, by the reason."""
    passed_over: dict[str, int]
    """Files in folders that are no telemetry by their names, by their suffix."""
    traces: int
    flows: int
    events: int
    first_start: float | None
    """None where there is no flow."""
    last_start: float | None
    functions: list[SeenFunction]
    invocations: list[SeenFlow]
    """The first of them, by start."""
    gaps: list[str]
    """What is missing, one sentence each."""
    unrecorded: dict[str, str]
    """Functions that were invoked and have no record, with how often and by whom; `gaps` tell of them too."""
    sampling: str
    losses: list[str]
    """All that was not read, or read in part, one sentence each."""
    other_losses: list[str]
    """The same but for refused documents."""
    accounts: list[str]
    regions: list[str]
    first_told: float | None
    """The first time that anything tells of, a trace or another witness."""
    last_told: float | None
    coverage: list[Covered]
    """Of each function that anything tells of, traced or not."""
    beside: Beside
    """What is told beside the runs of functions."""
    lag: list[Lag]
    """How late records came, of those kinds of which it is known."""
    oddities: list[str]
    """What is told twice, or cannot be quite so, one sentence each."""
    cost: Cost | None
    """A month; None where there is too little to tell from."""
    quiet: str = ""
    """What is to say where all that was read are answers that hold nothing; else empty."""


def inspect(
    paths: Sequence[PathLike] | PathLike,
    *,
    format: str = "auto",
    settings: Settings | None = None,
    progress: Progress = silent,
) -> Inspection:
    """What files and folders hold; raises `ConfigError` where nothing in them could be read."""
    settings = settings or Settings()
    return _inspected(
        read_documents(paths, settings, format, progress, pseudonyms=pseudonyms_alone()), settings
    )


def inspect_documents(documents: Iterable[Document], settings: Settings, tally: Tally) -> Inspection:
    """What documents hold that were fetched already; raises `ConfigError` where none could be read."""
    tells = tells_besides("auto", settings)
    held = list(documents)
    parser = parser_for("auto", settings, tally.counts, pseudonyms_alone())
    read = Telemetry(iter(held), parser, tally, lambda: any(map(tells, held)))
    return _inspected(read, settings)


def _inspected(read: Telemetry, settings: Settings) -> Inspection:
    census, covering, tally = Census(), Covering(settings), read.tally
    with scratch() as store:
        for flow in _flows(read, settings, covering, store):
            census.add(flow)
            covering.add(flow)
    counts = tally.counts
    check_readable(tally)
    formats, coverage = _formats(counts), covering.table({one.function_name for one in tally.unrecorded})
    (first_told, last_told), (accounts, regions) = covering.span(census.traces), covering.places
    repeated = sum([one.repeated for one in formats.values()])
    return Inspection(
        formats,
        counts["documents read"],
        _by_name(counts, REFUSED_SINCE),
        {like(one.reason): one.where for _, one in tally.refusals() if one.origin},
        _passed_over(counts),
        len(census.traces),
        census.flows,
        census.events,
        census.first if census.flows else None,
        census.last if census.flows else None,
        census.table(),
        sorted(census.listed, key=lambda one: (one.start_time, one.function_flow_id)),
        _gaps(tally, census),
        dict(unrecorded(tally, {key.function for key in census.functions})),
        sampling(census),
        tally.sentences(),
        tally.other_losses(),
        sorted(({one.account for one in coverage} | accounts) - {""}),
        sorted(({one.region for one in coverage} | regions) - {""}),
        first_told,
        last_told,
        coverage,
        covering.beside(census.traces),
        covering.lag(),
        oddities(counts, repeated, covering.misplaced, covering.contradicted),
        covering.cost(),
        of_a_quiet_hour(tally) if tally.is_quiet else "",
    )


def _flows(read: Telemetry, settings: Settings, covering: Covering, store: Store) -> Iterator[Flow]:
    """The flows of documents; what documents tell beside is shown, once where they come again."""
    repeats = Repeats(read.parser, read.tally.counts)

    def take(document: Document, told: Observations | WholeTrace) -> None:
        if not repeats.again:
            covering.take(document, told)

    def watch(told: Observations) -> None:
        if not repeats.again:
            covering.watch(told)

    parser, expecting = Watching(repeats, take), read.expecting
    found = any_flows_from(
        read.documents, parser, settings, read.tally, store, expecting=expecting, watch=watch
    )
    return map(whole, at_home(found))


def _by_name(counts: Counter[str], label: str) -> dict[str, int]:
    return {key.removeprefix(label): n for key, n in counts.items() if key.startswith(label) and n}


def _formats(counts: Counter[str]) -> dict[str, SeenFormat]:
    read, repeated = _by_name(counts, READ), _by_name(counts, REPEATED)
    refused = _by_name(counts, REFUSED)
    names = dict.fromkeys([*read, *repeated, *refused])
    return {one: SeenFormat(read.get(one, 0), refused.get(one, 0), repeated.get(one, 0)) for one in names}


def _passed_over(counts: Counter[str]) -> dict[str, int]:
    found = _by_name(counts, _IGNORED)
    return {_WITHOUT_SUFFIX if kind == "other" else kind: n for kind, n in sorted(found.items())}


def _gaps(tally: Tally, census: Census) -> list[str]:
    counts = tally.counts
    unrecorded = counts["invocations without a record of their own"]
    failed = counts["invocations that failed before the function ran"]
    found = [
        (
            unrecorded,
            "invocation",
            "without a record of the function itself (sampled away, lost, or never run)",
        ),
        (failed, "failure", "among those, throttling included, before the function ran"),
        (
            census.incomplete,
            "flow",
            "still open, or known to lack parts: nothing is taken for left out",
        ),
        (
            census.outside,
            "call",
            "outside any invocation (as a module was loaded, or in the background): counted as none",
        ),
        (census.rootless, "flow", "without what triggered it (the record of the caller is missing)"),
    ]
    told = [f"{counted(number, noun)} {what}." for number, noun, what in found if number]
    return told + untraced(tally, {key.function for key in census.functions})
