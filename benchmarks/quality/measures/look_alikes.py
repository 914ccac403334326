"""Benign changes that look like attacks: alarms and alerts while each is at work."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from benchmarks.quality.figures import Rate
from benchmarks.quality.judging import Outcome, outcome, taught
from benchmarks.quality.reading import look_alike_flows, read
from benchmarks.quality.runs import Case
from coldtrail.alerts.alerts import alerts_from
from coldtrail.records.flow import Flow
from coldtrail.records.verdict import Verdict

NEEDS = ("learn", "look-alikes")


class During(Struct, frozen=True):
    """What was said of one look-alike's flows."""

    alarms: Rate
    not_ready: int
    alerts: int
    """Alerts whose every flow lies in it."""


class LookAlikes(Struct, frozen=True):
    """The outcome of a case."""

    whole: Outcome
    during: dict[str, During]
    outside: Rate
    """Flows of no look-alike that alarmed."""


def measure(case: Case) -> LookAlikes:
    """The figures of a case."""
    learned, run = read(case.run("learn")), case.run("look-alikes")
    judged = read(run)
    model = taught(learned.flows)
    verdicts = model.judge(judged.flows)
    members: dict[str, set[str]] = {}
    for line in look_alike_flows(run):
        members.setdefault(line.look_alike, set()).add(line.function_flow_id)
    inside = set().union(*members.values())
    return LookAlikes(
        outcome(model, judged.flows, {}),
        {name: _during(flows, verdicts, judged.flows) for name, flows in sorted(members.items())},
        _alarms([one for one in verdicts if one.function_flow_id not in inside]),
    )


def _during(members: set[str], verdicts: Sequence[Verdict], flows: Sequence[Flow]) -> During:
    own = [one for one in verdicts if one.function_flow_id in members]
    alerts = alerts_from(zip(verdicts, flows, strict=True))
    alone = sum(members.issuperset(run.function_flow_id for run in alert.evidence) for alert in alerts)
    return During(_alarms(own), sum(one.verdict == "not_ready" for one in own), alone)


def _alarms(verdicts: Sequence[Verdict]) -> Rate:
    return Rate(sum(one.verdict == "anomalous" for one in verdicts), len(verdicts))
