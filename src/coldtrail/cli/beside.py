"""What `coldtrail inspect` prints of what telemetry tells beside the runs of functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from coldtrail.alerts.showing.plain import short
from coldtrail.alerts.wording.amounts import counted, in_words
from coldtrail.alerts.wording.phrases import repeated

if TYPE_CHECKING:
    from coldtrail.verbs.coverage.beside import Beside
    from coldtrail.verbs.inspecting import Inspection

_MOST_NAMES, _MOST_ACTIONS = 8, 4


def told_beside(beside: Beside) -> Iterator[str]:
    """A line for each kind that there is some of."""
    if beside.calls:
        number = sum([sum(actions.values()) for actions in beside.calls.values()])
        yield f"Calls in the audit log: {number:,}. {_by_name(beside.calls)}."
    if beside.refused:
        number = sum([sum(reasons.values()) for reasons in beside.refused.values()])
        yield f"Refused invocations among them, which are no runs: {number:,}. {_by_name(beside.refused)}."
    if beside.changes:
        number = sum([sum(actions.values()) for actions in beside.changes.values()])
        yield f"Changes of functions among them: {number:,}. {_by_name(beside.changes)}."
    if beside.reports or beside.instance_reports:
        yield _reports(beside)
    others = (
        (beside.accesses, "request that gateways logged", "requests that gateways logged"),
        (beside.traffic, "record of network traffic", "records of network traffic"),
        (beside.lookups, "host name that was looked up", "host names that were looked up"),
        (beside.metrics, "point of metrics", "points of metrics"),
    )
    told = [counted(number, *nouns) for number, *nouns in others if number]
    if told:
        yield f"Also here: {in_words(told, len(told))}."
    if beside.traces:
        names = [f"{short(name)} {number:,}" for name, number in beside.traces.items()]
        number = sum(beside.traces.values())
        begun = in_words(names, _MOST_NAMES)
        yield f"Traces without a run of a function: {number:,} ({begun}){_spans(beside)}."


def what_is_lacking(found: Inspection) -> str:
    """What to do where nothing tells of any function; empty where something does."""
    if found.coverage:
        return ""
    more = " Turn active tracing on for the functions that these traces call, if any." * bool(
        found.beside.traces
    )
    return (
        f"To do: add traces of functions; no function is named here.{more} "
        "docs/telemetry.md tells how to switch on and fetch each source."
    )


def _spans(beside: Beside) -> str:
    """How many spans those traces hold, and how often these are told."""
    if not beside.spans:
        return ""
    spans, again = counted(beside.spans, "span"), beside.span_records - beside.spans
    if not again:
        return f", of {spans}"
    return f", of {spans} in {counted(beside.span_records, 'record')}: a span in progress is told again"


def _by_name(counts: Mapping[str, Mapping[str, int]]) -> str:
    names = [f"{short(name)}: {_actions(actions)}" for name, actions in counts.items()]
    hidden = len(names) - _MOST_NAMES
    more = [f"{hidden:,} more"] if hidden > 0 else []
    return "; ".join([*names[:_MOST_NAMES], *more])


def _actions(actions: Mapping[str, int]) -> str:
    told = [repeated(short(action), number) for action, number in actions.items()]
    hidden = len(told) - _MOST_ACTIONS
    return ", ".join([*told[:_MOST_ACTIONS], *([counted(hidden, "other action")] if hidden > 0 else [])])


def _reports(beside: Beside) -> str:
    kinds = ((beside.reports, "on invocations"), (beside.instance_reports, "on instances"))
    told = in_words([f"{counted(number, 'record')} {kind}" for number, kind in kinds if number], 2)
    whole = f"Reports of the platform: {told} (an invocation may have several)"
    if not beside.nameless_reports:
        return f"{whole}."
    every = beside.nameless_reports == beside.reports + beside.instance_reports
    nameless = "None of them names" if every else f"{beside.nameless_reports:,} of them do not name"
    return f"{whole}. {nameless} a function, and neither does the log that they stood in."
