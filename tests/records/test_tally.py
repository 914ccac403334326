"""The tally counts exactly and keeps little."""

from __future__ import annotations

from coldtrail.records.tally import (
    MAX_KEPT,
    MAX_KINDS,
    MOST_PARTS,
    MOST_REASONS,
    PART,
    REFUSED,
    REFUSED_SINCE,
    UNKNOWN,
    Tally,
)


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


def test_refusals_are_counted_by_format_and_by_kind_of_reason() -> None:
    tally = Tally()
    for number in range(3):
        tally.refuse(
            "xray", origin="a", place=f"line {number}", reason=f"Byte {number} of 'x{number}' is bad."
        )
    tally.refuse("", origin="b", reason="This is nothing.")
    told = {key: n for key, n in tally.counts.items() if key.startswith((REFUSED, REFUSED_SINCE))}
    assert told == {
        f"{REFUSED}xray": 3,
        f"{REFUSED_SINCE}Byte … of … is bad.": 3,
        f"{REFUSED}{UNKNOWN}": 1,
        f"{REFUSED_SINCE}This is nothing.": 1,
    }
    assert tally.counts["documents refused"] == tally.losses["document"] == 4


def test_kinds_of_reasons_are_bounded() -> None:
    tally = Tally()
    for number in range(3 * MAX_KINDS):
        tally.refuse("xray", origin="a", reason="x" * number + ".")
    told = {key: n for key, n in tally.counts.items() if key.startswith(REFUSED_SINCE)}
    assert len(told) <= MAX_KINDS + 1
    assert sum(told.values()) == 3 * MAX_KINDS


def test_functions_without_a_record_are_bounded() -> None:
    tally = Tally()
    for number in range(2 * MAX_KEPT):
        tally.miss(f"f{number}", None)
    tally.miss("f0", None)
    assert len(tally.unrecorded) == MAX_KEPT
    assert tally.unrecorded["f0", None] == 2


def test_documents_are_told_by_the_reason_why_they_were_refused() -> None:
    tally = Tally()
    for number in range(3):
        tally.refuse("", origin="a", place=f"line {number}", reason=f"Line {number} is nothing.")
    tally.refuse("otlp", origin="b.pb", reason="It is cut off.")
    tally.lose("late", origin="trace t1", reason="it came late.")
    assert tally.sentences() == [
        "a, line 0: Line 0 is nothing (and 2 more of this kind).",
        "b.pb: It is cut off.",
        "trace t1: it came late.",
    ]
    assert tally.other_losses() == ["trace t1: it came late."]
    assert [number for number, _ in tally.refusals()] == [3, 1]


def test_parts_leave_room_for_what_is_no_part() -> None:
    tally = Tally()
    for number in range(2 * MAX_KINDS):
        tally.lose(f"{PART}{'x' * number}", origin="a", reason="x" * (number + 1) + ".")
    tally.lose("late", origin="trace t1", reason="it came late.")
    assert tally.losses["late"] == 1
    assert tally.losses[f"{PART}other reasons"] == 2 * MAX_KINDS - MAX_KINDS // 2
    told = tally.other_losses()
    assert len(told) == MOST_PARTS + 2
    assert "trace t1: it came late." in told
    assert (
        told[-1]
        == f"{MAX_KINDS // 2 + 1 - MOST_PARTS} more parts of documents were lost, for 89 other reasons."
    )


def test_rare_reasons_among_many_are_added_up() -> None:
    tally = Tally()
    for word in "abcdefgh":
        tally.refuse("", origin=word, reason=f"It is {word}.")
    told = tally.sentences()
    assert len(told) == MOST_REASONS + 1
    assert told[-1] == "3 more documents were refused, for 3 other reasons."
