"""What is strange about a key adds up within an hour."""

from __future__ import annotations

from coldtrail.detectors.credentials.evidence import Evidence, signs_of
from coldtrail.detectors.credentials.states import AccessKey
from coldtrail.detectors.credentials.suspicions import gathered, total
from tests.detectors.credentials.sessions import Made, call_of

PAY = Made("pay")


def test_sorts_add_up_and_the_strangest_of_each_counts() -> None:
    key = AccessKey(0)
    far = call_of(PAY, 0.0, "k", "p-far", source_network="p-net")
    gathered(key, Evidence(place=2.0), far, signs_of(far), 0.0)
    who = call_of(PAY, 9.0, "k", "p-far", service="STS", operation="GetCallerIdentity")
    found = gathered(key, Evidence(place=1.0, operation=2.5), who, signs_of(who), 9.0)
    assert total(found) == 4.5
    assert (found.since, found.last, found.count, found.looks) == (0.0, 9.0, 2, 1)
    assert found.traits == {"address": "p-far", "network": "p-net", "operation": "STS GetCallerIdentity"}


def test_it_is_forgotten_after_an_hour() -> None:
    key, call = AccessKey(0), call_of(PAY, 0.0, "k", "p-far")
    gathered(key, Evidence(place=3.0), call, signs_of(call), 0.0)
    assert total(gathered(key, Evidence(agent=1.0), call, signs_of(call), 7_300.0)) == 1.0
    assert total(gathered(key, Evidence(place=1.0), call, signs_of(call), 1.0)) == 1.0


def test_it_is_bounded() -> None:
    key = AccessKey(0)
    for number in range(100):
        call = call_of(PAY, 0.0, "k", "p-far", operation=f"List{number}")
        found = gathered(key, Evidence(operation=2.5), call, signs_of(call), 0.0)
    assert len(found.operations) == 16
    assert len(found.records) == 10
    assert found.count == 100
