"""Changes through a role that many share, from where nobody of the account was, and what looks like them."""

from collections.abc import Sequence
from functools import cache
from math import inf
from typing import Any

import pytest
from msgspec.structs import replace

from coldtrail.config import BaselineSettings
from coldtrail.detectors.changes import ChangesDetector
from coldtrail.records.change import Change
from coldtrail.records.encounter import Encounter
from coldtrail.records.stage import State
from coldtrail.records.traits import Trait, Traits
from coldtrail.records.witnesses import ApiCall
from tests.detectors.changes.past import (
    BEGIN,
    DAY_S,
    DAYS,
    NOW,
    PAY,
    SHOP,
    call,
    change,
    failed,
    kinds,
    past,
    role_of,
)

HOUR_S = 3_600.0
PEOPLE = ("ann", "bob", "cat", "dan")
HOME = {"ann": "p-home-1", "bob": "p-home-2", "cat": "p-home-1", "dan": "p-home-3"}
ABROAD = {"source_network": "p-inn", "source_country": "VN"}
NEXT_DOOR = {"source_network": "p-cafe", "source_country": "DE"}
OFFICE = {"source_network": "p-office-net", "source_country": "DE"}


def person(name: str) -> dict[str, str]:
    return {
        "principal": f"p-{name}", "principal_kind": "AssumedRole", "principal_role": role_of("developers"),
        "source_ip": "p-any", "user_agent": "console",
    }  # fmt: skip


def called(at: float, name: str, where: dict[str, str], **more: Any) -> Encounter:
    one = call(at, person(name))
    assert isinstance(one.what, ApiCall)
    more = {"event_id": f"call-{name}-{at}", "user_agent": "console", **where, **more}
    return Encounter(at, replace(one.what, **more))


def changed(at: float, name: str, where: dict[str, str], **more: Any) -> Encounter:
    return change(at, **{**person(name), **where, **more})


@cache
def office() -> State:
    """The two weeks, with four people who share a role: a few hours each, in the office and at home."""
    walk = [*past()]
    for day in range(DAYS):
        for number, name in enumerate(PEOPLE):
            if (day + number) % 4 == 0:
                home = {"source_network": HOME[name], "source_country": "DE"}
                at = BEGIN + day * DAY_S + (9 + number) * HOUR_S
                walk.append(called(at, name, OFFICE if day // 4 % 2 else home))
    walk.append(called(BEGIN + 9 * DAY_S, "bob", OFFICE, user_agent="aws-cli"))
    detector = ChangesDetector(BaselineSettings())
    detector.see(sorted(walk, key=lambda one: one.at), NOW - 5 * HOUR_S)
    return detector.snapshot()


def told(*encounters: Encounter) -> list[Any]:
    detector = ChangesDetector(BaselineSettings())
    detector.restore(office())
    return detector.see(sorted(encounters, key=lambda one: one.at), inf)


def alone(signals: Sequence[Any]) -> list[bool]:
    return [one.alone for one in signals]


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"operation": "UpdateFunctionConfiguration", "sets": ("layers",)},
        {"operation": "CreateFunctionUrlConfig"},
        {"operation": "AddPermission"},
    ],
)
def test_a_person_of_a_shared_role_in_a_country_where_nobody_was_is_told_alone_within_a_minute(
    more: dict[str, Any],
) -> None:
    (signal,) = told(changed(NOW, "ann", ABROAD, **more))
    assert kinds([signal]) == [("new_deployer", True)]
    assert signal.at <= NOW + 60.0
    assert isinstance(signal.finding.seen, Traits)
    assert {Trait("network", "p-inn"), Trait("country", "VN")} < {*signal.finding.seen.traits}


def test_what_she_looked_at_from_there_before_explains_nothing() -> None:
    looked = [called(NOW - hours * HOUR_S, "ann", ABROAD) for hours in (1, 20)]
    assert alone(told(*looked, changed(NOW, "ann", ABROAD))) == [True]


def test_a_new_network_at_home_and_a_program_that_she_never_used() -> None:
    (signal,) = told(changed(NOW, "ann", NEXT_DOOR, user_agent="aws-cli"))
    assert signal.alone
    assert Trait("user_agent", "aws-cli") in signal.finding.seen.traits
    assert alone(told(changed(NOW, "bob", OFFICE, user_agent="aws-cli"))) == [False]


def test_the_office_and_the_home_of_another_are_nowhere_new() -> None:
    for where in (OFFICE, {"source_network": "p-home-3", "source_country": "DE"}):
        assert alone(told(changed(NOW, "ann", where))) == [False]


def test_a_new_office_is_no_foreign_place_once_others_moved_there() -> None:
    moved = [called(NOW - 600 * number, name, ABROAD) for number, name in enumerate(("bob", "cat"))]
    assert alone(told(*moved, changed(NOW, "ann", ABROAD))) == [False]
    assert alone(told(*moved[:1], changed(NOW, "ann", ABROAD))) == [True]


def test_neither_strangers_nor_what_was_refused_make_a_place_known() -> None:
    strangers = [called(NOW - 60, name, ABROAD) for name in ("mallory", "trudy")]
    assert alone(told(*strangers, changed(NOW, "ann", ABROAD))) == [True]
    tried = [called(NOW - 60, name, ABROAD, error_code="AccessDenied") for name in ("bob", "cat")]
    assert alone(told(*tried, changed(NOW, "ann", ABROAD))) == [True]
    other = [called(NOW - 60, name, ABROAD, principal_account="999999999999") for name in ("bob", "cat")]
    assert alone(told(*other, changed(NOW, "ann", ABROAD))) == [True]


def test_what_was_told_of_makes_the_place_known_slowly_and_each_person_is_told() -> None:
    later = changed(NOW + 4 * DAY_S, "bob", ABROAD)
    assert alone(told(changed(NOW, "ann", ABROAD), later)) == [True, True]
    same = [changed(NOW, "ann", ABROAD), changed(NOW + 120, "bob", ABROAD)]
    assert alone(told(*same)) == [True, True]


PIPELINE_ABROAD = {
    "principal": "p-pipeline", "principal_kind": "AssumedRole", "principal_role": role_of("ci"),
    "source_ip": "p-office", "user_agent": "Terraform", **ABROAD,
}  # fmt: skip


def test_a_pipeline_on_machines_abroad_is_weak_if_it_does_what_it_always_does() -> None:
    release = [change(NOW + n, key, **PIPELINE_ABROAD) for n, key in enumerate(SHOP)]
    assert kinds(told(*release)) == [("deployer_from_new_place", False)]
    assert kinds(told(release[0])) == [("deployer_from_new_place", True)]
    doors = [change(NOW + n, key, "AddPermission", **PIPELINE_ABROAD) for n, key in enumerate(SHOP)]
    assert kinds(told(*doors)) == [("deployer_from_new_place", True)]


def test_an_attack_within_its_release_is_told() -> None:
    at_home = PIPELINE_ABROAD | {"source_network": None, "source_country": None}
    release = [change(NOW + n, key, **at_home) for n, key in enumerate(SHOP[1:])]
    stolen = change(NOW + 9, PAY, **PIPELINE_ABROAD)
    assert ("deployer_from_new_place", True) in kinds(told(*release, stolen))


def test_what_was_refused_from_there_is_not_told_so() -> None:
    assert "new_deployer" not in dict(kinds(told(failed(changed(NOW, "ann", ABROAD), "AccessDenied"))))


def test_what_is_known_of_places_lasts() -> None:
    detector = ChangesDetector(BaselineSettings())
    detector.restore(office())
    detector.see([called(NOW - HOUR_S, name, ABROAD) for name in ("bob", "cat")], NOW - HOUR_S)
    again = ChangesDetector(BaselineSettings())
    again.restore(detector.snapshot())
    assert alone(again.see([changed(NOW, "ann", ABROAD)], inf)) == [False]
    assert isinstance(changed(NOW, "ann", ABROAD).what, Change)


RIGHTS = {"family": "identities", "target": "p-ann", "sets": ()}


@pytest.mark.parametrize(("hours", "alone"), [(0, False), (12, True)])
def test_an_access_key_that_is_made_abroad_is_told_alone_at_an_hour_at_which_nobody_changes_anything(
    monkeypatch: pytest.MonkeyPatch, hours: int, alone: bool
) -> None:
    monkeypatch.setattr("coldtrail.detectors.changes.judging._HOUR_OCCASIONS", 1)
    at = NOW + hours * HOUR_S
    (signal,) = told(changed(at, "ann", ABROAD, key=None, operation="CreateAccessKey", **RIGHTS))
    assert kinds([signal]) == [("rights_from_new_place" if alone else "new_administrator", alone)]
    assert signal.at <= at + 60.0
    assert not alone or Trait("country", "VN") in signal.finding.seen.traits


def test_so_is_one_that_is_made_with_another_program_at_any_hour() -> None:
    made = changed(NOW, "ann", ABROAD, key=None, operation="CreateAccessKey", user_agent="aws-cli", **RIGHTS)
    assert kinds(told(made)) == [("rights_from_new_place", True)]


def test_one_that_is_made_at_home_and_a_layer_are_weak() -> None:
    made = changed(NOW, "ann", OFFICE, key=None, operation="CreateAccessKey", **RIGHTS)
    assert kinds(told(made)) == [("new_administrator", False)]
    layer = changed(NOW, "ann", ABROAD, key=None, operation="PublishLayerVersion", family="layers", sets=())
    assert kinds(told(layer)) == [("new_administrator", False)]


def test_so_is_one_by_somebody_whom_nobody_knows() -> None:
    new = {"principal_role": role_of("new"), "principal": "p-new"}
    made = changed(NOW, "ann", ABROAD, key=None, operation="CreateAccessKey", **RIGHTS, **new)
    (signal,) = told(made)
    assert kinds([signal]) == [("rights_from_new_place", True)]
    assert Trait("country", "VN") in signal.finding.seen.traits
