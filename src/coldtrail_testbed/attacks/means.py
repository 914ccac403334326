"""What the attacks of a run need: misused permissions and buckets of the attacker's own."""

from collections.abc import Sequence
from dataclasses import replace

from coldtrail_testbed.applications.model import Application, Function, Grant
from coldtrail_testbed.attacks.model import Attack, Place


def with_means(application: Application, attacks: Sequence[Attack]) -> Application:
    """`application` with the attackers' buckets beside its own, and with roles that allow too much."""
    places = [attack.places[application.name] for attack in attacks]
    buckets = [bucket for place in places if isinstance(place, Place) for bucket in place.buckets]
    grants = [(place.function, tuple(place.grants)) for place in places]
    return replace(
        application,
        functions=[_with_grants(function, grants) for function in application.functions],
        buckets=list(dict.fromkeys([*application.buckets, *buckets])),
    )


def _with_grants(function: Function, grants: Sequence[tuple[str, tuple[Grant, ...]]]) -> Function:
    more = [grant for name, added in grants if name == function.name for grant in added]
    return replace(function, grants=list(dict.fromkeys([*function.grants, *more])))
