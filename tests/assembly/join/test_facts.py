"""What several records tell of one run, as one."""

from __future__ import annotations

from coldtrail.assembly.join.facts import _as_one
from coldtrail.records.witnesses import Report


def test_of_each_thing_the_first_record_that_says_anything_is_believed() -> None:
    first = Report(1.0, "r", "pay", duration_s=2.0)
    second = Report(2.0, "r", "pay", duration_s=3.0, memory_mb=512.0)
    third = Report(3.0, "r", "pay", memory_mb=1024.0, version="7")
    told = Report(1.0, "r", "pay", duration_s=2.0, memory_mb=512.0, version="7")
    assert _as_one([first, second, third]) == told
    assert _as_one([first]) == first
