"""Verdicts → alerts: one alert for each function and cause, repeats counted, the strangest flow shown."""

from __future__ import annotations

from collections.abc import Iterable

from coldtrail.alerts.flow_table import Versions
from coldtrail.alerts.grouping import Grouping
from coldtrail.alerts.severity import ranked
from coldtrail.records.alert import Alert
from coldtrail.records.flow import Flow
from coldtrail.records.verdict import Verdict


def alerts_from(
    pairs: Iterable[tuple[Verdict, Flow]], versions: Versions | None = None, *, with_waiting: bool = False
) -> list[Alert]:
    """One alert per function and cause of the anomalous verdicts, severest first, then strangest.

    The cause is the kind, event and target of the most telling of the reasons that speak of the first one's
    step (`attack.telling_reason`); see `groups` and `slowness` for what is told together. With
    the `versions` learned, what most runs of another version show is one alert, the change; for that, `pairs`
    must hold its normal runs as well. The order of pairs does not matter.
    """
    grouping = Grouping(versions)
    for pair in pairs:
        grouping.push([pair])
    return ranked(grouping.alerts() + (grouping.waiting() if with_waiting else []))
