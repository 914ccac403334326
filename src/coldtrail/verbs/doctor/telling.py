"""What a sample of the telemetry shows: what is traced and what not, how much is sampled, how late it comes,
and what it costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from coldtrail.alerts.wording.amounts import counted, duration, in_words
from coldtrail.config import LimitSettings
from coldtrail.errors import SourceError
from coldtrail.records.tally import Tally
from coldtrail.service.settings import SourceTable
from coldtrail.sources.aws.looking import functions_of
from coldtrail.sources.context import SourceContext
from coldtrail.verbs.coverage.cost import MONTH_S
from coldtrail.verbs.coverage.covering import Covered
from coldtrail.verbs.doctor.finding import Finding, fine, noted
from coldtrail.verbs.inspecting import Inspection

_MOST_NAMES = 12
_LATE_S = 900.0


def findings_of(found: Inspection) -> Iterator[Finding]:
    """What the sample of all sources shows."""
    if found.flows:
        told = (
            f"{counted(found.flows, 'flow')} of {counted(len(found.functions), 'function')} were looked at."
        )
        yield fine("telemetry", told)
        yield fine("sampling", found.sampling)
    else:
        yield noted(
            "telemetry",
            "What was looked at holds no run of a function.",
            "Name a source of traces: otlp, xray-api, or cloudwatch-logs with the group aws/spans.",
        )
    for lag in found.lag:
        told = (
            f"Half of the {lag.of} came within {duration(lag.median_s)}, all within {duration(lag.most_s)}."
        )
        remedy = "" if lag.most_s <= _LATE_S else "Raise limits.witness_lateness_s if that is usual."
        yield noted(f"lag of {lag.of}", told, remedy) if remedy else fine(f"lag of {lag.of}", told)
    yield from _cost(found)
    for one in found.coverage:
        yield from _of_function(one)


def _cost(found: Inspection) -> Iterator[Finding]:
    if found.cost is None:
        yield noted("cost", "What was looked at is too little to tell what it costs a month.")
        return
    share = found.cost.seconds / MONTH_S
    yield fine(
        "cost",
        f"About {found.cost.total:,.2f} USD a month are paid for recording as much ({found.cost.prices}), "
        f"told from {duration(found.cost.seconds)} ({share:.2%} of a month).",
    )


def _of_function(one: Covered) -> Iterator[Finding]:
    about = f"function {one.function_name}"
    if not one.remedies:
        yield fine(about, f"{counted(one.traced, 'run')} traced; nothing is missing from what was looked at.")
    for remedy in one.remedies:
        command = f"{remedy.told}: {remedy.command}" if remedy.command else remedy.told
        told = f"{one.traced:,} of {counted(one.flows, 'run')} traced; its coverage is {one.score} of 100."
        yield noted(about, told, f"{command}.")


def configured(
    tables: Sequence[SourceTable], limits: LimitSettings, environment: Mapping[str, str]
) -> Iterator[Finding]:
    """Which functions of each account and region are traced by X-Ray, as Lambda says."""
    asked: set[tuple[str, ...]] = set()
    for table in tables:
        place = _place(table.settings)
        if place is not None and place not in asked:
            asked.add(place)
            yield _configured(table, limits, environment)


def _place(settings: Struct) -> tuple[str, ...] | None:
    """Which account and region settings lead to; None where to none."""
    names = ("role_arn", "region", "endpoint_url")
    if not set(names) <= set(settings.__struct_fields__):
        return None
    return tuple([getattr(settings, name) for name in names])


def _configured(table: SourceTable, limits: LimitSettings, environment: Mapping[str, str]) -> Finding:
    about = f"functions at {table.name}"
    context = SourceContext(table.name, limits, Tally(), environment, Path())
    try:
        functions = functions_of(table.settings, context)
    except SourceError as error:
        return noted(about, f"Which functions are traced cannot be told: {error}")
    dark = [one.name for one in functions if not one.is_traced]
    if not dark:
        return fine(about, f"X-Ray traces all of the {counted(len(functions), 'function')} there.")
    return noted(
        about,
        f"X-Ray does not trace {len(dark):,} of {counted(len(functions), 'function')}: "
        f"{in_words(dark, _MOST_NAMES)}.",
        "Unless OpenTelemetry traces them: aws lambda update-function-configuration "
        "--function-name NAME --tracing-config Mode=Active",
    )
