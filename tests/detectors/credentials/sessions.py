"""Days of functions, their environments and the credentials of these, as the audit log tells of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from random import Random
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from coldtrail.records.encounter import Encounter
from coldtrail.records.identity import FunctionKey
from coldtrail.records.witnesses import ApiCall, Change, Report

BEGIN = 1_795_046_400.0
ACCOUNT, REGION = "111122223333", "eu-west-1"
DAY_S = 86_400.0
LAMBDA = "lambda.amazonaws.com"
PYTHON = "AWS_Lambda_python3.11"


class Made(Struct):
    """A function of a made-up account, and how its environments reach the cloud."""

    name: str
    operations: Sequence[tuple[str, str, str]] = (
        ("DynamoDB", "GetItem", "orders"),
        ("S3", "PutObject", "receipts"),
    )
    role: str = ""
    """Its own where none is named."""
    agent: tuple[str | None, str | None] = ("Boto3", PYTHON)
    addresses: int = 0
    """Of the network that its environments leave by, 0 where each has one of its own."""
    changing: float = 0.0
    """The share of calls at which an environment's address changes."""
    endpoint: str | None = None
    """By which it reaches S3."""
    calls_an_hour: float = 20.0
    life_s: float = 4 * 3_600.0
    """Of an environment."""
    in_scope: bool = False
    """Whether records say what the credentials were issued to."""
    is_given: bool = True
    """Whether the log shows how the platform takes on the role."""

    @property
    def key(self) -> FunctionKey:
        return FunctionKey(ACCOUNT, REGION, "shop", self.name)

    @property
    def role_arn(self) -> str:
        return f"arn:aws:iam::{ACCOUNT}:role/{self.role or self.name + '-role'}"


class Instance(Struct):
    """An environment."""

    key: str
    address: str
    since: float
    until: float
    made: Made


def address(text: object) -> str:
    return f"p-{sha256(str(text).encode()).hexdigest()[:16]}"


def call_of(made: Made, at: float, access_key: str, source: str, **more: Any) -> ApiCall:
    """A call from inside a function, unless `more` says otherwise."""
    family, environment = made.agent
    plain: dict[str, Any] = {
        "event_id": f"{made.name}-{access_key}-{at:.3f}",
        "time": at,
        "account": ACCOUNT,
        "region": REGION,
        "service": "DynamoDB",
        "operation": "GetItem",
        "target": "orders",
        "target_account": ACCOUNT,
        "access_key": access_key,
        "principal": f"p-principal-{made.name}",
        "principal_kind": "AssumedRole",
        "principal_account": ACCOUNT,
        "role": made.role_arn,
        "session": f"p-session-{made.name}",
        "user_agent": family,
        "environment": environment,
        "source_ip": source,
        "credentials_of": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{made.name}:7"
        if made.in_scope
        else None,
        "data_event": True,
    } | more
    inside = (plain["environment"] or "").startswith("AWS_Lambda")
    plain.setdefault("session_function", made.name if inside else None)
    return ApiCall(**plain)


def encounter(call: ApiCall, made: Made | None, *, is_told: bool = True) -> Encounter:
    return Encounter(call.time, call, made.key if made is not None and is_told else None)


def given(made: Made, at: float, access_key: str) -> Encounter:
    """The platform takes on the function's role."""
    call = ApiCall(
        f"given-{access_key}", at, ACCOUNT, REGION, "STS", "AssumeRole", target=made.role_arn,
        principal_kind="AWSService", invoked_by=LAMBDA, source_service=LAMBDA, user_agent=LAMBDA,
        session_function=made.name, issued_key=access_key, issued_role=made.role_arn,
        issued_until=at + 43_200.0,
    )  # fmt: skip
    return Encounter(at, call)


class Days:
    """Benign days of some functions."""

    def __init__(self, functions: Sequence[Made], days: float, seed: int) -> None:
        self.random = Random(seed)
        self.end = BEGIN + days * DAY_S
        self.instances: list[Instance] = []
        self.encounters: list[Encounter] = []
        for made in functions:
            self.encounters += self._of(made)

    def _of(self, made: Made) -> Iterator[Encounter]:
        random, at, number = self.random, BEGIN + self.random.uniform(0, 600), 0
        while at < self.end:
            number += 1
            until = at + random.uniform(0.3, 1.7) * made.life_s
            key = f"p-key-{made.name}-{number}-{random.getrandbits(24):x}"
            place = random.randrange(made.addresses) if made.addresses else key
            yield from self._life(made, Instance(key, address((made.role, place)), at, until, made))
            at = until + random.uniform(-0.2, 0.3) * made.life_s

    def _life(self, made: Made, instance: Instance) -> Iterator[Encounter]:
        self.instances.append(instance)
        random, at, source = self.random, instance.since, instance.address
        if made.is_given:
            yield given(made, at - 0.2, instance.key)
        while at < min(instance.until, self.end):
            if random.random() < made.changing:
                source = address((made.name, random.random()))
            service, operation, target = random.choice(made.operations)
            inner = made.endpoint is not None and service == "S3"
            yield encounter(
                call_of(
                    made, at, instance.key, address("10.0.0.7") if inner else source, service=service,
                    operation=operation, target=target, vpc_endpoint=made.endpoint if inner else None,
                ),
                made,
            )  # fmt: skip
            at += random.expovariate(made.calls_an_hour / 3_600.0)

    def alive(self, made: Made, at: float) -> Instance | None:
        """The environment of a function that was started last."""
        found = [one for one in self.instances if one.made is made and one.since < at - 60 < one.until]
        return found[-1] if found else None

    def all(self, *more: Encounter) -> list[Encounter]:
        return sorted([*self.encounters, *more], key=lambda one: one.at)


ENUMERATION = (
    ("STS", "GetCallerIdentity", None),
    ("S3", "ListBuckets", None),
    ("S3", "ListObjects", "receipts"),
    ("S3", "GetObject", "receipts"),
)


def theft(
    made: Made,
    access_key: str,
    at: float,
    *,
    source: str = "p-00000000000000ff",
    agent: tuple[str | None, str | None] = ("aws-cli", None),
    operations: Sequence[tuple[str, str, str | None]] = ENUMERATION,
    pause_s: float = 20.0,
    **more: Any,
) -> list[Encounter]:
    """Calls of somebody who has a function's credentials."""
    found = []
    for service, operation, target in operations:
        call = call_of(
            made, at, access_key, source, service=service, operation=operation, target=target,
            user_agent=agent[0], environment=agent[1], event_id=f"theft-{at:.3f}", **more,
        )  # fmt: skip
        if agent[1] is None:
            call = replace(call, session_function=None)
        found.append(encounter(call, made, is_told=False))
        at += pause_s
    return found


def release(made: Made, at: float) -> Encounter:
    change = Change(
        f"release-{at}", at, ACCOUNT, REGION, made.name, "UpdateFunctionCode", principal="p-pipeline"
    )
    return Encounter(at, change, None, made.key)


def shutdown(made: Made, instance: str, at: float) -> Encounter:
    report = Report(at, None, made.name, "shutdown", ACCOUNT, REGION, instance=instance)
    return Encounter(at, report, made.key)
