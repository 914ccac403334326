"""Bad input of what learns: each loss is a sentence, and good input is learned and judged as without it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from coldtrail.bundle import history
from coldtrail.bundle.manifest import MANIFEST
from coldtrail.records.flow import Flow
from coldtrail.testing import START, Call, make_flow, make_history
from tests.cli.command import Run, is_one_sentence
from tests.verbs.telemetry_files import GET, PUT, USUAL, read_lines, stolen, write_native

GOOD = make_history(300)
NEW = [*make_history(30, seed=2, prefix="n"), stolen()]


def explosion(number: int) -> list[Flow]:
    """Runs each of which names a bucket of its own."""
    return [
        make_flow(
            [GET, ("PutObject", "S3", f"upload-{(i * 7919 + 104729) % 2**28:07x}", 0.01)],
            flow_id=f"e{i}",
            function="Exports",
            start=START + 20 * i,
        )
        for i in range(number)
    ]


def unlike(number: int) -> list[Flow]:
    """Runs none of which takes the steps of another."""
    return [
        make_flow(
            [GET] * (1 + i % 20) + [PUT] * (1 + i // 20),
            flow_id=f"u{i}",
            function="Unlike",
            start=START + 20 * i,
        )
        for i in range(number)
    ]


def lasting(seconds: float, number: int) -> list[Flow]:
    calls: list[Call] = [(name, kind, target, seconds) for name, kind, target, _ in USUAL]
    return [make_flow(calls, flow_id=f"z{i}", function="Quick", start=START + 20 * i) for i in range(number)]


def dated(start: float, number: int) -> list[Flow]:
    return [make_flow(USUAL, flow_id=f"d{i}", start=start + i) for i in range(number)]


def backwards(number: int) -> list[Flow]:
    """Runs whose steps end before they begin."""
    out = []
    for flow in lasting(0.01, number):
        events = tuple(
            msgspec.structs.replace(event, start_time=event.end_time, end_time=event.start_time)
            for event in flow.events
        )
        out.append(msgspec.structs.replace(flow, events=events))
    return out


def verdicts(run: Run, bundle: Path, flows: list[Flow], folder: Path) -> dict[str, str]:
    said = run(
        "score", "--bundle", bundle, "--input", write_native(folder / "judged.jsonl", flows),
        "--output", folder / "v.jsonl",
    )  # fmt: skip
    assert said.status == 0, said.err
    return {line["function_flow_id"]: line["verdict"] for line in read_lines(folder / "v.jsonl")}


TOLD: dict[str, tuple[list[Flow], str | None]] = {
    "explosion": (explosion(200), "Exports keeps naming new S3 resources"),
    "a clock years ahead": (dated(4_070_908_800.0, 3), "3 flows left out: dated after today"),
    "a clock years behind": (dated(START - 10 * 365 * 86400.0, 3), None),
    "no time at all": (lasting(0.0, 60), None),
    "ends before beginnings": (backwards(20), "before"),
    "one flow": (
        make_history(1, function="Once", prefix="o"),
        "Too little history (under 20 flows) for Once",
    ),
}


@pytest.mark.parametrize(("bad", "told"), TOLD.values(), ids=TOLD.keys())
@pytest.mark.parametrize("verb", ["train", "update"])
def test_it_is_told_once_and_good_flows_are_judged_as_without(
    run: Run, bundle: Path, tmp_path: Path, verb: str, bad: list[Flow], told: str | None
) -> None:
    before = verdicts(run, bundle, NEW, tmp_path)
    mixed = write_native(tmp_path / "mixed.jsonl", [*GOOD, *bad])
    said = (
        run("train", "--input", mixed, "--bundle", tmp_path / "b")
        if verb == "train"
        else run("update", "--bundle", bundle, "--input", mixed, "--output", tmp_path / "b")
    )
    assert said.status == 0, said.err
    assert "Traceback" not in said.err
    if told is not None:
        assert said.err.count(told) == 1
    after = verdicts(run, tmp_path / "b", NEW, tmp_path)
    assert after["stolen"] == before["stolen"] == "anomalous"
    differ = [name for name, verdict in before.items() if after[name] != verdict]
    assert len(differ) <= 1


def test_runs_none_of_which_is_like_another_are_contained_and_told_once(
    run: Run, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MOST_KINDS", 60)
    before = verdicts(run, bundle, NEW, tmp_path)
    mixed = write_native(tmp_path / "mixed.jsonl", [*GOOD, *unlike(200)])
    said = run("train", "--input", mixed, "--bundle", tmp_path / "b")
    assert said.err.count("140 kinds of runs left out, the rarest: a history keeps 60 of a function") == 1
    assert verdicts(run, tmp_path / "b", NEW, tmp_path)["stolen"] == before["stolen"]


def rewritten(**fields: Any) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        (folder / MANIFEST).write_text(json.dumps(manifest | fields), encoding="utf-8")

    return damage


def changed(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(change((folder / name).read_bytes())) and None


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "older": (rewritten(format_version=7), "does not tell functions of several accounts and regions apart"),
    "a file missing": (lambda folder: (folder / "vocabulary.json.zst").unlink(), "cannot be read"),
    "the history missing": (lambda folder: (folder / "history.arrays").unlink(), "cannot be read"),
    "cut off": (changed("history.arrays", lambda data: data[:-20]), "its hash differs"),
    "one bit": (changed("calibration.arrays", lambda data: data[:-9] + b"x" + data[-8:]), "its hash differs"),
    "feedback cut off": (changed("feedback.json", lambda data: data[:-1]), "its hash differs"),
}


@pytest.mark.parametrize(("damage", "told"), DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_bundle_is_refused_and_left_alone(
    run: Run, bundle: Path, tmp_path: Path, damage: Callable[[Path], None], told: str
) -> None:
    shutil.copytree(bundle, tmp_path / "b")
    damage(tmp_path / "b")
    before = {path.name: path.read_bytes() for path in (tmp_path / "b").iterdir()}
    new = write_native(tmp_path / "new.jsonl", NEW)
    for output in ("b", "c"):
        said = run("update", "--bundle", tmp_path / "b", "--input", new, "--output", tmp_path / output)
        assert said.status == 2
        assert is_one_sentence(said.err)
        assert told in said.err
    assert {path.name: path.read_bytes() for path in (tmp_path / "b").iterdir()} == before
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "7",
        "{}",
        '{"function_flow_id": "stolen"}',
        '{"function_flow_id": 3, "verdict": "benign"}',
        '{"function_flow_id": "stolen", "verdict": "good"}',
        '{"function_flow_id": "stolen", "verdict": "benign", "reasn": 1}',
        '{"shift": {}, "verdict": "benign"}',
        "[" * 100_000,
        "\ud800",
    ],
)
def test_a_broken_line_of_feedback_is_named_and_nothing_is_learned(
    run: Run, bundle: Path, tmp_path: Path, line: str
) -> None:
    good = '{"function_flow_id": "stolen", "verdict": "benign"}'
    said_of = tmp_path / "said.jsonl"
    said_of.write_bytes(f"{good}\n{line}\n".encode("utf-8", "surrogatepass"))
    new = write_native(tmp_path / "new.jsonl", NEW)
    said = run(
        "update", "--bundle", bundle, "--input", new, "--feedback", said_of, "--output", tmp_path / "b"
    )
    assert said.status == 2
    assert is_one_sentence(said.err)
    assert "line 2 is no feedback" in said.err
    assert not (tmp_path / "b").exists()


def test_a_bundle_of_another_application_judges_nothing_and_says_so(
    run: Run, bundle: Path, tmp_path: Path
) -> None:
    others = [
        msgspec.structs.replace(
            flow,
            application_name="bank",
        )
        for flow in make_history(60, prefix="o")
    ]
    said = run(
        "score", "--bundle", bundle, "--input", write_native(tmp_path / "in.jsonl", others),
        "--output", tmp_path / "v.jsonl",
    )  # fmt: skip
    assert said.status == 0
    assert {line["verdict"] for line in read_lines(tmp_path / "v.jsonl")} == {"not_ready"}
    assert "the bundle knows none of its 1 function (application bank)." in said.err


@pytest.mark.parametrize(
    "command",
    [
        ("train", "--input", "INPUT", "--bundle", "INSIDE"),
        ("update", "--bundle", "BUNDLE", "--input", "INPUT", "--output", "INSIDE"),
        ("score", "--bundle", "BUNDLE", "--input", "INPUT", "--output", "INSIDE"),
        ("score", "--bundle", "BUNDLE", "--input", "INPUT", "--output", "OUT", "--ocsf", "INSIDE"),
        ("score", "--bundle", "BUNDLE", "--input", "INPUT", "--output", "OUT", "--report", "INSIDE"),
        ("testbed", "record", "--app", "vod", "--iterations", "2", "--seed", "1", "--output", "INSIDE"),
        ("reproduce", "--quick", "--output", "INSIDE"),
        ("demo", "--output", "INSIDE"),
    ],
)
def test_no_verb_writes_into_a_bundle(
    run: Run, bundle: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    places = {
        "INPUT": write_native(tmp_path / "new.jsonl", NEW),
        "BUNDLE": bundle,
        "INSIDE": bundle / "new",
        "OUT": tmp_path / "out",
    }
    before = sorted(bundle.iterdir())
    said = run(*(places.get(word, word) for word in command))
    assert said.status == 2
    assert is_one_sentence(said.err)
    assert f"this lies in the bundle {bundle.resolve()}; choose a place outside it." in said.err
    assert sorted(bundle.iterdir()) == before
