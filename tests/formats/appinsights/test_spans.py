from typing import Any

import pytest

from coldtrail.records.flow import Event
from tests.fixtures.witnesses import DEPENDENCY_ROW, REQUEST_ROW
from tests.formats.appinsights.test_parser import parse


def step_of(**changes: Any) -> Event:
    (step,) = parse(DEPENDENCY_ROW | changes).spans[0].steps
    return step


@pytest.mark.parametrize(
    ("changes", "name", "kind", "target"),
    [
        (
            {"DependencyType": "HTTP", "Name": "GET /items/7", "Target": "api.shop.example | shop"},
            "GET",
            "remote",
            "api.shop.example",
        ),
        (
            {"DependencyType": "Azure blob", "Name": "PUT acct/c", "Target": "acct.blob.core.windows.net"},
            "PUT",
            "remote",
            "acct.blob.core.windows.net",
        ),
        (
            {"DependencyType": "postgresql", "Target": "db.example | shop", "Data": "insert into x"},
            "INSERT",
            "PostgreSQL",
            "shop@db.example",
        ),
        (
            {
                "DependencyType": "Azure Service Bus",
                "Name": "Send",
                "Target": "ns.servicebus.windows.net/orders",
            },
            "send",
            "Service Bus",
            "orders",
        ),
        ({"DependencyType": "InProc", "Name": "Charge"}, "Charge", "function", None),
        (
            {"DependencyType": "gRPC", "Name": "/pay.Pay/Charge", "Target": "pay.example"},
            "Charge",
            "remote",
            "pay.example",
        ),
        (
            {"DependencyType": "Mystery", "Name": "x", "Target": "host.example"},
            "call",
            "remote",
            "host.example",
        ),
    ],
)
def test_what_a_dependency_is(changes: dict[str, Any], name: str, kind: str, target: str | None) -> None:
    step = step_of(**changes)
    assert (step.event_name, step.event_type, step.event_target_resource) == (name, kind, target)


@pytest.mark.parametrize(
    ("reason", "trigger"),
    [
        ("New queue message detected on 'orders'.", "azurequeue orders"),
        ("(null) New ServiceBus message detected on 'orders'.", "Service Bus orders"),
        ("Timer fired at 2026-11-30T12:00:00", "timer"),
        ("New blob detected(LogsAndContainerScan): receipts/a.pdf", "azureblob receipts"),
    ],
)
def test_what_triggered_a_function(reason: str, trigger: str) -> None:
    row = REQUEST_ROW | {"Url": None, "Properties": REQUEST_ROW["Properties"] | {"TriggerReason": reason}}
    assert parse(row).spans[0].trigger == trigger


def test_a_function_goes_by_its_full_name() -> None:
    row = REQUEST_ROW | {"Name": "POST /api/pay", "OperationName": "POST /api/pay"}
    assert parse(row).spans[0].function_name == "shop/Pay"
