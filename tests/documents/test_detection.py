"""The page on detection tells every detector and kind of finding as the code has them, and its numbers."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from coldtrail.alerts.signalled import SignalKind, is_named, kind_told
from coldtrail.config import Settings
from coldtrail.records.alert import Alert
from coldtrail.records.case import Case, CaseMember, TimelineEntry
from coldtrail.registry import DETECTORS, SIGNAL_DETECTORS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "detection.md").read_text(encoding="utf-8")
USING = (ROOT / "docs" / "using.md").read_text(encoding="utf-8")
RULES = (ROOT / "src" / "coldtrail" / "alerts" / "data" / "signals.toml").read_text(encoding="utf-8")
NUMBERS = re.findall(r"^\| `([\w/]+)\.py:(\w+)` \| ([\d., ]+) \|", PAGE, re.MULTILINE)
ROWS = re.findall(r"^\| `(\w+)` \| ([a-z]+) \| ([a-z]+) \| ([\w.]+) \|", PAGE, re.MULTILINE)
NEVER = "none"


def number(text: str) -> float:
    return float(re.sub(r"(?<=\d),(?=\d{3})", "", text.strip()))


@pytest.mark.parametrize(("module", "name", "told"), NUMBERS, ids=lambda part: str(part))
def test_every_number_of_the_tables_is_that_of_the_code(module: str, name: str, told: str) -> None:
    value = getattr(import_module(f"coldtrail.{module.replace('/', '.')}"), name)
    if isinstance(value, tuple):
        assert value == tuple(map(number, told.split(", ")))
    else:
        assert number(told) == value


def test_there_is_a_section_for_every_detector_of_signals_and_a_row_for_every_other() -> None:
    for detector in SIGNAL_DETECTORS:
        assert f"\n## `{detector}`\n" in PAGE
    for detector in DETECTORS:
        assert f"| `{detector}`" in PAGE or f"`, `{detector}` |" in PAGE
    assert set(Settings().baselines.detectors) == set(SIGNAL_DETECTORS)


def test_every_kind_of_signal_has_one_row() -> None:
    kinds = set(re.findall(r"^\[kinds\.(\w+)\]", RULES, re.MULTILINE)) - {"other"}
    assert sorted(row[0] for row in ROWS) == sorted(kinds)


@pytest.mark.parametrize(("kind", "alert", "weak", "technique"), ROWS, ids=lambda part: str(part))
def test_severities_and_techniques_are_those_of_the_rules(
    kind: str, alert: str, weak: str, technique: str
) -> None:
    assert is_named(kind)
    rules: SignalKind = kind_told(kind)
    assert alert in (rules.severity, NEVER)
    assert weak in (rules.weak, NEVER)
    assert (alert, weak) != (NEVER, NEVER)
    assert technique == (rules.technique or NEVER)


@pytest.mark.parametrize("record", [Case, CaseMember, TimelineEntry])
def test_every_key_of_a_line_of_cases_is_explained(
    record: type[Case] | type[CaseMember] | type[TimelineEntry],
) -> None:
    for name in record.__struct_fields__:
        assert re.search(rf"`(?:\w+\.)*{name}`", USING), f"{record.__name__}.{name}"


def test_what_alerts_are_evidenced_by_is_explained() -> None:
    assert "evidence" in Alert.__struct_fields__
    for name in ("evidence", "look_at", "function_flow_id", "application_flow_id", "record_id"):
        assert f"`{name}`" in USING
