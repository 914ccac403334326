"""What the hooks into executions rely on."""

import json
from uuid import UUID

import moto.stepfunctions.parser.asl.utils.json_path as moto_json_path
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.utils.json_path import extract_json
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from moto.stepfunctions.parser.utils import TMP_THREADS

from coldtrail_testbed.cloud.deployment import Clients
from coldtrail_testbed.cloud.identifiers import (
    ACCOUNT,
    REGION,
    state_machine_arn,
)

from ..conftest import START
from .things import MACHINE, Events, start


def test_executions_wait_for_their_turn(client: Clients, events: Events) -> None:
    arn = start(client)
    [pending] = events.started
    assert (pending.machine_arn, pending.arn) == (state_machine_arn("Machine"), arn)
    assert events.states == []
    assert pending.run()
    assert events.states == ["Write", "Write again", "Call"]
    assert events.invoked == [("Worker", {})]


def test_executions_without_a_name_get_one_each(client: Clients, events: Events) -> None:
    first, second = start(client), start(client)
    assert first != second
    assert str(UUID(first.rpartition(":")[2])) in first
    [started] = [
        client("stepfunctions").describe_execution(executionArn=arn)["startDate"].timestamp()
        for arn in [first]
    ]
    assert started == START


def test_executions_are_forgotten_when_they_end(client: Clients, events: Events) -> None:
    start(client)
    events.started[0].run()
    machine = stepfunctions_parser_backends[ACCOUNT][REGION].describe_state_machine(
        state_machine_arn("Machine")
    )
    assert machine.executions == []
    assert TMP_THREADS == []


def test_definitions_are_parsed_once(client: Clients) -> None:
    definition = json.dumps(MACHINE)
    assert AmazonStateLanguageParser.parse(definition) is AmazonStateLanguageParser.parse(definition)


def test_paths_into_data_are_parsed_once(client: Clients) -> None:
    parse = vars(moto_json_path)["parse"]
    assert parse("$.a.b") is parse("$.a.b")
    assert [extract_json("$.a[*].b", {"a": [{"b": value}]}) for value in (1, 2)] == [[1], [2]]
