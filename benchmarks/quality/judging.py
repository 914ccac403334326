"""Learns from flows, judges others, and counts what was found, what was missed and what cried wolf."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np
from msgspec import Struct

from benchmarks.quality.figures import Rate, pooled
from coldtrail.alerts.alerts import alerts_from
from coldtrail.bundle.model import Model
from coldtrail.config import Settings
from coldtrail.learning.evaluate import Label
from coldtrail.learning.metrics import average_precision
from coldtrail.learning.train import learn
from coldtrail.records.flow import Flow
from coldtrail.records.verdict import Verdict

BUDGET = 0.003
"""The share of benign flows that may alarm, unless a table says otherwise: that of the default settings."""
STRICT = 0.001
BAND = 0.5
"""The realised rate may differ from the budget by this share of it."""


class Alarm(Struct, frozen=True):
    """A false alarm, or an attacked flow without one, in a few words."""

    function: str
    cold: bool
    what: str
    """The first reason of a false alarm, the attack of a missed flow."""
    score: float
    threshold: float
    flow_id: str


class Outcome(Struct, frozen=True):
    """What judging some flows gave."""

    found: Rate
    """Attacked flows that alarmed."""
    false: Rate
    """Benign flows that alarmed."""
    cold: Rate
    """Cold benign flows that alarmed."""
    named: Rate
    """True alarms whose first reason names an injected event, of those labelled with events."""
    not_ready: int
    attacks: dict[str, Rate]
    pr_auc: float | None
    alerts: Rate
    """Alerts without any attacked flow, of all alerts."""
    false_alarms: tuple[Alarm, ...]
    missed: tuple[Alarm, ...]

    @property
    def precision(self) -> Rate:
        """True alarms of all."""
        return Rate(self.found.part, self.found.part + self.false.part)


@dataclass
class _Counts:
    cold: list[bool] = field(default_factory=list)
    named: list[bool] = field(default_factory=list)
    attacks: dict[str, list[bool]] = field(default_factory=dict)
    wolf: list[Alarm] = field(default_factory=list)
    missed: list[Alarm] = field(default_factory=list)
    quiet: int = 0


def settings_for(
    budget: float = BUDGET, detectors: Sequence[str] = (), hold_rare: float | None = None
) -> Settings:
    """The settings of learning; no detectors are the default ones, and no share the default one."""
    plain = Settings().detection
    if hold_rare is not None:
        plain = msgspec.structs.replace(plain, hold_rare=hold_rare)
    chosen = tuple(detectors) or plain.detectors
    return Settings(detection=msgspec.structs.replace(plain, budget=budget, detectors=chosen))


def taught(flows: Sequence[Flow], budget: float = BUDGET, detectors: Sequence[str] = ()) -> Model:
    """The model that the flows teach; raises `ConfigError` where they cannot."""
    return learn(flows, settings_for(budget, detectors)).model


def outcome(model: Model, flows: Sequence[Flow], labels: Mapping[str, Label]) -> Outcome:
    """What the model says of flows, by their labels."""
    verdicts = model.judge(flows)
    counts = _Counts()
    for verdict, flow in zip(verdicts, flows, strict=True):
        label = labels.get(flow.function_flow_id)
        if label is None:
            _count_benign(counts, verdict, flow)
        else:
            _count_attacked(counts, verdict, flow, label)
    scores = np.array([one.score for one in verdicts], np.float64)
    malicious = np.array([flow.function_flow_id in labels for flow in flows], np.bool_)
    attacks = {name: of(found) for name, found in sorted(counts.attacks.items())}
    return Outcome(
        found=pooled(attacks.values()),
        false=Rate(len(counts.wolf), counts.quiet + len(counts.wolf)),
        cold=of(counts.cold),
        named=of(counts.named),
        not_ready=sum(one.verdict == "not_ready" for one in verdicts),
        attacks=attacks,
        pr_auc=average_precision(scores, malicious) if len(flows) else None,
        alerts=false_alerts(verdicts, flows, labels),
        false_alarms=tuple(counts.wolf),
        missed=tuple(counts.missed),
    )


def of(found: Sequence[bool]) -> Rate:
    """How many are true."""
    return Rate(sum(found), len(found))


def _count_benign(counts: _Counts, verdict: Verdict, flow: Flow) -> None:
    alarmed = verdict.verdict == "anomalous"
    if flow.cold_start:
        counts.cold.append(alarmed)
    if alarmed:
        counts.wolf.append(_alarm(verdict, flow, first_reason(verdict)))
    else:
        counts.quiet += 1


def _count_attacked(counts: _Counts, verdict: Verdict, flow: Flow, label: Label) -> None:
    alarmed = verdict.verdict == "anomalous"
    counts.attacks.setdefault(label.attack, []).append(alarmed)
    if not alarmed:
        counts.missed.append(_alarm(verdict, flow, label.attack))
    elif label.event_ids:
        counts.named.append(bool(verdict.reasons) and verdict.reasons[0].event_id in label.event_ids)


def _alarm(verdict: Verdict, flow: Flow, what: str) -> Alarm:
    what = f"{what} (not ready)" if verdict.verdict == "not_ready" else what
    place = flow.function_name, flow.cold_start, what
    return Alarm(*place, round(verdict.score, 3), round(verdict.threshold, 3), flow.function_flow_id)


def first_reason(verdict: Verdict) -> str:
    """The first reason in a few words: its kind, event and target."""
    if not verdict.reasons:
        return "no reason"
    first = verdict.reasons[0]
    return " ".join(word for word in (f"{first.kind}:", first.event_name, first.target) if word)


def false_alerts(verdicts: Sequence[Verdict], flows: Sequence[Flow], labels: Mapping[str, Label]) -> Rate:
    """The alerts that tell of no attacked flow, of all alerts."""
    alerts = alerts_from(zip(verdicts, flows, strict=True))
    return of([not any(run.function_flow_id in labels for run in alert.evidence) for alert in alerts])


def alarmed(model: Model, flows: Sequence[Flow]) -> set[str]:
    """The ids of the flows that alarm."""
    return {one.function_flow_id for one in model.judge(flows) if one.verdict == "anomalous"}
