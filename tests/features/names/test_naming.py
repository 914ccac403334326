import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldtrail.errors import BundleError
from coldtrail.features.names.naming import Naming
from coldtrail.features.names.sampling import KEPT
from coldtrail.records.flow import Flow
from coldtrail.testing import START, make_flow, make_key
from tests.features.naming_words import BASE36, HEX, LOWER, URL_SAFE, Maker

KEY = (make_key(), "S3")


def naming_of(names: list[str], runs: int = 0, usual: dict[str, int] | None = None) -> Naming:
    naming = Naming()
    once = {name: (1, float(number)) for number, name in enumerate(names)}
    naming.add(KEY, once | {name: (runs, 0.0) for name, runs in (usual or {}).items()}, max(runs, len(names)))
    return naming


def hexes(number: int, beginning: str = "upload-", seed: int = 1) -> list[str]:
    maker = Maker(seed)
    return [beginning + maker.of(HEX, 7) for _ in range(number)]


def flows_of(names: list[str], kind: str = "S3") -> list[Flow]:
    read = ("GetItem", "DynamoDB", "Stock", 0.01)
    return [
        make_flow([read, ("PutObject", kind, name, 0.01)], flow_id=f"f{number:015}", start=START + number)
        for number, name in enumerate(names)
    ]


@pytest.mark.parametrize("runs", [50, 4_000])
def test_a_new_resource_each_run_is_folded_and_told_once(runs: int) -> None:
    naming = Naming()
    naming.watch(flows_of(hexes(runs)))
    assert naming.fold(KEY, "upload-0a1b2c3") == "upload-{hex:7}"
    assert naming.fold((make_key(), "DynamoDB"), "Stock") == "Stock"
    (remark,) = naming.remarks()
    assert remark.runs == runs
    assert abs(remark.names - runs) <= 0.15 * runs
    assert ("about" in remark.sentence) is (runs > KEPT)
    assert "Order keeps naming new S3 resources" in remark.sentence
    assert "upload-{hex:7}" in remark.sentence


def test_names_of_another_form_stay_as_new_as_ever() -> None:
    naming = naming_of(hexes(1_000), usual={"upload-archive": 400})
    others = ("exfil-0a1b2c3", "upload-archive", "upload-archlve", "upload-0a1b2c3d", "Upload-0a1b2c3")
    for other in others:
        assert naming.fold(KEY, other) == other
    assert naming.fold((make_key("Ship"), "S3"), "upload-0a1b2c3") == "upload-0a1b2c3"
    assert naming.fold((make_key(), "DynamoDB"), "upload-0a1b2c3") == "upload-0a1b2c3"


def test_a_look_alike_of_a_usual_name_stays_even_where_an_id_could_be_a_word() -> None:
    maker = Maker()
    names = [f"booking-{maker.of(BASE36, 7)}" for _ in range(3_000)]
    naming = naming_of(names, usual={"booking-archive": 900})
    assert naming.fold(KEY, "booking-qzkfmvx") == "booking-{id:7}"
    assert naming.fold(KEY, "booking-archive") == "booking-archive"
    assert naming.fold(KEY, "booking-archlve") == "booking-archlve"


def test_calm_functions_keep_their_names() -> None:
    usual = {f"table-{letter}{number}": 40 for letter in "ab" for number in range(10)}
    assert naming_of([], 800, usual).forms == {}
    assert naming_of(hexes(6), 1_000, usual).forms == {}
    assert naming_of(["logs-1", "logs-2", "logs-3", "logs-4"], 50).forms == {}


def test_tenants_are_folded_where_new_ones_keep_coming() -> None:
    maker = Maker()
    tenants = [f"tenant-{maker.word()}" for _ in range(300)]
    few = naming_of(tenants[:20], 1_000)
    assert few.fold(KEY, "tenant-globex") == "tenant-globex"
    assert naming_of(tenants, 1_000).fold(KEY, "tenant-globex") == "tenant-{letters:3-11}"


def test_pure_random_names_become_one() -> None:
    maker = Maker()
    names = [maker.of(URL_SAFE, 21) for _ in range(2_000)]
    naming = naming_of(names)
    assert len({naming.fold(KEY, name) for name in names}) <= 2
    assert len(naming.remarks()) == 1


def test_folding_twice_changes_nothing_more() -> None:
    naming = naming_of(hexes(100))
    assert naming.fold(KEY, "upload-{hex:7}") == "upload-{hex:7}"
    assert naming.fold(KEY, "upload-{hex:8}") == "upload-{hex:8}"
    assert naming.fold(KEY, "upload-0a1b2c3\n") == "upload-0a1b2c3\n"


def test_many_new_names_in_one_run_are_no_habit() -> None:
    naming = Naming()
    calm = flows_of(["archive"] * 300)
    calls = [("PutObject", "S3", name, 0.001) for name in hexes(200)]
    naming.watch([*calm, make_flow(calls, flow_id="migration")])
    assert naming.forms == {}


def test_flows_are_folded_where_a_name_changes() -> None:
    naming = Naming()
    flows = flows_of(hexes(60))
    naming.watch(flows)
    folded = naming.folded(flows)
    targets = {event.event_target_resource for flow in folded for event in flow.events}
    assert targets == {None, "Stock", "upload-{hex:7}"}
    other = make_flow([("GetItem", "DynamoDB", "Stock", 0.01)], function="Ship")
    assert naming.folded([other, folded[0]]) == [other, folded[0]]
    assert naming.folded([other])[0] is other


def test_steps_that_a_function_names_itself_are_folded_with_those_below() -> None:
    flows = [
        make_flow(
            [(name, "function", None, 0.01), ("GetItem", "DynamoDB", None, 0.01)],
            flow_id=name,
            start=START + number,
        )
        for number, name in enumerate(hexes(60, "## order "))
    ]
    naming = Naming()
    naming.watch(flows)
    assert {e.event_name for flow in naming.folded(flows) for e in flow.events} == {
        "## order {hex:7}", "GetItem", "Invocation", "Overhead",
    }  # fmt: skip
    assert "steps of its own" in naming.remarks()[0].sentence


@settings(max_examples=6)
@given(st.integers(0, 2**32), st.integers(0, 900), st.integers(0, 900))
def test_what_is_learned_depends_on_the_runs_alone(seed: int, first: int, second: int) -> None:
    flows = flows_of([*hexes(600, seed=seed), *["archive"] * 200, *hexes(100, "thumb-", seed)])
    whole, apart, other = Naming(), Naming(), Naming()
    whole.watch(flows)
    Random(seed).shuffle(flows)
    low, high = sorted((first, second))
    apart.watch(flows[low:high])
    apart.watch(flows[:low])
    other.watch(flows[high:])
    apart.merge(Naming.from_json(other.to_json()))
    assert apart.to_json() == whole.to_json()
    assert apart.remarks() == whole.remarks()


@given(st.dictionaries(st.text(max_size=20), st.integers(1, 4), max_size=80), st.lists(st.text(max_size=20)))
def test_any_names_can_be_learned_and_folded(names: dict[str, int], others: list[str]) -> None:
    naming = Naming()
    naming.add(KEY, {name: (runs, float(runs)) for name, runs in names.items()}, 40)
    for name in (*names, *others):
        assert naming.fold(KEY, name) == Naming.from_json(naming.to_json()).fold(KEY, name)


def test_memory_is_bounded() -> None:
    maker = Maker()
    naming = naming_of([maker.of(LOWER, 12) + maker.of(HEX, 6) for _ in range(10_000)])
    assert len(naming.watches[KEY].coded.runs) == KEPT
    for _ in range(10_000):
        naming.fold(KEY, maker.of(HEX, 20))
    assert len(naming.forms[KEY]) <= 4096


def test_each_template_has_an_example() -> None:
    naming = naming_of([*hexes(50), *hexes(50, "thumb-")])
    examples = naming.forms[KEY].examples
    assert [naming.fold(KEY, name) for name in examples.values()] == list(examples)
    assert set(examples) == {"upload-{hex:7}", "thumb-{hex:7}"}


@pytest.mark.parametrize(
    "raw",
    [None, 3, [3], [["a", "b", "c", "d", {}]], [["a", "b", "c", 1, []]], [["a", "b", "c", 1, {"x": 1}]]],
)
def test_damaged_names_are_a_sentence(raw: object) -> None:
    with pytest.raises(BundleError, match="names are damaged"):
        Naming.from_json(raw)


def test_what_is_written_does_not_depend_on_the_order_in_which_names_were_met() -> None:
    named = {f"name-{i}": (1, 1.0) for i in range(20)}
    forwards, backwards = Naming(), Naming()
    forwards.add(KEY, named, 20)
    backwards.add(KEY, dict(reversed(named.items())), 20)
    assert json.dumps(forwards.to_json()) == json.dumps(backwards.to_json())
