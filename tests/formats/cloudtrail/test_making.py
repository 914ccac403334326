from coldtrail.formats.cloudtrail.making import change_by
from tests.fixtures.witnesses import CLOUDTRAIL
from tests.formats.cloudtrail.test_parser import parse


def test_a_change_says_who_made_it_and_from_where() -> None:
    (call,) = parse(CLOUDTRAIL).calls
    change = change_by(call, "pay", "triggers")
    assert (change.function_name, change.family, change.operation) == ("pay", "triggers", call.operation)
    assert (change.principal_kind, change.principal_role) == (call.principal_kind, call.role)
    assert (change.session, change.source_ip) == (call.session, call.source_ip)
    assert (change.source_network, change.source_country) == (call.source_network, call.source_country)
    assert call.source_network is not None
    assert (change.user_agent, change.invoked_by) == (call.user_agent, call.invoked_by)
    assert (change.access_key, change.event_id) == (call.access_key, call.event_id)
