"""The stage that makes alerts: cuts, advances and snapshots change nothing of what is told in the end."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldtrail.alerts.alerts import alerts_from
from coldtrail.alerts.grouping import Drift, Grouping, Judged
from coldtrail.errors import BundleError
from coldtrail.records.alert import Alert
from coldtrail.records.shift import Shift
from coldtrail.testing import make_flow
from tests.alerts.test_alerts import KINDS, make_pair, make_reason
from tests.alerts.test_groups import LEAK, LEARNED, run

END = float("inf")


def make_drift(function: str, measure: str = "rate", found: float = 100.0) -> Drift:
    shift = Shift(
        "",
        "",
        "app",
        function,
        measure,
        found - 9,
        found,
        30,
        1.0,
        2.0,
        "",
        5e4,
        "f1",
        "t1",
        ("f1",),
        (f"trace-{function}",),
        f"{function} {measure}" if measure == "silence" else f"{function} {measure} {found}",
    )
    return Drift(shift, make_flow([], flow_id="f1"))


rows = st.lists(
    st.tuples(
        st.sampled_from(["Confirm", "out", "Book", "Pay"]),
        st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 3)), max_size=3),
        st.sampled_from(["1", "2", None]),
        st.integers(0, 3),
        st.floats(4, 40),
    ),
    max_size=30,
)
drifts = st.lists(
    st.builds(make_drift, st.sampled_from("ABCD"), st.sampled_from(["rate", "duration"]), st.floats(0, 9e4)),
    max_size=6,
)
cuts = st.lists(st.tuples(st.integers(1, 9), st.booleans(), st.booleans()), max_size=12)


def pairs_of(drawn: list[tuple[Any, ...]]) -> list[Judged | Drift]:
    pairs: list[Judged | Drift] = []
    for place, (function, reasons, version, trace, score) in enumerate(drawn):
        told = [make_reason(kind, target=f"b{target}") for kind, target in reasons]
        verdict, flow = run(f"f{place}", *told, version=version, trace=f"t{trace}", function=function)
        pairs.append((msgspec.structs.replace(verdict, score=score), flow))
    return pairs


@settings(max_examples=60)
@given(rows, drifts, cuts)
def test_cuts_advances_and_snapshots_change_no_alert(
    drawn: list[tuple[Any, ...]], shifted: list[Drift], cut: list[tuple[int, bool, bool]]
) -> None:
    items = pairs_of(drawn) + shifted
    whole = Grouping(LEARNED)
    whole.push(items)
    expected = whole.advance(END)
    stage, told = Grouping(LEARNED), dict[str, Alert]()
    rest = items
    for number, advances, resumes in cut:
        assert stage.push(rest[:number]) == []
        rest = rest[number:]
        if advances:
            told |= {alert.id: alert for alert in stage.advance(0.0)}
        if resumes:
            state, stage = stage.snapshot(), Grouping(LEARNED)
            stage.restore(state)
    stage.push(rest)
    told |= {alert.id: alert for alert in stage.advance(END)}
    assert stage.alerts() == expected
    assert [told[alert.id] for alert in expected] == expected
    assert stage.advance(END) == []


def test_only_what_has_changed_is_told_again() -> None:
    stage = Grouping()
    stage.push([make_pair("a"), make_pair("b", make_reason("count"))])
    assert len(stage.advance(0.0)) == 2
    assert stage.advance(1.0) == []
    stage.push([make_pair("c", start=50.0)])
    (alert,) = stage.advance(2.0)
    assert (alert.count, alert.first_seen, alert.told_at) == (2, 50.0, 51.0)
    assert len(stage.alerts()) == 2


def test_one_trouble_takes_the_place_of_several() -> None:
    drips = [make_drift(name, found=100.0 + place) for place, name in enumerate("ABC")]
    stage = Grouping()
    stage.push(drips[:1])
    alone = stage.advance(150.0)
    stage.push(drips[1:])
    (together,) = stage.advance(END)
    assert together.subject.kind == "application"
    assert together.id not in {alert.id for alert in alone}
    assert stage.alerts() == [together]


def test_the_last_word_on_what_has_stopped_counts() -> None:
    stage = Grouping()
    stage.push([make_drift("A", "silence", found) for found in (100.0, 900.0)] + [make_drift("B", "silence")])
    told = sorted((alert.last_seen, alert.count) for alert in stage.advance(END))
    assert told == [(100.0, 30), (900.0, 30)]


def test_a_drift_stands_among_the_flows() -> None:
    stage = Grouping()
    stage.push([run("f", LEAK), make_drift("Slow")])
    assert [alert.kind for alert in stage.advance(END)] == ["new_resource", "rate_drift"]


def test_alerts_are_those_of_all_flows() -> None:
    pairs = [make_pair(f"f{n}", make_reason(target=f"b{n % 5}"), start=float(n)) for n in range(9)]
    stage = Grouping()
    stage.push(pairs)
    assert stage.advance(END) == alerts_from(pairs)


@pytest.mark.parametrize(
    "state",
    [{}, {"grouping": np.zeros(9)}, {"grouping": np.frombuffer(b"\x81\xa5flows\xc0", np.uint8)}],
    ids=["missing", "of another kind", "damaged"],
)
def test_a_damaged_snapshot_is_refused(state: dict[str, Any]) -> None:
    with pytest.raises(BundleError, match="The state is damaged"):
        Grouping().restore(state)


def test_a_snapshot_is_of_its_moment() -> None:
    stage = Grouping()
    stage.push([make_pair("a")])
    before = stage.snapshot()
    stage.push([make_pair("b")])
    again = Grouping()
    again.restore(before)
    assert [alert.count for alert in (*again.advance(END), *stage.advance(END))] == [1, 2]
