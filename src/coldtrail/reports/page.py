"""What the HTML report shows, as plain records in the page's own words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from coldtrail.alerts.places import Places
from coldtrail.alerts.showing.shell import in_shell, notes
from coldtrail.alerts.wording.amounts import counted, moment, number, share
from coldtrail.alerts.wording.findings import expected, seen
from coldtrail.alerts.wording.sentences import evidence_name, headline, odds
from coldtrail.features.fitness import is_outside, is_traced
from coldtrail.records.alert import Alert, Technique
from coldtrail.records.case import Case
from coldtrail.records.identity import FunctionKey
from coldtrail.records.next_step import NextStep
from coldtrail.records.profile import Profile, ProfileRun
from coldtrail.records.verdict import Reason
from coldtrail.reports.cases_shown import CaseShown, cases_shown
from coldtrail.reports.facts import facts, ids
from coldtrail.reports.learned import FunctionRow, function_rows
from coldtrail.reports.summary import ReportSummary
from coldtrail.reports.waterfall import Waterfall, waterfall

MAX_LISTED = 1000
_SEVERITIES = ("critical", "high", "medium", "low")
_BRIEF_ROWS = 25


class Tile(Struct, frozen=True):
    """One figure at the top of the page."""

    label: str
    value: str
    detail: str = ""


class Listed(Struct, frozen=True):
    """An alert in the list of all."""

    number: int
    severity: str
    title: str
    function: str
    application: str
    count: str
    first: str
    last: str
    detailed: bool


class Evidence(Struct, frozen=True):
    """A reason of an alert."""

    number: int
    kind: str
    headline: str
    expected: str
    seen: str
    odds: str
    weight: int
    """Percent of what all reasons contribute."""


class StepShown(Struct, frozen=True):
    """What to look at next, the command that shows it, where there is one, and what to put into it."""

    told: str
    command: str
    notes: tuple[str, ...]


class Detail(Struct, frozen=True):
    """An alert with all that is known of it."""

    listed: Listed
    evidence: tuple[Evidence, ...]
    waterfall: Waterfall | None
    """None where the run was not kept."""
    usual: str
    others: tuple[tuple[str, ProfileRun], ...]
    facts: tuple[tuple[str, str], ...]
    ids: tuple[tuple[str, str], ...]
    technique: Technique | None
    rationale: str
    next_steps: tuple[StepShown, ...]
    together: tuple[str, ...]
    flow_ids: tuple[str, ...]
    flow_ids_note: str
    shown: str
    """Which of its runs is shown."""
    incomplete: bool


class Page(Struct, frozen=True):
    """The whole page."""

    tiles: tuple[Tile, ...]
    cases: tuple[CaseShown, ...]
    """None where no case says more than its alert."""
    listed: tuple[Listed, ...]
    brief: int
    details: tuple[Detail, ...]
    alerts: int
    functions: tuple[FunctionRow, ...]
    functions_known: int
    losses: tuple[str, ...]
    not_ready: int
    bundle: str
    span: str


def page(
    alerts: Sequence[Alert],
    profiles: Mapping[FunctionKey, Profile],
    summary: ReportSummary,
    max_detailed: int,
    cases: Sequence[Case] = (),
) -> Page:
    """The page's contents; at most `max_detailed` alerts are shown with all their evidence."""
    verdicts = dict(summary.verdicts)
    places = Places([*profiles, *(alert.key for alert in alerts)])
    listed = [
        _listed(number, alert, number <= max_detailed, places)
        for number, alert in enumerate(alerts[:MAX_LISTED], 1)
    ]
    details = [
        _detail(row, alert, profiles.get(alert.key))
        for row, alert in zip(listed[:max_detailed], alerts, strict=False)
    ]
    return Page(
        tiles=tuple(_tiles(alerts, summary, verdicts)),
        cases=cases_shown(cases),
        listed=tuple(listed),
        brief=_BRIEF_ROWS,
        details=tuple(details),
        alerts=len(alerts),
        functions=tuple(function_rows(alerts, profiles, places)),
        functions_known=len(profiles),
        losses=summary.losses,
        not_ready=verdicts.get("not_ready", 0),
        bundle=summary.bundle,
        span=_span(summary.generated_from),
    )


def _tiles(alerts: Sequence[Alert], summary: ReportSummary, verdicts: Mapping[str, int]) -> Iterator[Tile]:
    levels: Counter[str] = Counter(alert.severity for alert in alerts)
    by_level = (f"{levels[level]:,} {level}" for level in _SEVERITIES if levels[level])
    yield Tile("Alerts", f"{len(alerts):,}", ", ".join(by_level) or "nothing unusual was seen")
    anomalous = verdicts.get("anomalous", 0)
    yield Tile("Unusual runs", f"{anomalous:,}", f"of {counted(summary.flows, 'run')} scored")
    waiting = verdicts.get("not_ready", 0)
    learning = (
        f"{counted(waiting, 'run')} not judged: too little history" if waiting else "all had enough history"
    )
    yield Tile("Functions", f"{summary.functions:,}", learning)
    expected = counted(round(summary.flows * summary.budget), "run")
    threshold = f"; alarm from score {number(summary.threshold)}" if summary.threshold is not None else ""
    yield Tile("False alarms allowed", share(summary.budget), f"about {expected} here{threshold}")


def _span(times: tuple[float, float] | None) -> str:
    return f"{moment(times[0])} to {moment(times[1])} UTC" if times else "no runs"


def _listed(number: int, alert: Alert, detailed: bool, places: Places) -> Listed:
    key = alert.key
    return Listed(
        number,
        alert.severity,
        alert.title,
        key.function or "several functions",
        places.application(key),
        f"{alert.count:,}",
        moment(alert.first_seen),
        moment(alert.last_seen),
        detailed,
    )


def _detail(listed: Listed, alert: Alert, profile: Profile | None) -> Detail:
    flow = alert.flow
    shown = None if flow is None else waterfall(flow, alert.reasons, profile)
    return Detail(
        listed=listed,
        evidence=tuple(_evidence(alert.reasons)),
        waterfall=shown,
        usual=_usual(shown.run, profile) if shown else "",
        others=tuple((_usual(other, profile), other) for other in shown.others) if shown else (),
        facts=tuple(facts(alert, profile)),
        ids=tuple(ids(alert)),
        technique=alert.technique,
        rationale=alert.rationale,
        next_steps=tuple(map(_step_shown, alert.next_steps)),
        together=alert.details,
        flow_ids=tuple(
            one.function_flow_id or one.application_flow_id or one.record_id for one in alert.evidence
        ),
        flow_ids_note=_flow_ids_note(alert),
        shown=_which_is_shown(alert),
        incomplete=flow is not None and not flow.complete and is_traced(flow) and not is_outside(flow),
    )


def _step_shown(step: NextStep) -> StepShown:
    if step.command is None:
        return StepShown(step.told, "", ())
    return StepShown(f"{step.told}:", in_shell(step.command), tuple(notes(step.command)))


def _evidence(reasons: Sequence[Reason]) -> Iterator[Evidence]:
    total = sum(max(reason.contribution, 0.0) for reason in reasons) or 1.0
    for place, reason in enumerate(reasons, 1):
        weight = round(100 * max(reason.contribution, 0.0) / total)
        yield Evidence(
            place,
            evidence_name(reason),
            headline(reason),
            expected(reason.finding),
            seen(reason.finding),
            odds(reason),
            weight,
        )


def _usual(run: ProfileRun | None, profile: Profile | None) -> str:
    if run is None or profile is None:
        return ""
    return f"{share(run.share)} of {counted(profile.flows, 'learned run')} go like this"


def _which_is_shown(alert: Alert) -> str:
    if alert.is_signal:
        return "it lies in no single run"
    return "one of its runs is shown" if alert.is_drift else "the strangest run is shown"


def _flow_ids_note(alert: Alert) -> str:
    if alert.is_signal:
        return f"{counted(len(alert.evidence), 'record')} to look at"
    if alert.count <= len(alert.evidence):
        return f"All {counted(alert.count, 'run')} of this alert"
    return f"{len(alert.evidence):,} of the {counted(alert.count, 'run')} of this alert"
