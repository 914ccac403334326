"""The booking process in the Amazon States Language."""

from typing import Any

from coldtrail_testbed.applications.airline import names
from coldtrail_testbed.applications.model import Grant
from coldtrail_testbed.cloud.identifiers import function_arn, queue_arn, queue_url, table_arn

State = dict[str, Any]

_TASKS = (
    "ReserveBooking",
    "CollectPayment",
    "ConfirmBooking",
    "NotifyBooking",
    "RefundPayment",
    "CancelBooking",
)
BOOKING_GRANTS = (
    *(Grant(("lambda:InvokeFunction",), function_arn(task)) for task in _TASKS),
    Grant(("dynamodb:UpdateItem",), table_arn(names.FLIGHT_TABLE)),
    Grant(("sqs:SendMessage",), queue_arn(names.DEAD_LETTER_QUEUE)),
)


def booking_process() -> State:
    """The definition of the state machine ProcessBooking."""
    return {
        "Comment": "Reserves, collects the payment, confirms; undoes it all when a step fails.",
        "StartAt": "Reserve Flight",
        "States": {**_success(), **_failure()},
    }


def _success() -> State:
    return {
        "Reserve Flight": {
            **_seats("seatCapacity - :one", "seatCapacity > :zero"),
            **_catch("Notify Booking Failed"),
            "Next": "Reserve Booking",
        },
        "Reserve Booking": {
            **_function("ReserveBooking", "$.reservation"),
            **_retry("BookingReservationException"),
            **_catch("Cancel Booking"),
            "Next": "Collect Payment",
        },
        "Collect Payment": {
            **_function("CollectPayment", "$.payment"),
            **_catch("Cancel Booking"),
            "Next": "Confirm Booking",
        },
        "Confirm Booking": {
            **_function("ConfirmBooking", "$.confirmation"),
            **_retry("BookingConfirmationException"),
            **_catch("Refund Payment"),
            "Next": "Notify Booking Confirmed",
        },
        "Notify Booking Confirmed": {
            **_function("NotifyBooking", "$.notification"),
            **_catch("Booking DLQ"),
            "Next": "Booking Confirmed",
        },
        "Booking Confirmed": {"Type": "Pass", "End": True},
    }


def _failure() -> State:
    return {
        "Refund Payment": {
            **_function("RefundPayment", "$.refund"),
            **_catch("Notify Booking Failed"),
            "Next": "Cancel Booking",
        },
        "Cancel Booking": {
            **_function("CancelBooking", "$.cancellation"),
            **_retry("BookingCancellationException"),
            **_catch("Notify Booking Failed"),
            "Next": "Release Flight Seat",
        },
        "Release Flight Seat": {
            **_seats("seatCapacity + :one", "seatCapacity >= :zero"),
            **_catch("Notify Booking Failed"),
            "Next": "Notify Booking Failed",
        },
        "Notify Booking Failed": {
            **_function("NotifyBooking", "$.notification"),
            **_catch("Booking DLQ"),
            "Next": "Booking DLQ",
        },
        "Booking DLQ": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Parameters": {"QueueUrl": queue_url(names.DEAD_LETTER_QUEUE), "MessageBody.$": "$"},
            "Next": "Booking Failed",
        },
        "Booking Failed": {"Type": "Fail", "Error": "BookingFailed"},
    }


def _function(name: str, result_path: str) -> State:
    return {"Type": "Task", "Resource": function_arn(name), "ResultPath": result_path}


def _seats(expression: str, condition: str) -> State:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:updateItem",
        "Parameters": {
            "TableName": names.FLIGHT_TABLE,
            "Key": {"id": {"S.$": "$.outboundFlightId"}},
            "UpdateExpression": f"SET seatCapacity = {expression}",
            "ExpressionAttributeValues": {":one": {"N": "1"}, ":zero": {"N": "0"}},
            "ConditionExpression": condition,
        },
        "ResultPath": None,
    }


def _retry(error: str) -> State:
    retry = {"ErrorEquals": [error], "IntervalSeconds": 1, "BackoffRate": 2, "MaxAttempts": 2}
    return {"Retry": [retry]}


def _catch(next_state: str) -> State:
    return {"Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": next_state}]}
