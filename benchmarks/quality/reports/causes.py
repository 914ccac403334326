"""What the false alarms and the missed attacks have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from benchmarks.quality.judging import Alarm
from benchmarks.quality.tables import table
from coldtrail.alerts.showing.markdown import in_markdown

MOST = 15


def causes(title: str, alarms: Iterable[Alarm]) -> str:
    """A table of the causes, most frequent first; empty without any."""
    groups: dict[tuple[str, str, str], list[Alarm]] = {}
    for one in alarms:
        key = in_markdown(one.function), "cold" if one.cold else "warm", in_markdown(one.what)
        groups.setdefault(key, []).append(one)
    number = Counter({key: len(group) for key, group in groups.items()})
    rows = [
        (str(n), *key, f"{max(one.score for one in groups[key]):.2f} / {groups[key][0].threshold:.2f}")
        for key, n in number.most_common(MOST)
    ]
    rest = sum(number.values()) - sum(n for _, n in number.most_common(MOST))
    if rest:
        rows.append((str(rest), "others", "", "", ""))
    return table((title, "function", "", "what", "highest score / threshold"), rows)
