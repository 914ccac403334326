import json
from typing import Any

import pytest

from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.formats.resolver_log import ResolverLogParser
from coldtrail.records.telemetry import Document, Observations
from tests.fixtures.witnesses import QUERY

KEY = Pseudonyms(b"k" * 32)


def parse(**changes: Any) -> Observations:
    data = json.dumps(QUERY | changes).encode()
    return ResolverLogParser(Settings(), Pseudonyms(b"k" * 32))(Document(data, "test"))


def test_a_name_that_was_asked_for() -> None:
    (network,) = parse().networks
    assert (network.domain, network.answers) == ("evil.example", (KEY["198.51.100.9"],))
    assert (network.start_time, network.end_time) == (1_796_040_000.0, 1_796_040_000.0)
    assert (network.vpc, network.interface, network.response_code) == ("vpc-1", "rni-1", "NOERROR")
    assert network.blocked is False


@pytest.mark.parametrize(("action", "blocked"), [("BLOCK", True), ("ALLOW", False), (None, None)])
def test_what_a_firewall_did(action: str | None, blocked: bool | None) -> None:
    assert parse(firewall_rule_action=action).networks[0].blocked is blocked


def test_answers_that_are_no_addresses_are_left_out() -> None:
    assert parse(answers=[{"Rdata": "secret", "Type": "TXT"}, {"Type": "A"}]).networks[0].answers == ()


@pytest.mark.parametrize("changes", [{"query_timestamp": "x"}, {"query_name": None}, {"query_name": ""}])
def test_a_query_without_time_or_name_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(DocumentError):
        parse(**changes)


def test_a_bad_part_costs_itself_alone() -> None:
    parsed = parse(answers=[7, {"Rdata": "198.51.100.9", "Type": "A"}], srcids="x")
    assert parsed.networks[0].answers == (KEY["198.51.100.9"],)
    assert len(parsed.problems) == 2
