"""What of the account is planned for a run."""

from coldtrail_testbed.account.attacks import ACCOUNT_ATTACKS
from coldtrail_testbed.account.plan import AccountPlan


def test_stories_name_the_attacked_function_and_what_decides() -> None:
    plan = AccountPlan("vod", [ACCOUNT_ATTACKS["backdoor_code"], ACCOUNT_ATTACKS["wallet_rate"]])
    assert [(story.name, story.function) for story in plan.stories] == [
        ("backdoor_code", "encode"),
        ("wallet_rate", "step-functions"),
    ]
    assert plan.stories[0].decisive is ACCOUNT_ATTACKS["backdoor_code"].decisive


def test_a_flood_alone_needs_no_audit_log() -> None:
    assert not AccountPlan("airline", [ACCOUNT_ATTACKS["wallet_rate"]]).shows_in_calls_alone
    assert AccountPlan("airline", [ACCOUNT_ATTACKS["opened_url"]]).shows_in_calls_alone
