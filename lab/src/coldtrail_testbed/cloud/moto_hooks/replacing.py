"""Names of moto that are replaced for a time."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

Replace = Callable[[Any, str, Any], None]
"""Sets `owner.name` to a value, until the hooks are gone."""


def replacing(stack: ExitStack) -> Replace:
    """A `Replace` whose originals are back when `stack` is closed."""

    def replace(owner: Any, name: str, value: Any) -> None:
        stack.callback(setattr, owner, name, vars(owner)[name])
        setattr(owner, name, value)

    return replace
