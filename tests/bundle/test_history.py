"""The laws of the history: a sample of two parts is that of the whole, weights add up, bounds hold."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import coldtrail.bundle.history as module
from coldtrail.bundle.history import History
from coldtrail.bundle.history_state import restored, state_of
from coldtrail.features.strata import HALF_LIFE_S
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.testing import START, make_flow, make_history, make_key
from tests.features.test_lean import lean
from tests.verbs.telemetry_files import GET, PUT, STEAL, USUAL


def history_of(*parts: list[Flow]) -> History:
    history = History(Vocabulary())
    for part in parts:
        history.add(part)
    return history


def kept(history: History) -> dict[int, float]:
    return {int(one): float(weight) for one, weight in zip(history.ids, history.flows.weight, strict=True)}


def alike(number: int, prefix: str = "a") -> list[Flow]:
    return [make_flow(USUAL, flow_id=f"{prefix}{i}", start=START + i) for i in range(number)]


@settings(max_examples=25)
@given(cut=st.integers(0, 300), seed=st.integers(0, 5))
def test_adding_in_two_parts_is_adding_at_once(cut: int, seed: int) -> None:
    flows = make_history(300, seed=seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOST_ALIKE", 20)
        parts, whole = history_of(flows[:cut], flows[cut:]), history_of(flows)
    assert kept(parts) == pytest.approx(kept(whole))
    assert parts.learned == whole.learned


def test_columns_teach_what_records_teach() -> None:
    numbers = Random(3).sample(range(2**32), 120)
    uploads = [
        make_flow([("GetObject", "S3", f"upload-{one:08x}", 0.01)], flow_id=f"u{one}", function="Thumb",
                  start=START + 60 * place)
        for place, one in enumerate(numbers)
    ]  # fmt: skip
    first = [*make_history(60, prefix="f"), *uploads[:60]]
    second = [*make_history(60, prefix="g", seed=1), *uploads[60:]]
    records = history_of(first, second[::2], second)
    columns = History(Vocabulary()).add(map(lean, first)).add(map(lean, second[::2]))
    columns.add([lean(flow) if place % 3 else flow for place, flow in enumerate(second)])
    assert records.vocabulary.naming.forms
    assert columns.vocabulary.to_json() == records.vocabulary.to_json()
    for name, array in state_of(columns).items():
        np.testing.assert_array_equal(array, state_of(records)[name])


def test_a_copy_is_added_to_alone() -> None:
    history = history_of(make_history(50))
    history.releases[make_key()] = START
    before = state_of(history)
    copy = history.copy()
    copy.add([make_flow([STEAL], flow_id="new", function="New")])
    copy.releases.clear()
    assert make_key("New") in copy.learned
    assert "PutObject" in {name for _, name, _ in copy.vocabulary.actions.words}
    assert "PutObject" not in {name for _, name, _ in history.vocabulary.actions.words}
    for name, array in state_of(history).items():
        np.testing.assert_array_equal(array, before[name])


def test_the_weights_of_a_drawn_sample_add_up_to_all_flows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ALIKE", 10)
    history = history_of(alike(500), [make_flow([GET], flow_id="rare", start=START)])
    assert len(history.flows) == 11
    assert history.flows.weight.sum() == pytest.approx(501, rel=1e-3)
    assert history.learned[make_key()] == 501


def test_what_is_rare_is_kept_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ALIKE", 5)
    rare = [make_flow([GET, PUT], flow_id=f"r{i}", start=START + i) for i in range(4)]
    history = history_of(alike(400), rare)
    lengths = history.flows.lengths
    assert np.count_nonzero(lengths == lengths.min()) == 4
    assert history.flows.weight[lengths == lengths.min()] == pytest.approx(1.0, rel=1e-3)


def test_old_flows_weigh_less_and_leave_the_sample_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ALIKE", 50)
    start = 1_400_000_000.0
    old = [make_flow(USUAL, flow_id=f"o{i}", start=start + i) for i in range(200)]
    later = start + 3 * HALF_LIFE_S
    new = [make_flow(USUAL, flow_id=f"n{i}", start=later + i) for i in range(200)]
    history = history_of(old, new)
    assert history.flows.weight.sum() == pytest.approx(200 * (1 + 1 / 8), rel=1e-3)
    assert (history.flows.start >= later).mean() > 0.75


@pytest.mark.parametrize("cut", [3, 40, 150])
def test_names_with_random_parts_fold_alike_however_they_come(cut: int) -> None:
    random = Random(3)
    flows = [
        make_flow(
            [("PutObject", "S3", f"upload-{random.randbytes(5).hex()[1:]}x", 0.01)],
            flow_id=f"u{i}",
            start=START + i,
        )
        for i in range(300)
    ]
    whole, parts = history_of(flows), history_of(flows[:cut], flows[cut:])
    assert kept(parts) == pytest.approx(kept(whole))
    assert len(parts.flows.shapes.first) == 1
    assert targets(parts) == targets(whole)
    assert len(parts.strata.keys) == len(whole.strata.keys)


def targets(history: History) -> set[str | None]:
    return {history.vocabulary.steps[step][3] for step in history.flows.step.tolist()}


def test_when_the_sample_is_drawn_does_not_change_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ALIKE", 7)
    flows = make_history(900, seed=4)
    at_once = history_of(flows)
    monkeypatch.setattr(module, "BLOCK_FLOWS", 50)
    often = history_of(flows)
    assert kept(often) == pytest.approx(kept(at_once))
    assert often.flows.weight.sum() == pytest.approx(900, rel=1e-2)


def test_flows_too_late_for_the_sample_do_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ALIKE", 10)
    history = history_of(alike(400))
    monkeypatch.setattr(History, "draw", lambda _: None)
    history.add(alike(400, prefix="b"))
    assert sum(len(one.ids) for one in history._waiting) < 40


def test_no_flow_counts_twice() -> None:
    flows = alike(30)
    history = history_of(flows, flows, [flows[0], flows[0]])
    assert history.flows.weight.sum() == pytest.approx(30, rel=1e-3)
    assert history.learned[make_key()] == 30


def test_flows_whose_record_is_open_are_left_out() -> None:
    assert not len(history_of([make_flow(USUAL, complete=False)]).flows)


def test_there_are_never_more_flows_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FLOWS", 60)
    different = [make_flow([GET] * (1 + i % 90), flow_id=f"d{i}", start=START + i) for i in range(400)]
    history = history_of(different)
    assert len(history.flows) <= 60
    assert history.learned[make_key()] == 400


def test_a_restored_history_goes_on_as_the_first_would(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ALIKE", 15)
    flows = make_history(240)
    first = history_of(flows[:150])
    words = Vocabulary.from_json(first.vocabulary.to_json())
    again = restored(words, state_of(first))
    assert kept(again.add(flows[150:])) == kept(first.add(flows[150:]))
    assert (again.first, again.reference) == (first.first, first.reference)
    assert again.flows.action.tolist() == first.flows.action.tolist()
    assert again.flows.starting.tolist() == first.flows.starting.tolist()


def test_versions_are_those_that_the_flows_name() -> None:
    flows = [make_flow(USUAL, flow_id=f"v{i}", version=version) for i, version in enumerate(("1", "2", "1"))]
    history = history_of(flows, [make_flow(USUAL, flow_id="w", function="Ship")])
    assert history.versions() == {make_key(): frozenset(("1", "2"))}


def test_an_empty_history_can_be_kept_and_read() -> None:
    empty = History(Vocabulary())
    assert not len(restored(Vocabulary(), state_of(empty)).flows)


def test_what_is_forgotten_is_as_if_it_had_never_come() -> None:
    flows = [*make_history(100), *alike(5, "x")]
    history = history_of(flows)
    rows = np.array([i for i, (_, name) in enumerate(history.names) if name.startswith("x")])
    assert history.forget(rows) == 5
    without = history_of(make_history(100))
    assert kept(history) == pytest.approx(kept(without))
    assert history.learned == without.learned
    assert set(history.names) == set(without.names)
    history.forget(np.arange(len(history.flows)))
    assert not history.learned
    assert len(history.add(flows).flows) == 105


def test_of_a_drawn_sample_each_stands_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ALIKE", 10)
    history = history_of(alike(100))
    assert history.forget(np.array([0, 1])) == 2
    assert history.flows.weight.sum() == pytest.approx(98, rel=1e-3)
    assert history.forget(np.arange(8)) == 98
    assert not history.learned


def test_names_are_kept_and_come_back() -> None:
    history = history_of(make_history(30))
    back = restored(history.vocabulary, state_of(history))
    assert back.names.tolist() == history.names.tolist()
    assert ("trace-h00000003", "h00000003") in back.names.tolist()


def test_a_clock_that_is_years_ahead_makes_nothing_else_fade() -> None:
    ahead = make_flow(USUAL, flow_id="ahead", start=4_070_908_800.0)
    for parts in ([[*alike(30), ahead]], [alike(30), [ahead]]):
        history = history_of(*parts)
        assert (history.ahead, history.learned.total()) == (1, 30)
        assert history.flows.weight.sum() == pytest.approx(30, rel=1e-3)


def test_telemetry_of_a_clock_that_is_wrong_throughout_is_learned() -> None:
    start = 4_000_000_000.0
    flows = [make_flow(USUAL, flow_id=f"a{i}", start=start + i) for i in range(30)]
    assert history_of(flows).learned.total() == 30


def read_again(history: History) -> History:
    words = Vocabulary.from_json(history.vocabulary.to_json())
    return restored(words, state_of(history))


@pytest.mark.parametrize("in_between", [lambda history: history, read_again], ids=["on", "kept"])
def test_what_the_sample_left_out_counts_once_as_well(
    monkeypatch: pytest.MonkeyPatch, in_between: Callable[[History], History]
) -> None:
    monkeypatch.setattr(module, "MOST_ALIKE", 20)
    flows = [*make_history(400), *alike(300)]
    once = history_of(flows)
    before, learned = kept(once), once.learned.copy()
    assert len(before) < 350
    twice = in_between(once).add(flows)
    assert kept(twice) == pytest.approx(before)
    assert twice.learned == learned
    assert twice.known_by_sample == 700 - len(before)


def test_of_telemetry_that_overlaps_about_the_new_part_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ALIKE", 200)
    flows = alike(3000)
    history = history_of(flows[:2000]).add(flows[1000:])
    assert history.learned[make_key()] == pytest.approx(3000, rel=0.05)
    assert history.flows.weight.sum() == pytest.approx(3000, rel=0.05)
    assert kept(history).keys() == kept(history_of(flows)).keys()


def test_new_flows_after_known_ones_count_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ALIKE", 20)
    history = history_of(alike(300)).add(alike(300)).add(alike(300, "b"))
    assert history.learned[make_key()] == 600


def each_different(number: int, function: str = "Explodes") -> list[Flow]:
    return [
        make_flow(
            [GET] * (1 + i % 40) + [PUT] * (i // 40),
            flow_id=f"{function}{i}",
            function=function,
            start=START + i,
        )
        for i in range(number)
    ]


def test_a_function_of_which_no_run_is_like_another_costs_the_others_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_KINDS", 50)
    monkeypatch.setattr(module, "MOST_FLOWS", 300)
    calm = alike(200)
    history = history_of([*each_different(400), *calm])
    assert history.dropped_kinds == 350
    assert len(history.strata.keys) == 51
    assert kept(history).keys() >= kept(history_of(calm)).keys()
    assert history.learned[make_key("Explodes")] == 400
    assert history.add(each_different(400)).learned[make_key("Explodes")] <= 800
    assert len(history.strata.keys) == 51


def test_kinds_are_no_more_than_flows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FLOWS", 60)
    history = history_of(each_different(100), each_different(200, "Other"))
    assert len(history.flows) == len(history.strata.keys) == 60
    assert history.dropped_kinds == 240


def test_words_that_were_struck_out_are_no_longer_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ALIKE", 15)
    struck = [make_flow([GET, STEAL], flow_id=f"s{i}", start=START + i, version="evil") for i in range(3)]
    plain = [make_flow([GET], flow_id="late", start=START + 9000, version="2"), *make_history(200)]
    history = history_of(struck, plain)
    history.forget(np.flatnonzero(history.flows.version == history.vocabulary.versions.numbers["evil"]))
    before, bounds = kept(history), np.sort(history.strata.bounds)
    history.compact()
    assert kept(history) == before
    assert np.sort(history.strata.bounds).tolist() == bounds.tolist()
    words = history.vocabulary
    assert ("S3", "loot") not in words.resources.numbers
    assert words.versions.words == ["2"]
    assert np.searchsorted(history.strata.keys, module.alike(history.flows)).max() < len(history.strata.keys)
    anew = history_of(plain)
    assert sorted(map(str, words.steps.words)) == sorted(map(str, anew.vocabulary.steps.words))
    more = make_history(100, seed=3, prefix="m")
    assert kept(history.add(more)) == pytest.approx(kept(anew.add(more)))
    known = history.vocabulary
    history.compact()
    assert history.vocabulary is known
