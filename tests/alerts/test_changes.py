"""What most runs of a version never learned do is one change."""

from __future__ import annotations

import msgspec

from coldtrail.alerts.alerts import alerts_from
from tests.alerts.test_alerts import make_reason
from tests.alerts.test_groups import LEAK, LEARNED, counts, run

NEW_STEP = make_reason("new_action", "Scan", "Orders")


def test_what_most_runs_of_a_version_never_learned_do_is_one_change() -> None:
    pairs = [run(f"n{n}", NEW_STEP, version="2") for n in range(30)]
    pairs += [run(f"q{n}", version="2") for n in range(10)]
    (alert,) = alerts_from(pairs, LEARNED)
    assert alert.title == "Confirm runs a version never learned (2): 1 new step"
    assert alert.count == 30
    assert alert.details == ("read from S3 bucket Orders: 30 of the version's 40 runs so far",)
    assert alert.severity == "low"


def test_a_change_is_medium_at_most_unless_a_name_pretends_to_be_another() -> None:
    (alert,) = alerts_from([run(f"n{n}", LEAK, version="2") for n in range(30)], LEARNED)
    assert alert.severity == "medium"
    near = msgspec.structs.replace(LEAK, near="lootz")
    (alert,) = alerts_from([run(f"n{n}", near, version="2") for n in range(30)], LEARNED)
    assert alert.severity == "critical"


def test_what_goes_beyond_the_change_alarms_by_itself() -> None:
    pairs = [run(f"n{n}", NEW_STEP, version="2") for n in range(30)]
    pairs += [run(f"leak{n}", NEW_STEP, LEAK, version="2") for n in range(3)]
    assert counts(pairs) == {
        "Confirm runs a version never learned (2): 1 new step": 30,
        "Confirm wrote to S3 bucket loot, which it never touched before": 3,
    }


def test_what_few_runs_of_a_version_show_is_no_change() -> None:
    pairs = [run(f"q{n}", version="2") for n in range(30)] + [run("leak", LEAK, version="2")]
    assert counts(pairs) == {"Confirm wrote to S3 bucket loot, which it never touched before": 1}


def test_versions_that_were_learned_and_functions_without_any_are_no_change() -> None:
    known = [run(f"n{n}", NEW_STEP) for n in range(9)]
    untold = [run(f"u{n}", NEW_STEP, version=None) for n in range(9)]
    stranger = [run(f"s{n}", NEW_STEP, version="7", function="Other") for n in range(9)]
    assert sorted(counts([*known, *untold, *stranger]).values()) == [9, 18]


def test_objects_of_a_new_bucket_are_one_new_step_whatever_their_names() -> None:
    pairs = [
        run(f"n{n}", make_reason("new_resource", target=f"reports/{n}.pdf"), version="2") for n in range(30)
    ]
    (alert,) = alerts_from(pairs, LEARNED)
    assert alert.title == "Confirm runs a version never learned (2): 1 new step"
    assert alert.details == ("wrote to S3 bucket reports/0.pdf: 30 of the version's 30 runs so far",)


def test_another_object_beside_the_one_that_all_runs_write_alarms_by_itself() -> None:
    own = make_reason("new_resource", target="reports/all.pdf")
    more = make_reason("new_resource", target="reports/copy.pdf")
    pairs = [run(f"n{n}", own, version="2") for n in range(30)] + [run("x", own, more, version="2")]
    assert sorted(counts(pairs).values()) == [1, 30]
