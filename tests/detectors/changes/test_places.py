import pytest

from coldtrail.detectors.changes.places import Accounts, Places
from coldtrail.records.traits import Trait

DAY_S = 86_400.0
NOW = 20_000 * DAY_S + 9 * 3_600.0
OFFICE, INN = Trait("network", "p-office"), Trait("network", "p-inn")


def worked(days: int = 9) -> Places:
    places = Places()
    for day in range(days):
        places.meet(NOW - (days - day) * DAY_S, OFFICE, "ann")
    return places


def test_a_place_where_nobody_was_is_new_and_the_office_is_not() -> None:
    places = worked()
    places.meet(NOW, INN, "ann")
    assert places.is_new(NOW, INN, "ann")
    assert places.is_new(NOW, Trait("network", "p-other"), "ann")
    assert not places.is_new(NOW, OFFICE, "ann")


def test_of_an_account_that_is_not_known_for_long_nothing_is_new() -> None:
    assert not worked(3).is_new(NOW, INN, "ann")
    assert worked(4).is_new(NOW, INN, "ann")


@pytest.mark.parametrize(
    ("others", "new"),
    [
        ([], True),
        (["bob"], True),
        (["bob", "bob", "bob"], True),
        (["bob", "cat"], False),
        ([None, None], True),
    ],
)
def test_where_several_others_work_who_are_known_one_may(others: list[str | None], new: bool) -> None:
    places = worked()
    for who in ("ann", *others):
        places.meet(NOW, INN, who)
    assert places.is_new(NOW, INN, "ann") is new


@pytest.mark.parametrize(("before_h", "new"), [([14], True), ([71], True), ([73], False), ([47, 23], False)])
def test_a_place_becomes_the_accounts_by_time_or_by_use(before_h: list[int], new: bool) -> None:
    places = worked()
    for hours in (*before_h, 0):
        places.meet(NOW - hours * 3_600, INN, "ann")
    assert places.is_new(NOW, INN, "ann") is new


@pytest.mark.parametrize(("days", "new"), [([3], True), ([3, 2, 1], True), ([8], True), ([8, 4], False)])
def test_what_was_told_of_becomes_the_accounts_slowly(days: list[int], new: bool) -> None:
    places = worked(12)
    for number, day in enumerate((*days, 0)):
        places.meet(NOW - day * DAY_S, INN, "ann")
        if not number:
            places.doubt(INN)
    assert places.is_new(NOW, INN, "ann") is new


def test_where_new_places_always_come_one_tells_nothing_and_no_country_suffers_from_it() -> None:
    places = worked(6)
    for day in range(4, 0, -1):
        assert not places.moves(NOW, "network")
        places.meet(NOW - day * DAY_S, Trait("network", f"p-{day}"), "ann")
    assert places.moves(NOW, "network")
    assert not places.moves(NOW, "country")


def test_what_was_told_of_and_what_is_met_just_now_do_not_make_it_move() -> None:
    places = worked()
    for number in range(9):
        place = Trait("network", f"p-{number}")
        places.meet(NOW - number % 3 * 3_600, place, "ann")
    for number in range(9, 18):
        place = Trait("network", f"p-{number}")
        places.meet(NOW - DAY_S, place, "ann")
        places.doubt(place)
    assert not places.moves(NOW, "network")


def test_a_flood_of_places_pushes_out_no_office() -> None:
    places = worked()
    for number in range(3_000):
        places.meet(NOW, Trait("network", f"p-{number}"), None)
    assert len(places.found) <= 1_024
    assert not places.is_new(NOW, OFFICE, "ann")


def test_accounts_are_bounded_and_apart() -> None:
    accounts = Accounts({})
    accounts.of("1").meet(NOW, OFFICE, "ann")
    assert accounts.of("1").found
    assert not accounts.of("2").found
    for number in range(3_000):
        accounts.of(str(number))
    assert len(accounts.known) <= 1_024
