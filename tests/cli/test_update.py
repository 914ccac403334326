"""`coldtrail update`."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from coldtrail.bundle import history
from coldtrail.records.flow import Flow
from coldtrail.testing import make_history
from tests.cli.command import Run, is_one_sentence
from tests.verbs.telemetry_files import a_day_later, read_lines, stolen, write_native


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return write_native(tmp_path / "new.jsonl", [*make_history(30, seed=2, prefix="n"), stolen()])


def test_it_tells_what_was_learned_and_what_was_kept_out(
    run: Run, bundle: Path, new: Path, tmp_path: Path
) -> None:
    said = run("update", "--bundle", bundle, "--input", new, "--output", tmp_path / "b")
    assert said.status == 0
    assert "Of 31 flows, 30 learned, 0 known before, 1 flagged and left out" in said.out
    assert "  Order: new resource, PutObject on S3 loot, 1 (flow stolen)" in said.out
    assert "Known now: 330 flows of 1 function (before: 300 of 1)" in said.out
    assert "Expected: at most " in said.out
    assert " false alarms a day (before: " in said.out
    assert f"Bundle: {tmp_path / 'b'}" in said.out


def test_the_same_telemetry_again_is_known_though_only_a_sample_is_kept(
    run: Run, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MOST_ALIKE", 20)
    new = write_native(tmp_path / "new.jsonl", make_history(300, seed=2, prefix="n"))
    first = run("update", "--bundle", bundle, "--input", new, "--output", tmp_path / "b", "--json").json
    flows = first["flows"]
    assert (flows["known_by_sample"], flows["already_known"]) == (0, 0)
    said = run("update", "--bundle", tmp_path / "b", "--input", new, "--output", tmp_path / "c")
    assert f"Of 300 flows, 0 learned, {flows['learned']} known before" in said.out
    assert "are not in the sample that is kept: their likes in it were known." in said.out
    shown = [run("bundle", "show", "--bundle", tmp_path / name, "--json").json for name in ("b", "c")]
    assert shown[0]["functions"] == shown[1]["functions"]


@pytest.mark.usefixtures("quick_network")
def test_a_bundle_with_an_autoencoder_learns_a_function_that_it_never_met(run: Run, tmp_path: Path) -> None:
    history = write_native(tmp_path / "history.jsonl", make_history(250))
    said = run("train", "--input", history, "--bundle", tmp_path / "a", "--detector", "autoencoder")
    assert said.status == 0, said.err
    refunds = make_history(200, seed=3, function="Refund", prefix="n")
    new = write_native(tmp_path / "new.jsonl", [*refunds, *make_history(30, seed=4, prefix="o")])
    said = run(
        "update", "--bundle", tmp_path / "a", "--input", new, "--output", tmp_path / "b", "--learn-flagged"
    )
    assert said.status == 0, said.err
    assert "Known now: 480 flows of 2 functions (before: 250 of 1)" in said.out
    later = make_history(40, seed=9, function="Refund", prefix="u")
    tested = write_native(tmp_path / "later.jsonl", later)
    for name, wanted, least in (("a", "not_ready", 40), ("b", "normal", 37)):
        out = tmp_path / f"{name}.jsonl"
        run("score", "--bundle", tmp_path / name, "--input", tested, "--output", out)
        assert [one["verdict"] for one in read_lines(out)].count(wanted) >= least


def test_json_is_one_document(run: Run, bundle: Path, new: Path, tmp_path: Path) -> None:
    found = run(
        "update", "--bundle", bundle, "--input", new, "--output", tmp_path / "b", "--learn-flagged", "--json"
    ).json
    assert found["flows"]["learned"] == found["flows"]["read"] == 31
    assert found["flows_known"] == found["flows_known_before"] + 31
    assert found["changes"][0]["resources"] == ["S3 loot"]
    assert found["left_out"] == []
    for path, when in ((bundle, "false_alarms_a_day_before"), (tmp_path / "b", "false_alarms_a_day")):
        shown = run("bundle", "show", "--bundle", path, "--json").json
        assert found[when] == shown["false_alarms_a_day"] > 0


def test_wrong_use_is_told_in_a_sentence(run: Run, bundle: Path, new: Path, tmp_path: Path) -> None:
    said = run("update", "--bundle", tmp_path / "absent", "--input", new, "--output", tmp_path / "b")
    assert said.status == 2
    assert is_one_sentence(said.err)
    other = write_native(tmp_path / "other.jsonl", make_history(5, function="Pay", prefix="p"))
    said = run("update", "--bundle", bundle, "--input", other, "--output", tmp_path / "b")
    assert said.status == 2
    assert is_one_sentence(said.err)
    assert not (tmp_path / "b").exists()


def said_of(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


BENIGN = '{"function_flow_id": "stolen", "verdict": "benign", "note": "our new archive"}'
UNKNOWN = '{"function_flow_id": "nobody", "verdict": "malicious"}'


def test_what_is_called_benign_no_longer_alarms(run: Run, bundle: Path, new: Path, tmp_path: Path) -> None:
    said = run(
        "update", "--bundle", bundle, "--input", new, "--output", tmp_path / "b",
        "--feedback", said_of(tmp_path / "said.jsonl", BENIGN, UNKNOWN),
    )  # fmt: skip
    assert said.status == 0
    assert "Feedback: 1 benign, 0 malicious, 1 of unknown flows." in said.out
    assert "  Order: new resource, PutObject loot" in said.out
    assert "1 remark speaks of a flow" in said.err
    scored = run(
        "score", "--bundle", tmp_path / "b", "--input", new, "--output", tmp_path / "v.jsonl", "--json"
    ).json
    assert scored["verdicts"] == {"normal": 31}


def test_feedback_of_unknown_flows_alone_is_wrong_input(run: Run, bundle: Path, tmp_path: Path) -> None:
    said = run(
        "update", "--bundle", bundle, "--output", tmp_path / "b",
        "--feedback", said_of(tmp_path / "said.jsonl", UNKNOWN, BENIGN),
    )  # fmt: skip
    assert said.status == 2
    assert is_one_sentence(said.err)
    assert "2 remarks speak of flows" in said.err
    said = run("update", "--bundle", bundle, "--output", tmp_path / "b")
    assert said.status == 2
    assert is_one_sentence(said.err)


@pytest.mark.parametrize("lines", [(), ("", "  ")])
def test_feedback_without_a_remark_alone_changes_nothing(
    run: Run, bundle: Path, tmp_path: Path, lines: tuple[str, ...]
) -> None:
    said = run(
        "update", "--bundle", bundle, "--output", tmp_path / "b",
        "--feedback", said_of(tmp_path / "said.jsonl", *lines),
    )  # fmt: skip
    assert said.status == 2
    assert is_one_sentence(said.err)
    assert "no remark is in it, and there is no --input: nothing to learn." in said.err
    assert not (tmp_path / "b").exists()


def test_feedback_alone_takes_an_attack_out_of_what_was_learned(
    run: Run, new: Path, bundle: Path, tmp_path: Path
) -> None:
    run("update", "--bundle", bundle, "--input", new, "--output", tmp_path / "b", "--learn-flagged")
    found = run(
        "update", "--bundle", tmp_path / "b", "--output", tmp_path / "b", "--json",
        "--feedback", said_of(tmp_path / "said.jsonl", BENIGN.replace("benign", "malicious")),
    ).json  # fmt: skip
    assert found["feedback"]["flows_taken_out"] == 1
    assert found["changes"][0]["forgotten"] == ["PutObject on S3 loot", "S3 loot"]


def longer(flows: list[Flow], seconds: float) -> list[Flow]:
    """The same runs of the next day, whose last step takes longer."""
    out = []
    for flow in map(a_day_later, flows):
        *events, last = flow.events
        moved = msgspec.structs.replace(last, end_time=last.end_time + seconds)
        out.append(msgspec.structs.replace(flow, events=(*events, moved), end_time=flow.end_time + seconds))
    return out


def told(run: Run, bundle: Path, input: Path) -> list[str]:
    """The measures of the shifts that a scoring tells."""
    found = run(
        "score", "--bundle", bundle, "--input", input, "--output", input.with_suffix(".v"), "--json"
    ).json
    return sorted(shift["measure"] for shift in found["shifts"])


SHIFT = '{"shift": {"application_name": "shop", "function_name": "Order"}, "verdict": "benign"}'


def test_a_shift_called_benign_is_told_once_and_one_beyond_it_again(
    run: Run, bundle: Path, tmp_path: Path
) -> None:
    slow = write_native(tmp_path / "slow", longer(make_history(200, seed=4, prefix="s"), 0.015))
    slower = write_native(tmp_path / "slower", longer(make_history(200, seed=6, prefix="t"), 0.05))
    assert told(run, bundle, slow)
    said = run(
        "update", "--bundle", bundle, "--input", slow, "--output", tmp_path / "b",
        "--feedback", said_of(tmp_path / "said.jsonl", SHIFT),
    )  # fmt: skip
    assert said.status == 0
    assert "No shift any more:\n  Order: " in said.out
    assert told(run, tmp_path / "b", slow) == []
    assert told(run, tmp_path / "b", slower)
    calm = write_native(tmp_path / "calm", longer(make_history(40, seed=7, prefix="u"), 0.015))
    assert run("update", "--bundle", tmp_path / "b", "--input", calm, "--output", tmp_path / "b").status == 0
    assert told(run, tmp_path / "b", slow) == []
    assert told(run, tmp_path / "b", slower)


def test_feedback_that_excuses_much_is_told_by_who_takes_it_and_by_who_goes_by_it(
    run: Run, bundle: Path, tmp_path: Path
) -> None:
    flows = [stolen(f"s{number}", 1_795_100_000.0 + 60.0 * number) for number in range(20)]
    new = write_native(tmp_path / "new.jsonl", [*make_history(60, seed=2, prefix="n"), *flows])
    lines = [BENIGN.replace("stolen", flow.function_flow_id) for flow in flows[:2]]
    said = run(
        "update", "--bundle", bundle, "--input", new, "--output", tmp_path / "b",
        "--feedback", said_of(tmp_path / "said.jsonl", *lines), "--no-releases",
    )  # fmt: skip
    assert "Exceptions keep" not in said.err
    said = run(
        "update", "--bundle", tmp_path / "b", "--input", new, "--output", tmp_path / "c", "--no-releases"
    )
    told = "Exceptions keep 20 of 80 flows (25%) from being anomalous. See that they were given by people"
    assert told in said.err
    report = tmp_path / "r.html"
    said = run(
        "score", "--bundle", tmp_path / "b", "--input", new, "--output", tmp_path / "v", "--report", report
    )
    assert told in said.err
    assert told in report.read_text(encoding="utf-8")
    found = run(
        "score", "--bundle", tmp_path / "b", "--input", new, "--output", tmp_path / "v", "--json"
    ).json
    assert found["counts"]["flows excused by exceptions"] == 20
    assert found["warnings"][0].startswith("Exceptions keep")
    assert (
        "exceptions          1"
        in run("bundle", "show", "--bundle", tmp_path / "b", "--function", "Order").out
    )
