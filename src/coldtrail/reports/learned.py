"""The learned functions as the report lists them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from coldtrail.alerts.places import Places
from coldtrail.alerts.wording.amounts import duration, share
from coldtrail.records.alert import Alert
from coldtrail.records.identity import FunctionKey
from coldtrail.records.profile import Profile

MAX_FUNCTIONS = 200


class FunctionRow(Struct, frozen=True):
    """A learned function in the list of all."""

    application: str
    function: str
    flows: str
    runs: str
    typical: str
    slow: str
    """95 % of the runs are faster."""
    trigger: str
    alerts: int


def function_rows(
    alerts: Sequence[Alert], profiles: Mapping[FunctionKey, Profile], places: Places
) -> Iterator[FunctionRow]:
    """The functions, those with most alerts first."""
    told = Counter(alert.key for alert in alerts)
    for key, profile in sorted(profiles.items(), key=lambda item: (-told[item[0]], item[0]))[:MAX_FUNCTIONS]:
        runs = ", ".join(share(run.share) for run in profile.runs)
        yield FunctionRow(
            places.application(key),
            profile.function_name,
            f"{profile.flows:,}",
            runs or "none",
            duration(profile.duration),
            duration(profile.duration_p95),
            profile.triggers[0][0] if profile.triggers else "not in the telemetry",
            told[key],
        )
