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
from coldtrail.records.witnesses import ApiCall
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
    call,
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


def test_an_occasion_waits_for_more_until_nothing_more_comes() -> None:
    detector = ChangesDetector(BaselineSettings())
    detector.restore(learned())
    assert detector.see([change(NOW, PAY, **MALLORY)], NOW + 1.0) == []
    assert kinds(detector.finish()) == [("unknown_deployer", True)]
    assert detector.finish() == []


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


@pytest.mark.parametrize(
    ("operation", "more", "kind"),
    [
        *[(operation, more, kind) for kind, operation, more, _ in DANGERS if kind != "unsigned_code"],
        ("PutFunctionEventInvokeConfig", {"results_to": (f"arn:aws:sqs:x:{OTHER}:q",)}, "foreign_output"),
    ],
)
def test_what_opens_a_function_is_told_of_an_account_that_was_hardly_learned(
    operation: str, more: dict[str, Any], kind: str
) -> None:
    for who in (PIPELINE, MALLORY):
        opened = change(BEGIN + DAY_S, PAY, operation, **who, **more)
        assert (kind, True) in kinds(after([opened], days=1))
        # Of an account of which nothing was learned at all as well.
        assert (kind, True) in kinds(ChangesDetector(BaselineSettings()).see([opened], inf))


@pytest.mark.parametrize(
    ("deployed", "who", "told"),
    [
        ([PAY], MALLORY, [("unknown_deployer", True)]),
        ([BLOG], MALLORY, [("unknown_deployer", False)]),
        ([], MALLORY, [("unknown_deployer", False)]),
        ([PAY], PIPELINE, []),
    ],
)
def test_of_an_application_that_was_deployed_once_others_are_strange(
    deployed: list[FunctionKey], who: dict[str, str], told: list[tuple[str, bool]]
) -> None:
    detector = ChangesDetector(BaselineSettings())
    walk = [call(BEGIN + day * DAY_S, BLOGGER) for day in range(6)]
    walk += [change(BEGIN + DAY_S, key, **PIPELINE) for key in deployed]
    walk += [change(BEGIN + 5 * DAY_S, PAY, **who)]
    found = detector.see(sorted(walk, key=lambda one: one.at), inf)
    assert kinds(found) == told
    assert all(one.strength <= 1.5 for one in found if not one.alone)


@pytest.mark.parametrize(("deployed", "alone"), [(PAY, True), (BLOG, False)])
def test_attempts_in_an_application_that_nobody_deployed_yet_are_weak(
    deployed: FunctionKey, alone: bool
) -> None:
    detector = ChangesDetector(BaselineSettings())
    walk = [call(BEGIN + day * DAY_S, BLOGGER) for day in range(6)]
    walk += [change(BEGIN + DAY_S, deployed, **PIPELINE)]
    walk += [
        failed(change(BEGIN + 5 * DAY_S + n, PAY, one, **MALLORY), "AccessDeniedException")
        for n, one in enumerate(("UpdateFunctionCode", "AddPermission", "CreateFunctionUrlConfig"))
    ]
    found = detector.see(sorted(walk, key=lambda one: one.at), inf)
    assert kinds(found) == [("refused_changes", alone)]


def test_of_one_day_and_function_other_kinds_of_changes_are_told_as_well() -> None:
    walk = [
        change(NOW, PAY, **MALLORY),
        change(NOW + 600, PAY, "AddPermission", **MALLORY),
        change(NOW + 1_200, PAY, "AddPermission", **MALLORY),
        change(NOW + 1_800, PAY, "RemovePermission", **MALLORY),
        change(NOW + 2_400, PAY, "DeleteFunction", **MALLORY),
    ]
    told = after(walk)
    assert kinds(told) == [("unknown_deployer", True)] * 4
    assert [one.finding.step.action for one in told if one.finding.step is not None] == [
        "UpdateFunctionCode", "AddPermission", "RemovePermission", "DeleteFunction",
    ]  # fmt: skip


@pytest.mark.parametrize("family", ["identities", "logs"])
def test_who_changed_no_function_is_not_known_as_a_deployer_for_it(family: str) -> None:
    detector = ChangesDetector(BaselineSettings())
    walk = [call(BEGIN + day * DAY_S, BLOGGER) for day in range(6)]
    walk += [change(BEGIN + DAY_S, PAY, **PIPELINE)]
    walk += [change(BEGIN + 5 * DAY_S, None, "PutUserPolicy", family=family, **MALLORY)]
    walk += [change(BEGIN + 5 * DAY_S + 600, PAY, **MALLORY)]
    found = detector.see(sorted(walk, key=lambda one: one.at), inf)
    assert ("unknown_deployer", True) in kinds(found)


def test_what_needs_to_be_known_is_weak_before_it_is() -> None:
    layer = {"layers": (f"arn:aws:lambda:x:{OTHER}:layer:x:1",), "sets": ("layers",)}
    told = after([change(BEGIN + DAY_S, PAY, "UpdateFunctionConfiguration", **MALLORY, **layer)], days=1)
    assert kinds(told) == [("foreign_layer", False)]


def test_another_role_of_a_function_is_told_unless_the_application_knows_it() -> None:
    def given(role: str, who: dict[str, str], **more: Any) -> list[tuple[str, bool]]:
        config = {"sets": ("role",), "role": role_of(role)} | more
        return kinds(after([change(NOW, PAY, "UpdateFunctionConfiguration", **config, **who)]))

    assert ("other_role", True) in given("admin", MALLORY)
    assert given("admin", PIPELINE) == [("other_role", False)]
    assert ("other_role", True) not in given("ship-role", MALLORY)
    assert ("other_role", True) not in given("pay-role", MALLORY)
    # The answer names the role, whatever was set.
    assert ("other_role", True) not in given("admin", MALLORY, sets=("memory",))


def test_a_new_web_function_is_there_to_be_called_and_an_old_one_is_opened() -> None:
    web = {"family": "web functions", "lets_in": ("*",), "sets": ("code",)}
    new = FunctionKey(ACCOUNT, REGION, "shop", "site")
    told = after([change(NOW, new, "CreateWebFunction", **PIPELINE | web)])
    assert kinds(told) == [("open_to_everyone", False)]
    told = after([change(NOW, new, "CreateWebFunction", **MALLORY | web)])
    assert ("open_to_everyone", True) in kinds(told)
    told = after([change(NOW, PAY, "UpdateWebFunctionEndpoint", **PIPELINE | web)])
    assert kinds(told) == [("open_to_everyone", True)]


def test_the_role_of_a_function_is_known_from_the_platform_that_takes_it_on() -> None:
    new = FunctionKey(ACCOUNT, REGION, "shop", "quiet")
    taken = ApiCall(
        "a", NOW, ACCOUNT, REGION, "STS", "AssumeRole", principal_kind="AWSService", session_function="quiet",
        issued_key="p-key", issued_role=role_of("quiet-role"), invoked_by="lambda.amazonaws.com",
    )  # fmt: skip
    opened = {"family": "roles", "role": "quiet-role", "lets_in": (OTHER,)}
    told = after(
        [
            Encounter(NOW, taken, None, new),
            change(NOW + 60, None, "UpdateAssumeRolePolicy", **opened, **MALLORY),
        ]
    )
    assert ("role_open_to_account", True) in kinds(told)
    assert {one.finding.subject.function_name for one in told} == {"quiet"}


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
