from coldtrail.formats.problems import MAX_NAMED, Problems
from tests.formats.xray_parts import parse, segment, step


def test_losses_beyond_the_bound_are_counted() -> None:
    parsed = parse(segment(*({**step(number), "id": 7} for number in range(MAX_NAMED + 50)), step(1)))
    assert len(parsed.spans[0].steps) == 1
    assert len(parsed.problems) == MAX_NAMED
    assert parsed.more_problems == 50


def test_few_losses_are_all_named() -> None:
    problems = Problems()
    problems.append("one.")
    assert problems == ["one."]
    assert problems.left_out == 0
