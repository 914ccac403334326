"""The figures of an evaluation, against counts by hand and definitions that go threshold by threshold."""

from __future__ import annotations

import pytest

from coldtrail.learning.evaluate import Evaluation, Judged, JudgedReason, Label, evaluate_verdicts
from coldtrail.records.verdict import VerdictKind


def verdict(flow_id: str, kind: VerdictKind, score: float = 1.0, event: str | None = None) -> Judged:
    reasons = (JudgedReason(event),) if event else ()
    return Judged(flow_id, f"function of {flow_id[0]}", kind, score, reasons)


def evaluated(verdicts: list[Judged], *labels: Label) -> Evaluation:
    return evaluate_verdicts(verdicts, {label.function_flow_id: label for label in labels})


MIXED = evaluated(
    [
        verdict("a1", "anomalous", 9.0, "e1"),
        verdict("a2", "anomalous", 8.0, "e9"),
        verdict("a3", "normal", 2.0),
        verdict("a4", "not_ready", 0.0),
        verdict("b1", "anomalous", 5.0, "e1"),
        verdict("b2", "anomalous", 5.0, "e1"),
        verdict("c1", "anomalous", 5.0, "e1"),
        verdict("b3", "normal", 1.0),
        verdict("b4", "normal", 1.0),
        verdict("b5", "not_ready", 0.0),
    ],
    Label("a1", "leak", ("e1", "e2")),
    Label("a2", "leak", ("e1",)),
    Label("a3", "swap", ("e1",)),
    Label("a4", "swap"),
    Label("gone", "swap"),
)


def test_every_flow_is_counted_once() -> None:
    found = MIXED
    assert (found.flows, found.malicious, found.not_ready, found.labels_without_verdict) == (10, 4, 2, 1)
    confusion = (found.true_positives, found.false_positives, found.true_negatives, found.false_negatives)
    assert confusion == (2, 3, 3, 2)
    assert sum(confusion) == found.flows


def test_the_shares_follow_from_the_counts() -> None:
    assert MIXED.precision == 2 / 5
    assert MIXED.recall == 2 / 4
    assert MIXED.f1 == pytest.approx(2 * (2 / 5) * (2 / 4) / (2 / 5 + 2 / 4))
    assert MIXED.fpr == 3 / 6
    assert MIXED.fnr == 2 / 4
    assert MIXED.first_reason == 1 / 2


def test_attacks_and_false_alarms_are_told_one_by_one() -> None:
    leak, swap = MIXED.attacks["leak"], MIXED.attacks["swap"]
    assert (leak.flows, leak.found, leak.recall, leak.first_reason) == (2, 2, 1.0, 0.5)
    assert (swap.flows, swap.found, swap.recall) == (2, 0, 0.0)
    assert list(MIXED.false_alarms.items()) == [("function of b", 2), ("function of c", 1)]


def test_a_share_without_a_denominator_is_null() -> None:
    benign = evaluated([verdict("a", "normal")])
    assert (benign.precision, benign.recall, benign.f1, benign.pr_auc) == (None, None, None, None)
    assert benign.fpr == 0.0
    empty = evaluated([])
    assert (empty.flows, empty.fpr, empty.pr_auc) == (0, None, None)


def test_an_alarm_whose_label_names_no_event_is_left_out_of_the_first_reasons() -> None:
    assert evaluated([verdict("a", "anomalous", event="e1")], Label("a", "leak")).first_reason is None
