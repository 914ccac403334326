"""Inputs of X-Ray that were read wrongly, with the right answers that stand beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from coldtrail import inspect
from coldtrail.errors import ConfigError
from coldtrail.verbs.flowing import flows
from coldtrail.verbs.inspecting import Inspection

CASES = Path(__file__).parents[3] / "shared" / "cases" / "xray"

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not CASES.is_dir(), reason=f"the handed cases are not at {CASES}"),
]
Row = tuple[str, str, str | None]
ORDERS: list[Row] = [("Invocation", "lifecycle", None), ("GetItem", "DynamoDB", "Orders")]
ELSEWHERE: Row = ("PutObject", "S3", "elsewhere")


class Answer(NamedTuple):
    lines: list[dict[str, Any]]
    found: Inspection
    losses: str

    def rows(self, flow: int = 0) -> list[Row]:
        steps = self.lines[flow]["steps"]
        return [(one["event_name"], one["event_type"], one["event_target_resource"]) for one in steps]

    def depths(self) -> list[int]:
        return [one["depth"] for one in self.lines[0]["steps"]]

    def told(self, *keys: str) -> list[tuple[Any, ...]]:
        return [tuple([line[key] for key in keys]) for line in self.lines]


def answer(name: str, tmp_path: Path) -> Answer:
    path, output = CASES / f"{name}.json", tmp_path / "flows.jsonl"
    summary = flows(path, output)
    lines = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    return Answer(lines, inspect(path), " ".join(summary.tally.sentences()))


@pytest.mark.parametrize("name", ["otel_server_segment", "own_segment"])
def test_work_in_a_segment_of_its_own(name: str, tmp_path: Path) -> None:
    found = answer(name, tmp_path)
    assert found.told("function_name") == [("Orders",)]
    assert (found.rows(), found.depths()) == ([*ORDERS, ELSEWHERE], [1, 2, 2])


def test_another_service_below_a_remote_call(tmp_path: Path) -> None:
    found = answer("downstream_service", tmp_path)
    assert len(found.lines) == 1
    assert found.rows() == [ORDERS[0], ("GET", "remote", "stock.example")]


def test_the_same_name_in_other_places(tmp_path: Path) -> None:
    found = answer("two_accounts", tmp_path)
    assert sorted(found.told("account", "region", "function_name")) == [
        ("111122223333", "eu-west-1", "Orders"),
        ("111122223333", "us-east-1", "Orders"),
        ("999988887777", "eu-west-1", "Orders"),
    ]
    assert len(found.found.functions) == 3


def test_provisioned_concurrency(tmp_path: Path) -> None:
    found = answer("provisioned_init_long", tmp_path)
    (line,) = found.lines
    assert line["cold_start"]
    assert line["end_time"] - line["start_time"] < 1.0


def test_marks_of_loss(tmp_path: Path) -> None:
    found = answer("limit_exceeded", tmp_path)
    assert found.told("complete") == [(False,)]
    for word in ("LimitExceeded", "1 trace id unprocessed", "NextToken"):
        assert word in found.losses
    with pytest.raises(ConfigError, match="none of the 1 trace asked for"):
        answer("empty_traces", tmp_path)


def test_messages_between_traces(tmp_path: Path) -> None:
    found = answer("sqs_links", tmp_path)
    told = found.told("function_name", "trigger", "caller")
    assert told == [("Orders", None, None), ("Worker", "AWS::SQS orders", "Orders")]


def test_calls_of_lambdas_api(tmp_path: Path) -> None:
    found = answer("lambda_control_plane", tmp_path)
    assert found.found.gaps == []
    assert found.rows() == ORDERS


def test_functions_that_are_not_traced(tmp_path: Path) -> None:
    found = answer("only_inferred", tmp_path)
    assert found.lines == []
    (said,) = [gap for gap in found.found.gaps if "Charge" in gap]
    assert "invoked once by machine" in said
    assert "turn active tracing on for Charge" in said


def test_a_trace_that_begins_at_lambda(tmp_path: Path) -> None:
    found = answer("root_invocation", tmp_path)
    assert not any("missing" in gap for gap in found.found.gaps)
    assert found.found.functions[0].triggers == ("nobody on record",)


def test_remote_calls_named_by_a_verb(tmp_path: Path) -> None:
    found = answer("remote_named_by_verb", tmp_path)
    hosts = [("GET", "remote", "api.shop.example"), ("GET", "remote", "evil.example")]
    assert found.rows() == [ORDERS[0], *hosts]


def test_two_databases_of_one_host(tmp_path: Path) -> None:
    found = answer("sql_databases", tmp_path)
    host = "shop.cluster-x.eu-west-1.rds.amazonaws.com"
    names = [("SELECT", "PostgreSQL", f"{name}@{host}") for name in ("orders", "payroll")]
    assert found.rows() == [ORDERS[0], *names]


def test_account_region_and_version_of_the_invocation(tmp_path: Path) -> None:
    found = answer("noarn", tmp_path)
    assert found.told("account", "region", "version") == [("111122223333", "eu-west-1", "7")]


@pytest.mark.parametrize("name", ["segments_list", "put_segments", "one_trace_body"])
def test_saved_shapes(name: str, tmp_path: Path) -> None:
    found = answer(name, tmp_path)
    assert found.told("function_name", "request_id") == [("Orders", "r")]
    assert found.rows() == ORDERS
    assert found.losses == ""


@pytest.mark.parametrize(
    ("name", "what"), [("trace_summaries", "trace summaries"), ("service_graph", "service graph")]
)
def test_answers_that_hold_no_traces(name: str, what: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"{what}.*aws xray batch-get-traces"):
        answer(name, tmp_path)


def test_two_steps_with_one_id(tmp_path: Path) -> None:
    assert answer("same_id_twice", tmp_path).rows() == [*ORDERS, ELSEWHERE]


def test_a_step_that_ends_before_it_starts(tmp_path: Path) -> None:
    found = answer("child_ends_before_start", tmp_path)
    assert found.rows() == ORDERS
    assert found.lines[0]["steps"][1]["end_time"] == found.lines[0]["steps"][1]["start_time"]
    assert "clock" in found.losses


def test_names_of_services(tmp_path: Path) -> None:
    rows = answer("service_names", tmp_path).rows()[1:]
    twice = [("SES", "SendEmail"), ("SNS", "Publish"), ("Cognito", "AdminGetUser")]
    twice.append(("ApiGatewayManagementApi", "PostToConnection"))
    assert [(kind, name) for name, kind, _ in rows] == [one for one in twice for _ in range(2)]


def test_an_invocation_that_a_helper_library_makes_up(tmp_path: Path) -> None:
    found = answer("sqs_shim", tmp_path)
    assert found.told("function_name", "function_flow_id") == [("Worker", "10000000000000b2")]
