"""Findings in words: what is usual, and what was seen instead."""

from __future__ import annotations

from coldtrail.alerts.wording.amounts import duration, share
from coldtrail.alerts.wording.conflicts import told
from coldtrail.alerts.wording.levels import seen_level, usual_level
from coldtrail.alerts.wording.measures import known_values, quantity, trait, traits, usual_quantity
from coldtrail.alerts.wording.phrases import NO_ONE, event_words, step_words
from coldtrail.records.contradiction import Contradiction
from coldtrail.records.finding import (
    Feature,
    Finding,
    FindingKey,
    Known,
    Level,
    Met,
    Origin,
    Seconds,
    StepKey,
    StepValue,
    Times,
    UsualStep,
    Version,
)
from coldtrail.records.traits import Quantity, Trait, Traits

_RUN_FAILED = "the run failed and ended"
_CALL_FAILED = " (the call failed)"
_WHICH_FAILED = ", which failed"
"""Ends what was seen of a call out of its order."""
_OWN_CODE = "the function's own code"
_RUN_ITSELF = "the run itself"
"""Of time that no step accounts for."""
_NEARLY_ALWAYS = 0.995
_AMONG = {"calls": "calls", "runs": "runs", "starts": "starts of any function"}


def expected(finding: Finding) -> str:
    """What is usual instead of what was found, empty where nothing is known of it."""
    match finding.expected:
        case UsualStep() as usual:
            return _usual(usual)
        case Times() as times:
            return _at_most(_about(finding), times)
        case Known() as known:
            return known_values(known) if isinstance(finding.seen, Trait | Traits) else _known(known)
        case Quantity() as usual_amount:
            return usual_quantity(usual_amount)
        case Trait() as usual_trait:
            return trait(usual_trait)
        case Traits() as usual_traits:
            return traits(usual_traits)
        case Seconds() as seconds:
            return f"{what_took(finding, seconds)} about {duration(seconds.seconds)}{_timed(seconds)}"
        case Feature() as feature:
            return _reproduced(finding, feature)
        case Level():
            return usual_level(finding)
    return ""


def seen(finding: Finding) -> str:
    """What was found, empty where there is nothing more to say of it."""
    match finding.seen:
        case StepValue() as step:
            return _step(finding, step)
        case Times() as times if finding.kind == "omission":
            return f"the end after {times.times} steps"
        case Times() as times:
            return _times(times.times)
        case Origin() as origin:
            return _origin(origin)
        case Seconds() as seconds:
            return f"{what_took(finding, seconds)} {duration(seconds.seconds)}"
        case Feature() as feature:
            return _met(finding, feature) + (_CALL_FAILED if feature.failed else "")
        case Level():
            return seen_level(finding)
        case Version() as version:
            return f"version {version.version}"
        case Quantity() as much:
            return quantity(much)
        case Trait() as one:
            return trait(one)
        case Traits() as several:
            return traits(several)
        case Contradiction() as contradiction:
            return told(contradiction)
    return ""


def missing(finding: Finding) -> str:
    """The step that is missing, without how often it comes."""
    return step_words(finding.step)


def thing_words(key: FindingKey) -> str:
    """What findings of a key are about, by its names alone."""
    if key.type == "invocation":
        return f"{key.target or NO_ONE}, {key.action}ly"
    if key.type in ("trigger", "caller"):
        caller = (key.action or NO_ONE) if key.type == "caller" else ""
        return " ".join(filter(None, (caller, key.target))) or NO_ONE
    return " ".join(filter(None, (key.action, key.target)))


def what_took(finding: Finding, seconds: Seconds) -> str:
    """What took the time."""
    if seconds.of == "own_code":
        return _OWN_CODE
    if seconds.of == "run_itself":
        return _RUN_ITSELF
    return _about(finding) + (" itself" if seconds.of == "step_itself" else "")


def _about(finding: Finding) -> str:
    """The step that a finding is about, the runtime's own by its name."""
    step = finding.step
    return event_words(step.action, step.type, step.target) if step else "the run"


def _usual(usual: UsualStep) -> str:
    words = step_words(usual.step) or "none"
    if usual.runs is not None:
        return f"{words} (in all {usual.runs:,.0f} runs at this point)"
    if usual.share is None:
        return f"{words} as a further step"
    often = "nearly always" if usual.share > _NEARLY_ALWAYS else f"{share(usual.share)} of runs"
    told = f"{words} ({often} at this point)"
    if usual.failed is None:
        return told
    failed, runs = usual.failed
    return f"{told}; failed in {failed:,.0f} of {runs:,.0f} runs"


def _step(finding: Finding, seen: StepValue) -> str:
    if not seen.failed:
        return step_words(seen.step)
    if seen.step is None:
        return _RUN_FAILED
    return step_words(seen.step) + (
        _WHICH_FAILED if isinstance(finding.expected, UsualStep) else _CALL_FAILED
    )


def _at_most(what: str, usual: Times) -> str:
    known = usual.runs or 0.0
    often = f"in {known:,.0f} runs"
    if usual.as_often is not None:
        often = f"as often in {usual.as_often:,.0f} of {known:,.0f} runs"
    return f"{what} at most {_times(usual.times)} a run ({often})"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"


def _known(known: Known) -> str:
    if not known.things:
        return "none so far"
    more = f" and {known.more} more" if known.more else ""
    return ", ".join(map(_thing, known.things)) + more


def _thing(met: Met) -> str:
    name = step_words(met.name) if isinstance(met.name, StepKey) else met.name or NO_ONE
    runs = f"{max(met.runs, 1.0):,.0f}"
    return f"{name} (in {runs} run)" if runs == "1" else f"{name} (in {runs} runs)"


def _origin(origin: Origin) -> str:
    if origin.invocation_type is not None:
        return f"{origin.invocation_type}ly, by {origin.trigger or NO_ONE}"
    if not origin.by_caller:
        return origin.trigger or NO_ONE
    by = f" by way of {origin.trigger}" if origin.trigger else ""
    return f"{origin.caller or NO_ONE}{by}"


def _timed(usual: Seconds) -> str:
    if usual.longest is None or usual.number is None:
        return ""
    return f" (at most {duration(usual.longest)} in {usual.number:,.0f} {_AMONG[usual.among]})"


def _reproduced(finding: Finding, feature: Feature) -> str:
    what, value = _about(finding), feature.value
    if feature.name == "run":
        return "nothing: this kind of run was never learned"
    if not isinstance(value, float):
        if isinstance(finding.seen, Feature) and finding.seen.value == value:
            return f"the usual company of {what}"
        return f"{feature.name} {value or 'none'}"
    if feature.name == "depth":
        return f"{what} at depth {value:.0f}"
    if feature.name == "duration":
        return f"{what} for about {duration(value)}"
    return f"{what} about {duration(value)} after the first step"


def _met(finding: Finding, feature: Feature) -> str:
    what, value = _about(finding), feature.value
    if feature.name == "run":
        return "a run"
    if not isinstance(value, float):
        if isinstance(finding.expected, Feature) and finding.expected.value == value:
            return f"{what} where its {feature.name} was not foreseen"
        return f"{feature.name} {value or 'none'} in {what}"
    if feature.name == "depth":
        return f"{what} at depth {value:.0f}"
    return f"{what} {'for' if feature.name == 'duration' else 'after'} {duration(value)}"
