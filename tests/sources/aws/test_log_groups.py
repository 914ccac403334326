"""Patterns of log groups."""

from __future__ import annotations

import pytest

from coldtrail.errors import SourceError
from coldtrail.sources.aws.account import Account, AwsSettings
from coldtrail.sources.aws.log_groups import LogGroup, groups_of, matches
from tests.sources.aws.cloud import ACCOUNT, client


def test_groups_are_found_by_name_and_by_pattern(endpoint: str) -> None:
    for name in ("aws/spans", "aws/spans-2", "/aws/lambda/a", "/aws/lambda/b", "/aws/x"):
        client("logs", endpoint).create_log_group(logGroupName=name)
    account = Account("logs", AwsSettings(region="eu-west-1", endpoint_url=endpoint), {})
    found = groups_of("logs", account, ["aws/spans", "/aws/lambda/*", "*/b"])
    assert found == [LogGroup(name, ACCOUNT) for name in ("aws/spans", "/aws/lambda/a", "/aws/lambda/b")]
    with pytest.raises(SourceError, match="there is no log group aws/span: correct `groups`") as raised:
        groups_of("logs", account, ["aws/span"])
    assert not raised.value.retryable
    assert groups_of("logs", account, ["nothing/*"]) == []


@pytest.mark.parametrize(
    ("pattern", "name", "is_match"),
    [("a.b", "axb", False), ("a*", "a", True), ("*b*", "abc", True), ("a*c", "abcd", False), ("*", "", True)],
)
def test_an_asterisk_stands_for_anything(pattern: str, name: str, is_match: bool) -> None:
    assert matches(pattern, name) is is_match
