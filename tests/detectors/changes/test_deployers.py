from typing import Any

import pytest

from coldtrail.detectors.changes.deployers import who
from coldtrail.detectors.changes.memory import Memory
from coldtrail.detectors.changes.occasions import Made, Occasion
from coldtrail.records.identity import FunctionKey
from coldtrail.records.traits import Trait
from tests.detectors.changes.past import (
    ACCOUNT,
    BLOG,
    BLOGGER,
    MALLORY,
    NOW,
    PAY,
    PIPELINE,
    REGION,
    SHOP,
    change,
    learned,
    role_of,
)


def judged(who_: dict[str, str], *keys: FunctionKey, **more: Any) -> tuple[str | None, bool]:
    memory = Memory()
    memory.restore(learned())
    encounters = [change(NOW, key, **who_, **more) for key in keys]
    actor = who_.get("principal_role") or who_["principal"]
    memory.actors.meet(actor, NOW, who_["user_agent"], Trait("address", who_["source_ip"]))
    made = [Made(NOW, one.what, key) for one, key in zip(encounters, keys, strict=True)]  # type: ignore[arg-type]
    found = who(memory, Occasion(actor, NOW, NOW + 55, made), list(keys), NOW)
    return found.kind, found.alone


@pytest.mark.parametrize(
    ("who_", "keys", "kind"),
    [
        (PIPELINE, (PAY,), None),
        (PIPELINE, SHOP, None),
        (PIPELINE, (FunctionKey(ACCOUNT, REGION, "shop", "new"),), None),
        (PIPELINE, (FunctionKey(ACCOUNT, REGION, "new", "new"),), None),
        (PIPELINE, (BLOG,), "other_deployer"),
        (BLOGGER, (BLOG,), None),
        (MALLORY, (PAY,), "unknown_deployer"),
        (PIPELINE | {"principal_role": role_of("ci-2")}, SHOP, "moved_deployer"),
        (PIPELINE | {"principal_role": role_of("ci-2")}, SHOP[:2], "moved_deployer"),
        (PIPELINE | {"principal_role": role_of("ci-2")}, SHOP[:1], "unknown_deployer"),
        (PIPELINE | {"principal_role": role_of("ci-2"), "user_agent": "Pacu"}, SHOP[:2], "unknown_deployer"),
        (PIPELINE | {"principal_role": role_of("mail-role")}, SHOP, "changed_by_function"),
        (PIPELINE | {"source_ip": "p-bad"}, SHOP, "deployer_from_new_place"),
    ],
)  # fmt: skip
def test_whether_he_usually_changes_these(
    who_: dict[str, str], keys: tuple[FunctionKey, ...], kind: str | None
) -> None:
    assert judged(who_, *keys)[0] == kind


def test_only_changes_of_the_kinds_that_it_makes_are_those_of_a_pipeline_that_moved() -> None:
    moved = PIPELINE | {"principal_role": role_of("ci-2")}
    assert judged(moved, *SHOP, operation="AddPermission", sets=()) == ("unknown_deployer", True)
