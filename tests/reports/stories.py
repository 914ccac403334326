"""The airline's five incidents, made by hand: flows, verdicts and profiles for the tests of reports."""

from __future__ import annotations

from collections.abc import Iterator

from coldtrail.alerts.alerts import alerts_from
from coldtrail.records.alert import Alert
from coldtrail.records.finding import Known, Met, Origin, Seconds, StepKey, StepValue, Times, UsualStep
from coldtrail.records.flow import Event, Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.profile import Profile, ProfileRun, ProfileStep
from coldtrail.records.verdict import Reason, Verdict
from coldtrail.reports.summary import ReportSummary
from tests.findings import about, reason, step_seen, usually

START = 1_763_630_000.0
Step = tuple[str, str, str | None, int, float, float]
"""Event name, event type, target, depth, offset in ms, duration in ms."""
Pair = tuple[Verdict, Flow]

CONFIRM: list[Step] = [
    ("Invocation", "lifecycle", None, 1, 0, 96),
    ("lambda_handler", "function", None, 2, 2, 91),
    ("UpdateItem", "DynamoDB", "Booking", 3, 9, 14),
    ("Publish", "SNS", "BookingTopic", 3, 41, 32),
    ("Overhead", "lifecycle", None, 1, 96, 3),
]
COLLECT: list[Step] = [
    ("Invocation", "lifecycle", None, 1, 0, 212),
    ("lambda_handler", "function", None, 2, 2, 208),
    ("GetParameter", "SSM", "/airline/payment/url", 3, 6, 18),
    ("POST", "remote", "api.payment.example", 3, 31, 149),
    ("PutItem", "DynamoDB", "Payment", 3, 186, 12),
    ("Overhead", "lifecycle", None, 1, 212, 3),
]
RESERVE: list[Step] = [
    ("Invocation", "lifecycle", None, 1, 0, 74),
    ("lambda_handler", "function", None, 2, 2, 70),
    ("UpdateItem", "DynamoDB", "Flight", 3, 8, 16),
    ("GetItem", "DynamoDB", "Flight", 3, 29, 9),
    ("PutItem", "DynamoDB", "Booking", 3, 44, 13),
    ("Overhead", "lifecycle", None, 1, 74, 2),
]
REFUND: list[Step] = [
    ("Invocation", "lifecycle", None, 1, 0, 188),
    ("lambda_handler", "function", None, 2, 2, 184),
    ("GetItem", "DynamoDB", "Payment", 3, 7, 11),
    ("Query", "DynamoDB", "RefundRequest", 3, 22, 17),
    ("POST", "remote", "api.payment.example", 3, 44, 121),
    ("UpdateItem", "DynamoDB", "Payment", 3, 168, 12),
    ("Overhead", "lifecycle", None, 1, 188, 3),
]
LOYALTY: list[Step] = [
    ("Invocation", "lifecycle", None, 1, 0, 44),
    ("lambda_handler", "function", None, 2, 1, 41),
    ("PutItem", "DynamoDB", "Loyalty", 3, 12, 13),
    ("Overhead", "lifecycle", None, 1, 44, 2),
]


def make_flow(
    function: str, steps: list[Step], place: int = 0, trigger: str | None = None, cold_start: bool = False
) -> Flow:
    start = START + place * 61.7
    trace = f"1-{int(start):08x}-{abs(hash_of(function)) + place:024x}"[:35]
    flow_id = f"{hash_of(function) + place:016x}"
    events = tuple(_events(steps, start))
    return Flow(
        application_name="airline",
        application_flow_id=trace,
        function_name=function,
        function_flow_id=flow_id,
        start_time=start,
        end_time=max(event.end_time for event in events),
        events=events,
        depths=tuple(step[3] for step in steps),
        self_times=tuple(step[5] / 1000 for step in steps),
        own_time=0.004,
        cold_start=cold_start,
        trigger=trigger,
        caller=(trigger or "").partition(" ")[2] or None,
        version="$LATEST",
        account="123456789012",
        region="eu-west-1",
    )


def hash_of(text: str) -> int:
    return sum(ord(char) * 131**place for place, char in enumerate(text)) % 2**48


def _events(steps: list[Step], start: float) -> Iterator[Event]:
    for place, (name, kind, target, _, offset, took) in enumerate(steps):
        begin = start + offset / 1000
        yield Event(
            event_id=f"e{place}",
            start_time=begin,
            end_time=begin + took / 1000,
            event_name=name,
            event_type=kind,
            event_target_resource=target,
        )


def make_verdict(flow: Flow, *reasons: Reason, score: float = 9.7) -> Verdict:
    return Verdict(
        function_flow_id=flow.function_flow_id,
        application_flow_id=flow.application_flow_id,
        account=flow.account or "",
        region=flow.region or "",
        application_name=flow.application_name,
        function_name=flow.function_name,
        start_time=flow.start_time,
        verdict="anomalous",
        score=score,
        threshold=4.2,
        p_value=0.00002,
        detectors=("sequence", "novelty"),
        reasons=about(reasons, flow.key),
    )


def make_profile(function: str, usual: list[Step], trigger: str) -> Profile:
    def run(steps: list[Step], part: float) -> ProfileRun:
        rows = (
            ProfileStep(name, kind, target, depth, offset / 1000, took / 1000, took * 1.9 / 1000)
            for name, kind, target, depth, offset, took in steps
        )
        return ProfileRun(part, round(4812 * part), tuple(rows))

    cold: list[Step] = [("Initialization", "lifecycle", None, 1, 0, 412)]
    cold += [
        (name, kind, target, depth, offset + 430, took) for name, kind, target, depth, offset, took in usual
    ]
    took = usual[0][5] / 1000
    return Profile(
        *key_of(function), 4812, 0.021, 0.004, took, took * 1.8,
        ((trigger, 0.97), ("AWS::Lambda replay", 0.03)),
        (run(usual, 0.954), run(cold, 0.021)),
    )  # fmt: skip


def pairs() -> list[Pair]:
    """All anomalous flows of the five incidents."""
    return [*_leaks(), *_slow(), *_swapped(), *_left_out(), *_repeated()]


def alerts() -> list[Alert]:
    return alerts_from(pairs(), with_waiting=True)


def key_of(function: str) -> FunctionKey:
    return FunctionKey("123456789012", "eu-west-1", "airline", function)


def profiles() -> dict[FunctionKey, Profile]:
    machine = "AWS::StepFunctions::StateMachine ProcessBooking"
    usual = {
        "ConfirmBooking": CONFIRM,
        "CollectPayment": COLLECT,
        "ReserveBooking": RESERVE,
        "RefundPayment": REFUND,
    }
    made = {key_of(name): make_profile(name, steps, machine) for name, steps in usual.items()}
    return made | {key_of("IngestLoyalty"): make_profile("IngestLoyalty", LOYALTY, "AWS::SNS BookingTopic")}


def summary() -> ReportSummary:
    return ReportSummary(
        generated_from=(START - 3600, START + 82_800),
        bundle="bundles/airline",
        flows=21_604,
        verdicts=(("normal", 21_562), ("anomalous", 30), ("not_ready", 12)),
        functions=8,
        threshold=4.2,
        budget=0.003,
        losses=(
            "2 documents of traces.jsonl.gz could not be read and were kept aside.",
            "X-Ray recorded about 31 % of the runs of SearchFlights (sampling): the others were not seen.",
        ),
    )


def _leaks() -> Iterator[Pair]:
    for place in range(4):
        steps = [*CONFIRM[:3], ("PutObject", "S3", "booking-public", 3, 27.0, 61.0), *_later(CONFIRM[3:], 66)]
        steps[0], steps[1] = _longer(steps[0], 66), _longer(steps[1], 66)
        flow = make_flow(
            "ConfirmBooking", steps, place, "AWS::StepFunctions::StateMachine ProcessBooking", place == 0
        )
        touched = (StepKey("", "DynamoDB", "Booking"), StepKey("", "SNS", "BookingTopic"))
        known = Known(tuple(Met(one, 4812.0) for one in touched))
        put = step_seen("PutObject on S3 booking-public")
        new = reason("new_resource", "PutObject", "booking-public", known, put, 9.1, "e3")
        usual = usually("Publish on SNS BookingTopic", 0.99)
        order = reason("order", "PutObject", "booking-public", usual, put, 2.3, "e3")
        yield make_verdict(flow, new, order, score=14.9 - place / 10), flow


def _slow() -> Iterator[Pair]:
    for place in range(2):
        steps = [*COLLECT[:3], _longer(COLLECT[3], 4500), *_later(COLLECT[4:], 4500)]
        steps[0], steps[1] = _longer(steps[0], 4500), _longer(steps[1], 4500)
        flow = make_flow("CollectPayment", steps, place, "AWS::StepFunctions::StateMachine ProcessBooking")
        usual = Seconds(0.149, "step", 0.9, 4812.0, "runs")
        where = "POST", "api.payment.example"
        slow = reason("duration", *where, usual, Seconds(4.65), 7.4, "e3", "remote")
        yield make_verdict(flow, slow, score=7.6 - place), flow


def _swapped() -> Iterator[Pair]:
    swapped: list[Step] = [
        ("GetItem", *RESERVE[3][1:4], 8.0, 9.0),
        ("UpdateItem", *RESERVE[2][1:4], 20.0, 16.0),
    ]
    steps = [*RESERVE[:2], *swapped, *RESERVE[4:]]
    flow = make_flow("ReserveBooking", steps, 3, "AWS::StepFunctions::StateMachine ProcessBooking")
    get, update = "GetItem on DynamoDB Flight", "UpdateItem on DynamoDB Flight"
    put = usually("PutItem on DynamoDB Booking", 0.97)
    first = reason("order", "GetItem", "Flight", usually(update, 0.98), step_seen(get), 4.4, "e2", "DynamoDB")
    second = reason("order", "UpdateItem", "Flight", put, step_seen(update), 1.9, "e3", "DynamoDB")
    yield make_verdict(flow, first, second, score=6.3), flow


def _left_out() -> Iterator[Pair]:
    steps = [*REFUND[:3], *_later(REFUND[4:], -21)]
    flow = make_flow("RefundPayment", steps, 9, "AWS::StepFunctions::StateMachine ProcessBooking")
    usual, seen = usually("Query on DynamoDB RefundRequest"), step_seen("POST to api.payment.example")
    gone = reason("omission", "POST", "api.payment.example", usual, seen, 5.1, "e3", "remote")
    yield make_verdict(flow, gone, score=5.2), flow


def _repeated() -> Iterator[Pair]:
    for place in range(12):
        many: list[Step] = [
            ("PutItem", "DynamoDB", "Loyalty", 3, 12.0 + 15 * turn, 13.0) for turn in range(20)
        ]
        steps = [_longer(LOYALTY[0], 285), _longer(LOYALTY[1], 285), *many, *_later(LOYALTY[3:], 285)]
        flow = make_flow("IngestLoyalty", steps, place, "AWS::SNS BookingTopic")
        usual = Times(1, None, 4812.0)
        often = reason("count", "PutItem", "Loyalty", usual, Times(20), 11.0, "e3", "DynamoDB")
        yield make_verdict(flow, often, score=11.2), flow


def _later(steps: list[Step], by: float) -> list[Step]:
    return [
        (name, kind, target, depth, offset + by, took) for name, kind, target, depth, offset, took in steps
    ]


def _longer(step: Step, by: float) -> Step:
    name, kind, target, depth, offset, took = step
    return (name, kind, target, depth, offset, took + by)


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=https://evil.example/x onerror=alert(1)>',
    "' style='background:url(https://evil.example/y)' x='",
    "{{ 7 * 7 }}{% raw %}",
    "\x1b]0;owned\x07\x1b[31mred\x1b[2J",
    "[bold red]markup[/] [link=https://evil.example]x[/link]",
    "\u202etxt.exe\u2066\u200b",
    "a\nb\r\tc\x00\x9b31m",
    "--></style></title></template><svg onload=alert(1)>",
    "javascript:alert(1)",
    "\ud800 lone",
    "é漢字🙂 " + "x" * 500,
)


def hostile_alerts() -> list[Alert]:
    """One alert for each hostile name, which stands in every field that telemetry can fill."""
    hostile = (_hostile_pair(place, name) for place, name in enumerate(HOSTILE))
    return alerts_from(hostile, with_waiting=True)


def _hostile_pair(place: int, name: str) -> Pair:
    event = Event(name, START, START + 1, name, name, name, name, name)
    other = Event(f"{place}", START + 1, START + 2, name, name, name, name, name)
    flow = Flow(
        name, name, name, name, START, START + 2, (event, other), (1, 2), (1.0, 1.0), 0.0,
        trigger=name, caller=name, version=name, account=name, region=name,
    )  # fmt: skip
    kinds = (
        "new_resource",
        "order",
        "omission",
        "count",
        "duration",
        "trigger",
        "new_action",
        "new_event",
        name,
    )
    reasons = tuple(hostile_reason(kind, name) for kind in kinds)
    told = about((reasons[place % len(reasons)], *reasons), flow.key)
    return Verdict(name, name, *flow.key, START, "anomalous", 9.0, 4.0, 0.001, (name,), told), flow


def hostile_reason(kind: str, name: str) -> Reason:
    """A reason with a hostile name in every field."""
    step = StepKey(name, name, name)
    seen = Origin(name, name, by_caller=True) if kind == "trigger" else StepValue(step)
    return reason(kind, name, name, UsualStep(step, 0.5), seen, 1.0, name, name)
