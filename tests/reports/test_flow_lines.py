"""Flows as lines."""

from __future__ import annotations

from coldtrail.reports.flow_lines import flow_line
from tests.verbs.telemetry_files import stolen


def test_a_line_names_each_step_with_its_witness() -> None:
    line = flow_line(stolen("one"))
    assert (line.function_name, line.function_flow_id) == ("Order", "one")
    targets = [step.event_target_resource for step in line.steps if step.event_target_resource]
    assert targets == ["Stock", "Orders", "loot", "order-events"]
    assert len(line.steps) == len(stolen("one").events)
