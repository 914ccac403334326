"""Every hook into the insides of moto (pinned to 5.2.5), in one place.

Each hook replaces one name of moto for as long as `installed` is entered. What a hook relies on is tested in
`tests/testbed/moto_hooks`, one test a hook: they fail first when moto changes.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from moto.moto_api._internal import mock_random
from moto.moto_api._internal.models import moto_api_backend

from coldtrail_testbed.cloud.moto_hooks import (
    executions,
    functions,
    memory,
    objects,
    queues,
    requests,
    rules,
    states,
    tables,
    topics,
    virtual_time,
)
from coldtrail_testbed.cloud.moto_hooks.events import CloudEvents
from coldtrail_testbed.cloud.moto_hooks.queues import take_messages
from coldtrail_testbed.cloud.moto_hooks.replacing import replacing
from coldtrail_testbed.cloud.moto_hooks.rules import matching_functions

__all__ = ["CloudEvents", "installed", "matching_functions", "take_messages"]

_SERVICES = (executions, functions, objects, queues, rules, topics, virtual_time)


@contextmanager
def installed(events: CloudEvents, endpoint: str, seed: int) -> Iterator[None]:
    """A context in which a fresh, seeded moto answers at `endpoint` and reports to `events`."""
    moto_api_backend.reset()
    mock_random.seed(seed)
    with ExitStack() as stack:
        replace = replacing(stack)
        stack.enter_context(executions.executed())
        for service in _SERVICES:
            service.install(replace, events)
        states.install(replace, events, endpoint)
        memory.install(replace)
        requests.install(replace)
        tables.install(replace)
        try:
            yield
        finally:
            moto_api_backend.reset()
