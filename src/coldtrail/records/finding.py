"""What a detector finds strange, as values: whoever needs words asks `alerts.wording` for them.

Identity, grouping, feedback, severity and ATT&CK techniques follow from these values alone, so that no change
of wording changes an alert's id.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from msgspec import Struct

from coldtrail.records.contradiction import Contradiction
from coldtrail.records.flow import Event, InvocationType
from coldtrail.records.identity import FunctionKey
from coldtrail.records.traits import Quantity, Trait, Traits


class StepKey(Struct, frozen=True):
    """A step as it is told apart from others: what is done, by which service, to what."""

    action: str
    """Empty where the resource itself is meant, whatever is done to it."""
    type: str
    target: str | None

    @classmethod
    def of(cls, event: Event) -> StepKey:
        """The step that an event is."""
        return cls(event.event_name, event.event_type, event.event_target_resource)


class StepValue(Struct, frozen=True, tag="step"):
    """A step of a run; `step` is None at the run's end."""

    step: StepKey | None
    failed: bool = False
    """Whether it failed, or the run where it has ended, as far as that belongs to what is strange."""


class UsualStep(Struct, frozen=True, tag="usual_step"):
    """What usually stands at this point of a run."""

    step: StepKey | None
    """None for the run's end."""
    share: float | None = None
    """Of the runs that came to this point, from 0 to 1."""
    runs: float | None = None
    """Where it always came: in all of so many runs."""
    failed: tuple[float, float] | None = None
    """Where a run failed: the function's runs that failed, and all of them."""


class Times(Struct, frozen=True, tag="times"):
    """How often a step comes in one run; where one is missing, after how many the run ended."""

    times: int
    as_often: float | None = None
    """Runs that took it as often."""
    runs: float | None = None
    """Runs that took it."""


class Met(Struct, frozen=True):
    """Something that a function is known to touch, do or be started by."""

    name: StepKey | str | None
    """None where nobody is on record."""
    runs: float


class Known(Struct, frozen=True, tag="known"):
    """What is known of a kind, the most frequent first."""

    things: tuple[Met, ...]
    more: int = 0
    """Beyond those that are named."""


class Origin(Struct, frozen=True, tag="origin"):
    """What came before a run: its trigger and, where that is what is strange, its caller."""

    trigger: str | None
    """None where nobody is on record."""
    caller: str | None = None
    by_caller: bool = False
    """Whether the caller is strange, and not the trigger."""
    lost: bool = False
    """Whether the telemetry lost what came before."""
    invocation_type: InvocationType | None = None
    """How the run was started, where that is what is strange."""


TimeOf = Literal["step", "step_itself", "own_code", "run_itself"]
"""`step_itself`: without the steps that it holds; `own_code`: of the function; `run_itself`: what no step
accounts for."""
Among = Literal["calls", "runs", "starts"]
"""`starts`: cold starts of any function."""


class Seconds(Struct, frozen=True, tag="seconds"):
    """How long something took, or usually takes."""

    seconds: float
    of: TimeOf = "step"
    longest: float | None = None
    """Ever, in seconds."""
    number: float | None = None
    """How many were timed."""
    among: Among = "runs"
    """What was timed."""


Unit = Literal["seconds", "steps", "share", "runs_an_hour"]


class Level(Struct, frozen=True, tag="level"):
    """A measure of a function over many runs."""

    value: float
    unit: Unit
    since: float | None = None
    """Start of the first run of the level, UTC epoch seconds; None for what was usual before."""
    runs: int | None = None
    """Over which it was seen; of a silence, runs of the rest of the application."""
    origin: Origin | None = None
    """Who started so many of the runs, where that is what has changed."""


class Version(Struct, frozen=True, tag="version"):
    """A version of a function that was never learned."""

    version: str
    runs: int


class Feature(Struct, frozen=True, tag="feature"):
    """One input of a network that could not be reproduced: a word, a depth, or seconds."""

    name: str
    """`run` where the network never learned such a run at all."""
    value: str | float | None
    """None for a word that is absent."""
    failed: bool = False
    """Whether the step failed, as far as that belongs to what is strange."""


Value = (
    StepValue
    | UsualStep
    | Times
    | Known
    | Origin
    | Seconds
    | Level
    | Version
    | Feature
    | Contradiction
    | Quantity
    | Trait
    | Traits
)
SubjectKind = Literal["function", "principal", "application", "fleet"]


class Subject(Struct, frozen=True):
    """Who a finding or an alert is about."""

    kind: SubjectKind
    account: str = ""
    region: str = ""
    application_name: str = ""
    function_name: str = ""
    principal: str = ""

    @classmethod
    def of(cls, key: FunctionKey) -> Subject:
        """The function of a key."""
        return cls("function", *key)


class FindingKey(NamedTuple):
    """What makes two findings the same: never words, scores, times or order."""

    account: str
    region: str
    application: str
    function: str
    kind: str
    action: str = ""
    type: str = ""
    target: str = ""

    @property
    def whose(self) -> FunctionKey:
        """The function."""
        return FunctionKey(*self[:4])

    @property
    def thing(self) -> tuple[str, str, str]:
        """What it is about: action, type and target."""
        return self[5:]

    def is_of(self, event: Event) -> bool:
        """Whether an event is what it is about."""
        return self.thing == thing_of(event)

    @classmethod
    def by_trigger(cls, whose: FunctionKey, trigger: str | None) -> FindingKey:
        """That something started a function; None where nobody is on record."""
        return cls(*whose, "trigger", "", "trigger", trigger or "")


def thing_of(event: Event) -> tuple[str, str, str]:
    """What a finding about an event is about."""
    return event.event_name, event.event_type, event.event_target_resource or ""


class Finding(Struct, frozen=True):
    """What is strange, as values."""

    kind: str
    """`order`, `omission`, `count`, `new_resource`, `new_action`, `new_event`, `duration`, `trigger` or
    `contradiction`; of a drift what drifts, as `own_time_drift`; or what several are together: `change`,
    `gap`, `slow_service`, `failover`."""
    subject: Subject
    step: StepKey | None = None
    """What it is about; of an omission the step that is missing; None for the run as a whole."""
    expected: Value | None = None
    seen: Value | None = None

    @property
    def key(self) -> FindingKey:
        """What it shares with other findings of the same."""
        of = self.subject
        whose = FunctionKey(of.account, of.region, of.application_name, of.function_name)
        return FindingKey(*whose, self.kind, *self._thing)

    @property
    def _thing(self) -> tuple[str, str, str]:
        match self.seen:
            case Version(version=version):
                return "", "version", version
            case Quantity(unit=unit, of=of):
                return "", unit, of
            case Trait(what=what, value=value):
                return "", what, value
            case Traits(traits=traits):
                return "", "traits", " ".join(one.what for one in traits)
            case Contradiction(of=of, aspects=aspects):
                return "", of, ", ".join(aspects)
            case Origin(trigger=trigger, invocation_type=str(way)):
                return way, "invocation", trigger or ""
            case Origin() as origin if origin.by_caller:
                return origin.caller or "", "caller", origin.trigger or ""
            case Origin(trigger=trigger) | Level(origin=Origin(trigger=trigger)):
                return "", "trigger", trigger or ""
        step = self.step
        return ("", "", "") if step is None else (step.action, step.type, step.target or "")
