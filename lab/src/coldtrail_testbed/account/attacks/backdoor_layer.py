"""A backdoored layer: a function gets a layer, whose code reads a secret in each run."""

from collections.abc import Iterator
from random import Random

from coldtrail_testbed.account.attacks.layers import add_layer
from coldtrail_testbed.account.attacks.means import some_means
from coldtrail_testbed.account.attacks.model import AccountAttack, Burglar, Target, operation
from coldtrail_testbed.applications.airline.names import PROVIDER_SECRET
from coldtrail_testbed.applications.model import Grant
from coldtrail_testbed.applications.vod.names import PARTNER_SECRET
from coldtrail_testbed.attacks.implants import UNTIL_THE_END, afterwards, reading_secret
from coldtrail_testbed.attacks.locating import calls_of
from coldtrail_testbed.attacks.model import Attack, Place
from coldtrail_testbed.cloud.identifiers import secret_arn

_SUMMARY = "gets a layer, whose code reads a secret in each run"


def _add(burglar: Burglar, target: Target, generator: Random) -> Iterator[float]:
    yield from add_layer(
        burglar, some_means(burglar, generator), target.function, "requests-py311", generator
    )


def _place(function: str, secret: str) -> Place:
    grant = Grant(("secretsmanager:GetSecretValue",), secret_arn(secret))
    locate = calls_of("secretsmanager", "GetSecretValue")
    return Place(function, afterwards(reading_secret(secret)), locate, UNTIL_THE_END, grants=[grant])


_PLACES = {
    "airline": _place("ReserveBooking", PROVIDER_SECRET),
    "vod": _place("output-validate", PARTNER_SECRET),
}
ATTACK = AccountAttack(
    name="backdoor_layer",
    summary=_SUMMARY,
    targets={application: Target(place.function) for application, place in _PLACES.items()},
    campaign=_add,
    decisive=operation("UpdateFunctionConfiguration"),
    implant=Attack("backdoor_layer", _SUMMARY, _PLACES),
)
