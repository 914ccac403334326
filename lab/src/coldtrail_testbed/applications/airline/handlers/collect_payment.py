"""CollectPayment: captures the charge at the payment provider."""

import os
from typing import Any

from coldtrail_testbed.applications.airline.handlers.configuration import read_setting
from coldtrail_testbed.applications.airline.handlers.tracing import traced

import requests  # isort: skip

_session = requests.Session()


class PaymentException(Exception):  # noqa: N818 - named as in the state machine
    """The payment could not be collected."""


@traced("## collect_payment")
def collect(event: dict[str, Any], timeout_s: float) -> dict[str, Any]:
    """The provider's receipt."""
    url = f"{os.environ['PAYMENT_API_URL']}/capture"
    answer = _session.post(url, json={"chargeId": event["chargeId"]}, timeout=timeout_s)
    if answer.status_code != 200:
        raise PaymentException("the payment was declined")
    receipt: dict[str, Any] = answer.json()
    return receipt


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The provider's receipt and the price."""
    timeout_s = read_setting("CollectPayment", "timeoutSeconds")
    highest_amount = read_setting("CollectPayment", "highestAmount")
    if event["price"] > highest_amount:
        raise PaymentException("the amount is too high")
    return {**collect(event, timeout_s), "price": event["price"]}
