"""Links that documents tell of in several ways."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from coldtrail.assembly.links import MOST_WAYS, settled
from coldtrail.records.telemetry import Link

LINK = Link("t", "l", "p", "invocation", "AWS::Lambda", "Order", 1.0, 2.0, account="1", version="7")
HOP = Link("t", "l", "p", "hop", "subsegment", "Lambda", 1.0, 2.0)
CONTRADICTIONS: dict[str, dict[str, Any]] = {
    "name": {"name": "!"},
    "type": {"role": "source", "kind": "AWS::ApiGateway::Stage"},
    "parent": {"parent_id": "q"},
    "no parent": {"parent_id": None},
    "outcome": {"failed": True},
    "account": {"account": "2"},
    "version": {"version": "8"},
    "times": {"end_time": 3.0},
}


@pytest.mark.parametrize(
    "form",
    [replace(LINK, end_time=None), replace(LINK, start_time=None, end_time=None, account=None, version=None)],
    ids=["open", "inferred"],
)
def test_forms_of_one_link_agree(form: Link) -> None:
    assert settled({form: ("", ""), replace(LINK, failed=True): ("", "")}) == (
        [replace(LINK, failed=True)],
        None,
    )


def test_a_hop_has_one_name_as_well() -> None:
    assert settled({HOP: ("", ""), replace(HOP, end_time=None): ("", "")}) == ([HOP], None)
    _, found = settled({HOP: ("", ""), replace(HOP, name="Order"): ("", "")})
    assert found is not None


@pytest.mark.parametrize("what", CONTRADICTIONS)
def test_links_that_contradict_each_other_are_told_and_each_leads_on(what: str) -> None:
    other = replace(LINK, **CONTRADICTIONS[what])
    links, found = settled({LINK: ("file", "1"), other: ("file", "2")})
    assert settled({other: ("file", "2"), LINK: ("file", "1")}) == (links, found)
    assert found is not None
    assert found.aspects == (what.removeprefix("no "),)
    assert {one.place for one in found.statements} == {"1", "2"}
    ways = {(link.name, link.kind, link.parent_id, link.account) for link in links}
    assert ways == {(link.name, link.kind, link.parent_id, link.account) for link in (LINK, other)}


def test_a_contradictory_version_is_none_that_could_explain_anything() -> None:
    links, _ = settled({LINK: ("", ""), replace(LINK, version="8"): ("", "")})
    assert [link.version for link in links] == [None]


def test_of_a_flood_of_copies_some_ways_are_followed() -> None:
    links, found = settled({replace(LINK, name=f"n{i}"): ("", "") for i in range(5_000)})
    assert len(links) == MOST_WAYS
    assert found is not None
    assert found.more == 5_000 - 4
