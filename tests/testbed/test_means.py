from coldtrail_testbed.applications import find_application
from coldtrail_testbed.applications.model import Function, Grant
from coldtrail_testbed.attacks import ATTACKS, find_attacks
from coldtrail_testbed.attacks.means import with_means
from coldtrail_testbed.attacks.model import Attack, Place


def _grants(function: str, functions: list[Function]) -> list[Grant]:
    return next(list(each.grants) for each in functions if each.name == function)


def test_without_attacks_the_application_stays_as_it_is() -> None:
    airline = find_application("airline")
    same = with_means(airline, [])
    assert same.buckets == airline.buckets
    assert [each.grants for each in same.functions] == [list(each.grants) for each in airline.functions]


def test_only_the_infected_function_may_do_more() -> None:
    airline = find_application("airline")
    leaking = with_means(airline, find_attacks(["data_leakage"], "airline"))
    grown = {f.name for f in leaking.functions if f.grants != list(_grants(f.name, list(airline.functions)))}
    assert grown == {"ConfirmBooking"}
    added = _grants("ConfirmBooking", list(leaking.functions))[-1]
    assert added == Grant(("s3:PutObject",), "arn:aws:s3:::public-airline-assets/*")


def test_what_two_attacks_need_is_granted_once() -> None:
    airline = find_application("airline")
    both = with_means(airline, [ATTACKS["data_leakage"], ATTACKS["drip_leak"]])
    one = with_means(airline, [ATTACKS["data_leakage"]])
    assert both == one


def test_the_attackers_buckets_exist_beside_the_applications() -> None:
    place = Place("ConfirmBooking", lambda *_: None, lambda _: [], buckets=["the-attackers"])
    airline = find_application("airline")
    attack = Attack("test", "tests", {"airline": place})
    assert with_means(airline, [attack]).buckets == [*airline.buckets, "the-attackers"]
