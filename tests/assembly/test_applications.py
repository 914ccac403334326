import pytest

from coldtrail.assembly.applications import Applications
from coldtrail.config import ApplicationRule, ApplicationSettings
from coldtrail.errors import ConfigError


@pytest.mark.parametrize(
    ("function", "application"),
    [
        ("event-processing-dev-ingest", "event-processing"),
        ("thumbnail-generator-production-thumbnail-generator", "thumbnail-generator"),
        ("shop-OrderFunction-1A2B3C4D5E6F", "shop"),
        ("process_booking", "default"),
        ("", "default"),
    ],
)
def test_habits_of_deployment_tools(function: str, application: str) -> None:
    assert Applications(ApplicationSettings())[function] == application


def test_own_rules_come_first() -> None:
    rules = (ApplicationRule(r"process_(\w+)", r"air-\1"), ApplicationRule(r".+-dev-.+", "development"))
    applications = Applications(ApplicationSettings(rules, default="rest"))
    assert applications["process_booking"] == "air-booking"
    assert applications["shop-dev-pay"] == "development"
    assert applications["shop-prod-pay"] == "shop"
    assert applications["other"] == "rest"


def test_memory_is_bounded() -> None:
    applications = Applications(ApplicationSettings())
    for number in range(60_000):
        assert applications[f"shop-dev-{number}"] == "shop"
    assert len(applications) <= 50_000


@pytest.mark.parametrize(
    ("functions", "application"),
    [("(", "x"), ("a", r"\1"), ("a", r"\g<name>"), (r"(a)\1", "x"), ("(?=a)a", "x")],
)
def test_a_rule_that_cannot_work_is_refused(functions: str, application: str) -> None:
    with pytest.raises(ConfigError, match=r"applications\.rules"):
        Applications(ApplicationSettings((ApplicationRule(functions, application),)))


@pytest.mark.parametrize("functions", ["(a+)+-", "(a|a)*-", "(.*)*-", "(.*a){25}-"])
def test_a_rule_made_to_run_for_ever_ends(functions: str) -> None:
    rules = (ApplicationRule(functions, "x"),)
    assert Applications(ApplicationSettings(rules))["a" * 256] == "default"
