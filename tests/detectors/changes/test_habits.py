from coldtrail.detectors.changes.habits import Habits

DAY_S = 86_400.0


def test_deployers_are_counted_by_days_and_the_rarest_is_forgotten() -> None:
    habits = Habits(0.0)
    for day in range(5):
        habits.changed("ci", {"code"}, day * DAY_S)
        habits.changed("ci", {"code"}, day * DAY_S + 60)
    for number in range(10):
        habits.changed(f"p-{number}", {"role"}, 9 * DAY_S)
    assert habits.deployers["ci"] == 5
    assert len(habits.deployers) <= 6
    assert habits.kinds == {"code": 10, "role": 10}
    assert habits.last_change == 9 * DAY_S


def test_extensions_are_known_after_four_days_of_reports_unless_they_always_change() -> None:
    habits = Habits(0.0)
    for day in range(4):
        assert not habits.knows_extensions()
        habits.reported(day * DAY_S)
        habits.reported(day * DAY_S + 1)
    assert habits.knows_extensions()
    for number in range(40):
        habits.extended(f"e-{number}")
    assert len(habits.extensions) <= 12
    assert not habits.knows_extensions()
