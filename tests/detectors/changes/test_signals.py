from coldtrail.detectors.changes.memory import Memory
from coldtrail.detectors.changes.occasions import Made, Occasion
from coldtrail.detectors.changes.signals import signal_of, subject_of, usual_deployers
from coldtrail.records.finding import Subject
from tests.detectors.changes.past import (
    ACCOUNT,
    BLOG,
    MALLORY,
    NOW,
    PAY,
    REGION,
    SHOP,
    change,
    learned,
    role_of,
)


def made(number: int) -> list[Made]:
    return [
        Made(NOW + n, change(NOW + n, PAY, version=str(n), **MALLORY).what, PAY)  # type: ignore[arg-type]
        for n in range(number)
    ]


def test_whom_it_is_about() -> None:
    assert subject_of(made(1), [PAY]) == Subject.of(PAY)
    assert subject_of(made(1), SHOP) == Subject("application", ACCOUNT, REGION, "shop")
    for functions in ((), (PAY, BLOG)):
        assert subject_of(made(1), functions) == Subject("principal", ACCOUNT, REGION, principal="p-mallory")


def test_what_there_is_to_open_is_bounded_and_all_is_counted() -> None:
    told = made(40)
    signal = signal_of(Occasion("p-mallory", NOW, NOW + 55, told), told, [PAY], "x", 2.0)
    assert (len(signal.refs), signal.count, signal.version) == (20, 40, "39")
    assert (signal.since, signal.at) == (NOW, NOW + 55)
    assert signal_of(Occasion("p-mallory", NOW, NOW + 55, told), told, SHOP, "x", 2.0).version is None


def test_who_usually_changes_them_by_days() -> None:
    memory = Memory()
    memory.restore(learned())
    known = usual_deployers(memory, [PAY, BLOG])
    assert [(one.name, one.runs) for one in known.things] == [(role_of("ci"), 14.0), ("p-blogger", 5.0)]
    assert usual_deployers(Memory(), [PAY]).things == ()
