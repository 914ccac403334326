"""The policies that read telemetry allow the calls that docs/telemetry.md makes, and no other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import botocore.session
import msgspec
import pytest
from botocore import xform_name

ROOT = Path(__file__).parents[2]
POLICIES = sorted((ROOT / "deploy" / "policies").glob("*.json"))
DOCUMENT = (ROOT / "docs" / "telemetry.md").read_text(encoding="utf-8")
OF_OTHER_CLOUDS = ("appinsights", "gcp-trace")
NEEDS = {
    "s3 sync": {"s3:ListBucket", "s3:GetObject"},
    "xray get-trace-summaries": {"xray:GetTraceSummaries"},
    "xray batch-get-traces": {"xray:BatchGetTraces"},
    "xray start-trace-retrieval": {"xray:StartTraceRetrieval"},
    "xray list-retrieved-traces": {"xray:ListRetrievedTraces"},
    "logs filter-log-events": {"logs:FilterLogEvents"},
    # Whoever exports a log needs to be able to write to where it goes.
    "logs create-export-task": {"logs:CreateExportTask", "s3:PutObject"},
    "logs describe-export-tasks": {"logs:DescribeExportTasks"},
    "cloudtrail lookup-events": {"cloudtrail:LookupEvents"},
    "cloudwatch get-metric-data": {"cloudwatch:GetMetricData"},
}
"""What the caller of each command has to be allowed.

Source: Service Authorization Reference, https://docs.aws.amazon.com/service-authorization/latest/reference/"""
OF_THE_COMMAND_LINE = {"query", "output"}
"""Options that any command takes."""
_SECTION = re.compile(r"^## (.+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_POLICY = re.compile(r"\(\.\./deploy/policies/([a-z-]+)\.json\)")
_COMMAND = re.compile(r"\baws ([a-z0-9]+) ([a-z-]+)((?:\\\n|[^\n|>)])*)")
_OPTION = re.compile(r"(?<=\s)--([a-z0-9-]+)")


class Command(NamedTuple):
    """A command of the document."""

    service: str
    operation: str
    options: frozenset[str]

    @property
    def name(self) -> str:
        """`logs filter-log-events`"""
        return f"{self.service} {self.operation}"


def commands(text: str, language: str) -> list[Command]:
    """Those in the blocks of a language: `bash` saves telemetry, `sh` switches it on."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    found = [match for block in blocks for match in _COMMAND.findall(block)]
    return [Command(service, verb, frozenset(_OPTION.findall(rest))) for service, verb, rest in found]


SECTIONS = {
    match[1]: text for _, text in _SECTION.findall(DOCUMENT) for match in [_POLICY.search(text)] if match
}
"""By the policy that each names."""
ALL = [*commands(DOCUMENT, "bash"), *commands(DOCUMENT, "sh")]


def read(path: Path) -> Any:
    return msgspec.json.decode(path.read_bytes())


def actions(policy: Any) -> list[str]:
    assert policy["Version"] == "2012-10-17"
    for statement in policy["Statement"]:
        assert statement["Effect"] == "Allow"
        assert statement["Resource"]
    return [action for statement in policy["Statement"] for action in statement["Action"]]


def test_each_policy_has_its_section_and_each_section_its_policy() -> None:
    assert {path.stem for path in POLICIES} == SECTIONS.keys()


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_no_policy_allows_actions_by_a_wildcard(path: Path) -> None:
    policy = read(path)
    if path.stem in OF_OTHER_CLOUDS:
        named = policy.get("Actions") or policy["includedPermissions"]
    else:
        named = actions(policy)
    assert named
    assert not [action for action in named if "*" in action or "?" in action]
    assert len(named) == len(set(named))


@pytest.mark.parametrize(
    "path", [one for one in POLICIES if one.stem not in OF_OTHER_CLOUDS], ids=lambda path: path.stem
)
def test_a_policy_allows_what_its_commands_need_and_no_more(path: Path) -> None:
    saved = commands(SECTIONS[path.stem], "bash")
    assert saved
    needed = set().union(*(NEEDS[command.name] for command in saved))
    assert set(actions(read(path))) == needed


def test_policies_of_buckets_allow_the_places_that_the_commands_read() -> None:
    for source, text in SECTIONS.items():
        for place in re.findall(r"aws s3 sync s3://EXAMPLE-TELEMETRY/(\S+)", text):
            policy = (ROOT / "deploy" / "policies" / f"{source}.json").read_text(encoding="utf-8")
            assert f'"arn:aws:s3:::EXAMPLE-TELEMETRY/{place}*"' in policy
            assert f'"{place}*"' in policy


@pytest.mark.parametrize(
    "command", sorted(set(ALL) - {one for one in ALL if one.service == "s3"}), ids=lambda one: one.name
)
def test_each_command_is_one_of_its_service_with_options_that_it_has(command: Command) -> None:
    model = botocore.session.get_session().get_service_model(command.service)
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    assert command.operation in operations
    members = model.operation_model(operations[command.operation]).input_shape
    known = {xform_name(name, "-"): name for name in (members.members if members is not None else {})}
    assert command.options - OF_THE_COMMAND_LINE <= known.keys()
    required = set(members.required_members) if members is not None else set()
    assert required <= {known[option] for option in command.options & known.keys()}
