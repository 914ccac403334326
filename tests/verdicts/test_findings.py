"""Which event is looked at first."""

from __future__ import annotations

import msgspec
import pytest

from coldtrail.detectors.detector import Evidence
from coldtrail.records.finding import Origin, StepKey, StepValue, UsualStep
from coldtrail.testing import make_flow
from coldtrail.verdicts.findings import finding_of, to_look_at
from tests.verbs.telemetry_files import GET, PUT

FLOW = make_flow([GET, PUT])
"""Its events: Invocation, the two calls, Overhead."""


def evidence(kind: str) -> Evidence:
    return Evidence(kind, UsualStep(StepKey("Publish", "SNS", "news")), StepValue(None))


@pytest.mark.parametrize(
    ("kind", "step", "at"),
    [("order", 1, 1), ("omission", 3, 2), ("omission", None, 2), ("order", None, 2), ("duration", None, 0)],
)
def test_the_event_beside_what_is_strange_is_looked_at(kind: str, step: int | None, at: int) -> None:
    assert to_look_at(evidence(kind), FLOW, step) == at


def test_a_run_without_events_has_none_to_look_at() -> None:
    empty = msgspec.structs.replace(FLOW, events=())
    assert to_look_at(evidence("order"), empty, None) is None


def test_of_a_missing_step_the_finding_names_what_is_missing_and_of_a_trigger_no_step() -> None:
    finding, at = finding_of(evidence("omission"), FLOW, 3)
    assert (finding.step, at) == (StepKey("Publish", "SNS", "news"), 2)
    finding, _ = finding_of(Evidence("trigger", Origin(None), Origin("x")), FLOW, None)
    assert finding.step is None
    assert finding_of(evidence("order"), FLOW, 1)[0].step == StepKey("GetItem", "DynamoDB", "Stock")
