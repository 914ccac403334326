import pytest

from coldtrail.formats.otel.platforms import Part, platform_part, role_of

ARN = "arn:aws:lambda:eu-west-1:1:function:Orders"


@pytest.mark.parametrize(
    ("told", "resource", "part"),
    [
        ({"aws.xray.origin": "AWS::SQS::Queue"}, {}, Part("AWS::SQS", "service")),
        ({"aws.xray.origin": "AWS::Lambda"}, {}, Part("AWS::Lambda", "invocation")),
        (
            {"cloud.resource_id": "arn:aws:states:eu-west-1:1:stateMachine:M"},
            {},
            Part("AWS::StepFunctions::StateMachine", "source"),
        ),
        ({}, {"cloud.platform": "aws_api_gateway"}, Part("AWS::ApiGateway::Stage", "source")),
        (
            {"aws.request_id": "told"},
            {"cloud.platform": "aws_lambda", "cloud.resource_id": ARN},
            Part("AWS::Lambda", "invocation"),
        ),
        ({"aws.request_id": "told", "faas.invocation_id": "told"}, {"cloud.platform": "aws_lambda"}, None),
        ({}, {"service.name": "activator"}, Part("Knative", "hop")),
        ({}, {"service.name": "shop"}, None),
    ],
)
def test_what_platforms_write(told: dict[str, str], resource: dict[str, str], part: Part | None) -> None:
    assert platform_part(told, resource, is_entry=True) == part


def test_gateways_and_state_machines_call_themselves() -> None:
    assert role_of("AWS::ApiGateway::Stage") == role_of("AWS::StepFunctions::StateMachine") == "source"
