"""Contradictions in words: who says what, from where."""

from __future__ import annotations

from coldtrail.alerts.wording.amounts import counted, moment
from coldtrail.records.contradiction import Contradiction, Said, Statement
from coldtrail.records.finding import Finding
from coldtrail.records.telemetry import SEVERAL

_NOUNS = {"run": "the run", "step": "step", "link": "what started it:"}
_ASPECTS = {
    "outcome": "whether it failed",
    "run": "whose it is",
    "step": "what is told",
    "times": "when it was",
    "parent": "where it belongs",
}
_OUTCOMES = {True: "failed", False: "did not fail"}


def conflict(finding: Finding) -> str:
    """In what documents contradict each other: `documents disagree on the name of step PutObject`."""
    told_of = finding.seen
    if not isinstance(told_of, Contradiction):
        return ""
    return f"documents disagree on {_listed(told_of.aspects)} of {_thing(told_of)}"


def told(one: Contradiction) -> str:
    """Which documents say what."""
    statements = "; ".join([_statement(statement, one.aspects) for statement in one.statements])
    more = f"; and {counted(one.more, 'more statement')}" if one.more else ""
    others = f" ({counted(one.others, 'further thing')} alike)" if one.others else ""
    return f"{_thing(one)} ({one.id}): {statements}{more}{others}"


def _thing(one: Contradiction) -> str:
    noun = _NOUNS[one.of]
    return noun if one.of == "run" or not one.name else f"{noun} {one.name.replace(SEVERAL, ' and ')}"


def _listed(aspects: tuple[str, ...]) -> str:
    names = [_ASPECTS.get(aspect, f"the {aspect}") for aspect in aspects]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _statement(statement: Statement, aspects: tuple[str, ...]) -> str:
    if not statement.values:
        return "otherwise according to an earlier document, which was judged then and is kept no more"
    values, said = list(statement.values), []
    for aspect in aspects:
        if aspect == "times":
            said.append(f"{_time(values.pop(0))} to {_time(values.pop(0))}")
        else:
            said.append(_value(aspect, values.pop(0)))
    where = ", ".join(part for part in (statement.witness, statement.origin, statement.place) if part)
    return f"{', '.join(said)} according to {where or 'a document'}"


def _value(aspect: str, value: Said) -> str:
    if aspect == "outcome" and isinstance(value, bool):
        return _OUTCOMES[value]
    if aspect == "step":
        return str(value)
    return f"{aspect} {'none' if value is None else str(value).replace(SEVERAL, ' and ')}"


def _time(value: Said) -> str:
    if not isinstance(value, float | int):
        return "no time"
    return f"{moment(value)}{f'{value % 1:.6f}'[1:]}"
