"""Feedback files, and what feedback means for a flow."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.bundle.model import Model
from coldtrail.errors import ConfigError
from coldtrail.records.finding import FindingKey
from coldtrail.testing import make_flow, make_key
from coldtrail.verdicts.feedback import (
    Accepted,
    AcceptedShift,
    Feedback,
    Named,
    NamedShift,
    Remark,
    ShiftRemark,
    accepted,
    meant,
    read_feedback,
    shows,
)
from tests.verbs.telemetry_files import GET, USUAL, stolen

LOOT = FindingKey(*make_key(), "new_resource", "PutObject", "S3", "loot")


def test_lines_become_remarks(tmp_path: Path) -> None:
    path = tmp_path / "said.jsonl"
    path.write_text(
        '{"function_flow_id": "a", "verdict": "benign"}\n\n'
        '{"function_flow_id": "b", "verdict": "malicious", "reason": {"kind": "order"}, "note": "no"}\n'
        '{"function_flow_id": "c", "verdict": "benign", "reason": 1}\n',
        encoding="utf-8",
    )
    one, two, three = read_feedback(path)
    assert one == Remark("a", "benign")
    assert two == Remark("b", "malicious", Named("order"), "no")
    assert three == Remark("c", "benign", 1)


def test_lines_may_speak_of_shifts(tmp_path: Path) -> None:
    path = tmp_path / "said.jsonl"
    path.write_text(
        '{"shift": "ct-0123", "verdict": "benign"}\n'
        '{"shift": {"application_name": "shop", "function_name": "Order", "runs": 3}, "verdict": "benign"}\n',
        encoding="utf-8",
    )
    assert read_feedback(path) == [
        ShiftRemark("ct-0123", "benign"),
        ShiftRemark(NamedShift("shop", "Order"), "benign"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        '{"shift": "ct-0123", "verdict": "malicious"}',
        '{"shift": "ct-0123", "function_flow_id": "a", "verdict": "benign"}',
        '{"shift": {"application_name": "shop"}, "verdict": "benign"}',
        '{"shift": {"application_name": "a", "function_name": "b", "before": -1}, "verdict": "benign"}',
    ],
)
def test_what_is_no_remark_on_a_shift_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "said.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="line 1 is no feedback"):
        read_feedback(path)


def test_a_shift_said_twice_is_kept_once() -> None:
    late = AcceptedShift("", "", "shop", "Order", 7.0, {"calls": (5.0, 8.0, 0)})
    early = AcceptedShift("", "", "shop", "Order", 3.0, {"calls": (4.0, 5.0, 0)})
    assert Feedback().shifted([late]).shifted([early, late]).shifts == (early, late)


@given(st.binary(max_size=200))
def test_any_file_is_read_or_refused_in_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes
) -> None:
    path = tmp_path_factory.mktemp("said") / "f.jsonl"
    path.write_bytes(raw)
    with suppress(ConfigError):
        assert len(read_feedback(path)) <= raw.count(b"\n") + 1


def test_a_missing_file_and_a_wrong_verdict_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_feedback(tmp_path / "absent")
    path = tmp_path / "f.jsonl"
    path.write_text('{"function_flow_id": "a", "verdict": "fine"}\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="line 1 is no feedback"):
        read_feedback(path)


def test_what_is_said_of_a_function_holds_in_its_account_alone() -> None:
    feedback = Feedback().refusing([LOOT], [])
    assert feedback.forbids(stolen())
    assert not feedback.forbids(msgspec.structs.replace(stolen(), account="111111111111"))
    benign = Feedback().accepting([Accepted(LOOT)])
    assert benign.of(stolen())
    assert not benign.of(msgspec.structs.replace(stolen(), region="eu-west-1"))


def test_an_attack_is_known_by_its_id_and_by_its_cause() -> None:
    feedback = Feedback().refusing([LOOT], ["x"])
    assert feedback.forbids(make_flow(USUAL, flow_id="x"))
    assert feedback.forbids(stolen())
    assert not feedback.forbids(make_flow(USUAL))
    assert not feedback.forbids(make_flow([GET, ("PutObject", "S3", "loot", 0.1)], function="Other"))
    assert shows(stolen(), LOOT)
    assert shows(make_flow(USUAL, trigger="t"), FindingKey.by_trigger(make_key(), "t"))
    nobody = FindingKey.by_trigger(make_key(), None)
    assert shows(make_flow(USUAL, trigger=None), nobody)
    assert not shows(make_flow(USUAL, trigger=None, upstream_lost=True), nobody)
    at_once = FindingKey(*make_key(), "trigger", "synchronous", "invocation", "t")
    assert shows(make_flow(USUAL, trigger="t", invocation_type="synchronous"), at_once)
    assert not shows(make_flow(USUAL, trigger="t", invocation_type="asynchronous"), at_once)
    assert not shows(make_flow(USUAL, trigger="u", invocation_type="synchronous"), at_once)


def test_the_later_word_on_a_cause_counts() -> None:
    legitimate = Feedback().refusing([LOOT], []).accepting([Accepted(LOOT)])
    assert (legitimate.refused, len(legitimate.accepted)) == ((), 1)
    assert legitimate.refusing([LOOT], []) == Feedback(refused=(LOOT,))


def test_reasons_are_named_by_words_or_place(model: Model) -> None:
    verdict = model.judge([stolen()])[0]
    line = '{"function_flow_id":"stolen","verdict":"benign","reason":%s}'

    def said(reason: str) -> Remark:
        return msgspec.json.decode(line % reason, type=Remark)

    assert meant(said("null"), verdict) == list(verdict.reasons)
    assert meant(said("0"), verdict) == [verdict.reasons[0]]
    assert meant(said("99"), verdict) == meant(said("-1"), verdict) == []
    assert meant(said('{"kind":"new_resource","target":"loot"}'), verdict)[0].target == "loot"
    assert meant(said('{"kind":"new_resource","target":"other"}'), verdict) == []


def test_of_one_cause_the_widest_bound_counts(model: Model) -> None:
    cause = FindingKey(*make_key(), "duration", "GetItem", "DynamoDB", "Stock")
    feedback = Feedback().accepting([Accepted(cause, 2.0)]).accepting([Accepted(cause, 5.0)])
    assert feedback.accepting([Accepted(cause, 1.0)]).accepted == (Accepted(cause, 5.0),)
    slow = make_flow([("GetItem", "DynamoDB", "Stock", 4.0), *USUAL[1:]], flow_id="slow")
    (verdict,) = model.judge([slow])
    found = [accepted(slow, verdict, reason) for reason in verdict.reasons if reason.kind == "duration"]
    assert found[0].most == pytest.approx(8.0)


def test_what_is_withdrawn_is_no_longer_legitimate_though_it_is_not_refused() -> None:
    kind = Feedback().accepting([Accepted(LOOT), Accepted(LOOT._replace(target="backup"))])
    less = kind.refusing([], ["f"], [LOOT])
    assert [one.cause.target for one in less.accepted] == ["backup"]
    assert (less.refused, less.refused_flows) == ((), ("f",))
