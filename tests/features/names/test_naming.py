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


TENANTS = ("acme3", "globex14", "initech7", "umbrella2", "hooli51", "soylent9")


def tenants_of(
    late: int, kind: str = "SQS", beginning: str = "orders-", function: str = "Order"
) -> list[Flow]:
    """Runs that leave messages in the queues of tenants, the last of whom came late."""
    early = TENANTS[: len(TENANTS) - late]
    names = [f"{beginning}{early[at % len(early)]}" for at in range(200)]
    names += [f"{beginning}{TENANTS[at % len(TENANTS)]}" for at in range(200)]
    return [
        make_flow(
            [("SendMessage", "SQS", name, 0.01)], flow_id=f"t{at:015}", function=function, start=START + at
        )
        for at, name in enumerate(names)
    ]


def test_a_new_tenant_is_no_new_resource_where_tenants_keep_coming() -> None:
    naming = Naming()
    naming.watch(tenants_of(late=2))
    form = "orders-{letters:3-9}{digits:1-3}"
    key = (make_key(), "SQS")
    assert naming.fold(key, "orders-wonka33") == naming.fold(key, "orders-acme3") == form
    others = ("orders-evil", "ordors-wonka33", "orders-wonka33-copy", "orders-acne3", "orders-glbex14")
    assert [naming.fold(key, name) for name in others] == list(others), "look-alikes and other forms stay"
    assert naming.fold(key, "orders-acme4") == form, "a number is no look-alike"
    again = Naming.from_json(json.loads(json.dumps(naming.to_json())))
    assert again.fold(key, "orders-wonka33") == form


def test_a_new_name_of_a_family_that_does_not_grow_stays_new() -> None:
    naming = Naming()
    naming.watch(tenants_of(late=0))
    assert naming.forms == {}
    assert naming.fold((make_key(), "SQS"), "orders-wonka33") == "orders-wonka33"


def test_a_family_that_once_grew_is_taken_to_grow_for_good() -> None:
    naming = Naming()
    naming.watch(tenants_of(late=1))
    key = (make_key(), "SQS")
    form = naming.fold(key, "orders-wonka33")
    assert form != "orders-wonka33"
    naming = Naming.from_json(json.loads(json.dumps(naming.to_json())))
    later = [make_flow([], flow_id="later", start=START + 10_000)]
    naming.watch(later)
    assert naming.fold(key, "orders-wonka33") == form
    fresh = Naming()
    fresh.watch([*tenants_of(late=1), *later])
    assert fresh.forms == {}, "by then nobody came for long"


def test_families_of_one_application_vouch_for_each_other() -> None:
    calm, lively = tenants_of(late=0), tenants_of(late=2, beginning="mail-", function="Mail")
    naming, other = Naming(), Naming()
    naming.watch([*calm, *lively])
    assert naming.fold((make_key(), "SQS"), "orders-wonka33") != "orders-wonka33"
    other.watch(calm)
    assert other.forms == {}
    other.watch(lively)
    assert other.forms.keys() == naming.forms.keys(), "whatever comes first"
    merged, more = Naming(), Naming()
    merged.watch(calm)
    more.watch(lively)
    merged.merge(more)
    assert merged.forms.keys() == naming.forms.keys()
    assert merged.to_json() == naming.to_json() == other.to_json()


def test_a_short_number_is_what_longer_ones_are_masked_to() -> None:
    naming = Naming()
    naming.watch(flows_of([*["store/pages/*.pdf"] * 80, "copies-*"]))
    naming.watch(flows_of(["copies-*"] * 9))
    for short in ("store/pages/314.pdf", "store/pages/836498601474.pdf"):
        assert naming.fold(KEY, short) == "store/pages/*.pdf"
    assert naming.fold(KEY, "copies-12345") == "copies-*"
    others = ("store/pages/a31.pdf", "store/drafts/314.pdf", "copies-836498601474", "store-314/pages/*.pdf")
    assert [naming.fold(KEY, name) for name in others] == list(others), "another account's bucket is new"
    again = Naming.from_json(json.loads(json.dumps(naming.to_json())))
    assert again.fold(KEY, "store/pages/314.pdf") == "store/pages/*.pdf"
    assert naming.remarks() == []
