"""What moto remembers of everything that it ever made."""

from typing import Any

from moto.core.common_models import BaseModel
from moto.s3.models import FakeKey, FakeMultipart

from coldtrail_testbed.cloud.moto_hooks.replacing import Replace

# Moto closes the files of these when it is reset.
_CLOSED_AT_RESET = (FakeKey, FakeMultipart)


def install(replace: Replace) -> None:
    """None; an object that nothing refers to is gone."""
    replace(BaseModel, "__new__", staticmethod(_new))


def _new(kind: Any, *_arguments: Any, **_options: Any) -> Any:
    """Moto keeps each object for its own web page, copies of items too: memory must stay flat."""
    instance = object.__new__(kind)
    if issubclass(kind, _CLOSED_AT_RESET):
        kind.instances_tracked.append(instance)
    return instance
