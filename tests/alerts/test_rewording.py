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
from coldtrail.alerts.wording import lines, sentences
from coldtrail.bundle.model import Model
from coldtrail.detectors.drift.readings import TOLD
from coldtrail.records.alert import Alert
from coldtrail.records.flow import Flow
from coldtrail.records.shift import Shift
from coldtrail.records.verdict import Verdict
from coldtrail.testing import START, Call, make_flow
from coldtrail.verdicts.feedback import Accepted, accepted
from tests.verbs.telemetry_files import GET, PUBLISH, PUT, STEAL, USUAL

OTHER = "gibberish"
WORDS = {"title", "next_steps", "details"}
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
    run = ("f1", "t1", ("f1", "f2"), ("t1", "t2"))
    return [
        Shift("", "", "shop", name, measure, START, START + 60, 31, 0.35, 0.5, "an API", 5e4, *run)
        for measure in TOLD
        for name in ("Order", "Pay", "Ship", "Stock")
    ]


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
    """The alerts without their words; of a drift's values, which are words still, nothing."""
    return [
        {name: value for name, value in msgspec.structs.asdict(alert).items() if name not in WORDS}
        | ({"reasons": None, "cause": None} if alert.is_drift else {})
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
    words = {"title": OTHER, "together": OTHER, "usual": OTHER, "seen": OTHER, "next_steps": (OTHER,)}
    changed = {
        "measures": {name: msgspec.structs.replace(one, **words) for name, one in rules.measures.items()},
        "next_steps_together": (OTHER,),
    }
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
    yield from alert.next_steps
    for reason in alert.reasons:
        yield sentences.sentence(reason)
        yield lines.reason_line(reason).expected
        yield lines.reason_line(reason).seen
