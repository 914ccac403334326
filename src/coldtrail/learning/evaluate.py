"""Compares verdicts with labels: attacks found and missed, and false alarms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np
from msgspec import Struct

from coldtrail.learning.metrics import average_precision
from coldtrail.records.verdict import VerdictKind


class Label(Struct, frozen=True, gc=False):
    """A malicious function flow: one line of a labels file."""

    function_flow_id: str
    attack: str
    event_ids: tuple[str, ...] = ()


class JudgedReason(Struct, frozen=True, gc=False):
    """What evaluation needs of a reason."""

    event_id: str | None = None


class Judged(Struct, frozen=True, gc=False):
    """What evaluation needs of a verdict line."""

    function_flow_id: str
    function_name: str
    verdict: VerdictKind
    score: float
    reasons: tuple[JudgedReason, ...] = ()


class AttackResult(Struct, frozen=True):
    """How one kind of attack fared."""

    flows: int
    found: int
    recall: float
    first_reason: float | None
    """Share of the found ones labelled with events whose first reason names one of them."""


class Evaluation(Struct, frozen=True):
    """The figures; a share without a denominator is null."""

    flows: int
    malicious: int
    true_positives: int
    false_positives: int
    true_negatives: int
    false_negatives: int
    precision: float | None
    recall: float | None
    f1: float | None
    fpr: float | None
    fnr: float | None
    pr_auc: float | None
    first_reason: float | None
    """Share of the true alarms whose first reason names an injected event, of those labelled with events."""
    not_ready: int
    """Flows of functions with too little history; a malicious one among them counts as missed."""
    labels_without_verdict: int
    attacks: dict[str, AttackResult]
    false_alarms: dict[str, int]
    """By function."""


def evaluate_verdicts(verdicts: Iterable[Judged], labels: Mapping[str, Label]) -> Evaluation:
    """The evaluation of verdicts by labels; a flow without a label is benign."""
    attacks: dict[str, list[tuple[bool, bool | None]]] = defaultdict(list)
    false_alarms: dict[str, int] = defaultdict(int)
    scores: list[float] = []
    malicious: list[bool] = []
    not_ready = negatives = 0
    seen: set[str] = set()
    for verdict in verdicts:
        label = labels.get(verdict.function_flow_id)
        alarmed = verdict.verdict == "anomalous"
        not_ready += verdict.verdict == "not_ready"
        scores.append(verdict.score)
        malicious.append(label is not None)
        if label is not None:
            seen.add(verdict.function_flow_id)
            attacks[label.attack].append((alarmed, _names_injected(verdict, label)))
        elif alarmed:
            false_alarms[verdict.function_name] += 1
        else:
            negatives += 1
    results = [result for attack in attacks.values() for result in attack]
    found = sum(alarmed for alarmed, _ in results)
    wrong = sum(false_alarms.values())
    named = [right for alarmed, right in results if alarmed and right is not None]
    return Evaluation(
        flows=len(scores),
        malicious=len(results),
        true_positives=found,
        false_positives=wrong,
        true_negatives=negatives,
        false_negatives=len(results) - found,
        precision=_share(found, found + wrong),
        recall=_share(found, len(results)),
        f1=_share(2 * found, found + wrong + len(results)),
        fpr=_share(wrong, wrong + negatives),
        fnr=_share(len(results) - found, len(results)),
        pr_auc=average_precision(np.array(scores), np.array(malicious, np.bool_)),
        first_reason=_share(sum(named), len(named)),
        not_ready=not_ready,
        labels_without_verdict=len(labels) - len(seen),
        attacks={attack: _result(attacks[attack]) for attack in sorted(attacks)},
        false_alarms=dict(sorted(false_alarms.items(), key=lambda item: (-item[1], item[0]))),
    )


def _names_injected(verdict: Judged, label: Label) -> bool | None:
    """Whether the first reason names an injected event; None where the label names none."""
    if not label.event_ids:
        return None
    return bool(verdict.reasons) and verdict.reasons[0].event_id in label.event_ids


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _result(flows: list[tuple[bool, bool | None]]) -> AttackResult:
    found = sum(alarmed for alarmed, _ in flows)
    named = [right for alarmed, right in flows if alarmed and right is not None]
    return AttackResult(len(flows), found, found / len(flows), _share(sum(named), len(named)))
