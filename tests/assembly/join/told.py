"""What witnesses of a few runs tell, made by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import inf
from typing import Any

from msgspec.structs import replace

from coldtrail.assembly.join.joining import Joining
from coldtrail.config import Settings
from coldtrail.features.lean import whole
from coldtrail.records.columns import AnyFlow
from coldtrail.records.flow import Flow
from coldtrail.records.tally import Tally
from coldtrail.records.witnesses import Access, ApiCall, Report, Witness
from coldtrail.testing import Call, make_flow

ACCOUNT, REGION = "111122223333", "eu-west-1"
ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:"
START = 1_795_000_000.0
GET: Call = ("GetItem", "DynamoDB", "Stock", 0.01)
PUT: Call = ("PutObject", "S3", "receipts", 0.02)


def flow(number: int = 0, calls: Iterable[Call] = (GET, PUT), *, start: float = START, **fields: Any) -> Flow:
    """A run that a trace tells of; its request id is `r` and its number."""
    plain: dict[str, Any] = {
        "account": ACCOUNT,
        "region": REGION,
        "request_id": f"r{number}",
        "witnesses": ("xray",),
    }
    trace = fields.pop("application_flow_id", f"trace-{number}")
    made = make_flow([*calls], flow_id=f"f{number:015x}", start=start, **plain | fields)
    return replace(made, application_flow_id=trace)


def report(number: int = 0, time: float = START + 0.05, **fields: Any) -> Report:
    """The report of the run's end."""
    plain: dict[str, Any] = {
        "time": time,
        "request_id": f"r{number}",
        "function_name": "Order",
        "memory_used_mb": 81.0,
        "duration_s": 0.0123,
        "billed_s": 0.013,
        "status": "success",
    }
    return Report(**plain | fields)


def invoke(number: int = 0, time: float = START, **fields: Any) -> ApiCall:
    """The call that began the run."""
    plain: dict[str, Any] = {
        "event_id": f"i{number}",
        "time": float(int(time)),
        "account": ACCOUNT,
        "region": REGION,
        "service": "Lambda",
        "operation": "Invoke",
        "digest": f"d-i{number}",
        "target": f"{ARN}Order",
        "request_id": f"r{number}",
        "principal": "p-alice",
        "principal_kind": "IAMUser",
        "access_key": "p-alices-key",
        "source_ip": "p-home",
        "user_agent": "aws-cli",
        "data_event": True,
    }
    return ApiCall(**plain | fields)


def call(
    event_id: str,
    time: float,
    service: str = "S3",
    operation: str = "PutObject",
    target: str | None = "receipts",
    **fields: Any,
) -> ApiCall:
    """A call that the function made, as the audit log tells it: to the second."""
    plain: dict[str, Any] = {
        "event_id": event_id,
        "time": float(int(time)),
        "account": ACCOUNT,
        "region": REGION,
        "digest": f"d-{event_id}",
        "access_key": "p-key",
        "principal": "p-role",
        "principal_kind": "AssumedRole",
        "principal_account": ACCOUNT,
        "session": "p-session",
        "session_function": "Order",
        "credentials_of": f"{ARN}Order:7",
    }
    return ApiCall(service=service, operation=operation, target=target, **plain | fields)


def access(number: int | None = 0, time: float = START, **fields: Any) -> Access:
    """The gateway's line of the request that the run answered."""
    plain: dict[str, Any] = {
        "time": time,
        "request_id": "g0",
        "function_request_id": None if number is None else f"r{number}",
        "gateway": "shop/prod",
        "route": "/orders",
        "method": "POST",
        "status": 200,
        "source_ip": "p-browser",
        "principal": "p-customer",
        "user_agent": "browser",
    }
    return Access(**plain | fields)


def joined(things: Iterable[AnyFlow | Witness], tally: Tally | None = None) -> list[Flow]:
    """All flows, by their start, once nothing more comes."""
    joining = Joining(Settings(), Tally() if tally is None else tally)
    assert joining.push([*things]) == []
    return [whole(one) for one in joining.advance(inf)]


def counts(things: Iterable[AnyFlow | Witness]) -> Counter[str]:
    """Where the witnesses went; what was read is the sum of all else."""
    tally = Tally()
    joined(things, tally)
    for kind in ("calls", "reports", "accesses"):
        other = [n for key, n in tally.counts.items() if key.startswith(f"{kind} ") and key != f"{kind} read"]
        assert sum(other) == tally.counts[f"{kind} read"], tally.counts
    return tally.counts
