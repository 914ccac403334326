"""What was counted of a function's invocations, by whoever counted them."""

from __future__ import annotations

from msgspec import Struct

from coldtrail.assembly.join.rows import key_of
from coldtrail.assembly.join.untraced import FAILED
from coldtrail.records.columns import AnyFlow
from coldtrail.records.facts import Facts
from coldtrail.records.witnesses import Report

SUMS = ("errors", "throttles", "duration_s_sum", "cpu_s", "rx_bytes", "tx_bytes")
MOSTS = ("duration_s_max", "memory_mb_max")
_MS = 1_000.0
_NOTHING = Facts()


class Counted(Struct):
    """What one source counted of one minute."""

    invocations: float = 0.0
    errors: float | None = None
    throttles: float | None = None
    duration_s_sum: float | None = None
    duration_s_median: float | None = None
    duration_s_max: float | None = None
    memory_mb_max: float | None = None
    cpu_s: float | None = None
    rx_bytes: float | None = None
    tx_bytes: float | None = None
    seen: set[int] = set()
    """Keys of what was counted already."""

    def add(self, other: Counted) -> None:
        """Adds what else was counted."""
        self.invocations += other.invocations
        self.errors = _sum(self.errors, other.errors)
        self.throttles = _sum(self.throttles, other.throttles)
        self.duration_s_sum = _sum(self.duration_s_sum, other.duration_s_sum)
        self.cpu_s = _sum(self.cpu_s, other.cpu_s)
        self.rx_bytes = _sum(self.rx_bytes, other.rx_bytes)
        self.tx_bytes = _sum(self.tx_bytes, other.tx_bytes)
        self.duration_s_max = most(self.duration_s_max, other.duration_s_max)
        self.memory_mb_max = most(self.memory_mb_max, other.memory_mb_max)
        self.duration_s_median = most(self.duration_s_median, other.duration_s_median)
        self.seen |= other.seen

    def add_run(self, error: bool, seconds: float | None) -> None:
        """Adds one run of which nothing else is told than whether it failed, and its length, if that is
        known: as `add` does, without a record of it."""
        self.invocations += 1.0
        self.errors = (self.errors or 0.0) + error
        if seconds is not None:
            self.duration_s_sum = (self.duration_s_sum or 0.0) + seconds
            if self.duration_s_max is None or seconds > self.duration_s_max:
                self.duration_s_max = seconds


def of_flow(flow: AnyFlow, *, is_traced: bool) -> Counted:
    """One invocation, as its flow tells it; its length is known where a trace or a report tells that."""
    facts = flow.facts or _NOTHING
    seconds = flow.end_time - flow.start_time if is_traced else None
    if facts.duration_ms is not None:
        seconds = facts.duration_ms / _MS
    return Counted(
        1.0,
        float(flow.error),
        duration_s_sum=seconds,
        duration_s_max=seconds,
        memory_mb_max=facts.memory_used_mb,
        cpu_s=None if facts.cpu_ms is None else facts.cpu_ms / _MS,
        rx_bytes=facts.rx_bytes,
        tx_bytes=facts.tx_bytes,
    )


def of_report(report: Report) -> Counted:
    """The invocations of a report: one, but for a summary."""
    number = float(report.requests or 1)
    return Counted(
        number,
        float(report.status in FAILED),
        duration_s_sum=report.duration_s,
        duration_s_max=report.duration_s,
        memory_mb_max=report.memory_used_mb,
        cpu_s=report.cpu_s,
        rx_bytes=report.rx_bytes,
        tx_bytes=report.tx_bytes,
        seen={key_of(f"{report.request_id} {report.instance} {report.time}")},
    )


def total(metrics: dict[str, Counted]) -> Counted | None:
    """What metrics count of all versions, the sum where they do not say that; None where they count
    no invocations."""
    whole = metrics.get("")
    if whole is None:
        whole = together([one for one in metrics.values() if one.invocations >= 0.0])
    return whole if whole is not None and whole.invocations >= 0.0 else None


def together(some: list[Counted]) -> Counted | None:
    """All of them as one, None where there are none."""
    if not some:
        return None
    first, *others = some
    for one in others:
        first.add(one)
    return first


def scaled(counted: Counted, rate: float | None) -> Counted:
    """What would have been counted if all had been traced."""
    if rate is not None:
        counted.invocations /= rate
        for name in SUMS:
            value = getattr(counted, name)
            setattr(counted, name, None if value is None else value / rate)
    return counted


MOST_NAMES = 64
"""Callers or triggers of one minute that are told apart."""


def count_name(names: dict[str, int], name: str, number: int = 1) -> None:
    """Counts a name; of more than are told apart the first in the alphabet stay, whatever the order of
    their coming."""
    if name in names:
        names[name] += number
    elif len(names) < MOST_NAMES:
        names[name] = number
    elif name < (last := max(names)):
        del names[last]
        names[name] = number


def commonest(names: dict[str, int]) -> str | None:
    """The name that was counted most often, None where there is none."""
    return min(names, key=lambda name: (-names[name], name), default=None)


def _sum(one: float | None, more: float | None) -> float | None:
    return one if more is None else (one or 0.0) + more


def most(one: float | None, other: float | None) -> float | None:
    """The larger of two numbers, as far as they are known."""
    return other if one is None else one if other is None else max(one, other)
