"""Takes feedback into a model: attacks leave the history, legitimate events are excused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from coldtrail.alerts.building import is_earlier_id
from coldtrail.bundle.history import History
from coldtrail.bundle.model import Model
from coldtrail.features.batch import Ints
from coldtrail.features.lean import whole
from coldtrail.features.vocabulary import NO_RESOURCE_TYPES
from coldtrail.learning.holding import vouched
from coldtrail.learning.rarities import RARE_SHARE, like
from coldtrail.records.columns import AnyFlow
from coldtrail.records.finding import FindingKey, thing_of
from coldtrail.records.flow import NOBODY, Flow
from coldtrail.records.verdict import Verdict
from coldtrail.verdicts.causes import NEW_KINDS
from coldtrail.verdicts.feedback import (
    Accepted,
    AnyRemark,
    Feedback,
    Named,
    Remark,
    ShiftRemark,
    accepted,
    meant,
)

ROUNDS = 5
"""Times that a legitimate flow is judged again, until nothing of it alarms."""
TOGETHER = 32
"""Legitimate flows that are judged at once."""


@dataclass
class Remarks:
    """The remarks of a feedback file, and what became of each."""

    given: Sequence[AnyRemark] = ()
    found: dict[str, Flow] = field(default_factory=dict)
    """By id, the flows spoken of that the input holds."""
    flagged: dict[str, Verdict] = field(default_factory=dict)
    applied: list[AnyRemark] = field(default_factory=list)
    unknown: list[AnyRemark] = field(default_factory=list)
    """Of flows that are neither in the input nor, with what is needed of them, in the history; of shifts that
    the input does not show."""
    withdrawn: set[FindingKey] = field(default_factory=set)
    """What attacks show: no remark makes it legitimate."""
    forgotten: int = 0
    """Flows taken out of the history."""

    @property
    def of_flows(self) -> list[Remark]:
        """The remarks on flows."""
        return [one for one in self.given if isinstance(one, Remark)]

    @property
    def of_shifts(self) -> list[ShiftRemark]:
        """The remarks on shifts."""
        return [one for one in self.given if isinstance(one, ShiftRemark)]

    def ids(self, verdict: str) -> set[str]:
        """The flows that are called benign, or malicious."""
        return {one.function_flow_id for one in self.of_flows if one.verdict == verdict}

    def listening(self, flows: Iterable[AnyFlow]) -> Iterator[AnyFlow]:
        """The flows, while those that remarks refer to are kept."""
        spoken_of = {one.function_flow_id for one in self.of_flows}
        for flow in flows:
            if flow.function_flow_id in spoken_of:
                self.found[flow.function_flow_id] = whole(flow)
            yield flow

    def take(self, flow: Flow, verdict: Verdict) -> None:
        """Keeps a flow that a remark refers to."""
        self.found[flow.function_flow_id] = flow
        if verdict.verdict == "anomalous":
            self.flagged[flow.function_flow_id] = verdict

    def sentences(self) -> list[str]:
        """What could not be applied, a sentence each."""
        return self._of_unknown_flows() + self._of_unknown_shifts()

    def _of_unknown_shifts(self) -> list[str]:
        unknown = [one.shift for one in self.unknown if isinstance(one, ShiftRemark)]
        earlier = [one for one in unknown if isinstance(one, str) and is_earlier_id(one)]
        told = [
            f"{one!r} is the id of an alert of an earlier version: give the shift as "
            "`coldtrail score --json` prints it."
            for one in earlier[:1]
        ]
        number = len(unknown) - len(earlier)
        if not number:
            return told
        what = "remark speaks of a shift" if number == 1 else "remarks speak of shifts"
        return [
            *told,
            f"{number:,} {what} that the input does not show: give the telemetry in which it was "
            "told as --input, or the shift as `coldtrail score --json` prints it.",
        ]

    def _of_unknown_flows(self) -> list[str]:
        unknown = [one for one in self.unknown if isinstance(one, Remark)]
        if not unknown:
            return []
        number = len(unknown)
        what = "remark speaks of a flow" if number == 1 else "remarks speak of flows"
        named = ", ".join(repr(one.function_flow_id) for one in unknown[:3])
        return [
            f"{number:,} {what} that neither the input nor the history holds with what it takes to follow it "
            f"({named}): give the flow's telemetry as --input."
        ]


def refuse(remarks: Remarks, feedback: Feedback, history: History) -> Feedback:
    """The feedback with the attacks that remarks name, which the history no longer holds."""
    places = _places(history, remarks.ids("malicious"))
    causes: list[FindingKey] = []
    known = []
    rows: list[int] = []
    for remark in remarks.of_flows:
        if remark.verdict != "malicious":
            continue
        row = places.get(remark.function_flow_id)
        flow = remarks.found.get(remark.function_flow_id)
        if row is None and flow is None:
            remarks.unknown.append(remark)
            continue
        remarks.applied.append(remark)
        known.append(remark.function_flow_id)
        verdict = remarks.flagged.get(remark.function_flow_id)
        found = _causes(remark, flow, verdict, history, row)
        causes += found
        remarks.withdrawn.update(found)
        if verdict is not None:
            remarks.withdrawn.update(reason.finding.key for reason in meant(remark, verdict))
        if row is not None:
            named = isinstance(remark.reason, Named) and bool(found)
            rows += like(history, row, found[0] if named else None).tolist()
    feedback = feedback.refusing(causes, known, remarks.withdrawn)
    for cause in causes:
        rows += rows_showing(history, cause).tolist()
    if rows:
        remarks.forgotten += history.forget(np.unique(rows))
    return feedback


def _places(history: History, ids: set[str]) -> dict[str, int]:
    return {flow: row for row, (_, flow) in enumerate(history.names.tolist()) if flow in ids}


def _causes(
    remark: Remark, flow: Flow | None, verdict: Verdict | None, history: History, row: int | None
) -> list[FindingKey]:
    """What an attack is known by from now on."""
    told = [] if verdict is None else [reason.finding.key for reason in meant(remark, verdict)]
    if isinstance(remark.reason, Named) and remark.reason.event_name:
        found = told or _named(remark.reason, flow, history, row)
        if found:
            return found
    if verdict is not None:
        return told[:1]
    return [] if row is None else _rare(history, row)


def _named(named: Named, flow: Flow | None, history: History, row: int | None) -> list[FindingKey]:
    """The steps of a flow, or of a learned one, that have the name and the target that a remark gives."""
    words = history.vocabulary
    shown: set[FindingKey] = set()
    if flow is not None:
        for one in (flow, words.naming.folded([flow])[0]):
            shown |= {FindingKey(*one.key, named.kind, *thing_of(event)) for event in one.events}
    if row is not None:
        whose = words.functions[int(history.flows.function[row])]
        for kind, name, target in _actions(history, row):
            shown.add(FindingKey(*whose, named.kind, name, kind, target or ""))
    wanted = named.event_name, named.target or ""
    return sorted(key for key in shown if (key.action, key.target) == wanted)


def _actions(history: History, row: int) -> list[tuple[str, str, str | None]]:
    """What the steps of a learned flow do: type, name and target."""
    flows = history.flows
    numbers = np.unique(flows.action[flows.offsets[row] : flows.offsets[row + 1]])
    return [history.vocabulary.actions[action] for action in numbers.tolist()]


def _rare(history: History, row: int) -> list[FindingKey]:
    """The steps of a learned flow that few runs of its function take."""
    flows, words = history.flows, history.vocabulary
    function = int(flows.function[row])
    own = np.flatnonzero(flows.function == function)
    total = float(flows.weight[own].sum())
    found = []
    for kind, name, target in _actions(history, row):
        cause = FindingKey(*words.functions[function], _new_kind(kind, target), name, kind, target or "")
        if float(flows.weight[rows_showing(history, cause)].sum()) < RARE_SHARE * total:
            found.append(cause)
    return found


def _new_kind(event_type: str, target: str | None) -> str:
    return "new_event" if event_type in NO_RESOURCE_TYPES or target is None else "new_action"


def rows_showing(history: History, cause: FindingKey) -> Ints:
    """The rows of a history whose flows take the step, or have the trigger, that a cause names."""
    flows, words = history.flows, history.vocabulary
    function = words.functions.numbers.get(cause.whose, 0)
    if cause.kind == "trigger":
        trigger = words.triggers.numbers.get(cause.target or NOBODY, 0) if cause.type == "trigger" else 0
        return np.flatnonzero((flows.function == function) & (flows.trigger == trigger) & (trigger > 0))
    if cause.kind not in NEW_KINDS:
        return np.zeros(0, np.int64)
    named = [
        number
        for number, (kind, name, target) in enumerate(words.actions.words, 1)
        if (name, kind, target or "") == cause.thing
    ]
    of = flows.flow_of[np.isin(flows.action, named)]
    return np.unique(of[flows.function[of] == function])


def vouch(remarks: Remarks, feedback: Feedback, history: History) -> Feedback:
    """The feedback with what remarks call benign of what is rare in a history."""
    feedback, applied = vouched(history, feedback, remarks.of_flows)
    remarks.applied += applied
    return feedback


def excused(model: Model, remarks: Remarks) -> Model:
    """The model that takes for normal what remarks call benign.

    Remarks are taken one after another, each by what those before it made legitimate; but some at a time are
    judged together, as if none of them needed more than the reasons of its first verdict: nearly always so.
    """
    waiting = _benign(model, remarks)
    while waiting:
        some, feedback, feedbacks = waiting[:TOGETHER], model.feedback, []
        for remark, flow in some:
            before = remarks.flagged.get(remark.function_flow_id)
            if before is not None:
                feedback = feedback.accepting(_accepted(remarks, remark, flow, before))
            feedbacks.append(feedback)
        verdicts = model.judge_each([flow for _, flow in some], feedbacks)
        strange = (at for at, (remark, _) in enumerate(some) if _is_strange(remark, verdicts[at]))
        last = next(strange, len(some) - 1)
        model = replace(model, feedback=feedbacks[last])
        remark, flow = some[last]
        if _is_strange(remark, verdicts[last]):
            model = _taking_for_normal(model, remarks, flow, remark)
        waiting = waiting[last + 1 :]
    return model


def _benign(model: Model, remarks: Remarks) -> list[tuple[Remark, Flow]]:
    """The remarks that call a flow benign that was found, with the flow; it is noted which were not."""
    known, found = {*remarks.applied}, []
    for remark in remarks.of_flows:
        if remark.verdict != "benign":
            continue
        flow = remarks.found.get(remark.function_flow_id)
        if remark not in known:
            (remarks.unknown if flow is None else remarks.applied).append(remark)
        if flow is not None:
            known.add(remark)
            found.append((remark, flow))
    folded = model.vocabulary.naming.folded([flow for _, flow in found])
    return [(remark, flow) for (remark, _), flow in zip(found, folded, strict=True)]


def _is_strange(remark: Remark, verdict: Verdict) -> bool:
    """Whether a flow all of which is called benign is anomalous still."""
    return remark.reason is None and verdict.verdict == "anomalous"


def _accepting(model: Model, more: list[Accepted]) -> Model:
    return replace(model, feedback=model.feedback.accepting(more))


def _accepted(remarks: Remarks, remark: Remark, flow: Flow, verdict: Verdict) -> list[Accepted]:
    found = [accepted(flow, verdict, reason, remark.note) for reason in meant(remark, verdict)]
    return [one for one in found if one.cause not in remarks.withdrawn]


def _taking_for_normal(model: Model, remarks: Remarks, flow: Flow, remark: Remark) -> Model:
    for _ in range(ROUNDS):
        verdict = model.judge([flow])[0]
        if verdict.verdict != "anomalous":
            break
        model = _accepting(model, _accepted(remarks, remark, flow, verdict))
    return model
