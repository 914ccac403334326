"""The template for Fargate: sound in the eyes of SAM and cfn-lint, and allowing what the source needs."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint
from cfnlint.decode import decode
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from coldtrail.service.permissions import needs_of
from coldtrail.service.settings import live_settings_from

PATH = Path(__file__).parents[2] / "deploy" / "fargate" / "template.yaml"
QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/told"


@cache
def template() -> Any:
    found, errors = decode(str(PATH))
    assert not errors
    return json.loads(json.dumps(found))


def resource(name: str) -> Any:
    return template()["Resources"][name]["Properties"]


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


def test_cfn_lint_finds_nothing_before_and_after_translation() -> None:
    assert lint(PATH.read_text(encoding="utf-8")) == []
    parameters = {"AWS::Region": "us-east-1"}
    translated = Translator({}, Parser()).translate(template(), parameters)
    assert lint(json.dumps(translated, indent=1)) == []


def test_the_role_allows_what_the_source_needs_and_no_more() -> None:
    source = {"kind": "s3", "queue": QUEUE, "bucket": "b", "prefix": "AWSLogs/"}
    needs = needs_of(live_settings_from({"source": [source]}, "test"), {}).needs
    needed = [action for need in needs for action in need.permission.actions]
    (read, _) = resource("TaskRole")["Policies"]
    allowed: list[str] = []
    for statement in read["PolicyDocument"]["Statement"]:
        action = statement["Action"]
        allowed += action if isinstance(action, list) else [action]
        assert statement["Resource"] != "*"
    assert sorted(allowed) == sorted(needed)


def test_one_task_at_a_time_has_the_data_folder() -> None:
    service = resource("Service")
    assert service["DesiredCount"] == 1
    assert service["DeploymentConfiguration"] == {"MinimumHealthyPercent": 0, "MaximumPercent": 100}


def test_nothing_can_reach_the_task_and_it_keeps_no_secret_in_clear() -> None:
    assert "SecurityGroupIngress" not in resource("TaskGroup")
    (container,) = resource("Task")["ContainerDefinitions"]
    assert container["ReadonlyRootFilesystem"] is True
    assert container["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}
    assert [one["Name"] for one in container["Environment"]] == ["AWS_REGION"]
    assert "PortMappings" not in container


def test_no_policy_allows_by_a_wildcard() -> None:
    for role in ("TaskRole", "StartRole"):
        for policy in resource(role)["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                assert "*" not in json.dumps(statement["Action"])
