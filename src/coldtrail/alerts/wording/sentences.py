"""Reasons in plain words: a sentence for each."""

from __future__ import annotations

from coldtrail.alerts.manner import manner
from coldtrail.alerts.showing.plain import short
from coldtrail.alerts.wording.amounts import counted, roughly
from coldtrail.alerts.wording.findings import expected, seen
from coldtrail.alerts.wording.phrases import step
from coldtrail.features.names.near import resemblance
from coldtrail.records.contradiction import CONTRADICTION
from coldtrail.records.finding import Level
from coldtrail.records.traits import Quantity, Trait, Traits
from coldtrail.records.verdict import Reason

_LONGEST = 400
_SENTENCES = {
    "order": "{step} came out of its usual order.",
    "omission": "A step that usually comes here is missing.",
    "count": "{step} ran an unusual number of times.",
    "new_resource": "{step}: this function never touched this resource before.",
    "new_action": "{step}: this function never did this before.",
    "new_event": "{step}: this function never took this step before.",
    "duration": "{step} took unusually long.",
    "own_duration": "The function's own code, not its calls, took unusually long.",
    "rest_duration": "Much time went by in the run that none of its steps accounts for.",
    "failed_call": "{step} failed, which it seldom or never did.",
    "failed_run": "The run failed, which it seldom or never did.",
    "trigger": "The function was started by something that never started it before.",
    "contradiction": "Documents of the telemetry contradict each other: one of them is wrong, or forged.",
    "untriggered": "Nothing on record started the function, as it never happened before.",
    "started_otherwise": "The function was started in a way in which this never started it before.",
}
_NAMES = {
    "order": "Unusual order",
    "omission": "Missing step",
    "count": "Repeated step",
    "new_resource": "New resource",
    "new_action": "New action",
    "new_event": "New step",
    "duration": "Unusual duration",
    "trigger": "New trigger",
    "failed_call": "Failure",
    "failed_run": "Failure",
    "untriggered": "No trigger",
    "started_otherwise": "Way of starting",
    "contradiction": "Contradiction",
}
_NEVER = frozenset(("new_resource", "new_action", "new_event", "trigger"))
_UNKNOWN = "{step} is unusual for this function."
_DRIFT = "The function has changed over many runs."


def sentence(reason: Reason) -> str:
    """The reason in plain words, safe to print: what is strange, usual against this time, and the odds."""
    told = [headline(reason)]
    usual, found = (short(words(reason.finding), _LONGEST) for words in (expected, seen))
    if found and not usual and reason.kind == CONTRADICTION:
        told.append(f"{found[:1].upper()}{found[1:]}.")
    elif usual or found:
        told.append(f"Usual: {usual or 'something else'}; this time: {found or 'nothing'}.")
    return " ".join([*told, odds(reason)]).rstrip()


def headline(reason: Reason) -> str:
    """What is strange, without the comparison."""
    if isinstance(reason.finding.seen, Level):
        return _DRIFT
    if isinstance(reason.finding.seen, Quantity | Trait | Traits):
        return f"{kind_name(reason.kind)}."
    template = _SENTENCES.get(manner(reason), _UNKNOWN)
    strange = template.format(step=step(reason.event_name, reason.target))
    if reason.near and reason.target:
        return f"{strange} Its name is {short(resemblance(reason.target, reason.near))}."
    return f"{strange} Other functions do touch it." if reason.elsewhere else strange


def odds(reason: Reason) -> str:
    """How often the history holds something as strange, never rarer than its number of runs can show."""
    if reason.odds is None or not reason.runs:
        return ""
    learned = counted(reason.runs, "run")
    rate = f"about 1 in {roughly(reason.odds)}"
    if reason.kind in _NEVER:
        never = f"Never in the {learned} learned"
        return f"{never}." if reason.odds > reason.runs else f"{never}; something as new comes in {rate}."
    if reason.odds > reason.runs:
        return f"Fewer than 1 in {reason.runs:,} of its runs is as strange: all that its history can tell."
    return f"{rate.capitalize()} of its runs is as strange."


def evidence_name(reason: Reason) -> str:
    """The reason as a label: `New resource`, `Failure`."""
    return kind_name(manner(reason) if manner(reason) in _NAMES else reason.kind)


def kind_name(kind: str) -> str:
    """The kind of evidence as a label: `new_resource` gives `New resource`."""
    return _NAMES.get(kind) or short(kind.replace("_", " ").strip().capitalize(), 40) or "Unusual"
