"""An attack as data: where it strikes, what the infected function does, which events are the attack's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coldtrail_testbed.flows import Flow

Handler = Callable[[Any, Any], Any]
Behaviour = Callable[[Handler, Any, Any], Any]


@dataclass(frozen=True)
class Place:
    """The function of one application that an attack infects.

    `behave(ordinary_handler, event, context)` runs inside the function's process. `locate(flow)` returns the
    ids of the injected or changed events, none when the invocation ended before the attack began.
    """

    function: str
    behave: Behaviour
    locate: Callable[[Flow], Sequence[str]]


@dataclass(frozen=True)
class Attack:
    """An attack and its place in each application, by the application's name."""

    name: str
    summary: str
    places: Mapping[str, Place]
