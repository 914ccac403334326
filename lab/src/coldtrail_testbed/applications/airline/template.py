"""What the airline consists of."""

from typing import Any

from coldtrail_testbed.applications.airline import names
from coldtrail_testbed.applications.airline.functions import FUNCTIONS, LATER, handler_path
from coldtrail_testbed.applications.airline.network import FLIGHTS
from coldtrail_testbed.applications.airline.state_machine import BOOKING_GRANTS, booking_process
from coldtrail_testbed.applications.airline.users import airline_users, gap_between_users
from coldtrail_testbed.applications.model import (
    Application,
    Index,
    Route,
    Schedule,
    StateMachine,
    Subscription,
    Table,
    TableRoute,
)
from coldtrail_testbed.cloud.identifiers import api_host, state_machine_arn, topic_arn

BOOKING_FAILURE_SHARE = 0.03
BOOKING_REJECTION_SHARE = 0.03

_CONFIGURATION: dict[str, dict[str, float]] = {
    "ReserveBooking": {"failureShare": BOOKING_FAILURE_SHARE, "rejectionShare": BOOKING_REJECTION_SHARE},
    "CollectPayment": {"timeoutSeconds": 10, "highestAmount": 5000},
    "ConfirmBooking": {
        "failureShare": BOOKING_FAILURE_SHARE,
        "rejectionShare": BOOKING_REJECTION_SHARE,
        "referenceBytes": 4,
    },
}


def _settings() -> list[dict[str, Any]]:
    return [
        {"function": function, "setting": setting, "value": value}
        for function, settings in _CONFIGURATION.items()
        for setting, value in settings.items()
    ]


APPLICATION = Application(
    name="airline",
    summary="Airline booking: 12 functions behind two REST APIs, SNS, timed events and a state machine.",
    functions=FUNCTIONS,
    users=airline_users,
    gap=gap_between_users,
    # An evening, the night and the next morning: the paper's 800 visits include the quiet hours.
    first_hour=20,
    routes=[
        Route("airline", "POST", "/bookings", "ProcessBooking"),
        Route("airline", "GET", "/loyalty/{customerId}", "GetLoyalty"),
        Route(names.PAYMENTS_API, "POST", "/charge", "ChargePayment"),
        Route(names.PAYMENTS_API, "POST", "/capture", "CapturePayment"),
        Route(names.PAYMENTS_API, "POST", "/refund", "RefundCharge"),
    ],
    table_routes=[
        TableRoute(
            "airline",
            "GET",
            "/bookings/{customer}",
            names.BOOKING_TABLE,
            names.BOOKINGS_BY_CUSTOMER,
            "customer",
        )
    ],
    tables=[
        Table(names.FLIGHT_TABLE, items=FLIGHTS),
        Table(
            names.BOOKING_TABLE,
            indexes=[
                Index(names.BOOKINGS_BY_CUSTOMER, "customer", "createdAt"),
                Index(names.BOOKINGS_BY_STATUS, "status", "createdAt"),
            ],
        ),
        Table(names.PAYMENT_TABLE, indexes=[Index(names.PAYMENTS_BY_STATUS, "status", "createdAt")]),
        Table(names.LOYALTY_TABLE, indexes=[Index(names.LOYALTY_BY_CUSTOMER, "customerId", "flag")]),
        Table(names.CONFIGURATION_TABLE, hash_key="function", range_key="setting", items=_settings()),
    ],
    topics=[names.BOOKING_TOPIC],
    subscriptions=[Subscription(names.BOOKING_TOPIC, "IngestLoyalty", {"Booking.Status": ["confirmed"]})],
    queues=[names.DEAD_LETTER_QUEUE],
    buckets=[names.ASSETS_BUCKET, names.AUDIT_BUCKET, names.REPORT_BUCKET, names.EXPORT_BUCKET],
    public_buckets=[names.ASSETS_BUCKET],
    parameters={names.PROVIDER_PARAMETER: "test-mode"},
    secrets={names.PROVIDER_SECRET: "not-a-key"},
    schedules=[
        Schedule("sweep-expired-bookings", 900, "CancelBooking", {"task": "sweep", "olderThanMinutes": 30}),
        Schedule("reconcile-payments", 1800, "CapturePayment", {"task": "reconcile", "olderThanMinutes": 30}),
        Schedule("export-loyalty", 3600, "IngestLoyalty", {"task": "export", "lastMinutes": 60}),
        Schedule("list-flights", 600, "SearchFlights", {"task": "list"}),
    ],
    state_machines=[StateMachine(names.PROCESS_BOOKING, booking_process(), BOOKING_GRANTS)],
    variables={
        "BOOKING_TABLE": names.BOOKING_TABLE,
        "FLIGHT_TABLE": names.FLIGHT_TABLE,
        "PAYMENT_TABLE": names.PAYMENT_TABLE,
        "LOYALTY_TABLE": names.LOYALTY_TABLE,
        "CONFIGURATION_TABLE": names.CONFIGURATION_TABLE,
        "ASSETS_BUCKET": names.ASSETS_BUCKET,
        "AUDIT_BUCKET": names.AUDIT_BUCKET,
        "REPORT_BUCKET": names.REPORT_BUCKET,
        "EXPORT_BUCKET": names.EXPORT_BUCKET,
        "BOOKING_TOPIC": topic_arn(names.BOOKING_TOPIC),
        "PROCESS_BOOKING_STATE_MACHINE": state_machine_arn(names.PROCESS_BOOKING),
        "PAYMENT_API_URL": f"http://{api_host(names.PAYMENTS_API)}/Prod",
        "PAYMENT_PROVIDER_PARAMETER": names.PROVIDER_PARAMETER,
    },
    releases={"ConfirmBooking": handler_path("confirm_booking_with_record")},
    later=LATER,
    partner=names.PAYMENTS_API,
    partner_callers=["CollectPayment", "RefundPayment"],
    iterations=800,
)
