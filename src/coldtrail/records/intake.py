"""What live sources promise to whoever reads them: where to go on, what was taken in, what it needs.

A *pull* source can be asked again: it resumes from a position that is stored together with what was made of
its documents. A *push* source cannot: what it is sent is acknowledged once it lies in the spool.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

from msgspec import Struct

from coldtrail.records.telemetry import Document


class Permission(Struct, frozen=True):
    """One thing that an account has to allow a source or a notifier."""

    actions: tuple[str, ...]
    """`s3:GetObject`"""
    resources: tuple[str, ...]
    """ARNs, with `*` where nothing narrower can be named."""
    why: str
    """For what, in a few words; told beside the policy."""


class Batch(Struct, frozen=True):
    """What one fetch gave, and where to go on once it is taken in."""

    documents: tuple[Document, ...]
    position: bytes
    """The source's own, as JSON; resuming from it gives what comes after these documents."""
    newest: float | None = None
    """When the newest of it was recorded, UTC epoch seconds, where the source knows; for the lag."""
    more: bool = False
    """Whether more is known to wait."""


class PullSource(Protocol):
    """A source that can be asked again; each has a thread of its own."""

    name: str
    """As the settings have it; positions are stored under it."""

    def resume(self, position: bytes) -> None:
        """Go on after a batch that was taken in; called at most once, before the first fetch.

        Raises `SourceError` where the position is of no use."""
        ...

    def fetch(self) -> Batch | None:
        """What comes next, waiting a few seconds at most; None where there is nothing now.

        Raises `SourceError`: a retryable one is tried again after a pause, any other stops this source."""
        ...

    def committed(self, position: bytes) -> None:
        """All up to this position is stored for good: messages may be deleted, memory let go.

        Called from the thread that fetches; raises what `fetch` raises, and is then called once more."""
        ...

    def tend(self) -> None:
        """Called every few seconds whether or not there is room for more: what is only lent (messages that
        another reader would get after a while) is kept from others until it is committed.

        Called from the thread that fetches; raises what `fetch` raises."""
        ...

    def close(self) -> None:
        """Lets go of connections; what was not committed comes again."""
        ...

    def needs(self) -> Sequence[Permission]:
        """What an account has to allow, for `init` and `doctor`."""
        ...


class Accept(Protocol):
    """How a push source hands over what it was sent, without holding up others."""

    async def __call__(self, source: str, payload: bytes) -> None:
        """Returns once the bytes lie on disk; raises `SpoolFullError` where there is no room: try later, and
        `StoreError` where the disk fails in another way."""
        ...

    def at_once(self, source: str, payload: bytes) -> bool:
        """For senders that cannot wait (UDP): whether there was room; it is on disk soon after."""
        ...


class PushSource(Protocol):
    """A source that is sent telemetry, in a process that only takes it in."""

    name: str

    async def serve(self, accept: Accept) -> None:
        """Takes in requests until it is cancelled; raises `SourceError` where it cannot listen."""
        ...


class SourceClass(Protocol):
    """What stands in the registry: a class with settings of its own."""

    Settings: ClassVar[type[Struct]]
    """The keys of its table in `[[source]]`, but for `kind`; unknown keys are forbidden."""
