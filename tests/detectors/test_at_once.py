"""Records at their places among others of one moment."""

from __future__ import annotations

from math import inf

from msgspec.structs import replace

from coldtrail.assembly.watermark import LEAST_BELIEVED
from coldtrail.detectors.at_once import Held, each_once, held_at, moment_of, near_of, place_of, source_of
from coldtrail.records.encounter import Run, What
from coldtrail.records.window import Window
from coldtrail.records.witnesses import Access, ApiCall, Change, Network, Report
from coldtrail.testing import make_flow

NOON = 1_700_000_000.0
ACCOUNT = "111122223333"
CALL = ApiCall("e1", NOON, ACCOUNT, "eu-west-1", "S3", "GetObject", access_key="p-1", source_ip="p-2")
CHANGE = Change("e1", NOON, ACCOUNT, "eu-west-1", "pay", "UpdateFunctionCode", principal="p-1")
ACCESS = Access(NOON, "g", "r", principal="p-1", source_ip="p-2", source_network="p-3")
NETWORK = Network(NOON, NOON + 60, ACCOUNT, interface="eni-1", remote="p-1", bytes=7)
UNDER_ANOTHER_KEY: tuple[tuple[What, What], ...] = (
    (CALL, replace(CALL, access_key="p-9", source_ip="p-8")),
    (CHANGE, replace(CHANGE, principal="p-9")),
    (ACCESS, replace(ACCESS, principal="p-9", source_ip="p-8", source_network="p-7")),
    (NETWORK, replace(NETWORK, remote="p-9")),
)
OTHERS: tuple[tuple[What, What], ...] = (
    (CALL, replace(CALL, event_id="e2")),
    (CHANGE, replace(CHANGE, function_name="ship")),
    (ACCESS, replace(ACCESS, request_id="h")),
    (NETWORK, replace(NETWORK, bytes=8)),
    (Report(NOON, "r", "pay"), Report(NOON, "s", "pay")),
)


def place(what: What) -> tuple[float, int, bytes]:
    return place_of(held_at(NOON, what))


def test_no_place_hangs_on_pseudonyms() -> None:
    for one, other in UNDER_ANOTHER_KEY:
        assert place(one) == place(other), one
        assert held_at(NOON, one).tie != held_at(NOON, other).tie, one


def test_what_differs_otherwise_has_another_place() -> None:
    for one, other in OTHERS:
        assert place(one) != place(other), one


def test_keys_are_given_out_before_they_are_used() -> None:
    assert place(replace(CALL, issued_key="p-1")) < place(CALL)


def test_copies_have_one_tie() -> None:
    for one, _ in (*UNDER_ANOTHER_KEY, *OTHERS):
        assert held_at(NOON, one) == held_at(NOON, replace(one)), one
    run = Run(make_flow([], flow_id="a"))
    assert held_at(NOON, run).tie == held_at(NOON, replace(run)).tie != held_at(NOON, CALL).tie


def test_calls_with_a_digest_are_copies_by_it_alone() -> None:
    one, other = (replace(CALL, digest=digest) for digest in ("d1", "d2"))
    assert held_at(NOON, one).tie == held_at(NOON, replace(one)).tie
    others = (other, CALL, replace(one, event_id="e2"), replace(one, account="444455556666"))
    ties = {held_at(NOON, what).tie for what in (one, *others, CHANGE, replace(CHANGE, digest="d1"))}
    assert len(ties) == 7


def test_moments_and_sources() -> None:
    window = Window(ACCOUNT, "", "", "pay", start_time=NOON, source="metrics", invocations=1.0)
    run = Run(make_flow([], flow_id="a"))
    assert [moment_of(one) for one in (CALL, NETWORK, window)] == [NOON, NOON + 60, NOON + 60]
    assert moment_of(run) == run.flow.end_time
    assert moment_of(Report(None, "r", "pay")) is None
    assert [source_of(one) for one in (CALL, window, Report(NOON, "r", "pay"))] == [
        ("ApiCall", ACCOUNT), ("Window", ACCOUNT), ("Report", ""),
    ]  # fmt: skip
    assert source_of(run) == ("Run", run.flow.account or "")
    assert isinstance(held_at(NOON, CALL), Held)


def test_few_dates_behind_a_limit_are_not_believed_and_many_are() -> None:
    few = [held_at(NOON + 9 * number, CALL) for number in range(3)]
    assert near_of(few, NOON + 10) == [NOON, NOON + 9]
    assert near_of(few, -inf) == [NOON, NOON + 9, NOON + 18]
    many = [held_at(NOON + 9, CALL)] * LEAST_BELIEVED
    assert len(near_of([*few, *many], NOON + 5)) == LEAST_BELIEVED + 3


def test_of_copies_at_one_moment_the_last_stays_at_the_place_of_the_first() -> None:
    run, other = Run(make_flow([], flow_id="a")), Run(make_flow([], flow_id="b"))
    judged = replace(run, flow=make_flow([], flow_id="a", trigger="queue"))
    held = [held_at(NOON, run), held_at(NOON, other), held_at(NOON, judged), held_at(NOON + 1, run)]
    assert [one.what for one in each_once(held)] == [judged, other, run]
