"""Days of a function that sends data, as the audit log and the platform tell of them."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from random import Random
from typing import Any

from coldtrail.config import BaselineSettings
from coldtrail.detectors.egress.detector import EgressDetector
from coldtrail.records.encounter import Encounter
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Signal
from coldtrail.records.witnesses import ApiCall, Change, Network, Report

BEGIN, DAY_S = 1_795_046_400.0, 86_400.0
ACCOUNT, OTHER, REGION = "111122223333", "999988887777", "eu-west-1"
PAY = FunctionKey(ACCOUNT, REGION, "shop", "pay")


def sent(at: float, target: str = "receipts", **fields: Any) -> Encounter:
    """A call of the function that moves data."""
    plain: dict[str, Any] = {
        "service": "S3", "operation": "PutObject", "target": target, "target_account": ACCOUNT,
        "access_key": "p-key", "principal": "p-pay", "principal_kind": "AssumedRole", "read_only": False,
        "bytes_in": 2_000,
    } | fields  # fmt: skip
    return Encounter(at, ApiCall(f"call-{at:.3f}", at, ACCOUNT, REGION, **plain), PAY)


def invoked(at: float, interface: str | None = None, key: FunctionKey = PAY) -> Encounter:
    call = ApiCall(
        f"invoke-{at:.3f}", at, ACCOUNT, REGION, "Lambda", "Invoke", target=key.function, interface=interface
    )
    return Encounter(at, call, None, key)


def measured(at: float, size: float) -> Encounter:
    report = Report(at, f"r-{at:.3f}", "pay", "insights", ACCOUNT, REGION, tx_bytes=size)
    return Encounter(at, report, PAY)


def went(at: float, **fields: Any) -> Encounter:
    plain: dict[str, Any] = {
        "interface": "eni-1", "vpc": "vpc-1", "outgoing": True, "remote": "p-partner",
        "remote_place": "public", "port": 443, "bytes": 5_000,
    } | fields  # fmt: skip
    return Encounter(at + 60.0, Network(at, at + 60.0, ACCOUNT, REGION, **plain))


def asked(at: float, domain: str) -> Encounter:
    return Encounter(at, Network(at, at, ACCOUNT, REGION, vpc="vpc-1", domain=domain))


def release(at: float) -> Encounter:
    change = Change(f"release-{at}", at, ACCOUNT, REGION, "pay", "UpdateFunctionCode")
    return Encounter(at, change, None, PAY)


def days(
    number: float, size: Callable[[float], float] = lambda at: 2_000.0, seed: int = 1
) -> list[Encounter]:
    """Benign days: a run each ten minutes or so, of sizes that vary."""
    random, at, found = Random(seed), BEGIN, list[Encounter]()
    while at < BEGIN + number * DAY_S:
        at += random.expovariate(1 / 600.0)
        bytes_in = int(size(at) * random.lognormvariate(0.0, 0.5))
        found += [invoked(at), sent(at + 0.1, bytes_in=bytes_in)]
    return found


def signals(*some: list[Encounter]) -> list[Signal]:
    encounters = sorted((one for part in some for one in part), key=lambda one: one.at)
    return EgressDetector(BaselineSettings()).see(encounters, inf)
