"""The ordinary life of an account."""

from collections import defaultdict
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

from coldtrail_testbed.account.life import AccountLife
from coldtrail_testbed.account.networks import HEAD_OFFICE, HOMES, RUNNERS
from coldtrail_testbed.facts import Call

from .conftest import Office

_WEEKS = 3


def _live(office: Office) -> list[Call]:
    AccountLife(office.account, 5).begin()
    office.base.agenda.run_until(office.base.clock.now() + _WEEKS * 7 * 86_400)
    return office.calls()


def test_people_look_in_and_the_pipeline_releases_on_working_days(office: Office) -> None:
    calls = _live(office)
    assert all(datetime.fromtimestamp(call.time, UTC).weekday() < 5 for call in calls)
    assert all(6 <= datetime.fromtimestamp(call.time, UTC).hour < 19 for call in calls)
    names = defaultdict(set)
    for call in calls:
        names[call.operation].add(call.caller.name)
    assert len(names["ConsoleLogin"]) >= 5
    assert names["UpdateFunctionCode"] == {"release-pipeline"}
    releases = {call.time // 86_400 for call in calls if call.operation == "UpdateFunctionCode"}
    assert _WEEKS <= len(releases) <= 5 * _WEEKS


def test_people_come_from_the_office_and_from_home_alone(office: Office) -> None:
    known = [HEAD_OFFICE, *HOMES, RUNNERS]
    addresses = {call.caller.address for call in _live(office)}
    assert all(any(ip_address(one) in ip_network(net.cidr) for net in known) for one in addresses)


def test_people_change_nothing_and_invoke_nothing(office: Office) -> None:
    changes = ("Create", "Delete", "Update", "Put", "Add", "Publish", "Invoke")
    people = {person.name for person in office.account.people}
    for call in _live(office):
        by_person = call.caller.name.removesuffix("@example.com") in people
        assert not (by_person and call.operation.startswith(changes))


def test_life_keeps_no_run_alive(office: Office) -> None:
    AccountLife(office.account, 5).begin()
    begin = office.base.clock.now()
    office.base.agenda.settle()
    assert office.base.clock.now() - begin < 2 * 86_400
