"""What the airline consists of."""

from coldtrail_testbed.applications.airline.network import FLIGHTS
from coldtrail_testbed.applications.airline.state_machine import DEAD_LETTER_QUEUE, booking_process
from coldtrail_testbed.applications.airline.users import airline_users, gap_between_users
from coldtrail_testbed.applications.model import (
    Application,
    Function,
    Index,
    Route,
    StateMachine,
    Subscription,
    Table,
)
from coldtrail_testbed.cloud.identifiers import api_host, state_machine_arn, topic_arn

LEAK_BUCKET = "public-airline-assets"
BOOKING_FAILURE_SHARE = 0.03
BOOKING_REJECTION_SHARE = 0.03

_HANDLERS = "coldtrail_testbed.applications.airline.handlers"
_FUNCTIONS = {
    "ProcessBooking": "process_booking",
    "ReserveBooking": "reserve_booking",
    "CollectPayment": "collect_payment",
    "ConfirmBooking": "confirm_booking",
    "CancelBooking": "cancel_booking",
    "RefundPayment": "refund_payment",
    "NotifyBooking": "notify_booking",
    "IngestLoyalty": "ingest_loyalty",
    "GetLoyalty": "get_loyalty",
    "ChargePayment": "charge_payment",
    "CapturePayment": "capture_payment",
    "RefundCharge": "refund_charge",
}
_CONFIGURATION: dict[str, dict[str, float]] = {
    "ReserveBooking": {"failureShare": BOOKING_FAILURE_SHARE, "rejectionShare": BOOKING_REJECTION_SHARE},
    "CollectPayment": {"timeoutSeconds": 10, "highestAmount": 5000},
    "ConfirmBooking": {
        "failureShare": BOOKING_FAILURE_SHARE,
        "rejectionShare": BOOKING_REJECTION_SHARE,
        "referenceBytes": 4,
    },
}

APPLICATION = Application(
    name="airline",
    summary="Airline booking: 12 functions behind two REST APIs, SNS and a state machine.",
    functions=[Function(name, f"{_HANDLERS}.{module}.handler") for name, module in _FUNCTIONS.items()],
    users=airline_users,
    gap=gap_between_users,
    routes=[
        Route("airline", "POST", "/bookings", "ProcessBooking"),
        Route("airline", "GET", "/loyalty/{customerId}", "GetLoyalty"),
        Route("payments", "POST", "/charge", "ChargePayment"),
        Route("payments", "POST", "/capture", "CapturePayment"),
        Route("payments", "POST", "/refund", "RefundCharge"),
    ],
    tables=[
        Table("Flight", items=FLIGHTS),
        Table("Booking"),
        Table("Payment"),
        Table("LoyaltyData", indexes=[Index("customer-flag", "customerId", "flag")]),
        Table(
            "Configuration",
            hash_key="function",
            range_key="setting",
            items=[
                {"function": function, "setting": setting, "value": value}
                for function, settings in _CONFIGURATION.items()
                for setting, value in settings.items()
            ],
        ),
    ],
    topics=["BookingTopic"],
    subscriptions=[Subscription("BookingTopic", "IngestLoyalty", {"Booking.Status": ["confirmed"]})],
    queues=[DEAD_LETTER_QUEUE],
    buckets=[LEAK_BUCKET],
    parameters={"/payments/provider": "test-mode"},
    secrets={"airline/payment-provider-key": "not-a-key"},
    state_machines=[StateMachine("ProcessBooking", booking_process())],
    variables={
        "BOOKING_TOPIC": topic_arn("BookingTopic"),
        "PROCESS_BOOKING_STATE_MACHINE": state_machine_arn("ProcessBooking"),
        "PAYMENT_API_URL": f"http://{api_host('payments')}/Prod",
        "PAYMENT_PROVIDER_PARAMETER": "/payments/provider",
    },
)
