"""What the hook into the Lambda API relies on."""

import json

from coldtrail_testbed.cloud.deployment import Clients
from coldtrail_testbed.cloud.runtime_api import Outcome

from .things import FAILED, Events


def test_the_lambda_api_queues_events(client: Clients, events: Events) -> None:
    client("lambda").invoke(FunctionName="Worker", InvocationType="Event", Payload=b'{"direct": 1}')
    assert events.queued == [("Worker", {"direct": 1})]


def test_callers_of_the_lambda_api_wait_for_the_outcome(client: Clients, events: Events) -> None:
    events.outcomes = [Outcome(b'{"n": 1}'), FAILED]
    answers = [client("lambda").invoke(FunctionName="Worker", Payload=b'{"a": 2}') for _ in range(2)]
    assert events.invoked == [("Worker", {"a": 2})] * 2
    assert [answer["ResponseMetadata"]["RequestId"] for answer in answers] == ["called"] * 2
    assert json.loads(answers[0]["Payload"].read()) == {"n": 1}
    assert [answer.get("FunctionError") for answer in answers] == [None, "Unhandled"]
    answers[1]["Payload"].close()
