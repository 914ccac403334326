"""Whose credentials made a call: a function's, as far as the audit log tells.

In this order: what the record says that the credentials were issued to; what was issued with the same access
key before; the session's name, where the call says that it comes from inside a function.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from coldtrail.records.identity import FunctionKey
from coldtrail.records.witnesses import ApiCall

PLATFORM = "lambda.amazonaws.com"
"""The service that takes on a function's role, and hands the function the credentials."""
KEY_LASTS_S = 36 * 3600.0
"""How long credentials of a role last at most:
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html."""
MOST_KEYS = 100_000
"""Of which it is remembered whose they are; the first that was told of is forgotten first."""
_PARTS = 7


class Named(NamedTuple):
    """A function as other witnesses than traces name it; parts that they do not tell are empty."""

    account: str
    region: str
    name: str
    version: str = ""

    def may_be(self, other: Named) -> bool:
        """Whether both are one function, as far as they are told."""
        return (
            self.name == other.name
            and (not self.account or not other.account or self.account == other.account)
            and (not self.region or not other.region or self.region == other.region)
        )

    def is_of(self, key: FunctionKey) -> bool:
        """Whether it is the function of a flow, or may be."""
        return self.may_be(Named(key.account, key.region, key.function))


@lru_cache(maxsize=8_192)
def named_by(address: str) -> Named:
    """The function that a name or an ARN (`arn:aws:lambda:eu-west-1:123456789012:function:pay:7`) tells."""
    parts = address.split(":")
    if len(parts) < _PARTS or parts[0] != "arn":
        return Named("", "", address.partition(":")[0])
    return Named(parts[4], parts[3], parts[6], parts[_PARTS] if len(parts) > _PARTS else "")


class Functions:
    """Remembers which function each access key was issued to."""

    def __init__(self) -> None:
        self._issued: dict[str, tuple[float, Named]] = {}

    def learn(self, call: ApiCall) -> None:
        """Takes what a call tells of an access key."""
        key, function = call.access_key, None
        if call.issued_key is not None and call.session_function and call.invoked_by == PLATFORM:
            key, function = call.issued_key, Named(call.account, "", call.session_function)
        elif call.credentials_of is not None:
            function = named_by(call.credentials_of)
        if key is None or function is None:
            return
        known = self._issued.get(key)
        told = call.time, function
        if known is None or told < known:
            self._issued[key] = told
            if len(self._issued) > MOST_KEYS:
                del self._issued[next(iter(self._issued))]

    def of(self, call: ApiCall) -> Named | None:
        """The function that the call was made by, None where a person or a service made it."""
        if call.credentials_of is not None:
            return named_by(call.credentials_of)
        known = self._issued.get(call.access_key or "")
        if known is not None and known[0] <= call.time:
            return known[1]
        if call.session_function and call.issued_key is None:
            return Named(call.principal_account or call.account, "", call.session_function)
        return None

    @staticmethod
    def may_be_told(call: ApiCall) -> bool:
        """Whether what comes later may tell that a function made the call."""
        return call.access_key is not None and call.principal_kind == "AssumedRole"

    def forget(self, before: float) -> None:
        """Lets go of keys that cannot be in use any more."""
        old = [key for key, (time, _) in self._issued.items() if time < before - KEY_LASTS_S]
        for key in old:
            del self._issued[key]

    def state(self) -> dict[str, tuple[float, Named]]:
        """What is remembered."""
        return self._issued

    def restore(self, state: dict[str, tuple[float, Named]]) -> None:
        """Go on from what `state` gave."""
        self._issued = dict(state)
