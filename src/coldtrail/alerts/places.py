"""Functions by name, with account and region where several occur: one name may stand for two functions.

Names are as the telemetry tells them: whoever shows them makes them safe (`phrases.plain`).
"""

from __future__ import annotations

from collections.abc import Iterable

from coldtrail.records.identity import FunctionKey

NOT_TOLD = "unknown"


class Places:
    """The accounts and regions of some functions, as far as these lie in different ones."""

    def __init__(self, keys: Iterable[FunctionKey]) -> None:
        different = set(keys)
        self._accounts = len({key.account for key in different}) > 1
        self._regions = len({key.region for key in different}) > 1

    @property
    def columns(self) -> tuple[str, ...]:
        """The heads of the columns that a table of the functions needs to tell them apart."""
        return ("Account",) * self._accounts + ("Region",) * self._regions

    def cells(self, key: FunctionKey) -> tuple[str, ...]:
        """What stands in these columns."""
        told = (key.account,) * self._accounts + (key.region,) * self._regions
        return tuple(part or NOT_TOLD for part in told)

    def name(self, key: FunctionKey) -> str:
        """The function's name: `Order`, or `Order (111122223333, eu-west-1)`."""
        told = ", ".join(self.cells(key))
        return f"{key.function} ({told})" if told else key.function

    def application(self, key: FunctionKey) -> str:
        """The application of a function: `shop`, or `shop, 111122223333`."""
        return ", ".join(filter(None, (key.application, *self.cells(key))))

    def full_name(self, key: FunctionKey) -> str:
        """The function's name and application: `Order (shop)`, or `Order (shop, 111122223333)`."""
        return f"{key.function} ({self.application(key)})"
