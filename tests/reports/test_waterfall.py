"""The run beside the usual run: which steps share a line, which are marked, missing, folded or left out."""

from __future__ import annotations

import msgspec
import pytest

from coldtrail.records.alert import Alert
from coldtrail.records.profile import ProfileStep
from coldtrail.reports.steps import MAX_ROWS
from coldtrail.reports.waterfall import Row, Waterfall, waterfall
from tests.findings import reason
from tests.reports import stories
from tests.reports.stories import Step


def shown(alert: Alert) -> Waterfall:
    profile = stories.profiles()[alert.key]
    assert alert.flow is not None
    return waterfall(alert.flow, alert.reasons, profile)


def told(rows: tuple[Row, ...]) -> list[tuple[str, str, tuple[int, ...]]]:
    return [(row.name, row.state, row.marks) for row in rows if row.state != "same" or row.marks]


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        ("ConfirmBooking", [("PutObject", "added", (1, 2))]),
        ("CollectPayment", [("POST", "same", (1,))]),
        (
            "ReserveBooking",
            [("UpdateItem", "missing", ()), ("GetItem", "same", (1,)), ("UpdateItem", "added", (2,))],
        ),
        ("RefundPayment", [("Query", "missing", (1,))]),
        ("IngestLoyalty", [("PutItem", "same", (1,))]),
    ],
)
def test_what_differs_is_on_its_own_line_and_marked(
    alerts: list[Alert], function: str, expected: list[tuple[str, str, tuple[int, ...]]]
) -> None:
    alert = next(alert for alert in alerts if alert.key.function == function)
    assert told(shown(alert).rows) == expected


def test_notes_say_what_differs(alerts: list[Alert]) -> None:
    notes = {row.note for alert in alerts for row in shown(alert).rows}
    assert notes == {
        "", "not in the usual run", "usually here", "not at its usual place", "left out this time",
        "20 times, usually 1",
    }  # fmt: skip


def test_equal_steps_in_a_row_are_one_line(alerts: list[Alert]) -> None:
    alert = next(alert for alert in alerts if alert.key.function == "IngestLoyalty")
    (row,) = [row for row in shown(alert).rows if row.name == "PutItem"]
    assert row.run is not None
    assert row.run.label == "20 \u00d7 13 ms"


def test_a_long_wait_leaves_the_other_bars_visible(alerts: list[Alert]) -> None:
    alert = next(alert for alert in alerts if alert.key.function == "CollectPayment")
    fall = shown(alert)
    assert len(fall.cuts) == 1
    assert all(row.run.width > 1 for row in fall.rows if row.run and row.name != "Overhead")


def test_the_most_similar_usual_run_is_chosen(alerts: list[Alert]) -> None:
    cold = stories.CONFIRM
    steps: list[Step] = [("Initialization", "lifecycle", None, 1, 0, 400)]
    steps += [
        (name, kind, target, depth, offset + 430, took) for name, kind, target, depth, offset, took in cold
    ]
    flow = stories.make_flow("ConfirmBooking", steps)
    fall = waterfall(flow, (), stories.profiles()[stories.key_of("ConfirmBooking")])
    assert fall.run is not None
    assert fall.run.share == 0.021
    assert [other.share for other in fall.others] == [0.954]


def test_without_a_profile_the_run_stands_alone(alerts: list[Alert]) -> None:
    assert alerts[0].flow is not None
    fall = waterfall(alerts[0].flow, alerts[0].reasons, None)
    assert fall.run is None
    assert all(row.usual is None and row.note == "" for row in fall.rows)
    assert len(fall.rows) == len(alerts[0].flow.events)


def test_very_long_runs_are_thinned_but_never_of_their_strange_steps() -> None:
    steps: list[Step] = [(f"Step{place}", "S3", "x", 1, place, 1.0) for place in range(5000)]
    one = reason("new_resource", "Step4321", "x", event_id="e4321")
    fall = waterfall(stories.make_flow("Long", steps), (one,), None)
    assert len(fall.rows) <= MAX_ROWS + 12
    assert [row.name for row in fall.rows if row.marks] == ["Step4321"]
    hidden = sum(int(row.note.split()[0].replace(",", "")) for row in fall.rows if row.state == "gap")
    assert hidden + sum(row.state != "gap" for row in fall.rows) == 5000


def test_a_run_without_events_has_no_lines(alerts: list[Alert]) -> None:
    flow = msgspec.structs.replace(alerts[0].flow, events=(), depths=(), self_times=())
    assert waterfall(flow, (), None).rows == ()


def test_a_name_of_a_known_form_stands_beside_the_template(alerts: list[Alert]) -> None:
    alert = next(alert for alert in alerts if alert.key.function == "IngestLoyalty")
    profile = stories.profiles()[alert.key]
    tables = {step.target for run in profile.runs for step in run.steps if step.event_name == "PutItem"}
    shown_as = {table: f"{table}-{{hex:4}}" for table in tables}
    runs = [
        msgspec.structs.replace(run, steps=tuple(_renamed(step, shown_as) for step in run.steps))
        for run in profile.runs
    ]
    events = tuple(
        msgspec.structs.replace(event, event_target_resource=f"{event.event_target_resource}-0a1b")
        if event.event_name == "PutItem"
        else event
        for event in alert.flow.events
    )
    flow = msgspec.structs.replace(alert.flow, events=events)
    profile = msgspec.structs.replace(profile, runs=tuple(runs))
    fall = waterfall(flow, alert.reasons, profile)
    assert told(fall.rows) == [("PutItem", "same", (1,))]
    assert any(row.target.endswith("-0a1b") for row in fall.rows)


def _renamed(step: ProfileStep, shown_as: dict[str | None, str]) -> ProfileStep:
    return msgspec.structs.replace(step, target=shown_as.get(step.target, step.target))
