"""What leads from one trace to another."""

from __future__ import annotations

from msgspec import Struct


class TraceLink(Struct, frozen=True, gc=False, array_like=True):
    """What is told of a run that took up what another trace left: a message that was sent there and got here.

    Either side tells some of it: who took it up knows the queue, who left it knows the function.
    """

    trace_id: str
    """Of the run that took it up."""
    link_id: str
    """Id of that run, or of its invocation."""
    from_trace_id: str
    kind: str | None = None
    """Through what it came, in the cloud's words: `AWS::SQS`."""
    name: str | None = None
    """The resource; raw."""
    caller: str | None = None
    """The function that left it."""
    time: float | None = None
    """When it was left or taken up."""
