"""The pipeline's access key is rotated: an administrator makes a new one, then the old one goes."""

from collections.abc import Iterator
from dataclasses import replace
from math import inf
from typing import Any

from coldtrail_testbed.account.console import sign_in
from coldtrail_testbed.look_alikes.model import LookAlike, Stage, Window
from coldtrail_testbed.telemetry.cloudtrail_identities import unique_id

_HOURS = (8.0, 14.0)
_PAUSE_S = (60.0, 900.0)


def _begin(stage: Stage) -> Window:
    begin = stage.account.at_work(stage.generator, _HOURS)
    new = unique_id("AKIA", f"rotation {begin}")
    stage.later(begin, lambda: stage.account.go_on(_rotate(stage, new)))
    return Window(begin, inf, (), {"user": "release-pipeline", "new_key": new})


def _rotate(stage: Stage, new: str) -> Iterator[float]:
    account = stage.account
    administrator = next(person for person in account.people if person.is_administrator)
    office = account.offices[administrator.name]
    who = administrator.session(administrator.sits_at(office), stage.now(), console=True)
    old, user = account.pipeline, {"userName": account.pipeline.name}
    sign_in(account, who)
    yield 20.0
    created = {"accessKeyId": new, "status": "Active", **user}
    account.act(who, "iam", "ListAccessKeys", user)
    account.act(who, "iam", "CreateAccessKey", user, {"accessKey": created})
    account.pipeline = replace(old, access_key=new)
    yield stage.generator.uniform(*_PAUSE_S)
    account.release(stage.generator.sample(account.functions, 1))
    yield stage.generator.uniform(*_PAUSE_S)
    key: dict[str, Any] = {**user, "accessKeyId": old.access_key}
    account.act(who, "iam", "UpdateAccessKey", {**key, "status": "Inactive"})
    account.act(who, "iam", "DeleteAccessKey", key)


LOOK_ALIKE = LookAlike("key_rotation", "the pipeline's access key is rotated", _begin, of_account=True)
