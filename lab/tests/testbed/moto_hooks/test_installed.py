"""All hooks together."""

from contextlib import ExitStack
from typing import Any

import pytest
from moto.core.config import default_user_config
from moto.moto_api._internal import mock_random

from coldtrail_testbed.cloud import moto_hooks
from coldtrail_testbed.cloud.deployment import Clients
from coldtrail_testbed.cloud.identifiers import (
    topic_arn,
)
from coldtrail_testbed.cloud.moto_hooks.replacing import Replace, replacing

from .things import Events


def test_ids_follow_from_the_seed(client: Clients) -> None:
    ids = []
    for _ in range(2):
        mock_random.seed(5)
        ids.append(client("sns").publish(TopicArn=topic_arn("News"), Message="m")["MessageId"])
    assert ids[0] == ids[1]


def test_moto_is_as_before_when_the_hooks_are_gone(events: Events, monkeypatch: pytest.MonkeyPatch) -> None:
    before: list[tuple[Any, str, Any]] = []

    def noting(stack: ExitStack) -> Replace:
        replace = replacing(stack)

        def note(owner: Any, name: str, value: Any) -> None:
            before.append((owner, name, vars(owner)[name]))
            replace(owner, name, value)

        return note

    monkeypatch.setattr(moto_hooks, "replacing", noting)
    executes = default_user_config["stepfunctions"]
    with moto_hooks.installed(events, "http://127.0.0.1:9", seed=1):
        assert all(vars(owner)[name] is not original for owner, name, original in before)
        assert default_user_config["stepfunctions"] != executes
    assert len(before) > 20
    assert all(vars(owner)[name] is original for owner, name, original in before)
    assert default_user_config["stepfunctions"] == executes
