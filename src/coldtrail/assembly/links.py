"""Copies of the links of a trace: what agrees is one link, and what contradicts leads up by each way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from math import inf
from typing import Any

from msgspec.structs import astuple, replace

from coldtrail.assembly.forms import ROUNDING_S
from coldtrail.assembly.merge import merged_links
from coldtrail.assembly.statements import MOST_STATEMENTS, Aspects, contradiction
from coldtrail.assembly.trace import Source
from coldtrail.records.contradiction import Contradiction
from coldtrail.records.telemetry import Link

MOST_WAYS = 8
"""Ways up that contradictory documents tell of, as far as they are followed."""


def settled(copies: Mapping[Link, Source]) -> tuple[list[Link], Contradiction | None]:
    """What documents tell of one link: a single one unless they contradict each other, else the first few in
    alphabetical order, and in what they do."""
    ordered = sorted(copies, key=_rank)
    aspects = _aspects(ordered)
    if not aspects:
        return [reduce(merged_links, ordered)], None
    ways: dict[object, Link] = {}
    for link in ordered:
        way = link.role, link.kind, link.name, link.parent_id, link.account, link.region
        known = ways.setdefault(way, link)
        ways[way] = link if known is link else merged_links(known, link)
    told_by = [("", copies[link]) for link in ordered[:MOST_STATEMENTS]]
    first = ordered[0]
    found = contradiction("link", first.link_id, first.name, aspects, told_by, len(ordered))
    some = list(ways.values())[:MOST_WAYS]
    # A version never learned would explain what else is strange.
    return [replace(link, version=None) for link in some] if "version" in aspects else some, found


def _aspects(links: Sequence[Link]) -> Aspects:
    """In what copies of a link contradict each other. What an open record leaves out contradicts nothing."""
    said: Aspects = {
        "account": [(link.account,) for link in links],
        "name": [(link.name,) for link in links],
        "outcome": [(link.failed,) for link in links],
        "parent": [(link.parent_id,) for link in links],
        "region": [(link.region,) for link in links],
        "request": [(link.request_id,) for link in links],
        "times": [(link.start_time, link.end_time) for link in links],
        "type": [(link.kind,) for link in links],
        "version": [(link.version,) for link in links],
    }
    complete = [link for link in links if link.end_time is not None]
    differ = {
        "outcome": len({link.failed for link in complete}) > 1,
        "parent": _differ(said["parent"])
        or (any(link.parent_id for link in links) and any(link.parent_id is None for link in complete)),
        "times": _differ_in_time(links),
        "type": len({(link.kind, link.role) for link in links}) > 1,
    }
    return {
        name: values for name, values in said.items() if (differ[name] if name in differ else _differ(values))
    }


def _differ(values: Sequence[tuple[object, ...]]) -> bool:
    return len({value for (value,) in values} - {None}) > 1


def _differ_in_time(links: Sequence[Link]) -> bool:
    starts = [link.start_time for link in links if link.start_time is not None]
    ends = [link.end_time for link in links if link.end_time is not None]
    return (
        max(starts, default=-inf) - min(starts, default=inf) > ROUNDING_S
        or max(ends, default=-inf) - min(ends, default=inf) > ROUNDING_S
    )


def _rank(link: Link) -> tuple[tuple[bool, Any], ...]:
    """Puts links in order, whatever they leave out."""
    return tuple([(value is not None, value) for value in astuple(link)])
