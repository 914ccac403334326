"""The figures of many meshes as tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from benchmarks.quality.figures import number, pooled, pooled_by_name, told
from benchmarks.quality.tables import section, table
from benchmarks.worlds.counts import Count, told_count
from benchmarks.worlds.mesh.outcome import Calm, MeshOutcome


def mesh_report(outcomes: Sequence[MeshOutcome]) -> str:
    """All tables, as Markdown."""
    return "\n\n".join(
        (
            section("## Meshes", _sizes(outcomes)),
            section("## Alerts of meshes without a fault", _calm(outcomes)),
            section("## Faults of meshes", _faults(outcomes)),
        )
    )


def _sizes(outcomes: Sequence[MeshOutcome]) -> str:
    rows = [
        ["meshes", f"{len(outcomes)}"],
        ["services", _spread(one.services for one in outcomes)],
        ["flows learned", _spread(one.learned for one in outcomes)],
        ["... of the busiest service", _spread(one.busiest for one in outcomes)],
        ["flows judged", _spread(one.judged for one in outcomes)],
        ["seconds a mesh", _spread(round(sum(one.seconds.values())) for one in outcomes)],
    ]
    return table(["what", "fewest, median, most"], rows)


def _spread(values: Iterable[int]) -> str:
    values = list(values)
    return f"{min(values):,}, {median(values):,.0f}, {max(values):,}"


def _calm(outcomes: Sequence[MeshOutcome]) -> str:
    before = [one.before for one in outcomes]
    between = [one.between for one in outcomes]
    rows = [
        ["alerts an hour in fault-free minutes", _an_hour([*before, *between]), "<= 1"],
        ["... before the first fault", _an_hour(before), ""],
        ["... after a fault", _an_hour(between), ""],
        ["... high or critical", _an_hour([*before, *between], high=True), ""],
        ["flows that no fault changed and that alarm", told(pooled(o.false for o in outcomes), 5), ""],
    ]
    kinds: dict[str, int] = {}
    for one in outcomes:
        for kind, alerts in one.kinds.items():
            kinds[kind] = kinds.get(kind, 0) + alerts
    kinds = dict(sorted(kinds.items(), key=lambda pair: -pair[1]))
    rows.append(["... kinds of these alerts", ", ".join(f"{kind} {n}" for kind, n in kinds.items()), ""])
    rates = sorted(_rate(one) for one in outcomes)
    rows.append(["... of the median and the worst mesh", f"{median(rates):.1f}, {rates[-1]:.1f}", ""])
    return table(["what", "measured (95 %)", "bar"], rows)


def _an_hour(calms: Sequence[Calm], high: bool = False) -> str:
    alerts = sum(one.high if high else one.alerts for one in calms)
    return told_count(Count(alerts, sum(one.hours for one in calms)), "hours")


def _rate(one: MeshOutcome) -> float:
    hours = one.before.hours + one.between.hours
    return (one.before.alerts + one.between.alerts) / hours if hours else 0.0


def _faults(outcomes: Sequence[MeshOutcome]) -> str:
    by_kind = pooled_by_name(one.faults for one in outcomes)
    rows = [["visible faults told", told(pooled(by_kind.values())), ">= .95"]]
    rows += [[f"... {kind}", told(rate), ""] for kind, rate in by_kind.items()]
    rows.append(["faults that changed too few runs to be visible", f"{sum(o.hidden for o in outcomes)}", ""])
    faults = pooled(by_kind.values()).whole
    alerts = sum(one.alerts_of_faults for one in outcomes)
    rows.append(
        ["alerts while something was at fault, for each fault", number(alerts / max(faults, 1), 1), ""]
    )
    return table(["what", "measured (95 %)", "bar"], rows)
