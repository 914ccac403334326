"""Alerts in which hostile names stand wherever telemetry can put one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from coldtrail.alerts.alerts import alerts_from
from coldtrail.alerts.drifts import alerts_from_shifts
from coldtrail.detectors.drift.readings import TOLD
from coldtrail.features.names.near import LONGEST
from coldtrail.records.alert import Alert
from coldtrail.records.contradiction import Contradiction, Statement
from coldtrail.records.finding import Origin, StepKey, StepValue, UsualStep
from coldtrail.records.flow import Event, Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.profile import Profile, ProfileRun, ProfileStep
from coldtrail.records.shift import Shift
from coldtrail.records.verdict import Reason, Verdict
from coldtrail.verdicts.contradicting import with_contradictions
from coldtrail.verdicts.feedback import Feedback
from tests.attacks.hostile_names import EVERY_NAME
from tests.findings import about, reason

START = 1_795_000_000.0
TRACE = "1-6966ae91-ffa13b811caa56a884e9e349"
GOOD = FunctionKey("123456789012", "eu-west-1", "shop", "shop-prod-order")
KINDS = (
    "new_resource", "new_action", "new_event", "order", "omission", "count", "duration", "trigger",
    "failed_call", "unheard_of",
)  # fmt: skip
SERVICES = (
    "DynamoDB",
    "S3",
    "SNS",
    "SQS",
    "Lambda",
    "StepFunctions",
    "SecretsManager",
    "KMS",
    "remote",
    "Gizmo",
)
Pair = tuple[Verdict, Flow]


@cache
def hostile_alerts() -> tuple[Alert, ...]:
    """For each name alerts that have it everywhere, in the resource of a call alone, and in a drift.

    For each fourth one that has it in documents that contradict each other.
    """
    pairs = [_contradicting(name) for name in EVERY_NAME[::4]]
    pairs += map(_everywhere, range(len(EVERY_NAME)), EVERY_NAME)
    pairs += map(_in_a_call, range(len(EVERY_NAME)), EVERY_NAME)
    # Each pair alone: what a name shares with others must not fold it into theirs.
    alerts = [alert for pair in pairs for alert in alerts_from([pair], with_waiting=True)]
    shifts = [shift for place, name in enumerate(EVERY_NAME) for shift in _shifts(place, name)]
    return (*alerts, *(alert for shift in shifts for alert in alerts_from_shifts([shift], {})))


def hostile_profiles() -> dict[FunctionKey, Profile]:
    """What was learned of functions with such names."""
    return {FunctionKey(name, name, name, name): _profile(name) for name in EVERY_NAME}


def _everywhere(place: int, name: str) -> Pair:
    event = Event(name, START, START + 1, name, name, name, name, name)
    other = Event(f"{place}", START + 1, START + 2, name, SERVICES[place % 10], name, name, name)
    flow = Flow(
        name, name, name, name, START, START + 2, (event, other), (1, 2), (1.0, 1.0), 0.0,
        trigger=name, caller=name, version=name, account=name, region=name,
    )  # fmt: skip
    reasons = [_reason(kind, name, name, name) for kind in (KINDS[place % len(KINDS)], *KINDS, name)]
    return _pair(flow, reasons)


def _in_a_call(place: int, name: str) -> Pair:
    service = SERVICES[place % len(SERVICES)]
    event = Event("e1", START, START + 1, "PutItem", service, None, None, name)
    flow = Flow(
        GOOD.application, TRACE, GOOD.function, "f1", START, START + 2, (event,), (1,), (1.0,), 0.0,
        trigger="AWS::SNS orders", account=GOOD.account, region=GOOD.region,
    )  # fmt: skip
    finding = _reason(KINDS[place // len(SERVICES) % len(KINDS)], "PutItem", service, name).finding
    near = name[1:] if 1 < len(name) <= LONGEST else None
    return _pair(flow, [Reason(finding, "e1", "PutItem", name, 3.0, 900.0, 400, near, place % 3 == 0)])


def _contradicting(name: str) -> Pair:
    """A run of which documents say different things, in which all names are this one."""
    said = tuple(Statement((value, name), name, name, name) for value in (name, f"{name}?"))
    event = Event("e1", START, START + 1, name, name, None, None, name)
    flow = Flow(
        GOOD.application, TRACE, GOOD.function, "f1", START, START + 2, (event,), (1,), (1.0,), 0.0,
        account=GOOD.account, region=GOOD.region,
        contradictions=(Contradiction("step", name, name, ("name", "resource"), said),),
    )  # fmt: skip
    plain = Verdict("f1", TRACE, *flow.key, START, "normal", 1.0, 4.0, 0.5)
    return with_contradictions(plain, flow, Feedback()), flow


def _reason(kind: str, action: str, service: str, target: str) -> Reason:
    step = StepKey(action, service, target)
    failed = kind == "failed_call"
    seen = Origin(target, action, by_caller=True) if kind == "trigger" else StepValue(step, failed)
    usual = UsualStep(step, 0.5, failed=(1.0, 900.0) if failed else None)
    return reason("order" if failed else kind, action, target, usual, seen, 1.0, action, service)


def _pair(flow: Flow, reasons: Sequence[Reason]) -> Pair:
    told = about(reasons, flow.key)
    ids = flow.function_flow_id, flow.application_flow_id
    return Verdict(*ids, *flow.key, START, "anomalous", 9.0, 4.0, 0.001, (flow.function_name,), told), flow


def _shifts(place: int, name: str) -> Iterator[Shift]:
    measure = TOLD[place % len(TOLD)]
    step = StepKey(name, name, name) if measure == "no_step" else None
    origin = Origin(name) if measure == "callers" else None
    key = FunctionKey(name, name, name, name)
    spans = (START - 60, START, 31, 0.35, 0.5)
    yield Shift(*key, measure, *spans, name, 50_000.0, name, name, (name,), (name,), name, step, origin)


def _profile(name: str) -> Profile:
    steps = (
        ProfileStep(name, name, name, 1, 0.0, 1.0, 2.0),
        ProfileStep("x" + name, name, name, 2, 0.5, 1.0, 2.0),
    )
    runs = (ProfileRun(0.9, 9, steps), ProfileRun(0.1, 1, steps[:1]))
    return Profile(name, name, name, name, 10, 0.0, 0.0, 1.0, 2.0, ((name, 1.0),), runs)
