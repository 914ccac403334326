"""The ledger counts exactly and keeps little."""

from __future__ import annotations

from coldtrail.ledger import MAX_KEPT, MAX_KINDS, Ledger


def test_counts_add_up() -> None:
    ledger = Ledger()
    ledger.count("documents read", 3)
    ledger.count("documents read")
    assert ledger.counts["documents read"] == 4
    assert ledger.counts["never heard of"] == 0


def test_losses_of_a_kind_are_told_once_with_the_first_place() -> None:
    ledger = Ledger()
    ledger.lose("document", origin="a.jsonl", place="line 3", reason="it is broken.")
    ledger.lose("document", origin="b.jsonl", reason="it is broken too.")
    ledger.lose("document", origin="c.jsonl", reason="and this.", number=1_000)
    ledger.lose("late", origin="trace t1", reason="it came late.")
    assert ledger.lost == 1_003
    assert ledger.sentences() == [
        "a.jsonl, line 3: it is broken (and 1,001 more of this kind).",
        "trace t1: it came late.",
    ]


def test_memory_is_bounded_and_counts_stay_exact() -> None:
    ledger = Ledger()
    for number in range(5_000):
        ledger.lose(f"kind {number}", origin="x", reason="why.")
    assert ledger.lost == 5_000
    assert len(ledger.losses) == MAX_KINDS + 1
    assert len(ledger.examples) == MAX_KINDS + 1
    assert len(ledger.kept) == MAX_KEPT
    assert ledger.losses["other"] == 5_000 - MAX_KINDS
