from coldtrail.detectors.changes.telling import Telling

DAY_S = 86_400.0


def test_once_then_tenfold_then_after_a_quiet_day() -> None:
    telling = Telling({})
    told = [telling.again(1_000.0 + n, "x") for n in range(100)]
    assert [n + 1 for n, tell in enumerate(told) if tell] == [1, 10, 100]
    assert telling.again(1_000.0, "y")
    assert telling.again(1_200.0 + DAY_S, "x")


def test_the_first_few_may_all_be_told() -> None:
    telling = Telling({})
    assert sum(telling.again(1.0, "x", first=5) for _ in range(49)) == 5


def test_a_bounded_number_is_remembered() -> None:
    telling = Telling({})
    for number in range(2_000):
        telling.again(1.0, f"{number}")
    assert len(telling.told) == 512
