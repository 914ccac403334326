"""What of a run's traces and facts happened in another region, by the windows of its look-alikes."""

from collections.abc import Mapping
from dataclasses import replace

from coldtrail_testbed.facts import HOME_REGION, Facts
from coldtrail_testbed.look_alikes.model import Window
from coldtrail_testbed.regions import began


def region_at(time: float, windows: Mapping[str, Window]) -> str:
    """The region in which the application ran at `time`: that of the window that moved it, or home."""
    regions = (str(one.facts["region"]) for one in windows.values() if _moves(one, time))
    return next(regions, HOME_REGION)


def _moves(window: Window, time: float) -> bool:
    return "region" in window.facts and window.begin <= time < window.end


def placed(facts: Facts, windows: Mapping[str, Window]) -> Facts:
    """`facts` with their regions; what people do stays at home."""
    if not any("region" in window.facts for window in windows.values()):
        return facts
    runs = [replace(run, region=region_at(began(run.trace_id), windows)) for run in facts.runs]
    calls = [
        replace(call, region=region_at(began(call.trace_id) if call.trace_id else call.time, windows))
        if call.caller.kind in ("function", "service")
        else call
        for call in facts.calls
    ]
    return Facts(runs, calls, facts.requests)
