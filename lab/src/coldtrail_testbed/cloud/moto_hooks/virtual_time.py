"""Moto's clock: its objects, messages and executions are as old as the virtual time says."""

from datetime import datetime, timezone, tzinfo
from types import SimpleNamespace
from typing import Any

import moto.core.utils as moto_core_utils
import moto.stepfunctions.parser.backend.execution as moto_execution
import moto.stepfunctions.parser.models as moto_states

from coldtrail_testbed.cloud.moto_hooks.events import CloudEvents
from coldtrail_testbed.cloud.moto_hooks.replacing import Replace


def install(replace: Replace, events: CloudEvents) -> None:
    """None; moto reads the time of `events`."""
    for module in (moto_core_utils, moto_states, moto_execution):
        replace(module, "datetime", _virtual_datetime(events))


def _virtual_datetime(events: CloudEvents) -> SimpleNamespace:
    """Stands for the module `datetime` where moto reads the time: its objects and messages have ours."""

    class VirtualDatetime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return datetime.fromtimestamp(events.now(), tz)

    return SimpleNamespace(datetime=VirtualDatetime, timezone=timezone)
