"""Interfaces and resolvers are known by their names, and their number is bounded."""

from __future__ import annotations

from coldtrail.detectors.egress.networks import Networks
from coldtrail.detectors.egress.states import Meetings, Pool, Travels
from coldtrail.records.witnesses import Network
from tests.detectors.egress.days import ACCOUNT, PAY, REGION, asked, went

FUNCTIONS = [Travels(PAY, Meetings()), Travels(PAY._replace(function="sweep"), Meetings())]


def test_functions_that_share_an_interface_are_all_named() -> None:
    networks = Networks({}, {}, 0.03)
    for number in (0, 1, 1):
        networks.joins("eni-1", ACCOUNT, REGION, number, 2)
    assert networks.interfaces["eni-1"].functions == [0, 1]
    found = []
    for number in range(400):
        remote = "p-bad" if number == 399 else "p-usual"
        line = went(number * 600.0, remote=remote)
        assert isinstance(line.what, Network)
        found += networks.signals_of(line.what, line.at, FUNCTIONS, Pool())
    assert [one.finding.kind for one in found] == ["new_remote"]
    assert found[0].finding.subject.kind == "application"
    assert [one[3] for one in found[0].functions] == ["pay", "sweep"]


def test_names_are_of_the_functions_in_that_network() -> None:
    networks = Networks({}, {}, 0.03)
    networks.joins("eni-1", ACCOUNT, REGION, 0, 2)
    line = went(0.0).what
    assert isinstance(line, Network)
    networks.signals_of(line, 0.0, FUNCTIONS, Pool())
    found = []
    for number in range(400):
        question = asked(number * 600.0, "evil.example" if number == 399 else "api.partner.example").what
        assert isinstance(question, Network)
        found += networks.signals_of(question, number * 600.0, FUNCTIONS, Pool())
    assert [(one.finding.kind, one.finding.subject.function_name) for one in found] == [("new_domain", "pay")]


def test_their_number_is_bounded() -> None:
    networks = Networks({}, {}, 0.03)
    for number in range(200):
        for seen in (went(0.0, interface=f"eni-{number}").what, asked(0.0, "a.example").what):
            assert isinstance(seen, Network)
            networks.signals_of(seen, 0.0, FUNCTIONS, Pool())
    assert len(networks.interfaces) == 10
    assert len(networks.resolvers) == 1
