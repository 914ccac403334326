"""When shifts are told, counted in attacked flows."""

from __future__ import annotations

import msgspec

from benchmarks.quality.measures.shift_delays import Benign, Delay, ShiftDelays, Told, delays, shifts_of
from benchmarks.quality.reports.shifts import shift_delays_tables
from coldtrail.config import Settings
from coldtrail.learning.evaluate import Label
from coldtrail.learning.train import learn
from coldtrail.records.shift import Shift
from coldtrail.testing import START, make_flow, make_history
from tests.learning.test_accepting import slow

BURST = Shift("", "", "a", "GetLoyalty", "rate", START, START + 35, 9, 1.0, 9.0, "", 5e4, "f", "t", ())


def test_a_delay_is_the_attacked_flows_up_to_the_first_shift() -> None:
    flows = [make_flow([], flow_id=f"f{i}", function="GetLoyalty", start=START + 10 * i) for i in range(8)]
    labels = {f"f{i}": Label(f"f{i}", "off_hours_burst") for i in range(1, 7)}
    other = msgspec.structs.replace(BURST, function_name="Pay", found=START + 11)
    before = msgspec.structs.replace(BURST, found=START + 5)
    found = delays("airline", flows, labels, [other, before, BURST])
    assert found == {"off_hours_burst": Delay(6, 8, 3, 25 / 60, ("rate",))}
    missed = delays("airline", flows, labels, [other])
    assert missed["off_hours_burst"].told_after is None
    assert delays("airline", flows, {}, [BURST]) == {}


def test_shifts_are_those_that_scoring_tells() -> None:
    model = learn(make_history(400), Settings()).model
    flows = make_history(300, seed=5, prefix="n")
    changed = flows[:150] + [slow(flow) for flow in flows[150:]]
    assert {one.measure for one in shifts_of(model, changed)} == {"duration", "own_time"}
    assert shifts_of(model, flows) == []


def test_the_tables_tell_delays_and_chance() -> None:
    attack = {"slow_shift": Delay(200, 400, 28, 11.25, ("own_time",))}
    missed = {"slow_shift": Delay(200, 400, None, None, ())}
    calm = Benign(1000, 2.0, 0.01, ())
    results = [
        ShiftDelays(
            attack, calm, Benign(500, 1.0, 0.01, ("Pay: rate",)), {"sale_day": Told(1, ("rate",) * 3)}
        ),
        ShiftDelays(missed, calm, calm, {}),
    ]
    text = shift_delays_tables(results)
    cells = [" ".join(line.split()) for line in text.splitlines()]
    assert (
        "| slow shift | 1 of 2 | 28 (28 to 28) | 11.2 (11.2 to 11.2) | 200.0 | 0.5000 | own time |" in cells
    )
    assert "| other days | 2,000 | 4 | 0 | 0.0 | |" in cells
    assert any("| 1,500 | 3 | 1 | 0.0 | Pay: rate |" in line for line in cells)
    assert "| sale day | 1 | 3 | rate (3) |" in cells
