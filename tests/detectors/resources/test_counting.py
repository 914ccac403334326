"""Who is believed, and whose row a value belongs to."""

from __future__ import annotations

import msgspec
import numpy as np

from coldtrail.config import BaselineSettings
from coldtrail.detectors.resources.costs import Costs
from coldtrail.detectors.resources.counting import Counting
from coldtrail.detectors.resources.levels import DOUBT_OF_VERSION
from coldtrail.detectors.resources.measures import MEASURES, MEMORY
from coldtrail.records.encounter import Encounter
from coldtrail.records.witnesses import Change, Report
from tests.detectors.resources.streams import KEY, reports, windows


def counting() -> Counting:
    return Counting(Costs(BaselineSettings()))


def test_windows_count_until_reports_come() -> None:
    one = counting()
    one.count(windows(0.1)[:10], 0)
    assert one.table["n"][MEMORY] == 10
    assert one.costs.table["calls_hour"][0] == 30
    one.count(reports(0.1)[:5], 0)
    one.count(windows(0.1)[:10], 0)
    assert one.table["n"][: one.table.length].reshape(-1, len(MEASURES))[:, MEMORY].tolist() == [10, 5]
    assert one.costs.table["calls_hour"][0] == 35


def test_what_insights_measures_too_is_counted_once() -> None:
    one = counting()
    plain = reports(0.1)[:5]
    insights = [
        Encounter(each.at, msgspec.structs.replace(each.what, kind="insights"), KEY) for each in plain
    ]
    one.count([*plain, *insights], 0)
    assert one.table["n"][MEMORY] == 5


def test_an_invocation_that_is_reported_twice_is_counted_once() -> None:
    one = counting()
    plain = reports(0.1)[:5]
    one.count([each for two in zip(plain, plain, strict=True) for each in two], 0)
    one.count(plain, 0)
    assert one.table["n"][MEMORY] == 5
    assert one.costs.table["calls_hour"][0] == 5
    again = msgspec.structs.replace(plain[0].what, duration_s=7.0)
    one.count([Encounter(plain[0].at + 60.0, again, KEY)], 0)
    assert one.table["n"][MEMORY] == 6


def test_records_of_nobody_and_of_other_things_are_left_out() -> None:
    one = counting()
    other = [Encounter(0.0, Report(0.0, "r", "pay", "start"), KEY), Encounter(0.0, reports(0.1)[0].what)]
    flows = [Encounter(0.0, msgspec.structs.replace(each.what, source="flows"), KEY) for each in windows(0.1)]
    one.count([*other, *flows], 0)
    assert len(one.versions.keys) == 0


def test_a_change_puts_the_version_that_keeps_its_name_in_doubt() -> None:
    one = counting()
    one.count(reports(0.1, version=lambda day: "$LATEST"), 0)
    one.count(reports(0.1, version=lambda day: "7"), 0)
    rows = np.arange(2 * len(MEASURES))
    one.table["days"][rows] = 9

    def changed(operation: str, error: str | None = None) -> Encounter:
        what = Change("c", 0.0, "", "", "pay", operation, error_code=error)
        return Encounter(0.0, what, None, KEY)

    one.count([changed("AddPermission"), changed("UpdateFunctionCode", "AccessDenied")], 0)
    assert (one.table["doubt"][rows] == 0).all()
    one.count([changed("UpdateFunctionCode")], 0)
    assert one.table["doubt"][MEMORY] == DOUBT_OF_VERSION
    assert one.table["doubt"][len(MEASURES) + MEMORY] == 0


def test_calls_far_off_are_kept_for_showing() -> None:
    one = counting()
    (first, usual, *_) = reports(0.1)
    one.count([first], 0)
    one.table["days"][MEMORY], one.table["mean"][MEMORY] = 9, np.log(50.0)
    one.count([usual], 0)
    assert one.calls.of(0, MEMORY) == (usual.what.request_id,)
