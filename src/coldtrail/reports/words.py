"""Evidence in plain words: one sentence for a reason."""

from __future__ import annotations

from coldtrail.alerts.amounts import counted, number, roughly
from coldtrail.alerts.attack import MATRIX_VERSION
from coldtrail.alerts.phrases import OWN_CODE, RUN_FAILED, RUN_ITSELF, is_failure, short, step
from coldtrail.features.names.near import resemblance
from coldtrail.records.alert import Technique
from coldtrail.records.flow import NOBODY
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
    "untriggered": "Nothing on record started the function, as it never happened before.",
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
}
_NEVER = frozenset(("new_resource", "new_action", "new_event", "trigger"))
_UNKNOWN = "{step} is unusual for this function."
_DRIFT = "The function has changed over many runs."
_STOPPED = frozenset(("silence", "no_failures", "no_step"))


def sentence(reason: Reason) -> str:
    """The reason in plain words, safe to print: what is strange, usual against this time, and the odds."""
    told = [headline(reason)]
    if reason.expected or reason.seen:
        usual = short(reason.expected, _LONGEST) or "something else"
        told.append(f"Usual: {usual}; this time: {short(reason.seen, _LONGEST) or 'nothing'}.")
    return " ".join([*told, odds(reason)]).rstrip()


def headline(reason: Reason) -> str:
    """What is strange, without the comparison."""
    if reason.kind in _STOPPED or reason.kind.endswith("_drift"):
        return _DRIFT
    template = _SENTENCES.get(_manner(reason), _UNKNOWN)
    strange = template.format(step=step(reason.event_name, reason.target))
    if reason.near and reason.target:
        return f"{strange} Its name is {short(resemblance(reason.target, reason.near))}."
    return f"{strange} Other functions do touch it." if reason.elsewhere else strange


def _manner(reason: Reason) -> str:
    """The kind, or a variant of it where the usual sentence would say too much or has no step to name."""
    if reason.kind == "order" and reason.seen == RUN_FAILED:
        return "failed_run"
    if reason.kind == "order" and is_failure(reason.expected, reason.seen):
        return "failed_call"
    if reason.kind == "duration" and reason.seen.startswith((OWN_CODE, RUN_ITSELF)):
        return "own_duration" if reason.seen.startswith(OWN_CODE) else "rest_duration"
    return "untriggered" if reason.kind == "trigger" and reason.seen == NOBODY else reason.kind


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


def one_in(p_value: float) -> str:
    """A chance as odds, `1 in 3,800`; empty where none is known."""
    return f"1 in {roughly(1 / p_value)}" if 1e-12 < p_value < 1 else ""


def strangeness(score: float, threshold: float, p_value: float) -> str:
    """The score beside the threshold, and how often runs of the whole history score as high."""
    told = f"{number(score)}, alarm from {number(threshold)}"
    rarity = one_in(p_value)
    return f"{told}; at most {rarity} usual runs of all functions is as strange" if rarity else told


def technique(named: Technique) -> str:
    """The technique with its tactic and matrix: `T1496 Resource Hijacking (Impact, matrix v19)`."""
    return f"{named.technique_id} {named.technique} ({named.tactic}, matrix v{MATRIX_VERSION})"


def evidence_name(reason: Reason) -> str:
    """The reason as a label: `New resource`, `Failure`."""
    return kind_name(_manner(reason) if _manner(reason) in _NAMES else reason.kind)


def kind_name(kind: str) -> str:
    """The kind of evidence as a label: `new_resource` gives `New resource`."""
    return _NAMES.get(kind) or short(kind.replace("_", " ").strip().capitalize(), 40) or "Unusual"
