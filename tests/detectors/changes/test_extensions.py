from coldtrail.detectors.changes import extensions
from coldtrail.detectors.changes.memory import Memory
from coldtrail.records.signal import Signal
from coldtrail.records.witnesses import Report
from tests.detectors.changes.past import DAY_S, NOW, PAY, SHIP, learned

LATER = NOW + 3 * DAY_S


def seen(memory: Memory, at: float, name: str) -> list[Signal]:
    return extensions.seen(memory, at, Report(at, "r", "pay", "extension", extensions=(name,)), PAY)


def restored() -> Memory:
    memory = Memory()
    memory.restore(learned())
    return memory


def test_a_new_one_is_told_once_with_those_that_are_known() -> None:
    memory = restored()
    assert seen(memory, LATER, "logs-agent") == []
    (signal,) = seen(memory, LATER, "spy")
    assert signal.alone
    assert signal.finding.expected is not None
    assert seen(memory, LATER + 60, "spy") == []


def test_one_that_other_functions_have_is_weak() -> None:
    memory = restored()
    memory.function(SHIP, NOW).extended("agent")
    (signal,) = seen(memory, LATER, "agent")
    assert (signal.alone, signal.strength <= 1.5) == (False, True)


def test_nothing_is_told_of_a_function_that_was_hardly_seen() -> None:
    assert seen(Memory(), LATER, "spy") == []
