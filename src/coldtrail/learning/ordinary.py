"""Benign explanations of a rarity: a failure before it, a caller that always causes it, a timer, a release.

An attack that hides in a run shows in whatever runs it comes upon. What only ever follows a failed call, what
a function calls in most of its own runs, what comes by the clock, and what most runs show since a release
began has another cause. Whoever plans for it can look like that as well: all of it stays on the review list.
"""

from __future__ import annotations

import numpy as np

from coldtrail.bundle.history import History
from coldtrail.features.batch import Bools, Encoded, Floats, Ints
from coldtrail.features.vocabulary import is_end
from coldtrail.learning.rarities import RARE_SHARE, Rarity

CAUSED_SHARE = 0.5
"""Of a caller's runs, that lead to a rarity which it explains."""
CALLER_RUNS = 10
LEAST_TIMED = 3
"""Runs that lie a whole number of periods apart before that is a timer's work."""
LEAST_PERIOD_S = 60.0
TIMER_S = 2.0
"""How far from the clock's time a timer starts a run."""
RELEASE_RUNS = 20
"""Of a version, before what it usually does is told from what it rarely does."""

CHANGED_SHARE, CHANGED_RUNS = 0.5, 10
"""Of the runs since something first came, that show it where a function has changed; at least so many."""


def ordinary(history: History, rarity: Rarity) -> str:
    """Why a rarity is no cause for suspicion, as a short clause; empty where nothing says so."""
    if _follows_failures(rarity):
        return "it only ever follows a failed call"
    if _is_how_runs_fail(history, rarity):
        return "it is how runs fail"
    if rarity.shown.cause.kind == "trigger":
        caller = _causing_caller(history, rarity)
        if caller:
            return f"{caller} causes it in most of its runs"
        if not rarity.shown.cause.target and _by_the_clock(rarity.own.start[rarity.shown.runs]):
            return "it comes by the clock"
    if _usual_since_a_release(history, rarity):
        return "it is not rare since a release"
    if _usual_since_its_first(rarity):
        return "most runs show it since it first came"
    return ""


def _follows_failures(rarity: Rarity) -> bool:
    own, steps = rarity.own, rarity.shown.steps
    if not len(steps):
        return False
    failed = np.concatenate([[0], np.cumsum(own.error & _innermost(own))])
    return bool(np.all(failed[steps] > failed[own.offsets[own.flow_of[steps]]]))


def _is_how_runs_fail(history: History, rarity: Rarity) -> bool:
    """Whether failed runs alone show it, and it is their early end, or what other functions' do alike."""
    own, steps, flows = rarity.own, rarity.shown.steps, history.flows
    if not len(steps) or not own.failed[rarity.shown.runs].all():
        return False
    action = int(own.action[steps[0]])
    kind, name, _ = history.vocabulary.actions[action]
    if rarity.shown.cause.kind == "order":
        return is_end(name, kind)
    taking = np.unique(flows.flow_of[flows.action == action])
    elsewhere = taking[flows.function[taking] != own.function[0]]
    return bool(len(elsewhere)) and bool(flows.failed[elsewhere].all())


def _innermost(own: Encoded) -> Bools:
    """(step,) whether a step holds no others, whose failures it would only repeat."""
    flow = own.flow_of
    holds = (own.depth[1:] > own.depth[:-1]) & (flow[1:] == flow[:-1])
    inner: Bools = ~np.append(holds, np.zeros(min(len(flow), 1), np.bool_))
    return inner


def _causing_caller(history: History, rarity: Rarity) -> str:
    """The function in whose traces the runs are, where most of its traces hold one; else nothing."""
    words = history.vocabulary
    callers = np.unique(rarity.own.caller[rarity.shown.runs])
    if len(callers) != 1 or callers[0] <= 0:
        return ""
    name = words.callers[int(callers[0])]
    function = words.functions.numbers.get(rarity.shown.cause.whose._replace(function=name), 0)
    whose = np.flatnonzero(history.flows.function == function) if function else np.zeros(0, np.int64)
    if len(whose) < CALLER_RUNS:
        return ""
    traces = {history.names[row][0] for row in rarity.showing.tolist()}
    leading = sum(history.names[row][0] in traces for row in whose.tolist())
    return name if leading >= CAUSED_SHARE * len(whose) else ""


def _by_the_clock(start: Floats) -> bool:
    """Whether starts lie whole numbers of the shortest of their distances apart."""
    apart = np.diff(np.sort(start))
    if len(start) < LEAST_TIMED or apart.min() < LEAST_PERIOD_S:
        return False
    period = float(apart.min())
    times = np.rint(apart / period)
    return bool(np.all(np.abs(apart - times * period) <= TIMER_S * times))


def _usual_since_a_release(history: History, rarity: Rarity) -> bool:
    own, shows = rarity.own, np.zeros(len(rarity.own), np.bool_)
    shows[rarity.shown.runs] = True
    since = history.releases.get(rarity.shown.cause.whose)
    parts = [own.version == version for version in np.unique(own.version[own.version > 0]).tolist()]
    if since is not None:
        parts.append(own.start >= since)
    return any(_is_usual(own.weight, shows, part) for part in parts)


def _usual_since_its_first(rarity: Rarity) -> bool:
    own, runs = rarity.own, rarity.shown.runs
    since = own.start >= own.start[runs].min()
    return len(runs) >= CHANGED_RUNS and rarity.runs >= CHANGED_SHARE * float(own.weight[since].sum())


def _is_usual(weight: Floats, shows: Bools, part: Bools) -> bool:
    runs: Ints = np.flatnonzero(part)
    if len(runs) < RELEASE_RUNS:
        return False
    return bool(weight[runs][shows[runs]].sum() >= RARE_SHARE * weight[runs].sum())
