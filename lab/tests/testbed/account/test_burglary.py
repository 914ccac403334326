"""A burglar in a real cloud: what it plants, whom it invokes as."""

from coldtrail_testbed.account.burglary import OutsideBurglar
from coldtrail_testbed.facts import Caller

from ..small_cloud import small_application, small_cloud


def test_a_burglars_calls_are_its_attacks_and_what_it_plants_stays() -> None:
    planted = []
    with small_cloud(small_application("Back")) as cloud:
        account = cloud.account
        burglar = OutsideBurglar(
            account, cloud.admit_intruder("theft"), "Back", lambda: planted.append(cloud.now())
        )
        with burglar.intrusion:
            account.deploy(account.pipeline, "Front", "other code")
        burglar.plant()
        account.release(["Back", "Front"])
        foreign = Caller(
            "foreign", "w", burglar.sender.address, "go", "ASIAF", role="r", account="905418037264"
        )
        burglar.invoke_as(foreign, "Front", {"calls": []})
        facts = cloud.take_facts()
    assert len(planted) == 1
    mine = [call.operation for call in facts.calls if call.attack == "theft"]
    assert mine == [
        "UpdateFunctionCode",
        "GetFunctionConfiguration",
        "PublishVersion",
        "UpdateAlias",
        "Invoke",
    ]
    deployed = [call.parameters["functionName"] for call in facts.calls if call.operation == "PublishVersion"]
    assert deployed == ["Front", "Front"]
    (run,) = facts.runs
    assert (run.version, run.client) == ("3", foreign)
