"""Whether who started a run waited for it, where the same trigger always did, or never did.

What starts a function synchronously does not start it asynchronously another time: that is for the program to
say. Where the telemetry does not tell, nothing is said.
"""

from __future__ import annotations

import numpy as np

from coldtrail.detectors.meetings import Meetings, Seen, application
from coldtrail.detectors.usual import MOST_WORDS
from coldtrail.features.batch import Encoded, Floats, Ints
from coldtrail.features.encode import INVOCATIONS
from coldtrail.records.finding import Known, Met
from coldtrail.records.flow import InvocationType

ORIGINS, WAYS = 0, 1
"""Sorts of what starts functions: a trigger, and a trigger with how it starts them."""
_BOTH = INVOCATIONS["synchronous"] + INVOCATIONS["asynchronous"]
_WAYS: tuple[InvocationType, ...] = ("synchronous", "asynchronous")


def seen_starts(flows: Encoded) -> Seen:
    """What starts flows: each trigger, and each with how it started the flow, where that is told."""
    origins = np.flatnonzero(flows.trigger > 0)
    ways = np.flatnonzero((flows.trigger > 0) & (flows.invocation > 0))
    flow = np.concatenate([origins, ways])
    sort = np.repeat([ORIGINS, WAYS], [len(origins), len(ways)])
    thing = np.concatenate([flows.trigger[origins], _way(flows.trigger, flows.invocation)[ways]])
    order = np.argsort(flow, kind="stable")
    return Seen(flow[order], sort[order], thing[order], flow[order])


def strange_ways(starts: Meetings, flows: Encoded) -> Floats:
    """(flow,) how strange the way is in which a known trigger started the flow; 0 where it is known, or where
    of this trigger no other way is on record.

    By Good (1953) as of all that is new, among the flows that the trigger started in the other way.
    """
    way = _way(flows.trigger, flows.invocation)
    lender = np.where(flows.alone, 0, application(flows))
    told = (flows.trigger > 0) & (flows.invocation > 0)
    rows = np.flatnonzero(told & starts.new_to_all(flows.function, lender, way))
    other = _way(flows.trigger, _BOTH - flows.invocation)[rows]
    flows_so = starts.known(flows.function[rows], other)
    out = np.zeros(len(flows))
    out[rows] = starts.rarity(flows.function[rows], np.full(len(rows), WAYS), flows_so)
    return out


def ways_of(starts: Meetings, function: int, trigger: int) -> Known:
    """How a trigger starts a function."""
    function_of, trigger_of = np.full(2, function), np.full(2, trigger)
    often = starts.known(function_of, _way(trigger_of, np.array([INVOCATIONS[way] for way in _WAYS])))
    met = [Met(adverb(way), runs) for way, runs in zip(_WAYS, often.tolist(), strict=True) if runs]
    return Known(tuple(sorted(met, key=lambda one: -one.runs)))


def adverb(way: InvocationType) -> str:
    """`asynchronously`"""
    return f"{way}ly"


def _way(trigger: Ints, invocation: Ints) -> Ints:
    """A number for trigger and way together, that no trigger has."""
    return invocation * MOST_WORDS + trigger
