"""What is told twice, or cannot be quite so."""

from __future__ import annotations

from collections import Counter

from coldtrail.verbs.coverage.oddities import oddities


def test_only_what_there_is_is_told() -> None:
    assert oddities(Counter(), 0, 0, 0) == []
    counts = Counter({"calls told again": 2, "reports told again": 1, "calls read": 9})
    told = oddities(counts, 1, 4, 5)
    assert [sentence.split(" ")[0] for sentence in told] == ["1", "3", "4", "5"]
    assert told[0].startswith("1 document read more than once")
    assert oddities(Counter({"flows that came again": 2}), 0, 0, 0)[0].startswith("2 flows told again")
