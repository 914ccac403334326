"""The people of the account, and the pipeline."""

from ipaddress import ip_address, ip_network

from coldtrail_testbed.account.networks import HEAD_OFFICE, NEW_OFFICE
from coldtrail_testbed.account.people import PEOPLE, PIPELINE, pipeline_at
from coldtrail_testbed.telemetry.cloudtrail_identities import user_identity

_SINCE = "2026-03-02T09:00:00Z"


def test_a_user_and_a_session_are_told_as_cloudtrail_tells_them() -> None:
    kinds = {}
    for person in PEOPLE:
        caller = person.session(person.sits_at(person.home), 1_000.0, console=True)
        kinds[person.kind] = user_identity(caller, _SINCE)
    user, session = kinds["user"], kinds["session"]
    assert (user["type"], user["sessionContext"]["attributes"]) == (
        "IAMUser",
        {"creationDate": _SINCE, "mfaAuthenticated": "true"},
    )
    assert user["accessKeyId"].startswith("ASIA")
    assert session["type"] == "AssumedRole"
    assert "/AWSReservedSSO_Developers_" in session["arn"]
    assert session["arn"].endswith("@example.com")
    assert session["principalId"].endswith("@example.com")


def test_each_session_has_a_key_of_its_own_and_each_way_its_agent() -> None:
    person = PEOPLE[0]
    console, later = (person.session("81.95.112.12", time, console=True) for time in (1.0, 2.0))
    assert console.access_key != later.access_key
    assert console.user_agent.startswith("Mozilla/5.0")
    assert person.session("81.95.112.12", 1.0, console=False).user_agent.startswith("aws-cli/")


def test_an_office_is_one_network_for_all_and_a_home_a_place_of_ones_own() -> None:
    for office in (HEAD_OFFICE, NEW_OFFICE):
        assert len({person.sits_at(office) for person in PEOPLE}) <= 2
    assert len({person.sits_at(person.home) for person in PEOPLE}) == len(PEOPLE)
    assert all(ip_address(one.sits_at(one.home)) in ip_network(one.home.cidr) for one in PEOPLE)


def test_the_pipeline_runs_on_ever_other_runners_with_one_key() -> None:
    runners = {pipeline_at(number) for number in range(5)}
    assert len({runner.address for runner in runners}) == 5
    assert {runner.access_key for runner in runners} == {PIPELINE.access_key}
