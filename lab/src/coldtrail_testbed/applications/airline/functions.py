"""The airline's functions and what each one's role allows: exactly what its code calls."""

from coldtrail_testbed.applications.airline import names
from coldtrail_testbed.applications.model import Function, Grant
from coldtrail_testbed.cloud.identifiers import (
    bucket_arn,
    parameter_arn,
    state_machine_arn,
    table_arn,
    topic_arn,
)

_HANDLERS = "coldtrail_testbed.applications.airline.handlers"


def handler_path(module: str) -> str:
    """The dotted path of the handler in `module`."""
    return f"{_HANDLERS}.{module}.handler"


def _on_table(table: str, *actions: str) -> Grant:
    return Grant(tuple(f"dynamodb:{action}" for action in actions), table_arn(table))


def _on_index(table: str, index: str) -> Grant:
    return Grant(("dynamodb:Query",), f"{table_arn(table)}/index/{index}")


def _writes_to(bucket: str) -> Grant:
    return Grant(("s3:PutObject",), f"{bucket_arn(bucket)}/*")


_SETTINGS = _on_table(names.CONFIGURATION_TABLE, "Query")
_PROVIDER = Grant(("ssm:GetParameter",), parameter_arn(names.PROVIDER_PARAMETER))

FUNCTIONS = (
    Function(
        "ProcessBooking",
        handler_path("process_booking"),
        grants=[Grant(("states:StartExecution",), state_machine_arn(names.PROCESS_BOOKING))],
    ),
    Function(
        "ReserveBooking",
        handler_path("reserve_booking"),
        grants=[_SETTINGS, _on_table(names.BOOKING_TABLE, "PutItem")],
    ),
    Function("CollectPayment", handler_path("collect_payment"), grants=[_SETTINGS]),
    Function(
        "ConfirmBooking",
        handler_path("confirm_booking"),
        # PutItem is the next version's: it writes a confirmation record.
        grants=[_SETTINGS, _on_table(names.BOOKING_TABLE, "UpdateItem", "GetItem", "PutItem")],
    ),
    Function(
        "CancelBooking",
        handler_path("cancel_booking"),
        timeout_s=60,
        grants=[
            _on_table(names.BOOKING_TABLE, "UpdateItem"),
            _on_index(names.BOOKING_TABLE, names.BOOKINGS_BY_STATUS),
            _on_table(names.FLIGHT_TABLE, "UpdateItem"),
        ],
    ),
    Function("RefundPayment", handler_path("refund_payment")),
    Function(
        "NotifyBooking",
        handler_path("notify_booking"),
        memory_mb=128,
        grants=[Grant(("sns:Publish",), topic_arn(names.BOOKING_TOPIC))],
    ),
    Function(
        "IngestLoyalty",
        handler_path("ingest_loyalty"),
        timeout_s=60,
        grants=[_on_table(names.LOYALTY_TABLE, "PutItem", "Scan"), _writes_to(names.EXPORT_BUCKET)],
    ),
    Function(
        "GetLoyalty",
        handler_path("get_loyalty"),
        memory_mb=512,
        grants=[_on_index(names.LOYALTY_TABLE, names.LOYALTY_BY_CUSTOMER)],
    ),
    Function(
        "ChargePayment",
        handler_path("charge_payment"),
        grants=[_PROVIDER, _on_table(names.PAYMENT_TABLE, "PutItem")],
    ),
    Function(
        "CapturePayment",
        handler_path("capture_payment"),
        timeout_s=60,
        grants=[
            _PROVIDER,
            _on_table(names.PAYMENT_TABLE, "UpdateItem"),
            _on_index(names.PAYMENT_TABLE, names.PAYMENTS_BY_STATUS),
            _writes_to(names.AUDIT_BUCKET),
            _writes_to(names.REPORT_BUCKET),
        ],
    ),
    Function(
        "RefundCharge",
        handler_path("refund_charge"),
        grants=[_PROVIDER, _on_table(names.PAYMENT_TABLE, "UpdateItem")],
    ),
)

LATER = (
    Function(
        "SearchFlights",
        handler_path("search_flights"),
        grants=[_on_table(names.FLIGHT_TABLE, "Scan"), _writes_to(names.ASSETS_BUCKET)],
    ),
)
