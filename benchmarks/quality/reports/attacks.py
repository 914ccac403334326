"""The attacks nobody has published, and the benign look-alikes."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.quality.figures import Rate, each, pooled, short, told
from benchmarks.quality.measures.look_alikes import During, LookAlikes
from benchmarks.quality.measures.unpublished import Unpublished, names, why_not_in_one_flow
from benchmarks.quality.tables import plain, table
from benchmarks.quality.verbs import MISSING
from coldtrail_testbed.attacks import ATTACKS

BEYOND_FLOWS = {"slow_shift", "off_hours_burst", "unusual_caller"}
"""What a watch over many flows may find where one flow shows nothing."""


def attacks_table(app: str, results: Sequence[Unpublished]) -> str:
    """A row an attack."""
    rows = [_row(app, attack, results) for attack in names(app)]
    rates = [one.usual.false for one in results]
    rows.append(("benign flows that alarmed", told(pooled(rates), 4), each(rates), "", ""))
    return table(("attack", "flows found", "seeds from, to", "told as a shift", "what one flow shows"), rows)


def _row(app: str, attack: str, results: Sequence[Unpublished]) -> tuple[str, ...]:
    rates = [one.usual.attacks.get(attack, Rate()) for one in results]
    nothing = why_not_in_one_flow(attack, app)
    told_as = shifted(app, attack, results) if attack in BEYOND_FLOWS else ""
    return (
        plain(attack),
        short(pooled(rates)),
        each(rates, 3),
        told_as,
        f"nothing: {nothing}" if nothing else "",
    )


def shifted(app: str, attack: str, results: Sequence[Unpublished]) -> str:
    """In how many runs a shift of the attacked function is told, and of what."""
    known = [one.shifts for one in results if one.shifts is not None]
    if not known:
        return MISSING
    start = f"{ATTACKS[attack].places[app].function}: "
    own = [[shift.removeprefix(start) for shift in shifts if shift.startswith(start)] for shifts in known]
    measures = ", ".join(sorted({measure for shifts in own for measure in shifts}))
    return f"{sum(map(bool, own))} of {len(known)} runs" + (f" ({measures})" if measures else "")


def look_alikes_table(results: Sequence[LookAlikes]) -> str:
    """A row a look-alike."""
    kinds = sorted({name for one in results for name in one.during})
    rows = [_during(kind, [one.during[kind] for one in results if kind in one.during]) for kind in kinds]
    outside = [one.outside for one in results]
    rows.append(("outside of all", told(pooled(outside), 4), each(outside), "", ""))
    alerts = pooled(one.whole.alerts for one in results).whole
    rows.append((f"alerts in all, {len(results)} runs", "", "", "", str(alerts)))
    return table(("look-alike", "flows that alarmed", "seeds from, to", "not ready", "alerts"), rows)


def _during(kind: str, found: Sequence[During]) -> tuple[str, ...]:
    rates = [one.alarms for one in found]
    unready, alerts = sum(one.not_ready for one in found), sum(one.alerts for one in found)
    return plain(kind), told(pooled(rates), 4), each(rates), str(unready), str(alerts)
