"""All tables of a run of the command, as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.quality.reports.attacks import attacks_table, look_alikes_table
from benchmarks.quality.reports.bars import bars, bars_table, tally
from benchmarks.quality.reports.causes import causes
from benchmarks.quality.reports.limits import gaps_table, new_function_table, poisoning_table
from benchmarks.quality.reports.rows import BarRow, verdict
from benchmarks.quality.reports.shifts import shift_delays_tables
from benchmarks.quality.reports.studies import ablation_table, sensitivity_tables
from benchmarks.quality.tables import section, table

Figures = Mapping[str, Sequence[Any]]
"""By measure, the figures of each seed."""

SpeedRow = tuple[str, str, str, bool]
"""What was measured, the figure, its bar, and whether it is met."""

TITLES = {"airline": "Airline", "vod": "Video on demand"}


def rows_of(figures: Figures) -> list[BarRow]:
    """The rows of the bars of one application."""
    return bars(figures["paper"], figures["unpublished"], figures["release"])


def bars_part(app: str, figures: Figures) -> str:
    """The bars, and what lies behind the short ones."""
    rows = rows_of(figures)
    paper = figures["paper"]
    learned, judged = (sum(getattr(one, name) for one in paper) for name in ("learned", "judged"))
    unready = sum(one.usual.not_ready for one in paper)
    size = (
        f"{len(paper)} seeds, {learned:,} flows learned, {judged:,} judged, {unready:,} of them of functions "
        "with too little history."
    )
    alarms = [one for result in paper for one in result.usual.false_alarms]
    missed = [one for result in paper for one in result.usual.missed]
    updated = [one.updated for one in figures["release"] if one.updated]
    strict = [one for result in paper for one in result.strict.missed]
    return section(
        f"## {TITLES.get(app, app)}: the bars",
        size,
        bars_table(rows),
        tally(rows),
        causes("false alarms", alarms),
        causes("missed", missed),
        causes("missed at .001", strict),
        causes(
            "false alarms after a release", [one for result in updated for one in result.all.false_alarms]
        ),
        causes("missed of before, after it", [one for result in updated for one in result.before.missed]),
    )


def attacks_part(app: str, figures: Figures) -> str:
    """The attacks nobody has published."""
    found = figures["unpublished"]
    alarms = [one for result in found for one in result.usual.false_alarms]
    missed = [one for result in found for one in result.usual.missed]
    return section(
        f"## {TITLES.get(app, app)}: attacks nobody has published",
        attacks_table(app, found),
        causes("false alarms", alarms),
        causes("missed", missed),
    )


def look_alikes_part(app: str, figures: Figures) -> str:
    """The benign look-alikes."""
    found = figures["look_alikes"]
    alarms = [one for result in found for one in result.whole.false_alarms]
    return section(
        f"## {TITLES.get(app, app)}: benign look-alikes",
        look_alikes_table(found),
        causes("false alarms", alarms),
    )


def plain_part(
    title: str, measure: str, write: Callable[[Sequence[Any]], str]
) -> Callable[[str, Figures], str]:
    """A part that is a table of one measure."""
    return lambda app, figures: section(f"## {TITLES.get(app, app)}: {title}", write(figures[measure]))


WRITERS: dict[str, Callable[[str, Figures], str]] = {
    "bars": bars_part,
    "attacks": attacks_part,
    "look-alikes": look_alikes_part,
    "shifts": plain_part("shifts over many runs", "shift_delays", shift_delays_tables),
    "new-function": plain_part("a new function", "new_function", new_function_table),
    "poisoning": plain_part("attacks hidden in what is learned", "poisoning", poisoning_table),
    "gaps": plain_part("sampled and lost telemetry", "gaps", gaps_table),
    "ablation": plain_part("what each channel is for", "ablation", ablation_table),
    "sensitivity": plain_part("history and budget", "sensitivity", sensitivity_tables),
}


def speed_part(rows: Sequence[SpeedRow]) -> str:
    """The speed of this machine; empty where it was not measured."""
    cells = [(what, bar, value, verdict(met) if bar else "") for what, value, bar, met in rows]
    return section("## Speed", table(("what", "bar", "measured", ""), cells)) if rows else ""


def report(
    parts: Sequence[str], figures: Mapping[str, Figures], heading: str, speed: Sequence[SpeedRow] = ()
) -> str:
    """The tables of all applications, part after part."""
    texts = [WRITERS[part](app, figures[app]) for part in parts if part in WRITERS for app in figures]
    return "\n\n".join(text for text in (heading, *texts, speed_part(speed)) if text) + "\n"
