from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

import pytest

from coldtrail_testbed.applications.model import Application, Function, Grant
from coldtrail_testbed.attacks import ATTACKS, PAPER, find_attacks
from coldtrail_testbed.attacks.locating import nothing, the_invocation
from coldtrail_testbed.attacks.model import Attack, Intruder, Intrusion, OneIn, Pace, Place, Share, Sustained
from coldtrail_testbed.attacks.plan import AttackPlan
from coldtrail_testbed.errors import TestbedError

from .conftest import START


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
    assert _names("account") == ["unusual_caller", "stolen_credentials"]


def test_a_group_leaves_out_what_an_application_does_not_know() -> None:
    assert "other_action" not in _names("paper", application="vod")
    with pytest.raises(TestbedError, match=r"there is no attack 'other_action' on vod; choose from: none"):
        find_attacks(["other_action"], "vod")


@pytest.mark.parametrize("names", [["nothing"], ["paper", "nothing"], [""]])
def test_unknown_names_list_the_known_ones(names: list[str]) -> None:
    known = r"choose from: none, paper, unpublished, all, account, data_leakage, .*mining"
    with pytest.raises(TestbedError, match=known):
        find_attacks(names, "airline")


def test_the_share_is_kept_and_divided_evenly() -> None:
    plan = AttackPlan(find_attacks(["paper"], "airline"), "airline", 0.1, seed=1)
    drawn = [plan.choose("ConfirmBooking", START) for _ in range(12_000)]
    counts = {name: drawn.count(name) for name in set(drawn) if name}
    assert set(counts) == {"data_leakage", "changed_order", "extra_action"}
    assert sum(counts.values()) == pytest.approx(1200, rel=0.1)
    assert all(count == pytest.approx(400, rel=0.2) for count in counts.values())
    assert plan.choose("GetLoyalty", START) is None


def test_one_functions_draws_do_not_shift_anothers() -> None:
    plans = [AttackPlan(find_attacks(["paper"], "airline"), "airline", 0.5, seed=1) for _ in range(2)]
    plans[0].choose("ReserveBooking", START)
    assert [plans[0].choose("CollectPayment", START) for _ in range(50)] == [
        plans[1].choose("CollectPayment", START) for _ in range(50)
    ]


def _attack(name: str, pace: Pace, function: str = "F") -> Attack:
    place = Place(function, lambda *_: None, the_invocation, pace, [Grant(("s3:PutObject",), name)], [name])
    return Attack(name, "", {"a": place})


def _intrusion(hours: tuple[int, int] | None = None) -> Attack:
    def campaign(_intruder: Intruder, _generator: Random) -> Iterator[float]:
        yield 1.0

    return Attack("night", "", {"a": Intrusion("F", campaign, nothing, hours=hours)})


def _drawn(plan: AttackPlan, number: int) -> list[str | None]:
    return [plan.choose("F", START) for _ in range(number)]


def test_equally_many_of_each_attack_even_when_there_are_few() -> None:
    plan = AttackPlan([_attack(name, Share()) for name in "xyz"], "a", 1, 1)
    assert Counter(_drawn(plan, 9)) == {"x": 3, "y": 3, "z": 3}


def test_one_in_so_many_strikes_once_in_each_block() -> None:
    plan = AttackPlan([_attack("rare", OneIn(100))], "a", 0.1, 1, visits=1000)
    drawn = _drawn(plan, 1000)
    assert [drawn[begin : begin + 100].count("rare") for begin in range(0, 1000, 100)] == [1] * 10
    assert len({drawn[begin : begin + 100].index("rare") for begin in range(0, 1000, 100)}) > 5


@pytest.mark.parametrize("visits", [1, 2, 3, 20, 800])
def test_a_short_run_has_one_too(visits: int) -> None:
    for seed in range(50):
        plan = AttackPlan([_attack("rare", OneIn(1000))], "a", 0.1, seed, visits)
        assert _drawn(plan, max(1, visits // 2)).count("rare") == 1


def test_a_sustained_attack_strikes_every_time_for_its_hours() -> None:
    plan = AttackPlan([_attack("slow", Sustained(2, after=0.3))], "a", 0.1, 1)
    assert plan.spells == {"slow": 0.3}
    assert plan.choose("F", START) is None
    plan.begin_spell("slow", START)
    hours = [plan.choose("F", START + hour * 3600) for hour in (0, 1, 1.99, 2, 5)]
    assert hours == ["slow", "slow", "slow", None, None]


def test_rare_goes_before_shared_before_sustained() -> None:
    attacks = [_attack("slow", Sustained(1)), _attack("shared", Share()), _attack("rare", OneIn(10))]
    plan = AttackPlan(attacks, "a", 0.5, 1, visits=20)
    plan.begin_spell("slow", START)
    counts = Counter(_drawn(plan, 1000))
    assert counts["rare"] == 100
    assert counts["shared"] == pytest.approx(450, rel=0.15)
    assert counts["slow"] == 1000 - 100 - counts["shared"]


def test_another_attack_does_not_shift_the_draws_of_one() -> None:
    alone = AttackPlan([_attack("shared", Share())], "a", 0.5, 1)
    beside = AttackPlan([_attack("shared", Share()), _attack("rare", OneIn(10))], "a", 0.5, 1, visits=20)
    for one, two in zip(_drawn(alone, 200), _drawn(beside, 200), strict=True):
        assert two in (one, "rare")


def test_the_application_is_given_what_the_attacks_need() -> None:
    functions = [Function("F", "f.handler"), Function("G", "g.handler")]
    application = Application("a", "", functions, lambda _: lambda _: iter(()), lambda *_: 1.0)
    infected = AttackPlan([_attack("theirs", Share()), _intrusion()], "a", 0.5, 1).infect(application)
    assert infected.functions[0].grants == (Grant(("s3:PutObject",), "theirs"),)
    assert infected.functions[1] is functions[1]
    assert infected.buckets == ("theirs",)


def _starts(arrivals: list[float], hours: tuple[int, int] | None) -> list[float]:
    plans = [AttackPlan([_intrusion(hours)], "a", 0.1, seed) for seed in range(40)]
    return [plan.campaign_start("night", arrivals) for plan in plans]


def test_campaigns_begin_well_inside_the_run() -> None:
    starts = _starts([START, START + 50, START + 100], None)
    assert all(START + 20 <= start <= START + 80 for start in starts)
    assert len(set(starts)) == 40


@pytest.mark.parametrize("hours", [(1, 5), (22, 3)])
@pytest.mark.parametrize("length", [3600.0, 200_000.0])
def test_campaigns_keep_to_their_hours(hours: tuple[int, int], length: float) -> None:
    first, end = hours
    allowed = {hour % 24 for hour in range(first, end if first < end else end + 24)}
    for start in _starts([START, START + length], hours):
        assert datetime.fromtimestamp(start, UTC).hour in allowed
        assert START + 0.2 * length <= start <= START + 0.8 * length + 86_400


def test_a_campaign_does_not_use_up_an_hour_that_the_run_does_not_have() -> None:
    # From 2:40 to 5:12 of that night, of which the campaign may use 3:10:24 to 4:41:36.
    first = START + 2 * 3600 - (START % 3600) - START % 86_400 // 3600 * 3600 + 2400
    starts = _starts([first, first + 9120.0], (4, 6))
    assert all(first + 0.2 * 9120 <= start <= first + 0.8 * 9120 for start in starts)


def test_a_campaign_may_begin_in_any_of_its_hours() -> None:
    hours = {datetime.fromtimestamp(start, UTC).hour for start in _starts([START, START + 200_000], (22, 3))}
    assert hours == {22, 23, 0, 1, 2}


def test_what_only_shows_in_calls_is_told() -> None:
    assert AttackPlan([_intrusion()], "a", 0.1, 1).shows_in_calls_alone
    assert not AttackPlan([_attack("x", Share())], "a", 0.1, 1).shows_in_calls_alone
