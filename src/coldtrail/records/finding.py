"""What a detector finds strange, as values: whoever needs words asks `alerts.wording` for them.

Identity, grouping, feedback, severity and ATT&CK techniques follow from these values alone, so that no change
of wording changes an alert's id.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from msgspec import Struct

from coldtrail.records.flow import Event
from coldtrail.records.identity import FunctionKey


class StepKey(NamedTuple):
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


class Met(NamedTuple):
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


class Level(Struct, frozen=True, tag="level"):
    """A measure of a function over many runs."""

    value: float
    unit: Literal["seconds", "steps", "share", "runs_an_hour"]


class Feature(Struct, frozen=True, tag="feature"):
    """One input of a network that could not be reproduced: a word, a depth, or seconds."""

    name: str
    """`run` where the network never learned such a run at all."""
    value: str | float | None
    """None for a word that is absent."""
    failed: bool = False
    """Whether the step failed, as far as that belongs to what is strange."""


class Told(Struct, frozen=True, tag="told"):
    """What drift says of a function in words of its own, until it gives levels."""

    words: str


Value = StepValue | UsualStep | Times | Known | Origin | Seconds | Level | Feature | Told
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


class Finding(Struct, frozen=True):
    """What is strange, as values."""

    kind: str
    """`order`, `omission`, `count`, `new_resource`, `new_action`, `new_event`, `duration`, `trigger`, or the
    measure of a drift."""
    subject: Subject
    step: StepKey | None = None
    """What it is about; of an omission the step that is missing; None for the run as a whole."""
    expected: Value | None = None
    seen: Value | None = None

    @property
    def key(self) -> FindingKey:
        """What it shares with other findings of the same."""
        whose = self.subject.account, self.subject.region, *self._names
        seen, step = self.seen, self.step
        if isinstance(seen, Origin):
            origin = ("caller", seen.caller) if seen.by_caller else ("trigger", None)
            return FindingKey(*whose, self.kind, origin[1] or "", origin[0], seen.trigger or "")
        if step is None:
            return FindingKey(*whose, self.kind)
        return FindingKey(*whose, self.kind, step.action, step.type, step.target or "")

    @property
    def _names(self) -> tuple[str, str]:
        return self.subject.application_name, self.subject.function_name
