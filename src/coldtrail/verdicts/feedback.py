"""Feedback: events that are legitimate though rare, and attacks that must not be learned."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from coldtrail.errors import ConfigError
from coldtrail.records.columns import AnyFlow
from coldtrail.records.finding import FindingKey, Origin
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey, OfFunction
from coldtrail.records.verdict import Reason, Verdict
from coldtrail.verdicts.causes import NEW_KINDS

MAX_BYTES = 64 * 2**20
SLACK = 2.0
"""A legitimate duration, or number of repeats, may be so many times as large as the one that was seen."""
FEW_TIMES = 10.0
"""A legitimate new step may come so often in a run at least, however seldom it was seen."""


class Named(Struct, frozen=True, forbid_unknown_fields=True):
    """A reason as feedback names it; a field that is left out matches anything."""

    kind: str
    event_name: str | None = None
    target: str | None = None


class Remark(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a feedback file."""

    function_flow_id: str
    verdict: Literal["benign", "malicious"]
    reason: Named | int | None = None
    """Which of the verdict's reasons is meant, by its words or by its place from 0; None: all."""
    note: str = ""
    application_flow_id: str | None = None
    """For people: it is not looked at."""


Amount = Annotated[float, Meta(ge=0, le=1e12)]


class NamedShift(Struct, frozen=True):
    """A shift as feedback names it: as `score --json` prints it, or that much of it.

    Without account and region, each function of the name is meant; a shift that is not in the input is taken
    for told in full only where that is a single one.
    """

    application_name: str
    function_name: str
    measure: str | None = None
    """None: whatever of the function has shifted."""
    since: Amount | None = None
    before: Amount | None = None
    after: Amount | None = None
    what: str = ""
    """Of callers, where no `origin` is given: the trigger by name."""
    account: str | None = None
    """None: whichever account the function is in; likewise the region."""
    region: str | None = None
    origin: Origin | None = None
    """Of callers, the one that has become frequent."""

    def names(self, key: FunctionKey) -> bool:
        """Whether a function is meant."""
        pairs = zip((self.account, self.region, self.application_name, self.function_name), key, strict=True)
        return all(named in (None, part) for named, part in pairs)


class ShiftRemark(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a feedback file that speaks of a shift."""

    shift: NamedShift | str
    """The shift, or the id of the alert that told it."""
    verdict: Literal["benign"]
    note: str = ""


AnyRemark = Remark | ShiftRemark


class AcceptedShift(OfFunction, frozen=True):
    """A shift that was accepted: how a function runs from then on."""

    since: float
    """UTC epoch seconds."""
    effects: dict[str, tuple[float, float, int]]
    """By measure: what was usual before, what is since, and of which path or caller."""
    note: str = ""


class Accepted(Struct, frozen=True):
    """A cause that is legitimate."""

    cause: FindingKey
    most: float | None = None
    """Seconds, or times in a run, up to which it is; None where that says nothing."""
    note: str = ""


class Feedback(Struct, frozen=True, dict=True):
    """All feedback so far, as a model keeps it."""

    accepted: tuple[Accepted, ...] = ()
    refused: tuple[FindingKey, ...] = ()
    """Causes of attacks: what shows one is not learned."""
    refused_flows: tuple[str, ...] = ()
    """Ids of flows that were attacks."""
    shifts: tuple[AcceptedShift, ...] = ()
    """By the time since which they are."""
    usual: tuple[FindingKey, ...] = ()
    """Rare in what was learned, and legitimate: it is not held back."""

    @cached_property
    def _by_function(self) -> dict[FunctionKey, list[Accepted]]:
        found: dict[FunctionKey, list[Accepted]] = {}
        for one in self.accepted:
            found.setdefault(one.cause.whose, []).append(one)
        return found

    def knowing(self, more: Iterable[FindingKey]) -> Feedback:
        """The same, with more that is known to be rare but legitimate."""
        return msgspec.structs.replace(self, usual=tuple(sorted({*self.usual, *more})))

    def accepting(self, more: list[Accepted]) -> Feedback:
        """The same, with more that is legitimate, refused before or not; the widest bound counts."""
        if not more:
            return self
        found = {one.cause: one for one in self.accepted}
        for one in more:
            known = found.get(one.cause)
            if known is None or (one.most or 0.0) > (known.most or 0.0):
                found[one.cause] = one
        legitimate = {one.cause for one in more}
        return msgspec.structs.replace(
            self,
            accepted=tuple(found[key] for key in sorted(found)),
            refused=tuple(cause for cause in self.refused if cause not in legitimate),
        )

    def shifted(self, more: list[AcceptedShift]) -> Feedback:
        """The same, with more accepted shifts."""
        found = {_key(one): one for one in (*self.shifts, *more)}
        return msgspec.structs.replace(self, shifts=tuple(found[key] for key in sorted(found)))

    def refusing(
        self, causes: list[FindingKey], flows: list[str], withdrawn: Iterable[FindingKey] = ()
    ) -> Feedback:
        """The same, with more attacks; these, and what is withdrawn, are no longer legitimate."""
        gone = {*causes, *withdrawn}
        return msgspec.structs.replace(
            self,
            accepted=tuple(one for one in self.accepted if one.cause not in gone),
            usual=tuple(cause for cause in self.usual if cause not in gone),
            refused=tuple(sorted({*self.refused, *causes})),
            refused_flows=tuple(sorted({*self.refused_flows, *flows})),
        )

    def of(self, flow: AnyFlow) -> list[Accepted]:
        """What is legitimate of the flow's function: one list for all its flows."""
        return self._by_function.get(flow.key, []) if self.accepted else []

    def forbids(self, flow: Flow, verdict: Verdict | None = None) -> bool:
        """Whether a flow may not be learned: its id or a cause that it shows was that of an attack."""
        if flow.function_flow_id in self.refused_flows:
            return True
        whose = flow.key
        causes = [one for one in self.refused if one.whose == whose]
        if not causes:
            return False
        shown = {reason.finding.key for reason in verdict.reasons} if verdict else set()
        return any(cause in shown or shows(flow, cause) for cause in causes)


def shows(flow: Flow, cause: FindingKey) -> bool:
    """Whether a flow takes the step, or has the trigger, that a cause names; False for other kinds."""
    if cause.kind == "trigger":
        started = _is_started_by(flow, cause.target)
        if cause.type == "invocation":
            return started and flow.invocation_type == cause.action
        return started and cause.type == "trigger"
    return cause.kind in NEW_KINDS and any(map(cause.is_of, flow.events))


def _is_started_by(flow: Flow, trigger: str) -> bool:
    """Whether a trigger started a flow; an empty one where nobody on record did."""
    return (flow.trigger or "") == trigger and not (flow.upstream_lost and not trigger)


def is_of_run(cause: FindingKey) -> bool:
    """Whether a cause speaks of the run itself, and no call of it."""
    return (cause.action, cause.type) == ("Invocation", "lifecycle")


def read_feedback(path: Path) -> list[AnyRemark]:
    """The lines of a feedback file; raises `ConfigError` with the line that is wrong."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise ConfigError(f"{path}: a feedback file holds {MAX_BYTES:,} bytes at most.")
        lines = data.splitlines()
    except OSError as error:
        raise ConfigError(f"{path}: the feedback cannot be read: {error.strerror}.") from None
    remarks = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                remarks.append(_remark(line))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                raise ConfigError(f"{path}: line {number} is no feedback: {error}.") from None
    return remarks


def _key(one: AcceptedShift) -> tuple[float, FunctionKey, tuple[str, ...]]:
    effects = tuple(sorted(f"{name} {kind}" for name, (_, _, kind) in one.effects.items()))
    return one.since, one.key, effects


class _Kind(Struct):
    shift: object = None


def _remark(line: bytes) -> AnyRemark:
    if msgspec.json.decode(line, type=_Kind).shift is None:
        return msgspec.json.decode(line, type=Remark)
    return msgspec.json.decode(line, type=ShiftRemark)


def meant(remark: Remark, verdict: Verdict) -> list[Reason]:
    """The reasons of a verdict that a remark refers to."""
    named = remark.reason
    if isinstance(named, int):
        return list(verdict.reasons[named : named + 1]) if named >= 0 else []
    return [reason for reason in verdict.reasons if named is None or _is_meant(named, reason)]


def _is_meant(named: Named, reason: Reason) -> bool:
    return (
        named.kind == reason.kind
        and named.event_name in (None, reason.event_name)
        and named.target in (None, reason.target)
    )


def accepted(flow: Flow, verdict: Verdict, reason: Reason, note: str = "") -> Accepted:
    """The reason as something accepted, with a bound where it is a matter of degree."""
    cause = reason.finding.key
    same = [i for i, event in enumerate(flow.events) if cause.is_of(event)]
    most = None
    if reason.kind == "count":
        most = SLACK * len(same)
    elif reason.kind in NEW_KINDS:
        most = max(SLACK * len(same), FEW_TIMES)
    elif reason.kind == "duration":
        own = [flow.own_time] if is_of_run(cause) else [0.0]
        most = SLACK * max(own + [flow.self_times[i] for i in same])
    return Accepted(cause, most, note)
