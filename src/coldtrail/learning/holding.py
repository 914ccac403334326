"""Holds rare behaviour back from learning until a person has said that it is legitimate.

Few runs of a busy function show it, and nothing else explains it. It stays in the history, but no detector
and no threshold learns from it, so that it alarms when it comes again. A function that shows many rare orders
(or repeats, or durations) varies by itself, and where most functions show one, telemetry has gaps:
there these are learned. An attack changes a few functions in a few ways.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from coldtrail.bundle.history import History
from coldtrail.features.batch import Ints
from coldtrail.features.strata import HALF_LIFE_S
from coldtrail.learning.ordinary import ordinary
from coldtrail.learning.rarities import RARE_SHARE, Rarity, rarities
from coldtrail.records.finding import FindingKey
from coldtrail.records.identity import FunctionKey
from coldtrail.verdicts.causes import MOST_CAUSES
from coldtrail.verdicts.feedback import Feedback, Named, Remark

HOLD_RUNS = 100
"""A function with fewer runs has too few to hold any of them back."""
GAPS_SHARE = 0.5
"""Of an application's functions with so many runs, that show a rare order (or repeats, or duration)."""
LEAST_FUNCTIONS = 6
VARYING = frozenset(("order", "count", "duration"))


@dataclass(frozen=True)
class Judged:
    """Something rare, and what became of it."""

    cause: FindingKey
    what: str
    rows: Ints
    """Of the history, that show it."""
    runs: float
    """That show it, as they weigh."""
    of_runs: float
    """Of the function."""
    held: bool
    why: str
    """It is learned all the same, since ...; empty where it is held back, or nothing speaks for it."""


@dataclass(frozen=True)
class Holding:
    """What is rare in a history, and what of the history is held back."""

    judged: tuple[Judged, ...]
    kept: Ints
    """The rows to learn from."""
    rows: Ints
    """The rows held back."""
    flows: Counter[FunctionKey]
    """How many flows they stand for."""

    def learned(self, history: History) -> dict[FunctionKey, int]:
        """How many flows of each function are learned."""
        return {key: flows - self.flows[key] for key, flows in history.learned.items()}


def hold(
    history: History, share: float, feedback: Feedback | None = None, functions: Ints | None = None
) -> Holding:
    """What fewer than `share` of a function's runs show is held back, if feedback does not speak for it.

    Where functions are given, by their numbers, no others are looked at.
    """
    known = frozenset(() if feedback is None else feedback.usual)
    groups = groupby(rarities(history, functions), key=lambda one: one.shown.cause.whose)
    judged = [one for _, group in groups for one in _judged(history, list(group), share, known)]
    judged = _unless_it_varies(judged, history)
    showing = [one.rows for one in judged if one.held]
    rows = np.unique(np.concatenate([np.zeros(0, np.int64), *showing]))
    kept = np.setdiff1d(np.arange(len(history.flows)), rows)
    return Holding(tuple(judged), kept, rows, _flows(history, rows))


def _judged(
    history: History, group: Sequence[Rarity], share: float, known: frozenset[FindingKey]
) -> list[Judged]:
    """What is rare about one function, but for what people know of."""
    return [
        Judged(*one.shown[:2], one.showing, one.runs, one.of_runs, not why and _is_rare(one, share), why)
        for one, why in zip(group, _explained(history, group), strict=True)
        if one.shown.cause not in known
    ]


def _unless_it_varies(judged: Sequence[Judged], history: History) -> list[Judged]:
    """The same, but that nothing is held back where many things vary in this respect."""
    number = Counter(_respect(one.cause) for one in judged if one.held and one.cause.kind in VARYING)
    busy = Counter(key.application_key for key, flows in history.learned.items() if flows >= HOLD_RUNS)
    functions = Counter((whose.application_key, kind) for whose, kind in number)
    everywhere = {
        which
        for which, times in functions.items()
        if times >= GAPS_SHARE * max(busy[which[0]], LEAST_FUNCTIONS)
    }
    out = []
    for one in judged:
        why = ""
        whose, kind = _respect(one.cause)
        if one.held and (whose.application_key, kind) in everywhere:
            why = "the same is rare in most functions, as where telemetry has gaps"
        elif one.held and number[whose, kind] > MOST_CAUSES:
            why = "the function varies so much in this"
        out.append(replace(one, held=False, why=why) if why else one)
    return out


def _respect(cause: FindingKey) -> tuple[FunctionKey, str]:
    """The function, and in what it varies."""
    return cause.whose, cause.kind


def _is_rare(one: Rarity, share: float) -> bool:
    return one.of_runs >= HOLD_RUNS and one.runs < share * one.of_runs


def _explained(history: History, group: Sequence[Rarity]) -> list[str]:
    """What explains each rarity of a function, or what most such runs of an explained trigger do."""
    reasons = [ordinary(history, one) for one in group]
    courses = [
        (one, why)
        for one, why in zip(group, reasons, strict=True)
        if why and one.shown.cause.kind == "trigger"
    ]
    return [why or _part_of(one, courses) for one, why in zip(group, reasons, strict=True)]


def _part_of(one: Rarity, courses: Iterable[tuple[Rarity, str]]) -> str:
    """Why something is usual among the runs of a trigger that is."""
    for course, why in courses:
        within = np.isin(one.shown.runs, course.shown.runs).all()
        if within and one.runs >= RARE_SHARE * course.runs:
            return why
    return ""


def _flows(history: History, rows: Ints) -> Counter[FunctionKey]:
    flows = history.flows
    faded = np.exp2((flows.start[rows] - history.reference) / HALF_LIFE_S)
    number = np.rint(np.bincount(flows.function[rows], flows.weight[rows] / faded))
    words = history.vocabulary.functions
    return Counter({words[at]: int(number[at]) for at in np.flatnonzero(number).tolist()})


def vouched(history: History, feedback: Feedback, remarks: Sequence[Remark]) -> tuple[Feedback, list[Remark]]:
    """The feedback with what `benign` remarks say of rare flows of a history, and the remarks that did."""
    rows = _rows_of(history, {one.function_flow_id for one in remarks if one.verdict == "benign"})
    found = list(rarities(history)) if rows else []
    causes: set[FindingKey] = set()
    applied = []
    for remark in remarks:
        row = rows.get(remark.function_flow_id)
        if row is None or remark.verdict != "benign":
            continue
        shown = [one.shown.cause for one in found if row in one.showing]
        meant = [cause for cause in shown if _is_meant(remark, cause)]
        causes.update(meant)
        if meant:
            applied.append(remark)
    return feedback.knowing(causes), applied


def knowing(history: History, feedback: Feedback, ids: set[str], least: float = 0.0) -> Feedback:
    """The feedback with what is rare about flows that are to be learned, whatever they show.

    Of the runs that show it, at least that share are among them.
    """
    rows = np.array(sorted(_rows_of(history, ids).values()), np.int64)
    found = rarities(history) if len(rows) else iter(())
    parts = ((one.shown.cause, float(np.isin(one.showing, rows).mean())) for one in found)
    return feedback.knowing(cause for cause, part in parts if part > 0.0 and part >= least)


def _rows_of(history: History, ids: set[str]) -> dict[str, int]:
    if not ids:
        return {}
    return {flow: row for row, (_, flow) in enumerate(history.names.tolist()) if flow in ids}


def _is_meant(remark: Remark, cause: FindingKey) -> bool:
    named = remark.reason
    if not isinstance(named, Named):
        return True
    kinds = named.kind == cause.kind or {named.kind, cause.kind} == {"new_resource", "new_action"}
    return kinds and named.event_name in (None, cause.action) and named.target in (None, cause.target)
