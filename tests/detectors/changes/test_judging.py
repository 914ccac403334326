from coldtrail.detectors.changes.judging import Judge
from coldtrail.detectors.changes.memory import Memory
from coldtrail.detectors.changes.occasions import Made, Occasion
from tests.detectors.changes.past import MALLORY, NOW, PAY, PIPELINE, change, failed, kinds, learned, role_of


def occasion(*encounters: object, actor: str) -> Occasion:
    made = [Made(one.at, one.what, one.target) for one in encounters]  # type: ignore[attr-defined]
    return Occasion(actor, NOW, NOW + 55, made)


def judge() -> Judge:
    memory = Memory()
    memory.restore(learned())
    return Judge(memory)


def test_changes_of_tags_alone_are_told_of_nobody() -> None:
    assert judge().judge(occasion(change(NOW, PAY, "TagResource", **MALLORY), actor="p-mallory")) == []


def test_what_failed_otherwise_than_for_rights_is_nothing_and_teaches_nothing() -> None:
    one, judging = failed(change(NOW, PAY, **MALLORY), "Throttling"), judge()
    assert judging.judge(occasion(one, actor="p-mallory")) == []
    assert "p-mallory" not in judging.memory.functions[PAY].deployers


def test_what_is_strange_is_not_learned() -> None:
    judging = judge()
    told = judging.judge(occasion(change(NOW, PAY, **MALLORY), actor="p-mallory"))
    assert kinds(told) == [("unknown_deployer", True)]
    assert "p-mallory" not in judging.memory.functions[PAY].deployers


def test_a_new_role_of_a_function_is_learned_from_its_change() -> None:
    judging = judge()
    told = change(NOW, PAY, role=role_of("pay-role-2"), **PIPELINE)
    judging.judge(occasion(told, actor=role_of("ci")))
    assert list(judging.memory.of_role(PAY.account, "pay-role-2")) == [PAY]
