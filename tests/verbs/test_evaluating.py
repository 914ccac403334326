"""The verb `evaluate`."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from coldtrail.errors import ConfigError
from coldtrail.testing import make_history
from coldtrail.verbs.evaluating import evaluate
from coldtrail.verbs.scoring import score
from tests.verbs.telemetry_files import stolen, write_native


def lines(path: Path, *values: object) -> Path:
    path.write_text("".join(json.dumps(value) + "\n" for value in values), encoding="utf-8")
    return path


def test_verdicts_of_score_are_compared_with_labels(bundle: Path, tmp_path: Path) -> None:
    new = write_native(tmp_path / "new.jsonl", [*make_history(40, seed=3, prefix="n"), stolen()])
    score(bundle, new, tmp_path / "verdicts.jsonl")
    label = {"function_flow_id": "stolen", "attack": "data_leakage", "event_ids": ["stolen-2"]}
    found = evaluate(tmp_path / "verdicts.jsonl", lines(tmp_path / "labels.jsonl", label))
    assert (found.flows, found.malicious, found.recall, found.first_reason) == (41, 1, 1.0, 1.0)
    assert found.attacks["data_leakage"].found == 1
    assert found.pr_auc == 1.0


def test_a_line_that_takes_a_verdict_back_is_no_flow(tmp_path: Path) -> None:
    good = {"function_flow_id": "a", "function_name": "A", "verdict": "normal", "score": 1.0}
    gone = {"function_flow_id": "b", "function_name": "A", "withdrawn": True}
    (tmp_path / "v.jsonl").write_bytes(b"\n".join(msgspec.json.encode(one) for one in (gone, good)))
    assert evaluate(tmp_path / "v.jsonl", lines(tmp_path / "none.jsonl")).flows == 1


def test_a_line_that_is_no_verdict_or_no_label_is_named(tmp_path: Path) -> None:
    good = {"function_flow_id": "a", "function_name": "A", "verdict": "normal", "score": 1.0}
    verdicts = lines(tmp_path / "v.jsonl", good, good | {"verdict": "fine"})
    labels = lines(tmp_path / "l.jsonl", {"function_flow_id": "a"})
    none = lines(tmp_path / "none.jsonl")
    with pytest.raises(ConfigError, match=r"v\.jsonl, line 2: this is no verdict: .*\.$"):
        evaluate(verdicts, none)
    with pytest.raises(ConfigError, match=r"l\.jsonl, line 1: this is no label: .*attack.*\.$"):
        evaluate(verdicts, labels)
    (tmp_path / "binary.jsonl").write_bytes(b'{"function_flow_id":"\xff"}\n')
    with pytest.raises(ConfigError, match=r"binary\.jsonl, line 1: this is no verdict"):
        evaluate(tmp_path / "binary.jsonl", none)


def test_nesting_too_deep_is_no_verdict(tmp_path: Path) -> None:
    (tmp_path / "deep.jsonl").write_bytes(b'{"function_flow_id":"a","extra":' + b"[" * 100_000 + b"\n")
    with pytest.raises(ConfigError, match=r"deep\.jsonl, line 1: this is no verdict"):
        evaluate(tmp_path / "deep.jsonl", lines(tmp_path / "none.jsonl"))


def test_missing_and_empty_files_are_named(tmp_path: Path) -> None:
    none = lines(tmp_path / "none.jsonl")
    with pytest.raises(ConfigError, match=r"absent\.jsonl: the file cannot be read"):
        evaluate(tmp_path / "absent.jsonl", none)
    with pytest.raises(ConfigError, match=r"absent\.jsonl: the file cannot be read"):
        evaluate(none, tmp_path / "absent.jsonl")
    with pytest.raises(ConfigError, match=r"none\.jsonl: the file holds no verdicts"):
        evaluate(none, none)
