"""The tally counts exactly and keeps little."""

from __future__ import annotations

from coldtrail.records.tally import MAX_KEPT, MAX_KINDS, Tally


def test_counts_add_up() -> None:
    tally = Tally()
    tally.count("documents read", 3)
    tally.count("documents read")
    assert tally.counts["documents read"] == 4
    assert tally.counts["never heard of"] == 0


def test_losses_of_a_kind_are_told_once_with_the_first_place() -> None:
    tally = Tally()
    tally.lose("document", origin="a.jsonl", place="line 3", reason="it is broken.")
    tally.lose("document", origin="b.jsonl", reason="it is broken too.")
    tally.lose("document", origin="c.jsonl", reason="and this.", number=1_000)
    tally.lose("late", origin="trace t1", reason="it came late.")
    assert tally.lost == 1_003
    assert tally.sentences() == [
        "a.jsonl, line 3: it is broken (and 1,001 more of this kind).",
        "trace t1: it came late.",
    ]


def test_memory_is_bounded_and_counts_stay_exact() -> None:
    tally = Tally()
    for number in range(5_000):
        tally.lose(f"kind {number}", origin="x", reason="why.")
    assert tally.lost == 5_000
    assert len(tally.losses) == MAX_KINDS + 1
    assert len(tally.examples) == MAX_KINDS + 1
    assert len(tally.kept) == MAX_KEPT
    assert tally.losses["other"] == 5_000 - MAX_KINDS
