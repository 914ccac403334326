from math import inf
from typing import Any

import pytest

from coldtrail.config import BaselineSettings
from coldtrail.detectors.changes import ChangesDetector
from coldtrail.records.encounter import Encounter
from coldtrail.records.finding import Known
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Ref
from coldtrail.records.traits import Trait, Traits
from tests.detectors.changes.past import (
    ACCOUNT,
    BEGIN,
    BLOG,
    BLOGGER,
    DAY_S,
    DAYS,
    MALLORY,
    NOW,
    OTHER,
    PAY,
    PIPELINE,
    REGION,
    SHIP,
    SHOP,
    after,
    change,
    failed,
    kinds,
    learned,
    past,
    report,
    role_of,
)


def test_the_two_weeks_tell_of_releases_alone() -> None:
    detector = ChangesDetector(BaselineSettings())
    told = detector.see(list(past()), inf)
    assert {one.finding.kind for one in told} == {"release"}
    assert not any(one.alone or one.strength >= 1.0 for one in told)
    assert len(told) <= DAYS * 2


def test_a_stranger_who_changes_code_is_told_with_all_that_names_him() -> None:
    (signal,) = after([change(NOW, version="66", **MALLORY)])
    assert kinds([signal]) == [("unknown_deployer", True)]
    assert signal.finding.subject.function_name == "pay"
    assert signal.finding.seen == Trait("principal", "p-mallory")
    assert isinstance(signal.finding.expected, Known)
    assert signal.finding.expected.things[0].name == role_of("ci")
    assert (signal.principals, signal.credentials) == (("p-mallory",), ("p-key-bad",))
    assert (signal.version, signal.refs[0].kind) == ("66", "event")
    assert ("operation", "UpdateFunctionCode") in signal.indicators
    assert ("user_agent", "Pacu") in signal.indicators
    assert signal.at - signal.since <= 60.0
    assert signal.strength >= 2.0


def test_many_functions_at_once_are_one_signal_of_the_application() -> None:
    (signal,) = after([change(NOW + n, key, **MALLORY) for n, key in enumerate(SHOP)])
    assert (signal.finding.subject.kind, signal.count) == ("application", 4)
    assert [one[3] for one in signal.functions] == [one.function for one in SHOP]


def test_what_goes_on_is_told_once_a_day_and_a_function() -> None:
    told = after([change(NOW + 600.0 * n, PAY, **MALLORY) for n in range(6)])
    assert len(told) == 1
    told = after([change(NOW, PAY, **MALLORY), change(NOW + 1_800, SHIP, **MALLORY)])
    assert [one.finding.subject.function_name for one in told] == ["pay", "ship"]
    told = after([change(NOW, PAY, **MALLORY), change(NOW + 2 * DAY_S, PAY, **MALLORY)])
    assert len(told) == 2


def test_a_pipeline_that_moved_to_another_role_is_one_weak_signal() -> None:
    moved = PIPELINE | {"principal": "p-new", "principal_role": role_of("ci-2")}
    told = after([change(NOW + n, key, **moved) for n, key in enumerate(SHOP)])
    assert kinds(told) == [("moved_deployer", False)]
    assert told[0].strength <= 1.5
    told = after([change(NOW + d * DAY_S + n, key, **moved) for d in range(2) for n, key in enumerate(SHOP)])
    assert kinds(told)[1:] == [("release", False)]


@pytest.mark.parametrize("differs", [{"user_agent": "Pacu"}, {"source_ip": "p-bad"}])
def test_another_role_from_elsewhere_has_not_moved(differs: dict[str, str]) -> None:
    moved = PIPELINE | {"principal_role": role_of("ci-2")} | differs
    told = after([change(NOW + n, key, **moved) for n, key in enumerate(SHOP)])
    assert kinds(told) == [("unknown_deployer", True)]


def test_a_person_on_call_whom_everybody_knows_is_weak_unless_he_is_elsewhere() -> None:
    on_call = BLOGGER | {"principal": "p-oncall", "source_ip": "p-oncall-home"}
    told = after([change(NOW, **on_call)])
    assert kinds(told) == [("new_deployer", False)]
    assert told[0].strength <= 1.5
    told = after([change(NOW, **on_call | {"source_ip": "p-bad"})])
    assert kinds(told) == [("new_deployer", True)]


def test_who_deploys_another_application_is_weaker() -> None:
    assert kinds(after([change(NOW, PAY, **BLOGGER)])) == [("other_deployer", False)]


def test_a_known_deployer_with_another_program_from_another_address() -> None:
    told = after([change(NOW, **PIPELINE | {"source_ip": "p-bad", "user_agent": "aws-cli"})])
    assert kinds(told) == [("deployer_from_new_place", True)]
    seen = told[0].finding.seen
    assert isinstance(seen, Traits)
    assert [one.what for one in seen.traits] == ["role", "user_agent", "address"]
    assert kinds(after([change(NOW, **PIPELINE | {"source_ip": "p-new-office"})])) == [
        ("deployer_from_new_place", False)
    ]


def test_new_functions_of_a_known_deployer_and_fifty_at_once_are_a_release() -> None:
    new = [FunctionKey(ACCOUNT, REGION, "new-app", f"f{n}") for n in range(50)]
    told = after(
        [
            change(NOW + n / 2, key, "CreateFunction", **PIPELINE | {"sets": ("code",)})
            for n, key in enumerate(new)
        ]
    )
    assert kinds(told) == [("release", False)]


DANGERS: list[tuple[str, str, dict[str, Any], str]] = [
    ("open_to_everyone", "CreateFunctionUrlConfig", {"lets_in": ("*",)}, "*"),
    ("open_to_everyone", "AddPermission", {"lets_in": ("*",)}, "*"),
    ("foreign_account", "AddPermission", {"lets_in": (OTHER,)}, OTHER),
    ("code_before_code", "UpdateFunctionConfiguration", {"variables": ("LD_PRELOAD",)}, "LD_PRELOAD"),
    ("unsigned_code", "DeleteFunctionCodeSigningConfig", {"effects": ("unsigned code",)},
     "DeleteFunctionCodeSigningConfig"),
    ("foreign_trigger", "CreateEventSourceMapping", {"target": f"arn:aws:sqs:x:{OTHER}:q"},
     f"arn:aws:sqs:x:{OTHER}:q"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "operation", "more", "value"), DANGERS)
def test_what_is_dangerous_is_told_whoever_does_it(
    kind: str, operation: str, more: dict[str, Any], value: str
) -> None:
    told = after([change(NOW, PAY, operation, **PIPELINE, **more)])
    assert kinds(told) == [(kind, True)]
    assert isinstance(told[0].finding.seen, Trait)
    assert told[0].finding.seen.value == value
    assert set(kinds(after([change(NOW, PAY, operation, **MALLORY, **more)]))) == {
        (kind, True),
        ("unknown_deployer", True),
    }


def test_a_foreign_layer_of_the_pipeline_is_weak_and_of_a_stranger_is_not() -> None:
    layer = {"layers": (f"arn:aws:lambda:x:{OTHER}:layer:x:1",), "sets": ("layers",)}
    assert kinds(after([change(NOW, PAY, "UpdateFunctionConfiguration", **PIPELINE, **layer)])) == [
        ("foreign_layer", False)
    ]
    told = after([change(NOW, PAY, "UpdateFunctionConfiguration", **MALLORY, **layer)])
    assert ("foreign_layer", True) in kinds(told)
    own = {"layers": (f"arn:aws:lambda:x:{ACCOUNT}:layer:x:1",)}
    assert not any(one.alone for one in after([change(NOW, PAY, **PIPELINE, **own)]))


def test_what_the_pipeline_does_every_week_is_told_no_more() -> None:
    opened = [
        change(NOW + d * DAY_S, PAY, "AddPermission", lets_in=("*",), **PIPELINE) for d in range(0, 9, 2)
    ]
    assert [alone for _, alone in kinds(after(opened))][:3] == [True, False, False]


@pytest.mark.parametrize(
    ("family", "operation", "more", "kind"),
    [
        ("roles", "UpdateAssumeRolePolicy", {"lets_in": (OTHER,)}, "role_open_to_account"),
        ("roles", "UpdateAssumeRolePolicy", {"lets_in": ("*",)}, "role_open_to_everyone"),
        ("roles", "AttachRolePolicy", {"effects": ("all rights",)}, "all_rights"),
    ],
)
def test_the_role_of_a_function_names_the_function(
    family: str, operation: str, more: dict[str, Any], kind: str
) -> None:
    told = after([change(NOW, None, operation, family=family, role="pay-role", **more, **MALLORY)])
    assert set(kinds(told)) == {("unknown_deployer", True), (kind, True)}
    assert {one.finding.subject.function_name for one in told} == {"pay"}
    told = after([change(NOW, None, operation, family=family, role="of-something-else", **more, **MALLORY)])
    assert kinds(told) == [("new_administrator", False)]


def test_logs_that_stop_are_told_even_of_an_account_that_was_hardly_learned() -> None:
    stop = {"family": "logs", "effects": ("less logging",), "target": "trail"}
    told = after([change(BEGIN + DAY_S, None, "StopLogging", **stop, **PIPELINE)], days=1)
    assert kinds(told) == [("less_logging", True)]
    told = after([change(BEGIN + DAY_S, PAY, "AddPermission", lets_in=("*",), **PIPELINE)], days=1)
    assert not any(one.alone for one in told)


def test_a_function_that_changes_others() -> None:
    who = MALLORY | {"principal_kind": "AssumedRole", "principal_role": role_of("pay-role")}
    told = after([change(NOW, SHIP, **who)])
    assert kinds(told) == [("changed_by_function", True)]
    told = after([change(NOW, None, "CreateAccessKey", family="identities", **who)])
    assert kinds(told) == [("changed_by_function", True)]


def test_attempts_count_and_teach_nothing() -> None:
    operations = ("UpdateFunctionCode", "AddPermission", "CreateFunctionUrlConfig")
    tried = [
        failed(change(NOW + n, PAY, one, **MALLORY), "AccessDeniedException")
        for n, one in enumerate(operations)
    ]
    assert kinds(after(tried)) == [("refused_changes", True)]
    assert kinds(after(tried[:1])) == [("refused_changes", False)]
    assert after([failed(one, "ResourceConflictException") for one in tried]) == []
    told = after([*tried, change(NOW + 3_600, **MALLORY)])
    assert ("unknown_deployer", True) in kinds(told)


def test_a_kind_of_change_and_an_hour_that_are_unusual_are_weak() -> None:
    told = after([change(NOW, PAY, "PutFunctionConcurrency", **PIPELINE | {"sets": ("concurrency",)})])
    assert kinds(told) == [("unusual_change", False)]
    night = NOW + DAY_S - 8 * 3_600
    days = 40
    told = after([change(night + (days - DAYS) * DAY_S, version="9", **PIPELINE)], days=days)
    assert kinds(told) == [("unusual_hour", False)]
    assert told[0].finding.seen == Trait("hour", "03")


def test_an_extension_that_nobody_deployed() -> None:
    later = NOW + 3 * DAY_S
    told = after(
        [report(later, PAY, "logs-agent"), report(later + 1, PAY, "spy"), report(later + 2, PAY, "spy")]
    )
    assert kinds(told) == [("new_extension", True)]
    assert told[0].finding.seen == Trait("extension", "spy")
    assert told[0].refs == (Ref("request", f"r-{later + 1}"),)
    told = after([change(later, **PIPELINE), report(later + 60, PAY, "spy")])
    assert ("new_extension", False) in kinds(told)
    assert not any(one.alone for one in told)


def test_the_cloud_itself_and_its_own_roles_are_nobody() -> None:
    aws = {"principal": "p-x", "principal_kind": "AWSService"}
    linked = {"principal": "p-x", "principal_role": f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x"}
    assert after([change(NOW, **aws), change(NOW + 60, **linked)]) == []


def test_who_is_told_as_strange_is_trusted_after_a_week_of_changes_only() -> None:
    told = after([change(NOW + d * DAY_S * 1.1, BLOG, **MALLORY) for d in range(12)])
    strange = [one for one in told if one.finding.kind == "unknown_deployer"]
    assert 6 <= len(strange) <= 8
    assert told[-1].finding.kind == "release"


def test_what_it_still_needs_is_said_of_each_function() -> None:
    detector = ChangesDetector(BaselineSettings())
    detector.see(list(past(2)), inf)
    assert set(detector.not_ready()) == {*SHOP, BLOG}
    assert "3 deployments" in next(iter(detector.not_ready().values()))
    detector.restore(learned())
    assert detector.not_ready() == {}


def test_a_change_that_no_stage_could_place_is_of_its_account_and_region() -> None:
    one = change(NOW, PAY, **MALLORY)
    (signal,) = after([Encounter(one.at, one.what)])
    assert signal.functions == ((ACCOUNT, REGION, "", "pay"),)


def test_a_hundred_thousand_principals_cost_no_more_room_and_push_no_deployer_out() -> None:
    detector = ChangesDetector(BaselineSettings())
    detector.restore(learned())
    flood = [change(NOW + n / 100, PAY, **MALLORY | {"principal": f"p-{n:06}"}) for n in range(20_000)]
    assert len(detector.see(flood, NOW + 900)) <= 20
    state = detector.snapshot()
    assert sum(one.nbytes for one in state.values()) < 64 * 1_024
    told = detector.see([change(NOW + 1_000, version="9", **PIPELINE)], inf)
    assert ("release", False) in kinds(told)
    told = detector.see([change(NOW + 3 * DAY_S, SHIP, **MALLORY)], inf)
    assert kinds(told) == [("unknown_deployer", True)]


def test_a_clock_that_jumps_far_ahead_poisons_nothing() -> None:
    detector = ChangesDetector(BaselineSettings())
    detector.restore(learned())
    detector.see([report(NOW + 30_000 * DAY_S)], NOW + 30_000 * DAY_S + 1)
    told = detector.see([change(NOW, **MALLORY)], inf)
    assert kinds(told) == [("unknown_deployer", True)]
    assert told[0].strength < 4.5
