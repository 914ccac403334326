"""Words are words: another wording changes no id, group, severity, technique or accepted feedback."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Struct

import coldtrail.alerts.wording as room
from coldtrail.alerts import attack, drifts, severity
from coldtrail.alerts.alerts import alerts_from
from coldtrail.alerts.drifts import alerts_from_shifts
from coldtrail.alerts.grouping import Drift, Grouping
from coldtrail.alerts.wording import levels, lines, sentences
from coldtrail.bundle.model import Model
from coldtrail.detectors.drift.readings import TOLD
from coldtrail.records.alert import Alert
from coldtrail.records.finding import Origin
from coldtrail.records.flow import Flow
from coldtrail.records.shift import Shift
from coldtrail.records.verdict import Verdict
from coldtrail.testing import Call, make_flow, make_history
from coldtrail.verdicts.feedback import Accepted, Feedback, Named, Remark, accepted
from tests.alerts.test_alerts import KINDS, make_pair, make_reason
from tests.alerts.test_drifts import make_shift
from tests.alerts.test_groups import LEAK, LEARNED, NEW_STEP, run
from tests.alerts.test_lost_calls import gap
from tests.alerts.test_slowness import waited
from tests.learning.test_remarks import learned
from tests.learning.test_remarks import told as updated
from tests.verbs.telemetry_files import GET, PUBLISH, PUT, STEAL, USUAL, stolen

OTHER = "gibberish"
WORDS = {"title", "next_steps", "details", "rationale"}
"""What of an alert is words."""
STRANGE: dict[str, list[Call]] = {
    "a new bucket": [GET, PUT, STEAL, PUBLISH],
    "a step left out": [GET, PUBLISH],
    "another order": [PUBLISH, PUT, GET],
    "repeats": [GET, *[PUT] * 20, PUBLISH],
    "a long step": [("GetItem", "DynamoDB", "Stock", 4.0), PUT, PUBLISH],
    "a new action": [GET, ("DeleteItem", "DynamoDB", "Stock", 0.01), PUT, PUBLISH],
    "a new step": [GET, PUT, ("backdoor", "function", None, 0.01), PUBLISH],
}


def strange_flows() -> list[Flow]:
    flows = [make_flow(calls, flow_id=name) for name, calls in STRANGE.items()]
    flows.append(make_flow(USUAL, flow_id="another trigger", trigger="AWS::SNS evil"))
    flows.append(make_flow(USUAL, flow_id="no trigger", trigger=None))
    failed = make_flow([GET], flow_id="failed", error=True)
    events = [msgspec.structs.replace(one, error=one.event_name == "Invocation") for one in failed.events]
    flows.append(msgspec.structs.replace(failed, events=tuple(events)))
    slow = make_flow(USUAL, flow_id="own code")
    flows.append(msgspec.structs.replace(slow, own_time=9.0))
    return flows


def shifts() -> list[Shift]:
    return [make_shift(measure, name) for measure in TOLD for name in ("Order", "Pay", "Ship", "Stock")]


class Told(Struct, frozen=True):
    """All that follows from findings."""

    verdicts: list[Verdict]
    alerts: list[Alert]
    drifts: list[Alert]
    accepted: list[list[Accepted]]
    calm: list[str]
    """The verdicts on the same flows, once a person has called them benign."""


def told(model: Model) -> Told:
    flows = strange_flows()
    pairs = list(zip(model.judge(flows), flows, strict=True))
    benign = [[accepted(flow, verdict, reason) for reason in verdict.reasons] for verdict, flow in pairs]
    kind = replace(model, feedback=model.feedback.accepting([one for some in benign for one in some]))
    return Told(
        [verdict for verdict, _ in pairs],
        alerts_from(pairs),
        alerts_from_shifts(shifts(), {"f1": make_flow(USUAL, flow_id="f1")}),
        benign,
        [verdict.verdict for verdict in kind.judge(flows)],
    )


def facts(alerts: Iterable[Alert]) -> list[dict[str, Any]]:
    """The alerts without their words."""
    return [
        {name: value for name, value in msgspec.structs.asdict(alert).items() if name not in WORDS}
        for alert in alerts
    ]


@pytest.fixture
def reword(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Makes every string that the room of words returns, and every one of its data, the same gibberish."""

    def all_of_it() -> None:
        folder = Path(str(room.__file__)).parent
        for path in folder.glob("[!_]*.py"):
            module = import_module(f"{room.__name__}.{path.stem}")
            for name, function in inspect.getmembers(module, inspect.isfunction):
                if function.__module__ == module.__name__:
                    replace_everywhere(monkeypatch, function, name)
        reword_data(monkeypatch)

    return all_of_it


def replace_everywhere(monkeypatch: pytest.MonkeyPatch, function: Callable[..., Any], name: str) -> None:
    @wraps(function)
    def other(*args: Any, **more: Any) -> Any:
        return mangled(function(*args, **more))

    for module in list(sys.modules.values()):
        if module.__name__.startswith("coldtrail") and getattr(module, name, None) is function:
            monkeypatch.setattr(module, name, other)


def mangled(value: Any) -> Any:
    if isinstance(value, str):
        return OTHER
    if isinstance(value, Mapping):
        return {name: mangled(one) for name, one in value.items()}
    return map(mangled, value) if isinstance(value, Iterator) else value


def reword_data(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = severity._rules()
    reworded = {
        name: msgspec.structs.replace(kind, title=OTHER, next_steps=(OTHER,))
        for name, kind in kinds.kinds.items()
    }
    monkeypatch.setattr(severity, "_rules", lambda: msgspec.structs.replace(kinds, kinds=reworded))
    rules = drifts._rules()
    words = {"title": OTHER, "together": OTHER, "next_steps": (OTHER,)}
    changed = {
        "kinds": {name: msgspec.structs.replace(one, **words) for name, one in rules.kinds.items()},
        "next_steps_together": (OTHER,),
    }
    amounts = levels._rules()
    of_kinds = {
        name: msgspec.structs.replace(one, usual=OTHER, seen=OTHER) for name, one in amounts.kinds.items()
    }
    monkeypatch.setattr(levels, "_rules", lambda: msgspec.structs.replace(amounts, kinds=of_kinds))
    monkeypatch.setattr(drifts, "_rules", lambda: msgspec.structs.replace(rules, **changed))
    mapping = tuple(msgspec.structs.replace(rule, why=OTHER) for rule in attack._rules())
    monkeypatch.setattr(attack, "_rules", lambda: mapping)


def test_another_wording_changes_words_alone(model: Model, reword: Callable[[], None]) -> None:
    before = told(model)
    assert {verdict.verdict for verdict in before.verdicts} == {"anomalous"}
    assert before.calm.count("normal") >= 6
    reword()
    after = told(model)
    alerts = [*after.alerts, *after.drifts]
    assert {word for alert in alerts for word in words_of(alert) if word.replace(OTHER, "")} == set()
    assert after.verdicts == before.verdicts
    assert after.accepted == before.accepted
    assert after.calm == before.calm
    assert facts(after.alerts) == facts(before.alerts)
    assert facts(after.drifts) == facts(before.drifts)


def words_of(alert: Alert) -> Iterator[str]:
    yield alert.title
    yield from alert.details if not alert.is_drift else ()
    yield from (step.told for step in alert.next_steps)
    for reason in alert.reasons:
        yield sentences.sentence(reason)
        yield lines.reason_line(reason).expected
        yield lines.reason_line(reason).seen


def everything() -> list[Alert]:
    """Alerts of every kind: of flows, of what is told together, of drifts."""
    flows = [make_pair(f"{kind}-{n}", make_reason(kind, target=f"t{n}")) for kind in KINDS for n in range(5)]
    flows += [*gap(), *(waited(name) for name in ("Book", "Pay", "Ship"))]
    flows += [run(f"n{n}", NEW_STEP, LEAK, version="2") for n in range(30)]
    flows += [
        make_pair("nobody", make_reason("trigger", found=Origin(None)), "Woken"),
        make_pair("caller", make_reason("trigger", found=Origin("SNS a", "Evil", by_caller=True)), "Called"),
    ]
    stage = Grouping(LEARNED)
    stage.push([*flows, *map(Drift, shifts())])
    return stage.advance(float("inf"))


def test_what_is_told_together_is_the_same_in_other_words(reword: Callable[[], None]) -> None:
    before = everything()
    assert {alert.kind for alert in before} >= {"gap", "slow_service", "change", "silence", "trigger"}
    reword()
    assert facts(everything()) == facts(before)


REMARKS = (
    Remark("benign", "benign", Named("new_resource", "PutObject", "backup")),
    Remark("stolen", "malicious", Named("new_resource", target="loot")),
    Remark("young", "malicious", Named("new_resource", "PutObject", "loot")),
)
"""As people give them, by kind, event name and target; of the last, no verdict is known."""


def heard(model: Model) -> tuple[Feedback, list[str]]:
    """What a model takes from feedback, and what it says of its like then."""
    backup = make_flow([GET, PUT, ("PutObject", "S3", "backup", 0.01), PUBLISH], flow_id="benign")
    young = make_flow([STEAL], flow_id="young", function="Young")
    update = updated(model, [backup, stolen(), young], *REMARKS)
    assert len(update.remarks.applied) == len(REMARKS)
    return update.model.feedback, [one.verdict for one in update.model.judge([backup, stolen("s")])]


def test_feedback_means_the_same_in_other_words(reword: Callable[[], None]) -> None:
    model = learned(make_history(120))
    before = heard(model)
    assert [key.thing for key in before[0].refused] == [("PutObject", "S3", "loot")] * 2
    assert before[1] == ["normal", "anomalous"]
    reword()
    assert heard(model) == before
