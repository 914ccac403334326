"""Ways to find an attack's events in a flow, by what is known of its function's ordinary calls."""

from collections.abc import Sequence

from coldtrail_testbed.attacks.model import Locate
from coldtrail_testbed.flows import Flow


def the_invocation(flow: Flow) -> Sequence[str]:
    """The id of the Invocation, in whose own time the attack lies."""
    return [flow.invocation_id]


def nothing(_flow: Flow) -> Sequence[str]:
    """No id: the attack shows in no flow."""
    return []


def calls_of(service: str, *operations: str) -> Locate:
    """All calls of a service, named in lower case: of these operations, or of every one if none is given."""

    def locate(flow: Flow) -> Sequence[str]:
        return [
            call.event_id
            for call in flow.calls
            if call.service == service and (not operations or call.operation in operations)
        ]

    return locate


def calls_beyond(ordinary: int, operation: str) -> Locate:
    """The calls of `operation` after the first `ordinary` ones."""

    def locate(flow: Flow) -> Sequence[str]:
        return [call.event_id for call in flow.calls if call.operation == operation][ordinary:]

    return locate


def calls_on(resource: str) -> Locate:
    """The calls that touch a resource of this name."""

    def locate(flow: Flow) -> Sequence[str]:
        return [call.event_id for call in flow.calls if call.resource == resource]

    return locate
