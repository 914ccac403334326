"""One flow, many witnesses."""

from __future__ import annotations

from itertools import permutations
from math import inf
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from coldtrail.assembly.join import joining as module
from coldtrail.assembly.join import stretches
from coldtrail.assembly.join.held_flows import released_witness
from coldtrail.assembly.join.joining import Joining
from coldtrail.config import Settings
from coldtrail.errors import BundleError
from coldtrail.features.lean import whole
from coldtrail.records.facts import UnseenCall
from coldtrail.records.tally import Tally
from coldtrail.store.scratch import scratch
from tests.assembly.join.told import (
    ACCOUNT,
    ARN,
    GET,
    PUT,
    START,
    access,
    call,
    counts,
    flow,
    invoke,
    joined,
    report,
)
from tests.features.test_lean import lean


def test_all_that_tells_of_one_invocation_is_one_flow() -> None:
    told = [flow(), report(), invoke(), access(), call("e1", START, bytes_in=900, bytes_out=100)]
    (one,) = joined(told)
    assert one.witnesses == ("access-log", "cloudtrail", "lambda-report", "xray")
    facts = one.facts
    assert facts is not None
    assert (facts.memory_used_mb, facts.duration_ms, facts.billed_ms) == (81.0, 12.3, 13.0)
    assert (facts.principal, facts.source_ip, facts.user_agent) == ("p-alice", "p-home", "aws-cli")
    assert (facts.gateway, facts.route, facts.method, facts.http_status) == (
        "shop/prod",
        "/orders",
        "POST",
        200,
    )
    assert (facts.bytes_in, facts.bytes_out, facts.access_key) == (900, 100, "p-key")
    assert facts.unseen == ()
    assert replace(one, facts=None, witnesses=("xray",)) == flow()


def test_the_order_in_which_they_come_makes_no_difference() -> None:
    told = [flow(), report(), invoke(), access(), call("e1", START)]
    assert len({msgspec.json.encode(joined(some)) for some in permutations(told)}) == 1


def test_a_lean_flow_stays_one() -> None:
    joining = Joining(Settings(), Tally())
    joining.push([lean(flow()), report()])
    (one,) = joining.advance(inf)
    assert type(one) is type(lean(flow()))
    assert whole(one) == joined([flow(), report()])[0]


def test_traces_alone_pass_as_they_are() -> None:
    joining = Joining(Settings(), Tally())
    flows = [flow(), flow(1)]
    assert list(joining.drain(iter(flows))) == flows
    assert not joining.active


@pytest.mark.parametrize(
    "told",
    [
        report(function_name="Pay"),
        report(account="999999999999"),
        invoke(target=f"{ARN}Pay"),
        report(time=START + 4000.0),
    ],
)
def test_who_shares_an_id_and_says_otherwise_is_no_witness_of_the_flow_and_no_flow(told: Any) -> None:
    (one,) = joined([flow(), told])
    assert one == flow()
    counts([flow(), told])


def test_who_names_another_invocation_is_a_flow_of_its_own() -> None:
    first, other = joined([flow(), report(request_id="r9")])
    assert (first.facts, other.function_flow_id) == (None, "r9")


def test_a_run_without_a_request_id_is_found_by_its_trace_and_gets_the_id() -> None:
    trace = "1-656f1c80-0123456789abcdef01234567"
    bare = flow(request_id=None, application_flow_id="656f1c800123456789abcdef01234567")
    start = report(kind="start", trace_id=trace, memory_used_mb=None, duration_s=None, status=None)
    (one,) = joined([bare, start, report(), access()])
    assert one.request_id == "r0"
    assert one.facts is not None
    assert (one.facts.memory_used_mb, one.facts.gateway) == (81.0, "shop/prod")


def test_of_attempts_in_one_trace_each_has_its_own_report() -> None:
    trace = "trace-x"
    first = flow(0, request_id=None, application_flow_id=trace)
    second = flow(1, request_id=None, application_flow_id=trace, start=START + 60.0)
    told = [
        report(0, START + 0.05, trace_id=trace, memory_used_mb=1.0),
        report(1, START + 60.05, trace_id=trace, memory_used_mb=2.0),
    ]
    found = joined([first, second, *told])
    assert [one.facts and one.facts.memory_used_mb for one in found] == [1.0, 2.0]
    assert [one.request_id for one in found] == ["r0", "r1"]


def test_of_attempts_with_one_request_id_each_has_its_own_report() -> None:
    second = flow(1, request_id="r0", start=START + 60.0)
    told = [report(0, START + 0.05, memory_used_mb=1.0), report(0, START + 60.05, memory_used_mb=2.0)]
    found = joined([flow(), second, *told])
    assert [one.facts and one.facts.memory_used_mb for one in found] == [1.0, 2.0]


def test_a_span_id_tells_more_than_a_function() -> None:
    trace = "trace-x"
    some = [flow(n, request_id=None, application_flow_id=trace) for n in range(2)]
    told = [
        report(n, trace_id=trace, span_id=some[n].function_flow_id, memory_used_mb=n + 1.0) for n in range(2)
    ]
    assert [one.facts and one.facts.memory_used_mb for one in joined([*some, *told])] == [1.0, 2.0]


def test_a_gateways_line_with_a_trace_alone_is_that_of_the_first_function_of_the_trace() -> None:
    trace = "trace-x"
    first, later = flow(0, application_flow_id=trace), flow(1, application_flow_id=trace, start=START + 1.0)
    line = access(None, trace_id=trace)
    found = joined([later, first, line])
    assert [one.facts and one.facts.http_status for one in found] == [200, None]
    assert counts([later, first, line])["accesses joined to a flow"] == 1


def test_a_call_that_no_step_tells_of_is_kept_as_a_fact() -> None:
    loot = call("e2", START, operation="GetObject", target="loot", error_code="AccessDenied")
    (one,) = joined([flow(), call("e1", START), loot])
    assert one.facts is not None
    assert one.facts.unseen == (UnseenCall("S3", "GetObject", "loot", START, "AccessDenied"),)
    assert one.events == flow().events


@pytest.mark.parametrize(
    "more",
    [
        call("e2", START),
        call("e2", START + 2.0),
        call("e2", START, target=None),
        call("e2", START, "Logs", "CreateLogStream", "x"),
        call("e2", START, "KMS", "Decrypt", "key", invoked_by="dynamodb.amazonaws.com"),
        call("e2", START, "DynamoDB", "GetItem", "arn:aws:dynamodb:eu-west-1:111122223333:table/Stock"),
    ],
    ids=["a retry", "a clock", "no resource", "the platform", "a service for it", "an address"],
)
def test_what_a_step_may_tell_of_is_not_unseen(more: Any) -> None:
    (one,) = joined([flow(), call("e1", START), more])
    assert one.facts is not None
    assert one.facts.unseen == ()


def test_nothing_is_unseen_where_calls_are_not_traced() -> None:
    (one,) = joined([flow(0, ()), call("e1", START)])
    assert one.facts is not None
    assert one.facts.unseen == ()
    assert one.facts.access_key == "p-key"


def test_a_call_is_not_unseen_where_any_run_of_that_time_has_such_a_step() -> None:
    other = flow(1, [GET], start=START + 0.01)
    found = joined([flow(0, [PUT]), other, call("e1", START), call("e2", START), call("e3", START)])
    assert [one.facts and one.facts.unseen for one in found] == [(), None]


def test_runs_side_by_side_are_told_apart_by_their_credentials() -> None:
    some = [flow(n, [PUT, GET], start=START + 0.001 * n) for n in range(2)]
    told = [
        call("a", START, access_key="p-b"),
        call("b", START, access_key="p-a"),
        call("c", START, "DynamoDB", "GetItem", "Stock", access_key="p-a"),
        call("d", START, "DynamoDB", "GetItem", "Stock", access_key="p-b"),
        call("e", START, target="loot", access_key="p-a"),
    ]
    found = joined([*some, *told])
    keys = [one.facts and one.facts.access_key for one in found]
    assert sorted(map(str, keys)) == ["p-a", "p-b"]
    unseen = {one.facts.access_key: len(one.facts.unseen) for one in found if one.facts is not None}
    assert unseen == {"p-a": 1, "p-b": 0}


def test_copies_vanish_and_are_counted() -> None:
    told = [report(), call("e1", START), invoke()]
    found = counts([flow(), *told, *told])
    assert joined([flow(), *told, *told]) == joined([flow(), *told])
    assert (found["calls told again"], found["reports told again"]) == (2, 1)


def test_records_of_one_event_that_differ_are_both_kept_and_told_of() -> None:
    tally = Tally()
    other = call("e1", START, target="loot", digest="other")
    (one,) = joined([flow(), call("e1", START), other], tally)
    assert one.facts is not None
    assert len(one.facts.unseen) == 1
    assert tally.losses["contradictory call"] == 1


def test_what_two_accounts_were_told_of_one_call_is_one_call() -> None:
    own = call("e1", START, shared_id="s")
    theirs = call("e2", START, shared_id="s", account="999999999999", digest="x")
    assert joined([flow(), own, theirs]) == joined([flow(), theirs, own]) == joined([flow(), own])


def test_calls_of_people_make_no_flow() -> None:
    person = call(
        "e1", START, principal_kind="IAMUser", credentials_of=None, session_function=None, session=None
    )
    service = call("e2", START, credentials_of=None, session_function=None, access_key=None)
    assert joined([person, service]) == []
    assert counts([person, service, flow()])["calls of people and services"] == 2


def test_a_key_that_was_issued_to_a_function_tells_whose_calls_are() -> None:
    issued = call(
        "e0", START - 60.0, "STS", "AssumeRole", "role", credentials_of=None,
        invoked_by="lambda.amazonaws.com", principal_kind="AWSService", access_key=None, issued_key="p-key",
    )  # fmt: skip
    later = call("e1", START, credentials_of=None, session_function=None)
    (one,) = joined([flow(), later, issued])
    assert one.facts is not None
    assert one.facts.access_key == "p-key"
    before = replace(later, time=START - 61.0)
    assert counts([flow(start=START - 61.0), before, issued])["calls of people and services"] == 2


def test_numbers_add_up() -> None:
    told = [
        flow(), report(), invoke(), access(), call("e1", START), report(request_id=None), access(None),
        report(5), invoke(6), invoke(7, target=None), call("e2", START + 500.0), access(8),
    ]  # fmt: skip
    found = counts(told)
    assert found["reports of instances"] == 1
    assert found["accesses of no run"] == 2
    assert found["calls without a function or a time"] == 1
    assert found["calls of runs that nothing else tells of"] == 1


def story(seed: int) -> list[Any]:
    """Runs of two functions, traced or not, and what others tell of them; each with its time."""
    random, told = Random(seed), list[tuple[float, Any]]()
    time = START
    for number in range(40):
        time += random.choice([0.0, 0.01, 1.0, 3.0, 70.0])
        name = random.choice(["Order", "Pay"])
        arn, key = f"{ARN}{name}", f"p-{random.randrange(3)}"
        traced = name == "Order" and random.random() < 0.8
        if traced:
            one = flow(number, [GET, PUT], start=time, function=name)
            told.append((time, one if random.random() < 0.5 else lean(one)))
        if random.random() < 0.7:
            told.append((time + 0.05, report(number, time + 0.05, function_name=name)))
        if random.random() < 0.3:
            after = time + random.choice([0.05, 0.1, 2.0, 60.0, 119.0, 130.0, 1_200.0])
            other, length = random.choice(["Order", "Pay"]), random.choice([0.0123, 0.5, 50.0, 86_400.0])
            told.append((after, report(number, after, function_name=other, duration_s=length)))
        if name == "Pay" or random.random() < 0.5:
            place: dict[str, Any] = {"credentials_of": arn, "session_function": name, "access_key": key}
            for n in range(random.randrange(3)):
                target = random.choice(["receipts", "loot"])
                told.append((float(int(time)), call(f"e{number}-{n}", time, target=target, **place)))
        if name == "Order" and random.random() < 0.3:
            told.append((float(int(time)), invoke(number, time, target=arn)))
        if random.random() < 0.3:
            told.append((time, access(number, time)))
    return sorted(told, key=lambda one: one[0])


def words(flows: list[Any]) -> bytes:
    return b"\n".join(sorted(msgspec.json.encode(whole(one)) for one in flows))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 10_000), st.booleans())
def test_cuts_orders_advances_and_snapshots_change_nothing(seed: int, cut: int, stored: bool) -> None:
    told, random = story(seed), Random(cut)
    tally = Tally()
    joining = Joining(Settings(), tally, expecting=True)
    joining.push([one for _, one in told])
    expected = words(joining.advance(inf))
    mixed = sorted(told, key=lambda one: one[0] + random.uniform(0, 30.0))
    with scratch() as store:
        cut_tally = Tally()
        joining, out = Joining(Settings(), cut_tally, store.beside() if stored else None, expecting=True), []
        for place, (_, one) in enumerate(mixed):
            joining.push([one])
            if random.random() < 0.3:
                horizon = min([time for time, _ in mixed[place + 1 :]], default=inf)
                given = joining.advance(horizon)
                out += given
            if random.random() < 0.2:
                state = joining.snapshot()
                joining = Joining(Settings(), cut_tally, store.beside() if stored else None, expecting=True)
                joining.restore(state)
            if stored:
                joining._flows._most = joining._witnesses._most = 4
        out += joining.advance(inf)
    assert words(out) == expected
    assert cut_tally.counts == tally.counts


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([1, 5, 1_000]))
def test_at_the_end_flows_may_come_one_trace_at_a_time_and_go_some_at_a_time(seed: int, least: int) -> None:
    told = [one for _, one in story(seed)]
    flows = [one for one in told if hasattr(one, "function_flow_id")]
    tally, expected = Tally(), Tally()
    joining = Joining(Settings(), tally)
    joining.push([one for one in told if not hasattr(one, "function_flow_id")])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(stretches, "LEAST", least)
        given = words(list(joining.drain(iter(flows))))
    assert given == words(joined(told, expected))
    assert tally.counts == expected.counts


@pytest.mark.parametrize("traced", [True, False])
def test_what_waited_for_the_end_is_taken_up_some_at_a_time(
    traced: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretches, "LEAST", 128)
    number = 4_000
    joining = Joining(Settings(), Tally(), expecting=True)
    for n in range(number):
        joining.push([report(n, START + 10 * n, kind="report"), call(f"e{n}", START + 10 * n)])
    flows = (lean(flow(n, start=START + 10 * n)) for n in range(number)) if traced else ()
    most = given = 0
    for _ in joining.drain(flows):
        given += 1
        held = len(joining._calls.assigned), len(joining._rest._open.drafts)
        most = max(most, *held)
    assert given == number
    assert most <= 512


def test_nothing_starts_before_the_low_watermark() -> None:
    told = story(7)
    joining, low = Joining(Settings(), Tally(), expecting=True), -inf
    for place, (time, one) in enumerate(told):
        joining.push([one])
        horizon = told[place + 1][0] if place + 1 < len(told) else inf
        assert all(one.start_time >= low for one in joining.advance(horizon))
        assert joining.low_watermark >= low
        low = joining.low_watermark
        assert low <= time or low == inf


def test_what_comes_too_late_makes_no_second_flow() -> None:
    joining = Joining(Settings(), Tally(), expecting=True)
    joining.push([flow()])
    assert len(joining.advance(START + 1_000.0)) == 1
    joining.push([report()])
    assert joining.advance(inf) == []


def test_of_very_many_most_lie_in_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FLOWS", 128)
    monkeypatch.setattr(module, "MOST_WITNESSES", 128)
    told = [
        thing
        for n in range(1_000)
        for thing in (lean(flow(n, start=START + n)), report(n, START + n), call(f"e{n}", START + n))
    ]
    expected = words(joined(told))
    with scratch() as store:
        joining = Joining(Settings(), Tally(), store)
        joining.push(told)
        assert len(joining._flows._near) <= 192
        assert len(joining._witnesses._near) <= 192
        assert words(joining.advance(inf)) == expected


def test_a_call_that_waits_in_a_snapshot_is_joined_to_a_run_that_comes_last() -> None:
    first = Joining(Settings(), Tally())
    first.push([call("e1", START, bytes_in=900)])
    after = Joining(Settings(), Tally())
    after.restore(first.snapshot())
    (one,) = after.drain([flow()])
    assert one.facts is not None
    assert (one.facts.bytes_in, one.facts.access_key) == (900, "p-key")


def test_an_account_of_another_name_is_another_function() -> None:
    other = call("e1", START, credentials_of="arn:aws:lambda:eu-west-1:999999999999:function:Order")
    found = joined([flow(), other])
    assert [one.account for one in found] == ["999999999999", ACCOUNT]


def test_what_was_given_before_other_witnesses_came_is_known_to_be_traced() -> None:
    trace = "1-656f1c80-0123456789abcdef01234567"
    first, joining = Joining(Settings(), Tally()), Joining(Settings(), Tally())
    first.note([flow(), flow(1, request_id=None, application_flow_id=trace)])
    joining.restore(first.snapshot())
    start = report(1, kind="start", trace_id=trace, duration_s=None)
    joining.push([report(), start, report(1), report(5)])
    (other,) = joining.advance(inf)
    assert (other.request_id, other.facts and other.facts.untraced) == ("r5", True)


@pytest.mark.parametrize("told", [b"", b"x", b"r\x91", b"r" + msgspec.msgpack.encode([1.0, 5]), b"c\xff\xff"])
def test_a_witness_that_was_put_away_and_is_damaged_is_told(told: bytes) -> None:
    with pytest.raises(BundleError, match="The state is damaged"):
        released_witness(told)
