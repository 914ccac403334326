import pytest

from coldtrail_testbed.attacks import ATTACKS, PAPER, find_attacks
from coldtrail_testbed.attacks.plan import AttackPlan
from coldtrail_testbed.errors import TestbedError


def _names(*names: str, application: str = "airline") -> list[str]:
    return [attack.name for attack in find_attacks(names, application)]


def test_names_select_attacks() -> None:
    assert _names("none") == []
    assert _names("paper") == list(PAPER)
    assert _names("longer_run", "longer_run") == ["longer_run"]


def test_groups_and_names_mix() -> None:
    assert _names("mining", "paper", "longer_run") == ["mining", *PAPER]
    assert _names("all") == [*PAPER, *_names("unpublished")]
    assert set(_names("all")) == set(ATTACKS)


def test_a_group_leaves_out_what_an_application_does_not_know() -> None:
    assert "other_action" not in _names("paper", application="vod")
    with pytest.raises(TestbedError, match=r"there is no attack 'other_action' on vod; choose from: none"):
        find_attacks(["other_action"], "vod")


@pytest.mark.parametrize("names", [["nothing"], ["paper", "nothing"], [""]])
def test_unknown_names_list_the_known_ones(names: list[str]) -> None:
    known = r"choose from: none, paper, unpublished, all, data_leakage, .*mining"
    with pytest.raises(TestbedError, match=known):
        find_attacks(names, "airline")


def test_the_share_is_kept_and_divided_evenly() -> None:
    plan = AttackPlan(find_attacks(["paper"], "airline"), "airline", 0.1, seed=1)
    drawn = [plan.choose("ConfirmBooking") for _ in range(12_000)]
    counts = {name: drawn.count(name) for name in set(drawn) if name}
    assert set(counts) == {"data_leakage", "changed_order", "extra_action"}
    assert sum(counts.values()) == pytest.approx(1200, rel=0.1)
    assert all(count == pytest.approx(400, rel=0.2) for count in counts.values())
    assert plan.choose("GetLoyalty") is None


def test_one_functions_draws_do_not_shift_anothers() -> None:
    plans = [AttackPlan(find_attacks(["paper"], "airline"), "airline", 0.5, seed=1) for _ in range(2)]
    plans[0].choose("ReserveBooking")
    assert [plans[0].choose("CollectPayment") for _ in range(50)] == [
        plans[1].choose("CollectPayment") for _ in range(50)
    ]
