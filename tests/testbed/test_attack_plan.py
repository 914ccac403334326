import pytest

from coldtrail_testbed.attacks import ATTACKS, PAPER, find_attacks
from coldtrail_testbed.attacks.plan import AttackPlan
from coldtrail_testbed.errors import TestbedError


def test_names_select_attacks() -> None:
    assert find_attacks(["none"], "airline") == []
    assert [attack.name for attack in find_attacks(["paper"], "airline")] == list(PAPER)
    assert [attack.name for attack in find_attacks(["longer_run", "longer_run"], "airline")] == ["longer_run"]


@pytest.mark.parametrize("names", [["nothing"], ["paper", "longer_run"], ["longer_run", "none"]])
def test_unknown_names_list_the_known_ones(names: list[str]) -> None:
    with pytest.raises(TestbedError, match=r"choose from: none, paper, data_leakage, .*extra_action"):
        find_attacks(names, "airline")


def test_the_share_is_kept_and_divided_evenly() -> None:
    plan = AttackPlan(list(ATTACKS.values()), "airline", 0.1, seed=1)
    drawn = [plan.choose("ConfirmBooking") for _ in range(12_000)]
    counts = {name: drawn.count(name) for name in set(drawn) if name}
    assert set(counts) == {"data_leakage", "changed_order", "extra_action"}
    assert sum(counts.values()) == pytest.approx(1200, rel=0.1)
    assert all(count == pytest.approx(400, rel=0.2) for count in counts.values())
    assert plan.choose("GetLoyalty") is None


def test_one_functions_draws_do_not_shift_anothers() -> None:
    plans = [AttackPlan(list(ATTACKS.values()), "airline", 0.5, seed=1) for _ in range(2)]
    plans[0].choose("ReserveBooking")
    assert [plans[0].choose("CollectPayment") for _ in range(50)] == [
        plans[1].choose("CollectPayment") for _ in range(50)
    ]
