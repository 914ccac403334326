"""How much each function ran in each minute: as the cloud's metrics count it, else the platform's reports,
else records of a sample that say for how many they stand, else the flows.

An invocation belongs to the minute in which it began, as in CloudWatch's metrics of Lambda
(https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html). A minute is certain once all
that began in it must have ended and been told. What the audit log tells of a session without naming an
invocation, and what a function calls outside any, counts nowhere. Minutes of which metrics tell nothing are
silent between others (`silence.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import Any

from coldtrail.assembly.applications import Applications
from coldtrail.assembly.copies import LONGEST_RUN_S
from coldtrail.assembly.counted import (
    MOSTS,
    SUMS,
    Counted,
    count_name,
    most,
    of_flow,
    of_report,
    scaled,
    together,
    total,
)
from coldtrail.assembly.join.rows import key_of
from coldtrail.assembly.minutes import MINUTE_S, Minute, Minutes, add, names_of, trigger_of
from coldtrail.assembly.silence import MOST_FUNCTIONS, SILENCE_STATE, Silence
from coldtrail.config import Settings
from coldtrail.features.fitness import is_outside, is_traced
from coldtrail.features.recent import keep
from coldtrail.records.columns import AnyFlow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.stage import State, packed, unpacked
from coldtrail.records.window import Source, Window
from coldtrail.records.witnesses import Metric, Report

LEAST_COUNTED = 20.0
"""Invocations that others must have counted before the share that is traced is known."""
MOST_OF_A_NAME = 64
"""Functions of one name in several accounts and regions."""
_SHOWN = (*SUMS, *MOSTS, "duration_s_median")
_TOLD = (
    "invocations",
    "errors",
    "throttles",
    "duration_s_median",
    "duration_s_max",
    "memory_mb_max",
    "cpu_s",
    "rx_bytes",
    "tx_bytes",
)
_COUNTED = frozenset(("report", "insights", "summary"))
"""Kinds of reports that tell of invocations, each once."""


_STATE: Any = tuple[
    list[tuple[FunctionKey, dict[float, Minute]]],
    list[tuple[FunctionKey, tuple[float, float]]],
    list[tuple[FunctionKey, float]],
]


class Windows:
    """Flows, reports and metrics to windows, in the order of their start."""

    def __init__(self, settings: Settings) -> None:
        self._applications = Applications(settings.applications)
        self._minutes: dict[FunctionKey, dict[float, Minute]] = {}
        self._shares: dict[FunctionKey, tuple[float, float]] = {}
        """Runs that were traced, and invocations that others counted in the same minutes."""
        self._silence = Silence()
        self._places: dict[str, dict[FunctionKey, float]] = {}
        """By name, functions whose account and region are told, each with its first minute."""
        self._placed = 0
        """How many they are."""

    def know(self, functions: Iterable[FunctionKey]) -> None:
        """Takes functions that are known from before: what names no account or region may be of them."""
        for key in functions:
            self._place(key, -inf)

    def _place(self, key: FunctionKey, first: float) -> None:
        """Takes notice of where a function is; who is known stays known, whatever names are made up."""
        if not (key.account and key.region):
            return
        known = self._places.get(key.function, {})
        if key in known:
            known[key] = min(first, known[key])
        elif len(known) < MOST_OF_A_NAME and self._placed < MOST_FUNCTIONS:
            self._places.setdefault(key.function, {})[key] = first
            self._placed += 1

    def push(self, batch: Iterable[AnyFlow | Report | Metric]) -> list[Window]:
        """Takes what counts; gives nothing yet."""
        for one in batch:
            if isinstance(one, Report):
                self._take_report(one)
            elif isinstance(one, Metric):
                self._take_metric(one)
            else:
                self._take_flow(one)
        return []

    def counted(self) -> Minutes:
        """What was counted so far and is in no window yet, to be added elsewhere."""
        return [(key, minutes) for key, minutes in self._minutes.items()]

    def add(self, counted: Minutes) -> None:
        """Takes what was counted elsewhere of other flows."""
        for key, minutes in counted:
            for start, minute in minutes.items():
                add(self._minute(key, start), minute)

    def advance(self, watermark: float) -> list[Window]:
        """The windows of minutes of which all is known now that all that is dated before the watermark has
        come."""
        until = watermark - LONGEST_RUN_S - MINUTE_S
        ready: dict[float, list[FunctionKey]] = {}
        for key, minutes in self._minutes.items():
            for start in minutes:
                if start <= until:
                    ready.setdefault(start, []).append(key)
        return [window for start in sorted(ready) for window in self._of(start, sorted(ready[start]))]

    def _minute(self, key: FunctionKey, time: float) -> Minute:
        start = time - time % MINUTE_S
        minutes = self._minutes.get(key)
        if minutes is None:
            minutes = self._minutes[key] = {}
        minute = minutes.get(start)
        if minute is None:
            minute = minutes[start] = Minute()
            self._place(key, start)
        return minute

    def _take_flow(self, flow: AnyFlow) -> None:
        traced = is_traced(flow)
        if is_outside(flow) or (not traced and flow.request_id is None):
            return
        minute = self._minute(flow.key, flow.start_time)
        minute.traced += traced
        for name, names in ((flow.caller, minute.callers), (flow.trigger, minute.triggers)):
            if name in names:
                names[name] += 1
            elif name is not None:
                count_name(names, name)
        if minute.flows is None:
            minute.flows = of_flow(flow, is_traced=traced)
        elif flow.facts is None:
            minute.flows.add_run(flow.error, flow.end_time - flow.start_time if traced else None)
        else:
            minute.flows.add(of_flow(flow, is_traced=traced))

    def _take_report(self, report: Report) -> None:
        if report.time is None or not report.function_name or report.kind not in _COUNTED:
            return
        name = report.function_name
        key = FunctionKey(report.account or "", report.region or "", self._applications[name], name)
        minute = self._minute(key, report.time - min(report.duration_s or 0.0, LONGEST_RUN_S))
        slot = "insights" if report.kind == "insights" else "reports"
        _count_once(minute, slot, of_report(report))

    def _take_metric(self, metric: Metric) -> None:
        name = metric.function_name
        application = metric.application_name or self._applications[name]
        key = FunctionKey(metric.account or "", metric.region or "", application, name)
        minute = self._minute(key, metric.start_time)
        if metric.sample is not None:
            counted = Counted(metric.invocations or 0.0, metric.errors, seen={key_of(metric.sample)})
            _count_once(minute, "samples", counted)
            return
        minute.period_s = max(minute.period_s, metric.period_s)
        if metric.trigger is not None:
            minute.trigger = min(metric.trigger, minute.trigger or metric.trigger)
        version = metric.version or ""
        told = {name: getattr(metric, name) for name in _TOLD}
        known = minute.metrics.setdefault(version, Counted(-1.0))
        for name, value in told.items():
            setattr(known, name, most(getattr(known, name), value))

    def _of(self, start: float, keys: Iterable[FunctionKey]) -> list[Window]:
        """The windows of a minute, once what names no account has found the function that it is of."""
        owners: dict[FunctionKey, list[FunctionKey]] = {}
        for key in keys:
            owners.setdefault(self._owner(key, start), []).append(key)
        windows = [self._window(owner, start, owners[owner]) for owner in sorted(owners)]
        return [*(silent for one in windows for silent in self._silence.before(one)), *windows]

    def _owner(self, key: FunctionKey, start: float) -> FunctionKey:
        if key.account and key.region:
            return key
        known = [one for one, first in self._places.get(key.function, {}).items() if first <= start]
        fit = [one for one in known if key.account in ("", one.account) and key.region in ("", one.region)]
        return fit[0] if len(fit) == 1 else key

    def _window(self, owner: FunctionKey, start: float, keys: Iterable[FunctionKey]) -> Window:
        minutes = [self._taken(key, start) for key in keys]
        traced = sum([one.traced for one in minutes])
        metrics = together([counted for one in minutes if (counted := total(one.metrics)) is not None])
        reports = together([counted for one in minutes if (counted := _reported(one)) is not None])
        flows = together([one.flows for one in minutes if one.flows is not None])
        period = max([one.period_s for one in minutes])
        samples = together([one.samples for one in minutes if one.samples is not None])
        counted = metrics or reports or samples
        rate = self._rate(owner)
        if counted is not None:
            known = self._shares.get(owner, (0.0, 0.0))
            share = known[0] + traced, known[1] + counted.invocations
            keep(self._shares, owner, share, MOST_FUNCTIONS)
            source: Source = "metrics" if metrics else "reports" if reports else "samples"
        else:
            counted, source = scaled(flows or Counted(), rate), "flows"
        values = {name: getattr(counted, name) for name in _SHOWN}
        return Window(
            *owner,
            start_time=start,
            period_s=period,
            source=source,
            invocations=counted.invocations,
            traced=traced,
            sampling_rate=rate,
            trigger=trigger_of(minutes),
            callers=tuple(sorted(names_of([one.callers for one in minutes]).items())),
            **values,
        )

    def _taken(self, key: FunctionKey, start: float) -> Minute:
        minutes = self._minutes[key]
        minute = minutes.pop(start)
        if not minutes:
            del self._minutes[key]
        return minute

    def _rate(self, key: FunctionKey) -> float | None:
        """The share of the function's invocations before that traces told of."""
        traced, counted = self._shares.get(key, (0.0, 0.0))
        return None if counted < LEAST_COUNTED or not traced else min(traced / counted, 1.0)

    def snapshot(self) -> State:
        """All that is held."""
        held = list(self._minutes.items()), list(self._shares.items()), self._known()
        return {"windows": packed(held), "silence": packed(self._silence.state())}

    def restore(self, state: State) -> None:
        """Go on from what `snapshot` gave; raises `BundleError` where that is damaged."""
        minutes, shares, known = unpacked(state, "windows", _STATE)
        if "silence" in state:
            self._silence.restore(unpacked(state, "silence", SILENCE_STATE))
        self._minutes, self._shares, self._places, self._placed = dict(minutes), dict(shares), {}, 0
        for key, first in known:
            self._place(key, first)

    def _known(self) -> list[tuple[FunctionKey, float]]:
        return [one for known in self._places.values() for one in known.items()]


def _count_once(minute: Minute, slot: str, counted: Counted) -> None:
    """Adds what a record counts, unless it was counted already."""
    known = getattr(minute, slot)
    if known is None:
        setattr(minute, slot, counted)
    elif known.seen.isdisjoint(counted.seen):
        known.add(counted)


def _reported(minute: Minute) -> Counted | None:
    """What the platform reported, with what Lambda Insights measured of the same invocations."""
    reports, insights = minute.reports, minute.insights
    if reports is None or insights is None:
        return reports or insights
    for name in ("cpu_s", "rx_bytes", "tx_bytes"):
        if getattr(reports, name) is None:
            setattr(reports, name, getattr(insights, name))
    reports.memory_mb_max = most(reports.memory_mb_max, insights.memory_mb_max)
    return reports
