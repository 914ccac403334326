"""What was given up is listed and can be tried again."""

from __future__ import annotations

import pytest

from coldtrail.errors import ConfigError
from coldtrail.records.delivery import Delivery, Message
from coldtrail.verbs.replaying import dead, replay
from tests.service.memory import MemoryDatabase

MESSAGE = Message("trigger", "k", "ct-a", None, "high", "Order", (), "Order", "shop", "", "", 0.0, 0.0, 1)


@pytest.fixture
def database() -> MemoryDatabase:
    made = MemoryDatabase()
    for id, state in (("cn-1", "dead"), ("cn-2", "dead"), ("cn-3", "due")):
        made.outbox[id] = Delivery(id, "slack", MESSAGE, state, attempts=9, next_at=99.0)  # type: ignore[arg-type]
    return made


def test_one_or_all_are_due_again(database: MemoryDatabase) -> None:
    assert [one.id for one in dead(database)[0]] == ["cn-1", "cn-2"]
    assert [(one.id, one.state, one.attempts) for one in replay(database, ["cn-2"])] == [("cn-2", "due", 0)]
    assert [one.id for one in replay(database, [], everything=True)] == ["cn-1"]
    assert dead(database)[0] == []


def test_what_was_not_given_up_is_refused(database: MemoryDatabase) -> None:
    for id in ("cn-3", "cn-", ""):
        with pytest.raises(ConfigError, match="was given up"):
            replay(database, [id])
