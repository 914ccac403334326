"""What every notifier is: one message to one channel, at least once, told apart by its key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol

from msgspec import Struct

from coldtrail.errors import ActionError
from coldtrail.records.delivery import Message
from coldtrail.records.intake import Permission


class DeliveryError(ActionError):
    """A message could not be delivered."""

    def __init__(self, message: str, *, retryable: bool, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retryable = retryable
        """Whether it may be taken later; else it is put aside at once."""
        self.retry_after_s = retry_after_s
        """What the channel asked for."""


class Notifier(Protocol):
    """Made by `Notifier(settings, environment)`: secrets come from the environment, by the names that the
    settings give; raises `ConfigError` where one is missing."""

    Settings: ClassVar[type[Struct]]
    """The keys of its table in `[[notify]]`, but for those that all channels have; no unknown ones."""
    digests: ClassVar[bool]
    """Whether it can tell a digest: what opens and resolves incidents cannot."""

    def __init__(self, settings: Any, environment: Mapping[str, str]) -> None: ...

    def send(self, message: Message) -> None:
        """Returns once the channel has taken the message, within half a minute; raises `DeliveryError`.

        Called from one thread at a time."""
        ...

    def needs(self) -> Sequence[Permission]:
        """What an account has to allow, for `init` and `doctor`."""
        ...
