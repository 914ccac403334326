"""Runs that another kind of witness tells than their function was learned from are not judged, and it is said
why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from shutil import copytree

import msgspec
import pytest

from coldtrail.bundle.manifest import MANIFEST, read_manifest
from coldtrail.verbs.explaining import explain
from coldtrail.verbs.scoring import ScoreSummary, score
from coldtrail.verbs.training import train
from coldtrail.verbs.updating import update
from tests.fixtures.kinds_of_witness import EVIL, USUAL, Json, cloudtrail, request_of, spans, write, xray

Telling = Callable[..., list[Json]]
KINDS: dict[str, tuple[Telling, ...]] = {
    "xray": (xray,),
    "xray and cloudtrail": (xray, cloudtrail),
    "spans": (spans,),
    "cloudtrail": (cloudtrail,),
}
NEW = range(200, 220)


def told(folder: Path, kind: str, runs: Iterable[int]) -> Path:
    for telling in KINDS[kind]:
        write(folder / f"{telling.__name__}.jsonl", [telling(number) for number in runs])
    return folder


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A bundle learned from each kind."""
    found = {}
    for kind in KINDS:
        found[kind] = tmp_path_factory.mktemp("learned") / "bundle"
        train(told(found[kind].parent / "in", kind, range(80)), found[kind])
    return found


def sentences(summary: ScoreSummary) -> str:
    return " ".join(summary.tally.sentences())


@pytest.mark.parametrize("learned", KINDS)
@pytest.mark.parametrize("scored", KINDS)
def test_only_runs_that_are_told_as_they_were_learned_are_judged(
    bundles: dict[str, Path], tmp_path: Path, learned: str, scored: str
) -> None:
    summary = score(bundles[learned], told(tmp_path / "new", scored, NEW))
    alike = {learned, scored} <= {"xray", "xray and cloudtrail"} or learned == scored
    assert summary.verdicts == {"normal" if alike else "not_ready": len(NEW)}
    assert not summary.alerts
    assert not summary.shifts
    assert ("train on what is scored" in sentences(summary)) is not alike


@pytest.mark.parametrize(("kind", "telling"), [("xray", xray), ("spans", spans), ("cloudtrail", cloudtrail)])
def test_what_is_told_as_it_was_learned_alarms_as_ever(
    bundles: dict[str, Path], tmp_path: Path, kind: str, telling: Telling
) -> None:
    new = write(tmp_path / "new.jsonl", [telling(number) for number in NEW] + [telling(300, (*USUAL, EVIL))])
    summary = score(bundles[kind], new)
    assert summary.verdicts == {"anomalous": 1, "normal": len(NEW)}
    assert [alert.kind for alert in summary.alerts] == ["new_resource"]


def test_what_else_is_in_the_input_changes_nothing(bundles: dict[str, Path], tmp_path: Path) -> None:
    other = told(tmp_path / "new", "cloudtrail", NEW)
    write(other / "other.jsonl", [xray(number) for number in range(300, 310)])
    summary = score(bundles["xray and cloudtrail"], other)
    assert summary.verdicts == {"normal": 10, "not_ready": len(NEW)}


def test_a_trace_that_comes_in_a_later_call_is_judged(bundles: dict[str, Path], tmp_path: Path) -> None:
    bundle, state = bundles["xray and cloudtrail"], tmp_path / "state"
    first = score(bundle, told(tmp_path / "1", "cloudtrail", NEW), state=state)
    assert first.verdicts == {"not_ready": len(NEW)}
    evil = [xray(number, (*USUAL, EVIL) if number == NEW[-1] else USUAL) for number in NEW]
    second = score(bundle, write(tmp_path / "2.jsonl", evil), tmp_path / "out.jsonl", state=state)
    assert second.verdicts["anomalous"] == 1


def test_calls_without_invocations_are_another_kind(bundles: dict[str, Path], tmp_path: Path) -> None:
    """Where no invocation is named, many runs may be one flow."""
    some = [cloudtrail(number)[0]["Records"][1:] for number in NEW]
    new = write(tmp_path / "new.jsonl", [[{"Records": records}] for records in some])
    assert score(bundles["cloudtrail"], new).verdicts.keys() == {"not_ready"}


def test_the_flow_is_explained(bundles: dict[str, Path], tmp_path: Path) -> None:
    new = told(tmp_path / "new", "cloudtrail", NEW)
    found = explain(bundles["xray"], new, request_of(NEW[0]))
    assert found.not_judged.startswith(
        "It is not judged: told by the audit log alone, where the bundle learned from"
    )


def test_an_update_learns_nothing_that_it_cannot_judge(bundles: dict[str, Path], tmp_path: Path) -> None:
    copytree(bundles["xray"], tmp_path / "bundle")
    done = update(tmp_path / "bundle", told(tmp_path / "new", "cloudtrail", NEW), tmp_path / "more")
    counts = done.update.counts
    assert (counts.told_otherwise, counts.learned, counts.already_known) == (len(NEW), 0, 0)


def test_a_bundle_that_does_not_know_is_read_and_judges_all(bundles: dict[str, Path], tmp_path: Path) -> None:
    old = Path(copytree(bundles["xray"], tmp_path / "bundle"))
    (row,) = read_manifest(old).functions
    assert row.kinds == ("lifecycle",)
    manifest = msgspec.json.decode((old / MANIFEST).read_bytes())
    del manifest["functions"][0]["kinds"]
    (old / MANIFEST).write_bytes(msgspec.json.encode(manifest))
    summary = score(old, told(tmp_path / "new", "cloudtrail", NEW))
    assert "not_ready" not in summary.verdicts
