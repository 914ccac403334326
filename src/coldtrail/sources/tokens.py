"""Bearer tokens of those who may send, compared in constant time."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from coldtrail.errors import ConfigError

_SCHEME = b"bearer "
_LEAST_CHARS = 16


class Tokens:
    """The tokens that an environment variable holds, parted by spaces: two while they are changed."""

    def __init__(self, variable: str, environment: Mapping[str, str], where: str) -> None:
        """Raises `ConfigError` where the variable is not set, or holds what can be guessed."""
        held = environment.get(variable, "").split()
        if not held:
            raise ConfigError(
                f"{where} names the environment variable {variable!r}, which is not set; set it to the token "
                "that senders have to show."
            )
        if any(len(token) < _LEAST_CHARS for token in held):
            raise ConfigError(
                f"{where}: the token in the environment variable {variable!r} is short enough to be guessed; "
                f"give it {_LEAST_CHARS} characters or more."
            )
        self._held = tuple(token.encode("utf-8", "surrogateescape") for token in held)

    def allow(self, authorization: bytes) -> bool:
        """Whether the header shows one of the tokens; takes as long for a wrong one as for a right one."""
        if authorization[: len(_SCHEME)].lower() != _SCHEME:
            return False
        shown = authorization[len(_SCHEME) :].strip()
        return True in [hmac.compare_digest(shown, token) for token in self._held]
