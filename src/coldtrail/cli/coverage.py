"""What `coldtrail inspect` prints of how well functions are covered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from coldtrail.alerts.places import Places
from coldtrail.alerts.showing.terminal import Screen, cell
from coldtrail.alerts.wording.amounts import counted, duration, share, span

if TYPE_CHECKING:
    from coldtrail.verbs.coverage.cost import Cost
    from coldtrail.verbs.coverage.covering import Covered, Remedy
    from coldtrail.verbs.inspecting import Inspection

_MOST_CALLERS = 12
_MOST_REMEDIED, _MOST_NAMED = 20, 12
_EACH_ITS_OWN = frozenset(("traced", "calls"))
"""Parts whose lacks are told function by function."""
_DAY_S, _FEW_DAYS, _CENT = 86_400, 3, 0.01
_PARTS = {"traced": "Traced", "calls": "Calls", "callers": "Callers", "reports": "Reports", "whole": "Whole"}


def print_place(screen: Screen, found: Inspection) -> None:
    """Prints where and when the telemetry is from, and who calls."""
    for line in _about(found):
        screen.print(line)


def print_coverage(screen: Screen, found: Inspection) -> None:
    """Prints how well each function is covered, what would mend that, and what the telemetry costs."""
    for oddity in found.oddities:
        screen.print(f"Odd: {oddity}")
    places = Places(one.key for one in found.coverage)
    if found.coverage:
        screen.print(_table(found.coverage, places))
    for line in (*_traced(found.coverage), *_unseen(found.coverage, places)):
        screen.print(line)
    _print_remedies(screen, found.coverage, places)
    if found.cost is not None:
        screen.print(_costs(found.cost))


def _about(found: Inspection) -> Iterator[str]:
    if found.first_told is not None and found.last_told is not None:
        yield f"Time: {span(found.first_told, found.last_told)}."
    places = [(found.accounts, "account"), (found.regions, "region")]
    told = [f"{counted(len(some), noun)} ({', '.join(some)})" for some, noun in places if some]
    if told:
        yield f"From: {', '.join(told)}."
    callers = Counter[str]()
    for one in found.coverage:
        callers.update(one.callers)
    if callers:
        most = [f"{name} ({times:,})" for name, times in callers.most_common(_MOST_CALLERS)]
        more = len(callers) - len(most)
        yield f"Callers: {', '.join(most)}{f' and {more:,} more' if more else ''}."


def _table(coverage: list[Covered], places: Places) -> Table:
    table = Table(box=box.SIMPLE, caption=_caption(), caption_justify="left", caption_style="")
    table.add_column("Coverage of", overflow="fold", min_width=16)
    table.add_column("Score", justify="right", no_wrap=True)
    for name in _PARTS.values():
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Ran", justify="right", no_wrap=True)
    table.add_column("Flows told of by", overflow="fold")
    for one in coverage:
        shares = [getattr(one.parts, name) for name in _PARTS]
        table.add_row(
            cell(places.name(one.key)),
            str(one.score),
            *("n/a" if value is None else share(value) for value in shares),
            "?" if one.invocations is None else f"{one.invocations:,.0f}",
            cell(", ".join(f"{times:,} {name}" for name, times in one.witnesses.items()) or "nobody"),
        )
    return table


def _caption() -> str:
    from coldtrail.verbs.coverage.scores import WEIGHTS

    weights = ", ".join(f"{name.lower()} {WEIGHTS[part]}" for part, name in _PARTS.items())
    return f"Score: the shares, weighed ({weights}). Ran: as metrics, reports or the audit log count."


def _unseen(coverage: list[Covered], places: Places) -> Iterator[str]:
    for one in coverage:
        if one.unseen:
            some = ", ".join(f"{times:,} {name}" for name, times in one.unseen.items())
            yield f"Only CloudTrail shows calls of {places.name(one.key)}: {some}."


def _traced(coverage: list[Covered]) -> Iterator[str]:
    """The share that is traced, of all functions whose invocations anybody counts."""
    known = [one for one in coverage if one.invocations and one.sampling_rate is not None]
    if known:
        ran = sum([one.invocations or 0.0 for one in known])
        traced = sum([(one.invocations or 0.0) * (one.sampling_rate or 0.0) for one in known])
        whose = counted(len(known), "function")
        whole = counted(round(ran), "invocation")
        yield f"Traced: {share(traced / ran)} of {whole} of {whose} that are counted apart from traces."


def _print_remedies(screen: Screen, coverage: list[Covered], places: Places) -> None:
    """Prints them part by part: of what many functions lack and is mended alike, the first stands for all."""
    for part in _PARTS:
        lacking = [
            (one, remedy)
            for one in sorted(coverage, key=lambda one: one.score)
            for remedy in one.remedies
            if remedy.part == part
        ]
        most = _MOST_REMEDIED if part in _EACH_ITS_OWN else 1
        for one, remedy in lacking[:most]:
            _print_remedy(screen, remedy, ", ".join(places.cells(one.key)))
        others = [places.name(one.key) for one, _ in lacking[most:]]
        if others:
            more = f", and {len(others) - _MOST_NAMED:,} more" if len(others) > _MOST_NAMED else ""
            screen.print(f"  Likewise {', '.join(others[:_MOST_NAMED])}{more}.")


def _print_remedy(screen: Screen, remedy: Remedy, place: str) -> None:
    screen.print(f"To do{f' ({place})' if place else ''}: {remedy.told}{':' if remedy.command else ''}")
    for note in remedy.notes:
        screen.print(f"  ({note})")
    if remedy.command:
        screen.print(f"  {remedy.command}", soft_wrap=True)


def _costs(cost: Cost) -> str:
    parts = (("X-Ray", cost.traces), ("CloudTrail", cost.data_events), ("logs", cost.logs))
    told = [f"{name} {_dollars(amount)}" for name, amount in parts if amount >= _CENT]
    days = cost.seconds / _DAY_S
    time = f"{days:,.0f} days" if days >= _FEW_DAYS else duration(cost.seconds)
    behind = ", ".join([*told, f"at prices of {cost.prices}"])
    return (
        f"Cost: {_dollars(cost.total)} a month at the pace of these {time} ({behind}; nothing is taken off "
        "for what is free)."
    )


def _dollars(amount: float) -> str:
    return "less than $0.01" if amount < _CENT else f"${amount:,.2f}"
