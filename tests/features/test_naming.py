from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldtrail.errors import BundleError
from coldtrail.features.naming import Naming, within_one_edit
from coldtrail.features.sampling import KEPT
from coldtrail.records import Flow
from coldtrail.testing import make_flow
from tests.features.naming_words import BASE36, HEX, LOWER, URL_SAFE, Maker

KEY = ("shop", "Order", "S3")


def naming_of(names: list[str], runs: int = 0, usual: dict[str, int] | None = None) -> Naming:
    naming = Naming()
    naming.add(KEY, dict.fromkeys(names, 1) | (usual or {}), max(runs, len(names)))
    return naming


def hexes(number: int, beginning: str = "upload-", seed: int = 1) -> list[str]:
    maker = Maker(seed)
    return [beginning + maker.of(HEX, 7) for _ in range(number)]


def flows_of(names: list[str], kind: str = "S3") -> list[Flow]:
    return [
        make_flow(
            [("GetItem", "DynamoDB", "Stock", 0.01), ("PutObject", kind, name, 0.01)], flow_id=f"f{i:015}"
        )
        for i, name in enumerate(names)
    ]


@pytest.mark.parametrize("runs", [50, 4_000])
def test_a_new_resource_each_run_is_folded_and_told_once(runs: int) -> None:
    naming = Naming()
    naming.watch(flows_of(hexes(runs)))
    assert naming.fold(KEY, "upload-0a1b2c3") == "upload-{hex:7}"
    assert naming.fold(("shop", "Order", "DynamoDB"), "Stock") == "Stock"
    (remark,) = naming.remarks()
    assert remark.runs == runs
    assert abs(remark.names - runs) <= 0.15 * runs
    assert "Order keeps naming new S3 resources" in remark.sentence
    assert "upload-{hex:7}" in remark.sentence


def test_names_of_another_form_stay_as_new_as_ever() -> None:
    naming = naming_of(hexes(1_000), usual={"upload-archive": 400})
    others = ("exfil-0a1b2c3", "upload-archive", "upload-archlve", "upload-0a1b2c3d", "Upload-0a1b2c3")
    for other in others:
        assert naming.fold(KEY, other) == other
    assert naming.fold(("shop", "Ship", "S3"), "upload-0a1b2c3") == "upload-0a1b2c3"
    assert naming.fold(("shop", "Order", "DynamoDB"), "upload-0a1b2c3") == "upload-0a1b2c3"


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


def test_a_template_cannot_be_forged() -> None:
    naming = naming_of(hexes(100))
    assert naming.fold(KEY, "upload-{hex:7}") != "upload-{hex:7}"
    assert naming.fold(KEY, "upload-0a1b2c3\n") == "upload-0a1b2c3\n"


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
    assert sorted_json(apart) == sorted_json(whole)
    assert apart.remarks() == whole.remarks()


def sorted_json(naming: Naming) -> list[object]:
    return [[*row[:4], sorted(row[4].items()), sorted(row[5].items())] for row in naming.to_json()]


@given(st.dictionaries(st.text(max_size=20), st.integers(1, 4), max_size=80), st.lists(st.text(max_size=20)))
def test_any_names_can_be_learned_and_folded(names: dict[str, int], others: list[str]) -> None:
    naming = Naming()
    naming.add(KEY, names, 40)
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


@pytest.mark.parametrize("raw", [None, 3, [3], [["a", "b", "c", "d", {}, {}]], [["a", "b", "c", 1, [], {}]]])
def test_damaged_names_are_a_sentence(raw: object) -> None:
    with pytest.raises(BundleError, match="names are damaged"):
        Naming.from_json(raw)


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("booking-archive", "booking-archlve", True),
        ("booking-archive", "booking-archiv", True),
        ("booking-archive", "booking-arrchive", True),
        ("a", "a", True),
        ("booking-archive", "booking-arhcive", False),
        ("", "ab", False),
    ],
)
def test_one_edit_apart(one: str, other: str, near: bool) -> None:
    assert within_one_edit(one, other) is within_one_edit(other, one) is near
