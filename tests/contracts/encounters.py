"""A fortnight of two functions and their callers, as detectors of signals see it: usual at first, strange in
the end."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from coldtrail.records.encounter import Encounter
from coldtrail.records.identity import FunctionKey
from coldtrail.records.window import Window
from coldtrail.records.witnesses import Access, ApiCall, Change, Network, Report

BEGIN = 1_700_000_000.0 - 1_700_000_000.0 % 60
ACCOUNT, REGION = "111122223333", "eu-west-1"
BUSY = FunctionKey(ACCOUNT, REGION, "shop", "pay")
TIMER = FunctionKey(ACCOUNT, REGION, "shop", "sweep")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/pay-role"
DAY_S = 86_400.0


def fortnight(seed: int = 1, days: float = 6.0, strange_days: float = 1.0) -> list[Encounter]:
    """All of it, by time; of the last days a part is strange."""
    random = Random(seed)
    end = BEGIN + (days + strange_days) * DAY_S
    found = [
        *_windows(random, end, BEGIN + days * DAY_S),
        *_invocations(random, end, BEGIN + days * DAY_S),
        *_changes(BEGIN + days * DAY_S),
    ]
    return sorted(found, key=lambda one: one.at)


def _windows(random: Random, end: float, strange: float) -> Iterator[Encounter]:
    start = BEGIN
    while start < end:
        number = random.randrange(4, 9) * (12 if start > strange and start % DAY_S < 1_800 else 1)
        told = Window(
            *BUSY, start_time=start, source="metrics", invocations=float(number), memory_mb_max=92.0
        )
        yield Encounter(start + 60.0, told, BUSY)
        if start % 600 == 0 and not strange < start < strange + 4 * 3_600:
            told = Window(*TIMER, start_time=start, source="metrics", invocations=1.0)
            yield Encounter(start + 60.0, told, TIMER)
        start += 60.0


def _invocations(random: Random, end: float, strange: float) -> Iterator[Encounter]:
    at, number = BEGIN, 0
    while at < end:
        at += random.expovariate(1 / 900.0)
        number += 1
        odd = at > strange and random.random() < 0.2
        address = "p-000000000000bad0" if odd else f"p-00000000000000{random.randrange(4):02d}"
        invoke = ApiCall(
            f"invoke-{number}", at, ACCOUNT, REGION, "Lambda", "Invoke", target="pay", principal="p-aaaa",
            principal_kind="AssumedRole", source_ip=address, user_agent="aws-cli" if odd else "Boto3",
            data_event=True, request_id=f"r-{number}",
        )  # fmt: skip
        yield Encounter(at, invoke, None, BUSY)
        call = ApiCall(
            f"call-{number}", at + 0.1, ACCOUNT, REGION, "S3", "PutObject",
            target="loot" if odd else "receipts",
            target_account="999988887777" if odd else ACCOUNT, access_key=f"p-key{int(at // 20_000)}",
            principal_kind="AssumedRole", role=ROLE, session_function=None if odd else "pay",
            source_ip=address if odd else "p-0000000000000001", user_agent="aws-cli" if odd else "Boto3",
            environment=None if odd else "AWS_Lambda_python3.11", data_event=True,
            bytes_in=random.randrange(900, 1_100) * (40 if odd else 1),
        )  # fmt: skip
        yield Encounter(at + 0.1, call, BUSY)
        report = Report(
            at + 0.3, f"r-{number}", "pay", account=ACCOUNT, region=REGION,
            version="2" if at > strange else "1", instance=f"i-{int(at // 7_000)}",
            duration_s=0.2 * (3 if odd else 1), billed_s=0.2, memory_mb=128.0,
            memory_used_mb=random.gauss(90, 1) * (1.3 if odd else 1),
        )  # fmt: skip
        yield Encounter(at + 0.3, report, BUSY)
        access = Access(
            at - 0.1, f"g-{number}", f"r-{number}", account=ACCOUNT, region=REGION, gateway="shop/prod",
            route="/pay", method="POST", principal="p-aaaa", source_ip=address, user_agent="Boto3",
        )  # fmt: skip
        yield Encounter(at - 0.1, access, None, BUSY)
        network = Network(
            at, at + 60.0, ACCOUNT, REGION, interface="eni-1", outgoing=True, remote=address,
            remote_place="public", port=443, bytes=5_000 * (100 if odd else 1),
        )  # fmt: skip
        yield Encounter(at + 60.0, network)
        asked = Network(at, at, ACCOUNT, REGION, vpc="vpc-1", domain="evil.example" if odd else "api.example")
        yield Encounter(at, asked)


def _changes(strange: float) -> Iterator[Encounter]:
    days = (strange - BEGIN) / DAY_S
    for number in range(int(days)):
        at = BEGIN + number * DAY_S + 36_000
        yield Encounter(at, _change(f"deploy-{number}", at, "p-pipeline", str(number)), None, BUSY)
    yield Encounter(strange + 5_000, _change("backdoor", strange + 5_000, "p-mallory", "66"), None, BUSY)


def _change(event_id: str, at: float, principal: str, version: str) -> Change:
    return Change(
        event_id, at, ACCOUNT, REGION, "pay", "UpdateFunctionCode", version=version, principal=principal,
        code_sha256=version * 8, access_key=f"{principal}-key",
    )  # fmt: skip
