"""The resource attributes of functions and services."""

from typing import Any

from coldtrail_testbed.telemetry.resources import resource_of

from .truth import run


def test_a_function_and_a_service(traces: list[dict[str, Any]]) -> None:
    function, service, stage, _ = traces[0]["segments"]
    resource = resource_of(function, run(version="7"))
    assert resource.is_function
    assert resource.attributes["faas.version"] == "7"
    assert resource.attributes["faas.instance"] == run().log_stream
    assert resource.attributes["cloud.resource_id"].endswith(":function:GetLoyalty")  # type: ignore[union-attr]
    assert not resource_of(service, None).is_function
    assert resource_of(stage, None).attributes["cloud.platform"] == "aws_api_gateway"
