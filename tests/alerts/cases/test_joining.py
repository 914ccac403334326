"""Which alerts and signals are of one case."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import pytest
from msgspec.structs import replace

from coldtrail.alerts.cases.items import Item, items_of
from coldtrail.alerts.cases.joining import LEAST_EACH, LEAST_FLEET, OPENS_AT, joined
from coldtrail.alerts.cases.linking import QUIET_S, SITTING_S
from coldtrail.alerts.signalled import alert_of
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Signal
from tests.signals import HOUR_S, NOON, PAY, SHIP, make_signal


def items(strong: Sequence[Signal] = (), weak: Sequence[Signal] = ()) -> list[Item]:
    alerts = [replace(alert_of([one]), severity="high") for one in strong]
    return items_of(alerts, [*strong, *weak])


def kinds(found: Sequence[Item], functions: int = 50) -> list[list[str]]:
    return sorted(sorted(one.kind for one in case.items) for case in joined(found, functions))


def strong(kind: str = "theft", **fields: object) -> Signal:
    return make_signal(kind, alone=True, strength=6.0, **fields)  # type: ignore[arg-type]


def test_one_strong_signal_suffices() -> None:
    assert kinds(items([strong()])) == [["theft"]]


def test_weak_signals_of_several_kinds_add_up_and_one_kind_does_not() -> None:
    several = [make_signal(kind, at=NOON + n * 60) for n, kind in enumerate(["a", "b", "c"])]
    assert kinds(items(weak=several)) == [["a", "b", "c"]]
    many = [make_signal("a", at=NOON + n * 60) for n in range(50)]
    assert kinds(items(weak=many)) == []


def test_what_fades_does_not_add_up() -> None:
    apart = [make_signal(kind, at=NOON + n * 6 * HOUR_S) for n, kind in enumerate(["a", "b", "c"])]
    assert kinds(items(weak=apart)) == []


def test_the_case_opens_when_the_sum_suffices() -> None:
    weak = [make_signal(kind, at=NOON + n * 60) for n, kind in enumerate(["a", "b", "c"])]
    (case,) = joined(items(weak=weak), 50)
    assert case.opened_at == NOON + 120
    assert case.score >= OPENS_AT


def test_functions_stay_apart_unless_something_joins_them() -> None:
    one, other = strong("a"), strong("b", key=SHIP)
    assert kinds(items([one, other])) == [["a"], ["b"]]
    by_key = [strong("a", credentials=("k",)), strong("b", key=SHIP, credentials=("k",))]
    assert kinds(items(by_key)) == [["a", "b"]]
    by_principal = [strong("a", principals=("p",)), strong("b", key=SHIP, principals=("p",))]
    assert kinds(items(by_principal)) == [["a", "b"]]


def test_a_weak_signal_joins_the_case_of_its_function_within_a_day() -> None:
    near, far = make_signal("a", at=NOON + HOUR_S), make_signal("b", at=NOON + QUIET_S + 2 * HOUR_S)
    assert kinds(items([strong()], [near, far])) == [["a", "theft"]]


@pytest.mark.parametrize(("detector", "joins"), [("changes", True), ("rates", False)])
def test_of_weak_signals_changes_alone_join_from_afar(detector: str, joins: bool) -> None:
    far = make_signal("far", at=NOON + SITTING_S + 2 * HOUR_S, detector=detector)
    assert kinds(items([strong()], [far])) == [["far", "theft"] if joins else ["theft"]]


def test_weak_signals_do_not_keep_a_case_open() -> None:
    days = [make_signal("a", at=NOON + n * 0.9 * QUIET_S) for n in range(5)]
    last = strong("late", at=NOON + 4 * QUIET_S)
    assert len(kinds(items([strong(), last], days))) == 2


def test_what_joins_two_cases_makes_them_one() -> None:
    first, second = strong("a", principals=("p",)), strong("b", key=SHIP, credentials=("k",))
    bridge = strong("c", key=PAY._replace(function="sweep"), principals=("p",), credentials=("k",))
    for order in permutations([first, second, bridge]):
        assert kinds(items(order)) == [["a", "b", "c"]]


@pytest.mark.parametrize(("shared", "cases"), [(1, 2), (3, 1)])
def test_most_traces_have_to_be_shared(shared: int, cases: int) -> None:
    one, other = items([strong("a"), strong("b", key=SHIP)])
    one = replace(one, traces=frozenset("abcd"))
    other = replace(other, traces=frozenset("abcd"[:shared] + "wxyz"[shared:]))
    assert len(joined([one, other], 50)) == cases


def test_what_many_functions_show_on_one_day_is_one_case_of_the_fleet() -> None:
    keys = [FunctionKey("1", "r", "app", f"f{n}") for n in range(LEAST_FLEET + 1)]
    (case,) = joined(items([strong("surge", key=key) for key in keys]), 100)
    assert case.is_fleet
    few = joined(items([strong("surge", key=key) for key in keys[:3]]), 100)
    assert len(few) == 3
    many_known = joined(items([strong("surge", key=key) for key in keys]), 1_000)
    assert len(many_known) == len(keys)


def test_weak_signs_of_many_functions_open_nothing() -> None:
    keys = [FunctionKey("1", "r", "app", f"f{n}") for n in range(LEAST_FLEET + 1)]
    weak = [make_signal("surge", strength=3.0, key=key) for key in keys]
    assert joined(items(weak=weak), 100) == []
    (case,) = joined(items([strong("surge", key=keys[0])], weak[1:]), 100)
    assert case.is_fleet
    assert len(case.items) == len(keys)


def test_strong_signs_of_many_functions_that_one_drift_tells_already_are_one_case() -> None:
    keys = [FunctionKey("1", "r", "app", f"f{n}") for n in range(LEAST_FLEET + 1)]
    told_elsewhere = [make_signal("surge", strength=4.0, key=key, alone=True) for key in keys]
    (case,) = joined(items(weak=told_elsewhere), 100)
    assert case.is_fleet
    assert len(case.items) == len(keys)


def test_stolen_credentials_are_never_of_the_platform() -> None:
    keys = [FunctionKey("1", "r", "app", f"f{n}") for n in range(20)]
    thefts = [strong("theft", key=key, detector="credentials") for key in keys]
    assert not any(case.is_fleet for case in joined(items(thefts), 20))


@pytest.mark.parametrize(("kind", "cases"), [("change", 1), ("order", 2)])
def test_a_new_version_ties_together_what_happens_while_it_runs(kind: str, cases: int) -> None:
    early, late = items([strong("early"), strong("late", at=NOON + 2 * QUIET_S)])
    lasting = make_signal("change", detector="drift", alone=True, strength=0.5)
    alert = replace(alert_of([lasting]), severity="low", kind=kind, last_seen=NOON + 3 * QUIET_S)
    (version,) = items_of([alert], [])
    assert len(joined([early, version, late], 50)) == cases
    assert joined([version], 50) == []


def test_what_is_hardly_anything_opens_nothing() -> None:
    weak = [make_signal(kind, at=NOON, strength=1.8) for kind in "ab"]
    enough, least = (
        make_signal("c", at=NOON, strength=LEAST_EACH - less, detector="changes") for less in (0.0, 0.1)
    )
    assert kinds(items(weak=[*weak, enough])) == [["a", "b", "c"]]
    assert kinds(items(weak=[*weak, least])) == []
