import pytest

from coldtrail.formats.otel.calls import CLIENT, CONSUMER, INTERNAL, PRODUCER, SERVER, Converted
from coldtrail.formats.otel.meanings import Lead, Meaning, Meanings

ARN = "arn:aws:lambda:eu-west-1:111122223333:function:Orders"
RESOURCE = {"faas.name": "Orders", "service.name": "Orders", "cloud.platform": "aws_lambda"}


def meaning(
    kind: int,
    told: dict[str, str] | None = None,
    resource: dict[str, str] | None = None,
    name: str = "x",
    converted: Converted | None = None,
) -> Meaning:
    return Meanings(512).of(name, kind, told or {}, RESOURCE if resource is None else resource, converted)


@pytest.mark.parametrize(
    ("kind", "told", "enters"),
    [
        (SERVER, {}, True),
        (CONSUMER, {"messaging.operation": "process"}, True),
        (CONSUMER, {"messaging.operation": "receive"}, False),
        (CLIENT, {}, False),
        (PRODUCER, {}, False),
        (INTERNAL, {}, False),
        (INTERNAL, {"faas.trigger": "timer"}, True),
        (INTERNAL, {"faas.coldstart": "true"}, True),
    ],
)
def test_where_runs_begin(kind: int, told: dict[str, str], enters: bool) -> None:
    found = meaning(kind, told)
    assert found.enters is enters
    assert found.may_enter
    assert found.lead is None


def test_the_start_of_an_instance_begins_no_run() -> None:
    found = meaning(INTERNAL, {"faas.coldstart": "true"}, name="init Orders")
    assert (found.enters, found.is_start, found.is_cold) == (False, True, True)


@pytest.mark.parametrize(
    ("told", "failed"),
    [
        ({"rpc.system": "aws-api", "http.status_code": "400"}, True),
        ({"rpc.system": "aws-api", "http.status_code": "399"}, False),
        ({"error.type": "Timeout"}, True),
        ({"aws.xray.throttle": "true"}, True),
        ({"aws.xray.throttle": "false"}, False),
        ({}, False),
    ],
)
def test_failures_beside_the_status(told: dict[str, str], failed: bool) -> None:
    assert meaning(CLIENT, told).failed is failed


def test_a_server_does_not_fail_because_it_refuses() -> None:
    assert not meaning(SERVER, {"http.response.status_code": "404"}).failed


@pytest.mark.parametrize(("status", "failed"), [("402", True), ("200", False), ("none", False)])
def test_what_a_platform_refuses_failed_there(status: str, failed: bool) -> None:
    stage = {"service.name": "shop/prod", "cloud.platform": "aws_api_gateway"}
    found = meaning(SERVER, {"http.response.status_code": status}, stage)
    assert found.lead is not None
    assert found.failed is failed


def test_traces_that_were_not_sampled_are_partial() -> None:
    assert meaning(SERVER, {"aws.trace.flag.sampled": "0"}).partial
    assert not meaning(SERVER, {"aws.trace.flag.sampled": "1"}).partial


def segment(name: str, origin: str | None, **told: str) -> Meaning:
    attributes = {} if origin is None else {"aws.xray.origin": origin}
    return meaning(SERVER, attributes | told, {}, "", Converted(name, is_segment=True))


def test_segments_of_functions_begin_runs() -> None:
    found = segment(
        "Orders/LambdaExecutionEnvironment", "AWS::Lambda::Function", **{"cloud.resource_id": ARN}
    )
    assert (found.enters, found.owner.name, found.owner.account) == (True, "Orders", "111122223333")
    assert segment("Orders/LambdaExecutionEnvironment", "AWS::Lambda::Function").owner.name == "Orders"


def test_segments_of_platforms_lead_on() -> None:
    lead = segment("Orders/LambdaService", "AWS::Lambda", **{"aws.resource_arn": f"{ARN}:7"}).lead
    assert lead == Lead("invocation", "AWS::Lambda", f"{ARN}:7", "111122223333", "eu-west-1", "7")
    assert segment("Orders/LambdaService", "AWS::Lambda").lead == Lead("invocation", "AWS::Lambda", "Orders")
    assert segment("M", "AWS::StepFunctions::StateMachine").lead == Lead(
        "source", "AWS::StepFunctions::StateMachine", "M"
    )
    queue = {"aws.queue_url": "https://sqs.eu-west-1.amazonaws.com/1/mail"}
    found = segment("SQS", "AWS::SQS::Queue", **queue).lead
    assert found is not None
    assert (found.role, found.kind) == ("service", "AWS::SQS")


def test_segments_of_nobody_may_be_a_runs_own() -> None:
    found = segment("Orders", None)
    assert (found.is_part, found.enters, found.may_enter) == (True, False, False)


def test_what_lies_above_a_subsegment_tells_what_it_is() -> None:
    found = meaning(INTERNAL, {}, {}, "", Converted("Attempt #1", is_segment=False))
    assert found.is_subsegment
    assert found.lead == Lead("hop", "subsegment", "Attempt #1")
    assert found.step.name == "Attempt #1"


def test_the_platforms_own_steps_lead_on() -> None:
    machine = {"service.name": "M", "cloud.platform": "aws_step_functions"}
    assert meaning(SERVER, {}, machine).lead == Lead("source", "AWS::StepFunctions::StateMachine", "M")
    assert meaning(CLIENT, {"rpc.system": "aws-api"}, machine).lead == Lead("hop", "subsegment", "x")
    call = {"rpc.system": "aws-api", "rpc.service": "Lambda", "rpc.method": "Invoke"}
    assert meaning(CLIENT, call, machine).lead == Lead("hop", "subsegment", "Lambda")
    lead = meaning(SERVER, {}, {"service.name": "activator"}).lead
    assert lead == Lead("hop", "Knative", "x")


@pytest.mark.parametrize(
    ("status", "told"), [("202", "asynchronous"), ("200", "synchronous"), ("0", None), ("none", None)]
)
def test_lambdas_record_tells_how_the_function_was_asked_for(status: str, told: str | None) -> None:
    lead = segment("Orders/LambdaService", "AWS::Lambda", **{"http.response.status_code": status}).lead
    assert lead is not None
    assert lead.invocation_type == told


def test_lambdas_record_tells_by_which_function_url_it_was_asked_for() -> None:
    url = {"url.full": "https://abc1.lambda-url.eu-west-1.on.aws/"}
    lead = segment("Orders/LambdaService", "AWS::Lambda", **url).lead
    assert lead is not None
    assert lead.url == "abc1"
