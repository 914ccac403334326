"""Secret read: a secret is read that the function never reads."""

from functools import cache
from typing import Any

from coldtrail_testbed.applications.airline.names import PROVIDER_SECRET
from coldtrail_testbed.applications.model import Grant
from coldtrail_testbed.applications.vod.names import PARTNER_SECRET
from coldtrail_testbed.attacks.locating import calls_of
from coldtrail_testbed.attacks.model import Attack, Behaviour, Handler, Place
from coldtrail_testbed.cloud.identifiers import secret_arn


def _reading(secret: str) -> Behaviour:
    def read_secret(ordinary: Handler, event: Any, context: Any) -> Any:
        result = ordinary(event, context)
        _secrets_manager().get_secret_value(SecretId=secret)
        return result

    return read_secret


@cache
def _secrets_manager() -> Any:
    import boto3

    return boto3.client("secretsmanager")


def _place(function: str, secret: str) -> Place:
    return Place(
        function,
        _reading(secret),
        calls_of("secretsmanager", "GetSecretValue"),
        grants=[Grant(("secretsmanager:GetSecretValue",), secret_arn(secret))],
    )


ATTACK = Attack(
    name="secret_read",
    summary="reads a secret that it never reads",
    places={
        "airline": _place("ChargePayment", PROVIDER_SECRET),
        "vod": _place("sns-notification", PARTNER_SECRET),
    },
)
