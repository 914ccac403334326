import pytest
from msgspec.structs import replace

from coldtrail.detectors.changes.actors import DAY_S, HOUR_S, Actor, Actors, caller_of, maker_of, place_of
from coldtrail.records.change import Change
from coldtrail.records.traits import Trait
from coldtrail.records.witnesses import ApiCall

START = 100 * DAY_S


def met(days: int, address: str = "a") -> Actor:
    actor = Actor(START, START)
    for day in range(days):
        actor.meet(START + day * DAY_S, "cli", Trait("address", address.format(day)))
    return actor


def test_a_new_program_and_address_are_strange_until_they_are_half_a_day_old() -> None:
    actor, now = met(20), START + 20 * DAY_S
    assert not actor.new_agent("cli", now)
    actor.meet(now, "Pacu", Trait("address", "b"))
    assert actor.new_agent("Pacu", now)
    assert actor.new_place(Trait("address", "b"), now + 600)
    assert not actor.new_place(Trait("address", "b"), now + 13 * HOUR_S)
    assert not actor.new_place(None, now)


def test_who_always_has_another_address_is_not_told_by_one() -> None:
    actor, now = met(20, "a{}"), START + 20 * DAY_S
    assert actor.roams
    assert not met(20).roams
    actor.meet(now, "cli", Trait("address", "b"))
    assert not actor.new_place(Trait("address", "b"), now)
    assert len(actor.places) <= 6


def test_who_is_known() -> None:
    assert not met(3).is_known(START + 9 * DAY_S)
    assert met(5).is_known(START + 9 * DAY_S)
    assert not met(5).is_known(START + 2 * DAY_S)
    doubted = met(5)
    assert doubted.doubt(START + DAY_S)
    assert not doubted.is_known(START + 90 * DAY_S)


def test_doubt_ends_after_three_days_of_changes_and_a_week() -> None:
    actor = met(5)
    assert [actor.doubt(START + day * DAY_S) for day in (1, 1.1, 2, 3, 9)] == [True, True, True, True, False]


def test_trust_counts_days_and_what_is_usual() -> None:
    actor = met(5)
    for at in (START, START + 60, START + DAY_S):
        actor.trust(at, {"code"}, 4)
    assert (actor.change_days, actor.kinds) == (2, {"code": 3})
    assert 1.0 < actor.spread <= 4.0


def test_of_too_many_those_are_kept_that_make_changes() -> None:
    actors = Actors({})
    actors.meet("ci", START, None, None).trust(START, {"code"}, 1)
    for number in range(1_000):
        actors.meet(f"p-{number}", START + number, None, None)
    assert len(actors.known) == 128
    assert actors.get("ci") is not None
    assert actors.get("p-0") is None


@pytest.mark.parametrize(
    ("kind", "role", "principal", "name"),
    [
        ("AssumedRole", "arn:aws:iam::1:role/ci", "p-1", "arn:aws:iam::1:role/ci"),
        ("IAMUser", None, "p-1", "p-1"),
        ("AWSService", None, "p-1", None),
        ("AssumedRole", "arn:aws:iam::1:role/aws-service-role/x", "p-1", None),
        (None, None, None, None),
    ],
)
def test_who_it_is(kind: str | None, role: str | None, principal: str | None, name: str | None) -> None:
    change = Change(
        "e", 1.0, "1", "r", "f", "X", principal=principal, principal_kind=kind, principal_role=role
    )
    assert maker_of(change) == name
    call = ApiCall("e", 1.0, "1", "r", "S", "X", principal=principal, principal_kind=kind, role=role)
    assert caller_of(call) == name


def test_addresses_of_one_network_are_one_place() -> None:
    change = Change("e", 1.0, "1", "r", "f", "X", source_ip="p-1")
    assert place_of(change) == Trait("address", "p-1")
    assert place_of(replace(change, source_network="p-n")) == Trait("network", "p-n")
    assert place_of(replace(change, source_ip=None)) is None
