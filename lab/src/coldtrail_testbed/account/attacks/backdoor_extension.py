"""A backdoor as an extension: it runs beside the function, and no tracing of the function sees its calls."""

from collections.abc import Iterator
from random import Random

from coldtrail_testbed.account.attacks.layers import add_layer
from coldtrail_testbed.account.attacks.means import some_means
from coldtrail_testbed.account.attacks.model import AccountAttack, Burglar, Target, operation
from coldtrail_testbed.applications.model import Grant
from coldtrail_testbed.attacks.implants import UNTIL_THE_END, afterwards, looking_around_untraced
from coldtrail_testbed.attacks.locating import the_invocation
from coldtrail_testbed.attacks.model import Attack, Place

EXTENSION = "metrics-agent"
_SUMMARY = "gets an extension, whose calls with the function's role no trace shows"


def _add(burglar: Burglar, target: Target, generator: Random) -> Iterator[float]:
    who = some_means(burglar, generator)
    yield from add_layer(burglar, who, target.function, EXTENSION, generator, extensions=[EXTENSION])


def _place(function: str) -> Place:
    grants = [Grant(("s3:ListAllMyBuckets",), "*"), Grant(("dynamodb:ListTables",), "*")]
    behave = afterwards(looking_around_untraced)
    return Place(function, behave, the_invocation, UNTIL_THE_END, grants=grants)


_PLACES = {"airline": _place("CollectPayment"), "vod": _place("profiler")}
ATTACK = AccountAttack(
    name="backdoor_extension",
    summary=_SUMMARY,
    targets={application: Target(place.function) for application, place in _PLACES.items()},
    campaign=_add,
    decisive=operation("UpdateFunctionConfiguration"),
    implant=Attack("backdoor_extension", _SUMMARY, _PLACES),
)
