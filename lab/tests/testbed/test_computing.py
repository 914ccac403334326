from coldtrail_testbed.worker.computing import compute, spend_by


def test_computing_is_spent_once_by_the_last_that_was_named() -> None:
    first: list[float] = []
    second: list[float] = []
    spend_by(first.append)
    spend_by(second.append)
    compute(2.5)
    assert (first, second) == ([], [2.5])
