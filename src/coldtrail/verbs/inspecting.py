"""The verb `inspect`: what is in this telemetry, and what is missing from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from coldtrail.alerts.wording.amounts import counted
from coldtrail.config import Settings
from coldtrail.features.lean import whole
from coldtrail.pipeline import any_flows_from
from coldtrail.records.columns import WholeTrace
from coldtrail.records.flow import NOBODY, Flow
from coldtrail.records.identity import FunctionKey, OfFunction
from coldtrail.records.tally import REFUSED, REFUSED_SINCE, Tally, like
from coldtrail.records.telemetry import Document, Observations
from coldtrail.store.scratch import scratch
from coldtrail.verbs.coverage.beside import Beside
from coldtrail.verbs.coverage.cost import Cost
from coldtrail.verbs.coverage.covering import Covered, Covering
from coldtrail.verbs.coverage.oddities import oddities
from coldtrail.verbs.coverage.watching import Watching
from coldtrail.verbs.pseudonym_key import pseudonyms_alone
from coldtrail.verbs.reading import PathLike, Progress, nothing_readable, read_documents, silent
from coldtrail.verbs.repeats import READ, REPEATED, Repeats
from coldtrail.verbs.untraced import untraced

MOST_FLOWS = 10_000
"""Invocations listed one by one."""
_IGNORED = "files ignored: "
_WITHOUT_SUFFIX = "without a suffix"


class SeenFlow(OfFunction, frozen=True):
    """One function invocation."""

    function_flow_id: str
    application_flow_id: str
    start_time: float
    duration: float
    events: tuple[str, ...]
    """Names of the events, depth first, a dot for each level below the first."""
    cold_start: bool
    error: bool
    complete: bool
    trigger: str | None
    caller: str | None
    version: str | None


class SeenFunction(OfFunction, frozen=True):
    """All invocations of a function."""

    flows: int
    events: int
    cold_starts: int
    errors: int
    first_start: float
    last_start: float
    triggers: tuple[str, ...]
    versions: tuple[str, ...]


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
    oddities: list[str]
    """What is told twice, or cannot be quite so, one sentence each."""
    cost: Cost | None
    """A month; None where there is too little to tell from."""


def inspect(
    paths: Sequence[PathLike] | PathLike,
    *,
    format: str = "auto",
    settings: Settings | None = None,
    progress: Progress = silent,
) -> Inspection:
    """What files and folders hold; raises `ConfigError` where nothing in them could be read."""
    settings = settings or Settings()
    read = read_documents(paths, settings, format, progress, pseudonyms=pseudonyms_alone())
    census, covering, tally = _Census(), Covering(settings), read.tally
    repeats = Repeats(read.parser, tally.counts)

    def see(document: Document, told: Observations | WholeTrace) -> None:
        if not repeats.again:
            covering.take(document, told)

    def watch(told: Observations) -> None:
        if not repeats.again:
            covering.watch(told)

    parser, expecting = Watching(repeats, see), read.expecting
    with scratch() as store:
        for flow in map(
            whole,
            any_flows_from(read.documents, parser, settings, tally, store, expecting=expecting, watch=watch),
        ):
            census.add(flow)
            covering.add(flow)
    counts = tally.counts
    if not counts["documents parsed"]:
        raise nothing_readable(tally)
    formats, coverage = _formats(counts), covering.table({one.function_name for one in tally.unrecorded})
    (first_told, last_told), (accounts, regions) = covering.span, covering.places
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
        _sampling(census),
        tally.sentences(),
        tally.other_losses(),
        sorted(({one.account for one in coverage} | accounts) - {""}),
        sorted(({one.region for one in coverage} | regions) - {""}),
        first_told,
        last_told,
        coverage,
        covering.beside(census.traces),
        oddities(counts, repeated, covering.misplaced, covering.contradicted),
        covering.cost(),
    )


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


class _Census:
    """Counts flows as they pass."""

    def __init__(self) -> None:
        self.flows = self.events = self.incomplete = self.rootless = 0
        self.first, self.last = float("inf"), float("-inf")
        self.traces: set[str] = set()
        self.seconds: Counter[int] = Counter()
        self.functions: dict[FunctionKey, list[Counter[str]]] = {}
        self.spans: dict[FunctionKey, tuple[float, float]] = {}
        self.listed: list[SeenFlow] = []

    def add(self, flow: Flow) -> None:
        self.flows += 1
        self.events += len(flow.events)
        self.incomplete += not flow.complete
        self.rootless += flow.upstream_lost
        self.first, self.last = min(self.first, flow.start_time), max(self.last, flow.start_time)
        if flow.application_flow_id not in self.traces:
            self.traces.add(flow.application_flow_id)
            self.seconds[int(flow.start_time)] += 1
        self._add_function(flow)
        if len(self.listed) < MOST_FLOWS:
            self.listed.append(_seen(flow))

    def _add_function(self, flow: Flow) -> None:
        key = flow.key
        numbers, triggers, versions = self.functions.setdefault(key, [Counter(), Counter(), Counter()])
        numbers["flows"] += 1
        numbers["events"] += len(flow.events)
        numbers["cold"] += flow.cold_start
        numbers["errors"] += flow.error
        triggers[flow.trigger or ("unknown" if flow.upstream_lost else NOBODY)] += 1
        versions[flow.version or "unknown"] += 1
        first, last = self.spans.get(key, (flow.start_time, flow.start_time))
        self.spans[key] = min(first, flow.start_time), max(last, flow.start_time)

    def table(self) -> list[SeenFunction]:
        return [self._row(key) for key in sorted(self.functions)]

    def _row(self, key: FunctionKey) -> SeenFunction:
        numbers, triggers, versions = self.functions[key]
        return SeenFunction(
            *key,
            numbers["flows"],
            numbers["events"],
            numbers["cold"],
            numbers["errors"],
            *self.spans[key],
            tuple(name for name, _ in triggers.most_common(5)),
            tuple(name for name, _ in versions.most_common(5)),
        )


def _seen(flow: Flow) -> SeenFlow:
    return SeenFlow(
        *flow.key,
        flow.function_flow_id,
        flow.application_flow_id,
        flow.start_time,
        flow.end_time - flow.start_time,
        tuple("." * (d - 1) + e.event_name for e, d in zip(flow.events, flow.depths, strict=True)),
        flow.cold_start,
        flow.error,
        flow.complete,
        flow.trigger,
        flow.caller,
        flow.version,
    )


def _gaps(tally: Tally, census: _Census) -> list[str]:
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
        (census.rootless, "flow", "without what triggered it (the record of the caller is missing)"),
    ]
    told = [f"{counted(number, noun)} {what}." for number, noun, what in found if number]
    return told + untraced(tally, {key.function for key in census.functions})


def _sampling(census: _Census) -> str:
    busiest = max(census.seconds.values(), default=0)
    if not busiest:
        return "No trace of a function is here; whether any was sampled away cannot be told."
    if busiest <= 1:
        return "No second holds more than one trace, as where the cloud records about one request a second."
    return (
        f"Up to {busiest:,} traces started in one second: more than the one a second that Lambda's active "
        "tracing keeps before it samples 5 %. Telemetry alone cannot tell what was sampled away."
    )
