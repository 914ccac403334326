"""RefundPayment: gives the money back through the payment provider."""

import os
from typing import Any

from coldtrail_testbed.applications.airline.handlers.tracing import traced

import requests  # isort: skip

_session = requests.Session()


class RefundException(Exception):  # noqa: N818 - named as in the state machine
    """The payment could not be refunded."""


@traced("## refund_payment")
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The provider's confirmation."""
    url = f"{os.environ['PAYMENT_API_URL']}/refund"
    answer = _session.post(url, json={"chargeId": event["chargeId"]}, timeout=10)
    if answer.status_code != 200:
        raise RefundException("the refund was refused")
    refund: dict[str, Any] = answer.json()
    return refund
