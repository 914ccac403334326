"""Data that leaves is told by where it goes, how much it is, and what it adds up to."""

from __future__ import annotations

from math import inf

from msgspec.structs import replace

from coldtrail.config import BaselineSettings
from coldtrail.detectors.egress.detector import EgressDetector
from coldtrail.records.encounter import Encounter, Run
from coldtrail.records.signal import Signal
from coldtrail.records.traits import Quantity, Trait
from coldtrail.testing import make_flow
from tests.detectors.egress.days import (
    BEGIN,
    DAY_S,
    OTHER,
    PAY,
    REGION,
    asked,
    days,
    invoked,
    measured,
    release,
    sent,
    signals,
    went,
)

LATE = BEGIN + 5 * DAY_S + 100.0


def test_benign_weeks_say_nothing() -> None:
    assert not signals(days(28))


def test_a_bucket_of_another_account_is_told_at_once() -> None:
    found = signals(days(6), [sent(LATE, "loot", target_account=OTHER)])
    assert [(one.finding.kind, one.alone, one.at) for one in found] == [("foreign_destination", True, LATE)]
    seen = found[0].finding.seen.traits  # type: ignore[union-attr]
    assert [(one.what, one.value) for one in seen] == [("bucket", "loot"), ("account", OTHER)]
    assert found[0].credentials == ("p-key",)
    assert ("target", "loot") in found[0].indicators


def test_a_new_bucket_of_the_own_account_is_a_weak_signal_told_once() -> None:
    found = signals(days(6), [sent(LATE + n, "loot") for n in range(50)])
    assert [(one.finding.kind, one.alone) for one in found] == [("new_destination", False)]
    assert found[0].finding.seen == Trait("bucket", "loot")


def test_what_a_release_brings_waits_for_more() -> None:
    found = signals(days(6), [release(LATE - 60), sent(LATE, "partner", target_account=OTHER)])
    assert [(one.finding.kind, one.alone) for one in found] == [("foreign_destination", False)]


def test_a_queue_is_known_to_be_foreign_by_its_address() -> None:
    address = f"https://sqs.{REGION}.amazonaws.com/{OTHER}/loot"
    call = sent(LATE, address, service="SQS", operation="SendMessage", target_account=None, bytes_in=None)
    assert [(one.finding.kind, one.alone) for one in signals(days(6), [call])] == [
        ("foreign_destination", True)
    ]


def test_a_new_host_in_a_trace_is_a_weak_signal() -> None:
    usual = []
    for number in range(800):
        at = BEGIN + number * 600.0
        flow = make_flow([("POST", "remote", "api.partner.example", 0.1)], flow_id=f"{number:016x}", start=at)
        usual.append(Encounter(at, Run(flow), PAY))
    flow = make_flow([("POST", "remote", "paste.example", 0.1)], start=LATE)
    found = signals(usual, [Encounter(LATE, Run(flow), PAY)])
    assert [(one.finding.seen, one.alone) for one in found] == [(Trait("host", "paste.example"), False)]
    assert found[0].refs[0].id == flow.function_flow_id


def test_many_bytes_within_an_hour_are_told_with_what_is_usual() -> None:
    drain = [
        sent(LATE + n, read_only=True, operation="GetObject", bytes_in=None, bytes_out=300_000)
        for n in range(20)
    ]
    usual = [
        sent(one.at + 0.2, read_only=True, operation="GetObject", bytes_in=None, bytes_out=3_000)
        for one in days(6)[::2]
    ]
    found = [one for one in signals(days(6), usual, drain) if one.finding.kind == "bytes_read"]
    assert len(found) == 2, "once, and again tenfold"
    seen, expected = found[0].finding.seen, found[0].finding.expected
    assert isinstance(seen, Quantity)
    assert isinstance(expected, Quantity)
    assert seen.value > 4 * expected.value
    assert found[0].alone


def test_a_sale_moves_more_and_says_nothing() -> None:
    sale = []
    for number in range(1_500):
        at = LATE + number * 4.0
        sale += [invoked(at), sent(at + 0.1, bytes_in=2_000 + number % 700)]
    assert not signals(days(6), sale)


def test_a_little_more_each_day_adds_up() -> None:
    begin = BEGIN + 15 * DAY_S
    found = signals(days(30, lambda at: 20_000.0 * (1.4 if at > begin else 1.0)))
    (slow,) = [one for one in found if one.alone]
    assert (slow.finding.kind, slow.indicators) == ("slow_exfiltration", (("target", "receipts"),))
    assert begin - DAY_S < slow.since <= slow.at < begin + 5 * DAY_S
    seen, usual = slow.finding.seen, slow.finding.expected
    assert isinstance(seen, Quantity)
    assert isinstance(usual, Quantity)
    assert 1.2 < seen.value / usual.value < 1.7
    assert {ref.kind for ref in slow.refs} == {"event"}


def test_a_drain_goes_on_after_a_snapshot() -> None:
    encounters = days(25, lambda at: 20_000.0 * (1.4 if at > BEGIN + 15 * DAY_S else 1.0))
    whole = signals(encounters)
    first, told = EgressDetector(BaselineSettings()), list[Signal]()
    for place in range(0, len(encounters), 700):
        told += first.see(encounters[place : place + 700], encounters[place].at)
        second = EgressDetector(BaselineSettings())
        second.restore(first.snapshot())
        first = second
    assert [(one.finding, one.at, one.refs) for one in told] == [
        (one.finding, one.at, one.refs) for one in whole
    ]


def test_one_invocation_that_sends_much_is_told() -> None:
    usual = [measured(one.at + 0.5, 40_000.0) for one in days(6)[::2]]
    found = signals(usual, [measured(LATE, 9_000_000.0)])
    assert {one.finding.kind for one in found} == {"network_bytes"}
    assert all(one.at == LATE for one in found)


def test_traffic_of_an_interface_is_told_of_its_functions() -> None:
    usual = [went(BEGIN + n * 300.0) for n in range(2_000)]
    found = signals([invoked(BEGIN, "eni-1")], usual, [went(LATE, bytes=50_000_000)])
    assert [(one.finding.kind, one.finding.subject.function_name) for one in found] == [
        ("network_bytes", "pay")
    ]


def test_a_new_end_and_a_new_port_are_weak_signals() -> None:
    usual = [went(BEGIN + n * 300.0) for n in range(2_000)]
    found = signals([invoked(BEGIN, "eni-1")], usual, [went(LATE, remote="p-bad", port=4444)])
    assert {(one.finding.seen, one.alone) for one in found} == {
        (Trait("network", "public port 4444"), False),
        (Trait("address", "p-bad"), False),
    }


def test_what_comes_in_or_was_refused_is_no_egress() -> None:
    usual = [went(BEGIN + n * 300.0) for n in range(2_000)]
    more = [went(LATE, outgoing=False, bytes=10**9), went(LATE, accepted=False, remote="p-bad")]
    assert not signals(usual, more)


def test_a_name_that_was_never_asked_for_is_told() -> None:
    usual = [asked(BEGIN + n * 300.0, "api.partner.example") for n in range(2_000)]
    found = signals(usual, [asked(LATE, "x.evil.example"), asked(LATE + 1, "db.internal")])
    assert [(one.finding.kind, one.finding.seen) for one in found] == [
        ("new_domain", Trait("domain", "evil.example"))
    ]
    assert found[0].finding.subject.kind == "application"


def test_names_that_carry_data_are_told() -> None:
    usual = [asked(BEGIN + n * 300.0, "api.partner.example") for n in range(2_000)]
    tunnel = [asked(LATE + n, f"{n:032x}.t.evil.example") for n in range(300)]
    kinds = [(one.finding.kind, one.alone) for one in signals(usual, tunnel)]
    assert kinds == [("new_domain", False), ("dns_tunnel", True)]
    same = [asked(LATE + n, f"{n % 3:032x}.cdn.partner.example") for n in range(300)]
    assert not signals(usual, same)


def test_services_on_behalf_and_signed_links_are_not_the_functions() -> None:
    more = [
        sent(LATE, "loot", target_account=OTHER, invoked_by="athena.amazonaws.com"),
        sent(LATE + 1, "loot", target_account=OTHER, presigned=True, bytes_out=10**9),
    ]
    assert not signals(days(6), more)


def test_a_clock_that_jumps_does_no_harm() -> None:
    jumped = [sent(BEGIN + 2 * DAY_S + 4e8)]
    encounters = [*days(6), sent(LATE, "loot", target_account=OTHER)]
    at = len([one for one in encounters if one.at < BEGIN + 2 * DAY_S])
    mixed = [*encounters[:at], *jumped, *encounters[at:]]
    found = EgressDetector(BaselineSettings()).see(mixed, inf)
    assert [one.finding.kind for one in found if one.alone] == ["foreign_destination"]


def test_names_made_to_flood_are_bounded() -> None:
    detector = EgressDetector(BaselineSettings())
    detector.see(days(6), inf)
    flood = [sent(LATE + n / 100, f"bucket-{n}", target_account=f"{n:012d}") for n in range(20_000)]
    found = detector.see(flood, inf)
    traffic = [went(LATE + 300, interface=f"eni-{n}", remote=f"p-{n}") for n in range(5_000)]
    names = [asked(LATE + 400, f"{n}.example") for n in range(5_000)]
    found += detector.see([*traffic, *names], inf)
    assert len(found) < 200
    assert sum(one.nbytes for one in detector.snapshot().values()) < 64 * 1024


def test_functions_with_few_calls_are_not_ready() -> None:
    detector = EgressDetector(BaselineSettings())
    detector.see(days(6)[:20], inf)
    assert "of 30 calls" in detector.not_ready()[PAY]
    detector.see(days(6)[20:], inf)
    assert not detector.not_ready()


def came_late(hours: float, bytes_in: int) -> Encounter:
    """A call of so many hours before, given now."""
    return replace(sent(LATE - 3_600.0 * hours, bytes_in=bytes_in), at=LATE)


def test_a_day_of_calls_that_come_late_is_not_taken_for_one_hour() -> None:
    assert not signals(days(6), [came_late(n / 6, 2_000) for n in range(6, 120)])
    many = [came_late(n / 6, 2_000) for n in range(6, 600)]
    assert not signals(days(6), many), "a hundred hours at once"


def test_what_was_much_in_its_own_hour_is_told_late() -> None:
    theft = [came_late(20.5 + n / 100, 200_000) for n in range(5)]
    (found,) = signals(days(6), [came_late(n / 6, 2_000) for n in range(6, 100)], theft)
    assert (found.finding.kind, found.at, found.credentials) == ("bytes_sent", LATE, ("p-key",))
    assert LATE - 22 * 3_600 < found.since < LATE - 20 * 3_600
    assert isinstance(found.finding.seen, Quantity)
    assert found.finding.seen.value >= 1_000_000


def late(line: Encounter) -> Encounter:
    """A line of a network's log, given long after its time."""
    return replace(line, at=LATE)


def test_a_day_of_traffic_that_comes_late_is_not_taken_for_one_hour() -> None:
    usual = [went(BEGIN + n * 300.0) for n in range(1_400)]
    many = [late(went(LATE - 3_600.0 * n / 12)) for n in range(12, 800)]
    assert not signals([invoked(BEGIN, "eni-1")], usual, many, [went(LATE + 300)])


def test_traffic_that_was_much_in_its_own_hour_is_told_late() -> None:
    usual = [went(BEGIN + n * 300.0) for n in range(1_400)]
    theft = [late(went(LATE - 20.5 * 3_600 + n, bytes=10_000_000)) for n in range(5)]
    more = [late(went(LATE - 3_600.0 * n / 12)) for n in range(12, 100)]
    (found,) = signals([invoked(BEGIN, "eni-1")], usual, theft, more)
    assert (found.finding.kind, found.finding.subject.function_name) == ("network_bytes", "pay")
    assert LATE - 22 * 3_600 < found.since < LATE - 20 * 3_600
    assert isinstance(found.finding.seen, Quantity)
    assert found.finding.seen.value >= 50_000_000


def test_names_that_come_late_count_in_their_own_hours() -> None:
    usual = [asked(BEGIN + n * 300.0, "api.partner.example") for n in range(1_400)]
    few_an_hour = [late(asked(LATE - 180.0 * n, f"{n:032x}.cdn.partner.example")) for n in range(21, 400)]
    assert not signals(usual, few_an_hour)
    tunnel = [late(asked(LATE - 30_000.0 + n, f"{n:032x}.api.partner.example")) for n in range(300)]
    (found,) = signals(usual, tunnel)
    assert found.finding.kind == "dns_tunnel"
    assert (found.alone, found.since < LATE - 20_000.0) == (True, True)
