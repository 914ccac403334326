"""How soon shifts are told, and how often by chance."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from benchmarks.quality.measures.shift_delays import WATCHED, Benign, Delay, ShiftDelays
from benchmarks.quality.tables import plain, section, table


def shift_delays_tables(results: Sequence[ShiftDelays]) -> str:
    """The delays by attack, and the shifts told of benign runs."""
    found = {name: [one.attacks[name] for one in results if name in one.attacks] for name in WATCHED}
    rows = [_attack(name, delays) for name, delays in found.items() if delays]
    head = (
        "attack",
        "told",
        "attacked flows until then",
        "minutes",
        "attacked flows",
        "share of the function's runs",
        "as",
    )
    usual = [one.usual for one in results]
    changed = [one.changed for one in results]
    benign = [
        _benign("other days", usual),
        _benign("with look-alikes, of functions that none touches", changed),
    ]
    return section(
        table(head, rows),
        table(("benign runs", "runs", "function-days", "shifts told", "promised at most", "which"), benign),
        table(("look-alike at work", "alerts", "shifts", "of what"), _look_alikes(results)),
    )


def _attack(name: str, delays: Sequence[Delay]) -> tuple[str, ...]:
    told = [one for one in delays if one.told_after is not None]
    flows = sum(one.flows for one in delays)
    runs = sum(one.runs for one in delays)
    return (
        plain(name),
        f"{len(told)} of {len(delays)}",
        _spread([float(one.told_after or 0) for one in told], 0),
        _spread([one.minutes or 0.0 for one in told], 1),
        f"{flows / len(delays):,.1f}",
        f"{flows / runs:.4f}",
        ", ".join(sorted({plain(measure) for one in told for measure in one.measures})),
    )


def _spread(values: Sequence[float], digits: int) -> str:
    if not values:
        return "-"
    return f"{median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def _benign(what: str, parts: Sequence[Benign]) -> tuple[str, ...]:
    told = [one for part in parts for one in part.told]
    return (
        what,
        f"{sum(part.runs for part in parts):,}",
        f"{sum(part.function_days for part in parts):,.0f}",
        str(len(told)),
        f"{sum(part.promised for part in parts):.1f}",
        _counted(told),
    )


def _look_alikes(results: Sequence[ShiftDelays]) -> list[tuple[str, ...]]:
    rows = []
    for name in sorted({name for one in results for name in one.look_alikes}):
        told = [one.look_alikes[name] for one in results if name in one.look_alikes]
        shifts = [plain(measure) for one in told for measure in one.shifts]
        rows.append((plain(name), str(sum(one.alerts for one in told)), str(len(shifts)), _counted(shifts)))
    return rows


def _counted(told: Sequence[str]) -> str:
    return ", ".join(
        f"{one} ({told.count(one)})" if told.count(one) > 1 else one for one in sorted(set(told))
    )
