"""The control plane: what is called, what comes of it."""

import json
from random import Random

from coldtrail_testbed.account.people import PIPELINE_KEY, PIPELINE_ROLE
from coldtrail_testbed.telemetry.cloudtrail_records import call_record, cloudtrail_event_id

from .conftest import Office

_DEPLOYED = ["UpdateFunctionCode", "GetFunctionConfiguration", "PublishVersion", "UpdateAlias"]


def test_a_release_is_deployed_published_and_told_with_its_configuration(office: Office) -> None:
    office.account.release(["GetLoyalty"])
    assert office.lambdas.deployments["GetLoyalty"].version == "2"
    calls = office.calls()
    assert [call.operation for call in calls] == ["GetCallerIdentity", "GetFunction", *_DEPLOYED]
    assert {call.caller.access_key for call in calls} == {PIPELINE_KEY}
    assert len({cloudtrail_event_id(call) for call in calls}) == len(calls)
    update, publish = calls[2].response, calls[4].response
    assert update
    assert publish
    assert (update["functionName"], update["version"], publish["version"]) == ("GetLoyalty", "$LATEST", "2")
    assert update["codeSha256"] == publish["codeSha256"]
    record = call_record(calls[2], calls[2].time)
    assert record["eventName"] == "UpdateFunctionCode20150331v2"
    assert record["responseElements"]["memorySize"] == 256
    json.dumps(record)


def test_each_release_is_other_code(office: Office) -> None:
    office.account.release(["GetLoyalty"])
    office.base.clock.advance(86_400)
    office.account.release(["GetLoyalty"])
    shas = [
        call.response["codeSha256"]
        for call in office.calls()
        if call.operation == "UpdateFunctionCode" and call.response
    ]
    assert len(set(shas)) == 2


def test_a_configuration_is_changed(office: Office) -> None:
    who = office.account.pipeline
    office.account.configure(who, "encode", memory_mb=3008, layers=["arn:layer:1"], extensions=["agent"])
    after = office.lambdas.deployments["encode"]
    assert (after.function.memory_mb, after.layers, after.extensions) == (3008, ("arn:layer:1",), ("agent",))
    update = office.calls()[0]
    assert update.parameters == {"functionName": "encode", "memorySize": 3008, "layers": ["arn:layer:1"]}
    assert update.response
    assert (update.response["memorySize"], update.response["layers"][0]["arn"]) == (3008, "arn:layer:1")


def test_a_pipeline_that_has_moved_deploys_as_a_session_of_a_role(office: Office) -> None:
    office.account.move_pipeline()
    office.account.release(["encode"])
    assume, *others = office.calls()
    assert (assume.operation, assume.caller.access_key) == ("AssumeRole", PIPELINE_KEY)
    assert [call.operation for call in others] == ["GetCallerIdentity", "GetFunction", *_DEPLOYED]
    (session,) = {call.caller for call in others}
    assert (session.kind, session.role) == ("session", PIPELINE_ROLE)
    assert assume.response == {"credentials": {"accessKeyId": session.access_key}}


def test_what_was_backdoored_is_released_no_more(office: Office) -> None:
    office.account.leave_alone("encode")
    office.account.release(["encode", "dynamo"])
    assert [office.lambdas.deployments[name].version for name in ("encode", "dynamo")] == ["1", "2"]


def test_a_call_belongs_to_the_intrusion_that_goes_on(office: Office) -> None:
    office.account.act(office.account.pipeline, "sts", "GetCallerIdentity")
    with office.base.running.intrusion("theft"):
        office.account.act(office.account.pipeline, "sts", "GetCallerIdentity")
    assert [call.attack for call in office.calls()] == [None, "theft"]


def test_work_is_done_on_working_days(office: Office) -> None:
    generator = Random(1)
    for _ in range(14):
        hours = (office.account.at_work(generator, (8.0, 9.0)) / 3600) % 24
        day = int(office.account.at_work(generator, (8.0, 9.0)) // 86_400 + 3) % 7
        assert 8 <= hours < 9
        assert day < 5
        office.base.clock.advance(86_400)
