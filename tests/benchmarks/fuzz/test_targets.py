"""The targets of coverage-guided fuzzing, without the fuzzer: `make fuzz-coverage` brings that."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from benchmarks.fuzz.seeds import seeds, sound, words
from benchmarks.fuzz.targets import FILES, NAMES, Targets, elsewhere, input_for, target_of
from coldtrail.registry import FORMATS


def test_every_format_has_a_target_and_begins_with_sound_documents(tmp_path: Path) -> None:
    assert set(NAMES) == {*FORMATS, "auto", *FILES}
    documents = sound()
    assert documents.keys() == FORMATS.keys()
    targets = Targets(tmp_path)
    for name, some in documents.items():
        for document in some:
            assert targets.fault_of(input_for(name, document)) is None
        assert targets.read[name] > 0


def test_what_it_begins_with_is_no_fault(tmp_path: Path) -> None:
    targets = Targets(tmp_path, slower=20.0)
    begun = list(seeds(tmp_path))
    assert {target_of(one)[0] for one in begun} == set(NAMES)
    assert [fault for one in begun[::4] if (fault := targets.fault_of(one)) is not None] == []
    assert '"eventName"' in words(begun)


def test_a_fault_is_named_by_where_it_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    targets = Targets(tmp_path)
    monkeypatch.setattr(targets, "_parse", lambda name, payload: {}[payload])
    fault = targets.fault_of(input_for("otlp", b"x"))
    assert fault is not None
    assert (fault.kind, fault.target) == ("KeyError-test_targets-<lambda>", "otlp")
    monkeypatch.setattr(targets, "_parse", lambda name, payload: ["no\nsentence"])
    fault = targets.fault_of(input_for("otlp", b"x"))
    assert fault is not None
    assert fault.kind == "sentence-otlp"


def test_a_part_can_be_repeated() -> None:
    name, payload = target_of(bytes((NAMES.index("native") | 0x80,)) + b"\x00\x00abc")
    assert name == "native"
    assert len(payload) > 2**15
    assert target_of(b"\x00") == (NAMES[0], b"")


def test_an_input_goes_elsewhere_whole() -> None:
    data = input_for("xray", b"document")
    others = {target_of(elsewhere(Random(seed), data))[0] for seed in range(200)}
    assert others == set(NAMES)
    assert elsewhere(Random(1), data)[1:] == b"document"
