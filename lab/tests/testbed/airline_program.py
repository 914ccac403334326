"""Runs the airline's handlers against moto and prints what came of it; test_airline_handlers.py starts it."""

import json
import os
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import boto3
from moto import mock_aws

from coldtrail_testbed.applications.airline import APPLICATION, names

_HANDLERS = "coldtrail_testbed.applications.airline.handlers"
_NOW = datetime.now(UTC)
_OLD = (_NOW - timedelta(hours=1, minutes=30)).isoformat()
_YOUNG = (_NOW - timedelta(minutes=1)).isoformat()


def _module(name: str) -> Any:
    return import_module(f"{_HANDLERS}.{name}")


def _table(name: str) -> Any:
    return boto3.resource("dynamodb").Table(name)


def _deploy() -> None:
    os.environ.pop("AWS_ENDPOINT_URL", None)
    dynamodb = boto3.client("dynamodb")
    for table in APPLICATION.tables:
        keys = [(table.hash_key, "HASH")] + ([(table.range_key, "RANGE")] if table.range_key else [])
        indexes = [[(index.hash_key, "HASH"), (index.range_key, "RANGE")] for index in table.indexes]
        attributes = sorted({name for schema in [keys, *indexes] for name, _ in schema})
        options: dict[str, Any] = {}
        if indexes:
            options["GlobalSecondaryIndexes"] = [
                {
                    "IndexName": index.name,
                    "KeySchema": _schema(schema),
                    "Projection": {"ProjectionType": "ALL"},
                }
                for index, schema in zip(table.indexes, indexes, strict=True)
            ]
        dynamodb.create_table(
            TableName=table.name,
            KeySchema=_schema(keys),
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in attributes],
            BillingMode="PAY_PER_REQUEST",
            **options,
        )
    for bucket in APPLICATION.buckets:
        boto3.client("s3").create_bucket(Bucket=bucket)
    for name, value in APPLICATION.parameters.items():
        boto3.client("ssm").put_parameter(Name=name, Value=value, Type="String")


def _schema(keys: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in keys]


def _states(table: str) -> dict[str, str]:
    return {item["id"]: item["status"] for item in _table(table).scan()["Items"]}


def _objects(bucket: str) -> dict[str, str]:
    s3 = boto3.client("s3")
    listed = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    return {
        each["Key"]: s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read().decode() for each in listed
    }


def _sweep() -> dict[str, Any]:
    bookings = _table(names.BOOKING_TABLE)
    for flight in ("TLV-LHR", "TLV-CDG"):
        _table(names.FLIGHT_TABLE).put_item(Item={"id": flight, "seatCapacity": 5, "ticketPrice": 100})
    for identifier, status, created, flight in (
        ("old", "UNCONFIRMED", _OLD, "TLV-LHR"),
        ("young", "UNCONFIRMED", _YOUNG, "TLV-CDG"),
        ("old-confirmed", "CONFIRMED", _OLD, "TLV-CDG"),
    ):
        item = {"id": identifier, "status": status, "createdAt": created, "bookingOutboundFlightId": flight}
        bookings.put_item(Item=item)
    cancelled = _module("cancel_booking").handler({"task": "sweep", "olderThanMinutes": 30}, None)
    seats = {item["id"]: int(item["seatCapacity"]) - 5 for item in _table(names.FLIGHT_TABLE).scan()["Items"]}
    return {"cancelled": cancelled, "states": _states(names.BOOKING_TABLE), "freed_seats": seats}


def _confirm_meanwhile() -> dict[str, Any]:
    item = {"id": "old-confirmed", "bookingOutboundFlightId": "TLV-CDG"}
    cancelled = _module("cancel_booking")._expire(item)
    return {"cancelled": cancelled, "status": _states(names.BOOKING_TABLE)["old-confirmed"]}


def _reconcile() -> dict[str, Any]:
    for identifier, status, created in (
        ("old", "AUTHORISED", _OLD),
        ("young", "AUTHORISED", _YOUNG),
        ("old-captured", "CAPTURED", _OLD),
    ):
        _table(names.PAYMENT_TABLE).put_item(Item={"id": identifier, "status": status, "createdAt": created})
    _module("capture_payment").handler({"task": "reconcile", "olderThanMinutes": 30}, None)
    reports = [json.loads(report) for report in _objects(names.REPORT_BUCKET).values()]
    return {"states": _states(names.PAYMENT_TABLE), "reports": reports}


def _export() -> dict[str, Any]:
    ingest = _module("ingest_loyalty")
    old = {"id": "old", "customerId": "customer-0", "points": 5, "flag": "active", "date": _OLD}
    _table(names.LOYALTY_TABLE).put_item(Item=old)
    messages = [json.dumps({"customerId": f"customer-{number}", "price": 90}) for number in (1, 2)]
    ingest.handler({"Records": [{"Sns": {"Message": message}} for message in messages]}, None)
    count = ingest.handler({"task": "export", "lastMinutes": 60}, None)
    (lines,) = _objects(names.EXPORT_BUCKET).values()
    return {"count": count, "lines": [json.loads(line) for line in lines.splitlines()]}


def _capture() -> dict[str, Any]:
    results = {}
    for charge, status in (("good", "AUTHORISED"), ("uncovered", "UNCOVERED")):
        _table(names.PAYMENT_TABLE).put_item(Item={"id": charge, "status": status, "createdAt": _YOUNG})
        event = {"body": json.dumps({"chargeId": charge})}
        response = _module("capture_payment").handler(event, None)
        audit = json.loads(_objects(names.AUDIT_BUCKET)[f"captures/{charge}.json"])
        del audit["time"]
        results[charge] = {"status": response["statusCode"], "audit": audit}
    return results


def _refund() -> list[int]:
    statuses = []
    for number in range(100):
        _table(names.PAYMENT_TABLE).put_item(Item={"id": str(number), "status": "CAPTURED"})
        event = {"body": json.dumps({"chargeId": str(number)})}
        statuses.append(_module("refund_charge").handler(event, None)["statusCode"])
    return statuses


def _record() -> dict[str, Any]:
    for setting, value in (("failureShare", 0), ("rejectionShare", 0), ("referenceBytes", 4)):
        item = {"function": "ConfirmBooking", "setting": setting, "value": value}
        _table(names.CONFIGURATION_TABLE).put_item(Item=item)
    result = _module("confirm_booking_with_record").handler({"bookingId": "young"}, None)
    record = _table(names.BOOKING_TABLE).get_item(Key={"id": "confirmation-young"})["Item"]
    return {"same_reference": record["bookingReference"] == result["bookingReference"]}


def _list_flights() -> list[dict[str, Any]]:
    full = {"id": "TLV-JFK", "seatCapacity": 0, "ticketPrice": 100}
    _table(names.FLIGHT_TABLE).put_item(Item=full)
    _module("search_flights").handler({"task": "list"}, None)
    flights: list[dict[str, Any]] = json.loads(_objects(names.ASSETS_BUCKET)["flights.json"])
    return sorted(flights, key=lambda flight: str(flight["id"]))


@mock_aws
def main() -> None:
    """None; the results are printed as JSON."""
    _deploy()
    results = {
        "sweep": _sweep(),
        "second_sweep": _module("cancel_booking").handler({"task": "sweep", "olderThanMinutes": 30}, None),
        "confirmed_meanwhile": _confirm_meanwhile(),
        "reconcile": _reconcile(),
        "export": _export(),
        "capture": _capture(),
        "refunds": _refund(),
        "record": _record(),
        "flights": _list_flights(),
    }
    print(json.dumps(results))


if __name__ == "__main__":
    main()
