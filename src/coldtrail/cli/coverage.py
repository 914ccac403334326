"""What `coldtrail inspect` prints of how well functions are covered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from coldtrail.alerts.places import NOT_TOLD, Places
from coldtrail.alerts.showing.plain import short
from coldtrail.alerts.showing.terminal import Screen, cell
from coldtrail.alerts.wording.amounts import counted, duration, in_words, share, span

if TYPE_CHECKING:
    from coldtrail.verbs.coverage.cost import Cost
    from coldtrail.verbs.coverage.covering import Covered, Remedy
    from coldtrail.verbs.coverage.lag import Lag
    from coldtrail.verbs.inspecting import Inspection

_MOST_CALLERS = 12
_MOST_COMMANDS, _MOST_NAMED = 20, 6
_EACH_ITS_OWN = frozenset(("traced",))
"""Parts of which the command of each function is shown."""
_DAY_S, _FEW_DAYS, _CENT, _GB = 86_400, 3, 0.01, 1e9
_PARTS = {"traced": "Traced", "calls": "Calls", "callers": "Callers", "reports": "Reports", "whole": "Whole"}


def print_place(screen: Screen, found: Inspection) -> None:
    """Prints where and when the telemetry is from, and who calls."""
    for line in _about(found):
        screen.print(line)


def print_coverage(screen: Screen, found: Inspection) -> None:
    """Prints how well each function is covered, what would mend that, and what the telemetry costs."""
    for lag in found.lag:
        screen.print(_lag(lag))
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


def _lag(lag: Lag) -> str:
    records = counted(lag.records, "record")
    whose = f"{lag.of} ({records})"
    return (
        f"Lag of the {whose}: half came within {duration(lag.median_s)}, all within {duration(lag.most_s)}."
    )


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
    counts = any(one.invocations is not None for one in coverage)
    table = Table(box=box.SIMPLE, caption=_caption(counts), caption_justify="left", caption_style="")
    table.add_column("Coverage of", overflow="fold", min_width=16)
    table.add_column("Score", justify="right", no_wrap=True)
    for name in _PARTS.values():
        table.add_column(name, justify="right", no_wrap=True)
    if counts:
        table.add_column("Ran", justify="right", no_wrap=True)
    table.add_column("Flows told of by", overflow="fold")
    for one in coverage:
        shares = [getattr(one.parts, name) for name in _PARTS]
        table.add_row(
            cell(places.name(one.key)),
            str(one.score),
            *("n/a" if value is None else share(value) for value in shares),
            *(["?" if one.invocations is None else f"{one.invocations:,.0f}"] if counts else []),
            cell(_witnesses(one)),
        )
    return table


def _witnesses(one: Covered) -> str:
    """The formats that tell of a function; those that tell of some flows only with how many."""
    named = [
        name if times == one.flows else f"{name} ({times:,} of {one.flows:,})"
        for name, times in one.witnesses.items()
    ]
    return ", ".join(named) or "nothing"


def _caption(counts: bool) -> str:
    from coldtrail.verbs.coverage.scores import WEIGHTS

    weights = ", ".join(f"{name.lower()} {WEIGHTS[part]}" for part, name in _PARTS.items())
    ran = " Ran: as metrics, reports, samples or the audit log count." if counts else ""
    return f"Score: the shares, weighed ({weights}).{ran}"


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
        yield f"Traced: {share(traced / ran)} of {whole} of {whose} that somebody counts."


def _print_remedies(screen: Screen, coverage: list[Covered], places: Places) -> None:
    """Prints each thing to do once, with all functions that it is to be done for."""
    for part in _PARTS:
        alike: dict[str, list[tuple[Covered, Remedy]]] = {}
        for one in sorted(coverage, key=lambda one: one.score):
            for remedy in one.remedies:
                if remedy.part == part:
                    alike.setdefault(remedy.of_several, []).append((one, remedy))
        for lacking in alike.values():
            print_lacking(screen, lacking, places)


def print_lacking(screen: Screen, lacking: list[tuple[Covered, Remedy]], places: Places) -> None:
    """Prints one thing to do, with the functions that it is to be done for."""
    (first, remedy), *others = lacking
    place, told = ", ".join([one for one in places.cells(first.key) if one != NOT_TOLD]), remedy.told
    if others or (remedy.part == "calls" and first.unseen):
        names = [short(places.name(one.key)) for one, _ in lacking]
        place, told = "", remedy.of_several.replace("{whom}", in_words(names, _MOST_NAMED))
    where = f" ({place})" if place else ""
    screen.print(f"To do{where}: {told[:1].lower()}{told[1:]}{':' if remedy.command else ''}")
    most = _MOST_COMMANDS if remedy.part in _EACH_ITS_OWN else 1
    commands = dict.fromkeys(one.command for _, one in lacking if one.command)
    for note in dict.fromkeys(note for _, one in lacking[:most] for note in one.notes):
        screen.print(f"  ({note})")
    for command in list(commands)[:most]:
        screen.print(f"  {command}", soft_wrap=True)
    if len(commands) > most:
        screen.print(
            f"  (likewise for the {counted(len(commands) - most, 'other')}; --json has each command)"
        )


def _costs(cost: Cost) -> str:
    parts = (("X-Ray", cost.traces), ("CloudTrail", cost.data_events), ("logs", cost.logs))
    told = [f"{name} {_dollars(amount)}" for name, amount in parts if amount >= _CENT]
    days = cost.seconds / _DAY_S
    time = f"{days:,.0f} days" if days >= _FEW_DAYS else duration(cost.seconds)
    behind = ", ".join([*told, f"at prices of {cost.prices}"])
    spans = _gigabytes(cost.span_bytes)
    if not cost.total:
        return f"Cost: {spans} of spans a month at the pace of these {time}; their price is not known here."
    more = f" The {spans} of spans a month, whose price is not known here, come on top." if spans else ""
    return (
        f"Cost: {_dollars(cost.total)} a month at the pace of these {time} ({behind}; nothing is taken off "
        f"for what is free).{more}"
    )


def _gigabytes(size: float) -> str:
    """An amount of bytes in gigabytes; empty for none."""
    if not size:
        return ""
    return "less than 0.01 GB" if size < _CENT * _GB else f"{size / _GB:,.2f} GB"


def _dollars(amount: float) -> str:
    return "less than $0.01" if amount < _CENT else f"${amount:,.2f}"
