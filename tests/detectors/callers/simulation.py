"""A month of an account: people, pipelines and functions, what befalls them, and takeovers.

Nothing of it is known to the detector. People work from an office and from home, travel, change programs,
take over others' work, are on call at night; some move to a new office, a pipeline gets another role, keys
rotate, a region fails over, people are hired.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

from coldtrail.records.encounter import Encounter
from coldtrail.records.identity import FunctionKey
from coldtrail.records.witnesses import ApiCall

ACCOUNT, REGION, OTHER_REGION = "111122223333", "eu-west-1", "eu-central-1"
BEGIN = 1_700_438_400.0
"""A Monday."""
DAY_S = 86_400.0
PEOPLE, SERVICES, FUNCTIONS, DAYS = 44, 12, 6, 30
_OFFICES = (("net-office-1", "DE"), ("net-office-2", "US"))
_NEW_OFFICE = "net-office-3"
_AGENTS = ("Boto3", "aws-cli", "console", "browser", "Terraform", "aws-sdk-js")
_OPERATIONS = [
    (service, f"{verb}{thing}")
    for service in ("S3", "DynamoDB", "Lambda", "CloudWatch", "Logs", "EC2", "SQS", "CloudFormation")
    for verb in ("Get", "List", "Describe", "Put", "Update")
    for thing in ("Item", "Table", "Events")
]
_RECON = [
    ("STS", "GetCallerIdentity"), ("IAM", "ListUsers"), ("IAM", "ListRoles"), ("IAM", "CreateAccessKey"),
    ("IAM", "AttachUserPolicy"), ("Lambda", "ListFunctions"), ("Lambda", "GetFunction"),
    ("Lambda", "UpdateFunctionCode"), ("Lambda", "AddPermission"), ("S3", "ListBuckets"),
    ("SecretsManager", "ListSecrets"), ("SecretsManager", "GetSecretValue"), ("EC2", "DescribeInstances"),
    ("Organizations", "DescribeOrganization"), ("CloudTrail", "StopLogging"), ("KMS", "ListKeys"),
]  # fmt: skip


class Takeover(NamedTuple):
    """Somebody else acts as a principal."""

    principal: str
    start: float


class Person:
    """Somebody with an office, a home, programs and tasks."""

    def __init__(self, random: Random, number: int) -> None:
        self.random = random
        self.name = f"p-person-{number}"
        self.office = _OFFICES[number % 2]
        self.homes = [(f"net-home-{number}-{one}", self.office[1]) for one in range(random.choice((1, 1, 2)))]
        self.agents = random.sample(_AGENTS[:5], random.choice((1, 2, 2, 3)))
        self.operations = random.sample(_OPERATIONS + _RECON[:1] + _RECON[5:7] + _RECON[12:13], 25)
        self.abroad: tuple[str, str] | None = None
        self.until = 0
        self.from_day = 0
        self.key = f"k-{number}-0"
        self.starts_at = random.uniform(7.0, 10.0)

    def calls(self, day: int, on_call: bool) -> Iterator[ApiCall]:
        """Of a day."""
        random = self.random
        self._change(day)
        if day % 7 < 5 and random.random() < 0.92:
            place = self._place()
            for _ in range(random.randrange(4, 30)):
                if random.random() < 0.06:
                    # A telephone's network.
                    place = (f"net-phone-{random.randrange(400)}", self.office[1])
                yield self._call(day + (self.starts_at + random.uniform(0.0, 9.0)) / 24, place)
        if on_call and random.random() < 0.5:
            for _ in range(random.randrange(3, 15)):
                yield self._call(day + random.uniform(0.0, 0.2), self.homes[0])

    def _place(self) -> tuple[str, str]:
        if self.abroad is not None:
            return self.abroad
        return self.random.choice(self.homes) if self.random.random() < 0.35 else self.office

    def _change(self, day: int) -> None:
        random = self.random
        if self.abroad is not None and day >= self.until:
            self.abroad = None
        if self.abroad is None and random.random() < 1 / 80:
            country = random.choice(("FR", "IT", "GB", "IN", self.office[1]))
            self.abroad, self.until = (
                (f"net-hotel-{random.randrange(500)}", country),
                day + random.randrange(2, 6),
            )
        if random.random() < 1 / 90:
            self.agents.append(random.choice(_AGENTS))
        if random.random() < 1 / 30:
            self.operations += random.sample(_OPERATIONS, 4)
        if random.random() < 1 / 60:
            # A service that nobody in the account ever used.
            service = f"Service{random.randrange(10_000)}"
            self.operations[:0] = [(service, f"Get{one}") for one in range(random.randrange(1, 6))]
        if random.random() < 1 / 30:
            self.key = f"{self.key[:-1]}{day}"

    def _call(self, day: float, place: tuple[str, str]) -> ApiCall:
        random = self.random
        # Some tasks are common and most are rare.
        number = min(int(random.paretovariate(0.9)) - 1, len(self.operations) - 1)
        service, operation = self.operations[number]
        agent = self.agents[0] if random.random() < 0.8 else random.choice(self.agents)
        return call(
            BEGIN + day * DAY_S, service, operation, self.name, place, agent, access_key=self.key,
            principal_kind="AssumedRole", role="arn:aws:iam::111122223333:role/AWSReservedSSO_Dev",
            console=agent in ("console", "browser"),
        )  # fmt: skip


def call(
    at: float,
    service: str,
    operation: str,
    principal: str,
    place: tuple[str, str],
    agent: str,
    **more: object,
) -> ApiCall:
    """A call, whose id says when it was and what it is."""
    named = {"principal_kind": "IAMUser"} | more
    return ApiCall(
        f"{principal}-{operation}-{at:.3f}", at, ACCOUNT, REGION, service, operation, principal=principal,
        source_ip=f"{place[0]}-{int(at) % 7}", source_network=place[0], source_country=place[1],
        user_agent=agent, **named,
    )  # type: ignore[arg-type]  # fmt: skip


def function(number: int, region: str = REGION) -> FunctionKey:
    """One of the functions."""
    return FunctionKey(ACCOUNT, region, "shop", f"function-{number}")


def month(seed: int, takeovers: int = 0) -> tuple[list[Encounter], list[Takeover]]:
    """All encounters of a month by time, and the takeovers among them."""
    random = Random(seed)
    people = [Person(random, number) for number in range(PEOPLE)]
    for hired in random.sample(people, 3):
        hired.from_day = 12
    movers = set(random.sample([one.name for one in people if one.office == _OFFICES[0]], 12))
    found: list[Encounter] = []
    for day in range(DAYS):
        for number, person in enumerate(people):
            if day == 20 and person.name in movers:
                person.office = (_NEW_OFFICE, "DE")
            if day >= person.from_day:
                found += [Encounter(one.time, one) for one in person.calls(day, day // 7 % PEOPLE == number)]
        found += _services(random, day)
        found += _invocations(random, day)
    attacked = [_takeover(random, one) for one in _victims(random, people, takeovers)]
    for _, encounters in attacked:
        found += encounters
    return sorted(found, key=lambda one: one.at), [takeover for takeover, _ in attacked]


def _services(random: Random, day: int) -> Iterator[Encounter]:
    for number in range(SERVICES):
        for _ in range(40):
            at = BEGIN + (day + random.random()) * DAY_S
            service, operation = _OPERATIONS[
                (number * 7 + int(random.paretovariate(1.2)) - 1) % len(_OPERATIONS)
            ]
            place = (f"net-nat-{number % 3}", "IE")
            if number < 9:
                one = call(at, service, operation, f"p-service-{number}", place, "Boto3")
            else:
                # Sessions of a pipeline bear a new name each time; on day 18 it moves to another role.
                role = f"arn:aws:iam::111122223333:role/pipeline-{number}{'-new' if day >= 18 else ''}"
                session = f"p-pipeline-{number}-{day}-{random.randrange(4)}"
                one = call(
                    at,
                    service,
                    operation,
                    session,
                    place,
                    "Terraform",
                    role=role,
                    principal_kind="AssumedRole",
                )
            yield Encounter(at, one)


def _invocations(random: Random, day: int) -> Iterator[Encounter]:
    for number in range(FUNCTIONS):
        for _ in range(60):
            at = BEGIN + (day + random.random()) * DAY_S
            region = OTHER_REGION if day == 24 else REGION
            more: dict[str, object] = {"target": f"function-{number}", "data_event": True}
            if number % 3 == 0:
                one = call(at, "Lambda", "Invoke", "p-states", ("", ""), "states.amazonaws.com", **more)
                one = ApiCall(
                    one.event_id, at, ACCOUNT, region, "Lambda", "Invoke", principal_kind="AWSService",
                    source_service="states.amazonaws.com", user_agent="states.amazonaws.com", data_event=True,
                )  # fmt: skip
            else:
                place = (f"net-nat-{number % 3}", "IE")
                one = call(at, "Lambda", "Invoke", f"p-service-{number}", place, "Boto3", **more)
            yield Encounter(at, one, None, function(number, region))


class _Victim(NamedTuple):
    name: str
    country: str
    agents: Sequence[str]
    role: str


def _victims(random: Random, people: Sequence[Person], number: int) -> list[_Victim]:
    """Two of three are people."""
    ready = [
        _Victim(one.name, one.office[1], one.agents, "AWSReservedSSO_Dev")
        for one in people
        if one.from_day == 0
    ]
    services = [_Victim(f"p-service-{one}", "IE", ["Boto3"], "") for one in range(9)]
    third = number // 3
    return [*random.sample(ready, number - third), *random.sample(services, third)]


def _takeover(random: Random, victim: _Victim) -> tuple[Takeover, list[Encounter]]:
    """From elsewhere, with another program mostly, doing what a thief does."""
    name, country, agents, role = victim
    is_abroad = random.random() < 0.8
    has_agent = not is_abroad or random.random() < 0.8
    other = [one for one in ("aws-cli", "Boto3", "Pacu", "Go", "Python requests") if one not in agents]
    place = (
        f"net-thief-{random.randrange(10_000)}",
        random.choice(("RU", "KP", "BR")) if is_abroad else country,
    )
    at = BEGIN + random.uniform(15, DAYS - 1) * DAY_S
    takeover, found = Takeover(name, at), []
    chosen = random.sample(_RECON, random.randrange(6, 14))
    more = {"role": f"arn:aws:iam::111122223333:role/{role}", "principal_kind": "AssumedRole"} if role else {}
    program = random.choice(other) if has_agent else agents[0]
    for service, operation in chosen:
        at += random.expovariate(1 / 90)
        found.append(Encounter(at, call(at, service, operation, name, place, program, **more)))
    return takeover, found
