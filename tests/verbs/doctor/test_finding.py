"""Findings."""

from __future__ import annotations

from coldtrail.verbs.doctor.finding import Finding, fine, noted, to_mend


def test_each_level_has_its_way() -> None:
    assert fine("store", "It answers.") == Finding("store", "ok", "It answers.")
    assert noted("a", "b", "c") == Finding("a", "note", "b", "c")
    assert to_mend("a", "b", "c") == Finding("a", "mend", "b", "c")
