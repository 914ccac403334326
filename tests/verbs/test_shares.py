"""Shares of telemetry: nothing is lost and nothing doubled, and all is told as one worker would tell it."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from coldtrail.config import LimitSettings, Settings
from coldtrail.records.tally import PART, Tally
from coldtrail.sources.outcomes import MOST_REFUSED
from coldtrail.verbs.reading import read_flows
from coldtrail.verbs.shares import MisledError, Numbered, Share, SharedFlows, merge
from tests.fixtures.telemetry import TraceBuilder, as_answered, traces
from tests.verbs.shared_telemetry import write_mixed


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_mixed(tmp_path_factory.mktemp("shares") / "mixed")


def shares(path: Path, of: int, settings: Settings) -> tuple[list[Numbered], Tally]:
    """All flows by number, and what was counted."""
    all_ = [SharedFlows(Share(number, of), [str(path)], "auto", settings) for number in range(of)]
    flows = [list(one.flows()) for one in all_]
    for some in flows:
        assert [one.number for one in some] == sorted(one.number for one in some)
    tally = Tally()
    merge(tally, [one.tally.told() for one in all_])
    return sorted((one for some in flows for one in some), key=lambda one: one.number), tally


@pytest.mark.parametrize("of", [1, 2, 3, 9])
@pytest.mark.parametrize("settings", [Settings(), Settings(limits=LimitSettings(max_events_per_flow=8))])
def test_flows_and_losses_are_those_of_one(mixed: Path, of: int, settings: Settings) -> None:
    alone, tally = read_flows(mixed, settings, "auto")
    expected = list(alone)
    found, told = shares(mixed, of, settings)
    assert [one.flow for one in found] == expected
    assert told.counts == tally.counts
    assert list(told.losses.items()) == list(tally.losses.items())
    assert told.examples == tally.examples
    assert told.kept == tally.kept
    assert told.unrecorded == tally.unrecorded
    assert tally.unrecorded
    assert {"document", "work without a run", "empty file"} <= told.losses.keys()
    assert any(kind.startswith(PART) for kind in told.losses)


def test_within_small_bounds_all_that_was_parsed_is_assembled_or_counted(mixed: Path) -> None:
    settings = Settings(limits=LimitSettings(max_open_events=200))
    found, told = shares(mixed, 2, settings)
    assert told.counts["traces closed early"]
    assert told.counts["flows assembled"] == len(found)
    assert told.counts["documents parsed"] == shares(mixed, 1, Settings())[1].counts["documents parsed"]


@pytest.fixture(scope="module")
def hopeless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of which one document in very many, or none, is of use."""
    folder = tmp_path_factory.mktemp("hopeless")
    bad, other = b"{}", b'{"Id":"1-%08x-%024x"}'
    good = [json.dumps(as_answered(trace)).encode() for trace in traces(4)]
    named = [other % (number, number) for number in range(MOST_REFUSED + 2_000)]
    for name, lines in {
        "a": [bad] * (2 * MOST_REFUSED),
        "b": [bad] * (MOST_REFUSED - 1) + [good[0]] + [bad] * MOST_REFUSED + [good[1]],
        "c": named,
        "d": [*named[:3], good[2], *named],
        "e": [good[3]],
    }.items():
        (folder / f"{name}.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    return folder


@pytest.mark.parametrize("of", [1, 2, 3])
def test_files_of_nothing_but_refusals_are_left_by_all_alike(hopeless: Path, of: int) -> None:
    alone, tally = read_flows(hopeless, Settings(), "auto")
    expected = list(alone)
    assert tally.losses["nothing but refused documents"] == 2
    assert tally.counts["documents read"] == tally.counts["documents refused"] + 4
    found, told = shares(hopeless, of, Settings())
    assert [one.flow for one in found] == expected
    assert len({flow.application_flow_id for flow in expected}) == 4
    assert told.counts == tally.counts
    assert told.losses == tally.losses


def test_each_trace_is_of_one_share() -> None:
    for trace in (b"1-6a49f2e6-9f38cdac46de5c253ecb26be", b"t1", b"\xff"):
        assert sum(Share(number, 3).owns(trace) for number in range(3)) == 1
    assert [Share(number, 2).leads for number in range(2)] == [True, False]


def test_a_document_that_names_two_traces_is_noticed(tmp_path: Path) -> None:
    trace = as_answered(TraceBuilder(3).trace("shop-prod-pay"))
    text = json.dumps(trace)[:-1] + ',"Id":"1-another"}'
    (tmp_path / "one.jsonl").write_text(text)
    with pytest.raises(MisledError):
        shares(tmp_path, 2, Settings())


def test_what_tells_of_more_than_traces_is_left_to_one_process(tmp_path: Path) -> None:
    trace = json.dumps(as_answered(TraceBuilder(3).trace("shop-prod-pay")))
    metric = '{"function_name":"pay","start_time":1700000040.0,"period_s":60,"invocations":2}'
    (tmp_path / "both.jsonl").write_text(f"{trace}\n{metric}\n")
    with pytest.raises(MisledError):
        shares(tmp_path, 2, Settings())


def test_what_was_counted_survives_the_way(mixed: Path) -> None:
    one = SharedFlows(Share(0, 2), [str(mixed)], "auto", Settings())
    list(one.flows())
    told = one.tally.told()
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(told), type=type(told)) == told


def test_both_spellings_of_a_trace_belong_to_one_share() -> None:
    for number in range(200):
        key = f"{number:08x}{'a' * 24}".encode()
        spelled = (key, key.upper(), b"1-" + key[:8] + b"-" + key[8:])
        owners = {tuple(Share(one, 3).owns(trace) for one in range(3)) for trace in spelled}
        assert len(owners) == 1
        assert sum(owners.pop()) == 1
