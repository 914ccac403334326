from coldtrail.detectors.changes.occasions import GATHERED_S, Made, Occasions
from coldtrail.records.change import Change


def made(at: float, number: int = 0, name: str = "f") -> Made:
    return Made(at, Change(f"e-{number}", at, "1", "r", name, "X"), None)


def test_what_one_does_within_a_minute_is_one_occasion() -> None:
    occasions = Occasions(())
    for number in range(3):
        assert list(occasions.add("ci", made(100.0 + number, number))) == []
    assert list(occasions.add("ci", made(103.0, 2))) == []
    assert occasions.over(100.0 + GATHERED_S - 1) == []
    (one,) = occasions.over(100.0 + GATHERED_S)
    assert (one.actor, one.start, len(one.made)) == ("ci", 100.0, 3)
    assert occasions.over(1e9) == []


def test_one_record_may_change_several_functions() -> None:
    occasions = Occasions(())
    for name in "ab":
        list(occasions.add("ci", made(1.0, 0, name)))
    assert len(occasions.over(1e9)[0].made) == 2


def test_they_end_in_their_order_and_too_many_end_early() -> None:
    occasions = Occasions(())
    over = [one for n in range(66) for one in occasions.add(f"p-{n}", made(float(n)))]
    assert [one.actor for one in over] == ["p-0", "p-1"]
    assert [one.actor for one in occasions.over(60.0)] == ["p-2", "p-3", "p-4", "p-5"]


def test_of_endless_changes_a_part_is_kept_and_the_rest_counted() -> None:
    occasions = Occasions(())
    for number in range(300):
        list(occasions.add("ci", made(1.0, number)))
    (one,) = occasions.over(1e9)
    assert (len(one.made), one.more) == (200, 100)
