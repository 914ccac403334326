"""Two weeks of an account that a pipeline deploys to, for what comes after them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from math import inf
from typing import Any

from msgspec.structs import replace

from coldtrail.config import BaselineSettings
from coldtrail.detectors.changes import ChangesDetector
from coldtrail.records.change import Change
from coldtrail.records.encounter import Encounter
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Signal
from coldtrail.records.stage import State
from coldtrail.records.witnesses import ApiCall, Report

ACCOUNT, REGION, OTHER = "111122223333", "eu-west-1", "210987654321"
DAY_S = 86_400.0
BEGIN = 20_000 * DAY_S
DAYS = 14
NOW = BEGIN + DAYS * DAY_S + 11 * 3_600.0
NAMES = ("pay", "ship", "mail", "bill")
SHOP = tuple(FunctionKey(ACCOUNT, REGION, "shop", name) for name in NAMES)
PAY, SHIP = SHOP[:2]
BLOG = FunctionKey(ACCOUNT, REGION, "blog", "post")


def role_of(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


PIPELINE = {
    "principal": "p-pipeline", "principal_kind": "AssumedRole", "principal_role": role_of("ci"),
    "source_ip": "p-office", "user_agent": "Terraform", "access_key": "p-key-ci",
}  # fmt: skip
BLOGGER = {
    "principal": "p-blogger", "principal_kind": "IAMUser", "source_ip": "p-home", "user_agent": "aws-cli",
}  # fmt: skip
MALLORY = {
    "principal": "p-mallory", "principal_kind": "IAMUser", "source_ip": "p-bad", "user_agent": "Pacu",
    "access_key": "p-key-bad",
}  # fmt: skip


def change(
    at: float, key: FunctionKey | None = PAY, operation: str = "UpdateFunctionCode", **more: Any
) -> Encounter:
    told: dict[str, Any] = {"sets": ("code",) if operation == "UpdateFunctionCode" else (), **more}
    name = key.function if key is not None else ""
    number = f"{operation}-{name}-{at}-{more.get('principal')}"
    return Encounter(at, Change(number, at, ACCOUNT, REGION, name, operation, **told), None, key)


def call(at: float, who: dict[str, str], operation: str = "ListFunctions") -> Encounter:
    made = ApiCall(
        f"call-{at}", at, ACCOUNT, REGION, "Lambda", operation, principal=who["principal"],
        principal_kind=who["principal_kind"], role=who.get("principal_role"), source_ip=who["source_ip"],
        user_agent=who["user_agent"],
    )  # fmt: skip
    return Encounter(at, made)


def own_call(at: float, key: FunctionKey, role: str) -> Encounter:
    made = ApiCall(f"own-{key.function}-{at}", at, ACCOUNT, REGION, "S3", "PutObject", role=role_of(role))
    return Encounter(at, made, key)


def report(at: float, key: FunctionKey = PAY, *extensions: str) -> Encounter:
    kind = "extension" if extensions else "report"
    told = Report(at, f"r-{at}", key.function, kind=kind, extensions=extensions)  # type: ignore[arg-type]
    return Encounter(at, told, key)


def past(days: int = DAYS) -> Iterator[Encounter]:
    """Each day the pipeline deploys the shop, every third a person the blog; another person looks around."""
    for day in range(days):
        at = BEGIN + day * DAY_S + 10 * 3_600
        for key in SHOP:
            yield own_call(at - 50, key, f"{key.function}-role")
        yield report(at - 45)
        yield report(at - 45, PAY, "logs-agent")
        yield call(at - 40, {**BLOGGER, "principal": "p-oncall", "source_ip": "p-oncall-home"})
        for number, key in enumerate(SHOP):
            yield change(at + number, key, version=str(day), **PIPELINE)
        if day % 3 == 0:
            yield change(at + 3_600, BLOG, **BLOGGER)


@cache
def learned(days: int = DAYS) -> State:
    detector = ChangesDetector(BaselineSettings())
    detector.see(list(past(days)), BEGIN + days * DAY_S)
    return detector.snapshot()


def after(encounters: Iterable[Encounter], days: int = DAYS) -> list[Signal]:
    """What is told of these, after the two weeks."""
    detector = ChangesDetector(BaselineSettings())
    detector.restore(learned(days))
    return detector.see(sorted(encounters, key=lambda one: one.at), inf)


def kinds(signals: Sequence[Signal]) -> list[tuple[str, bool]]:
    return [(one.finding.kind, one.alone) for one in signals]


def failed(one: Encounter, error: str) -> Encounter:
    assert isinstance(one.what, Change)
    return Encounter(one.at, replace(one.what, error_code=error), one.actor, one.target)
