"""Hostile names in every field of every format, through every verb of the command."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.attacks import hostile_documents as documents
from tests.attacks.hostile_names import EVERY_NAME, NAMES
from tests.cli.command import Run, Said, runner
from tests.reports.browser import Browser, chromium
from tests.reports.test_html import Outline, _check_inert

FORMATS: dict[str, tuple[Callable[[], Iterable[bytes]], Callable[[], Iterable[bytes]]]] = {
    "xray": (
        lambda: documents.xray_history(250),
        lambda: [*documents.xray_calls(1), *documents.xray_identities(2), *documents.xray_ids(3)],
    ),
    "native": (lambda: documents.native_history(300), lambda: documents.native_later(1)),
}
"""By format, what is learned and what is scored."""
KINDS = ("output", "alerts", "ocsf", "report")
"""What `score` writes."""
# A file's name may hold anything but a slash and a NUL.
FOLDER = "\x1b[31m\u202e[b]<img src=x onerror=alert(1)>; touch owned #'\"`$(id)\n=1+1"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a hostile name."""
    (tmp_path / FOLDER).mkdir()
    return tmp_path / FOLDER


def harmless(said: Said, status: int = 0) -> Said:
    """What a command said, of which nothing acts on the terminal."""
    assert said.status == status, said.err
    for text in (said.out, said.err):
        assert {char for char in text if char != "\n" and not char.isprintable()} == set()
        assert "\n=1+1" not in text
    assert "Traceback" not in said.err
    assert all(line.startswith("coldtrail: ") for line in said.err.splitlines())
    return said


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_no_verb_lets_a_name_act(run: Run, place: Path, tmp_path: Path, name: str) -> None:
    learned, scored = (make() for make in FORMATS[name])
    history, new, model = place / "history.jsonl", place / "new.jsonl", place / "model"
    history.write_bytes(b"\n".join(learned))
    new.write_bytes(b"\n".join(scored))
    harmless(run("inspect", history, "--flows"))
    harmless(run("train", "--input", history, "--bundle", model))
    harmless(run("bundle", "show", "--bundle", model))
    for function in ("shop-prod-order", "Order", "[/b]", "[bold red]x"):
        said = run("bundle", "show", "--bundle", model, "--function", function)
        harmless(said, said.status)
    outputs = [place / f"{kind}.out" for kind in KINDS]
    options = [f"--{kind}={path}" for kind, path in zip(KINDS, outputs, strict=True)]
    said = harmless(run("score", "--bundle", model, "--input", new, *options, "--limit=2000", "--workers=1"))
    assert said.out.count("CRITICAL") > 0
    harmless(run("flows", new, "--output", place / "flows.out"))
    for path in (*outputs[:3], place / "flows.out"):
        _check_lines(path)
    _check_page(outputs[3], tmp_path)
    _explained(run, place, model, new)
    _taught(run, place, model, new)


def _check_lines(path: Path) -> None:
    """Each line is JSON, and none of it acts on a terminal that shows the file."""
    text = path.read_text(encoding="utf-8")
    assert {char for char in text if char != "\n" and not char.isprintable()} == set()
    lines = [json.loads(line) for line in text.split("\n") if line]
    assert len(lines) > 5, path


def _check_page(path: Path, folder: Path) -> None:
    text = path.read_text(encoding="utf-8")
    _check_inert(text)
    words = " ".join(Outline(text).words)
    assert "<script>" in words
    assert "[/b]" in words
    if chromium() is None:
        return
    page = folder / "report.html"
    page.write_bytes(path.read_bytes())
    with Browser(chromium() or "", folder / "profile") as browser:
        browser.open(page.as_uri())
        assert browser.run("typeof owned") == "undefined"
        assert browser.run("document.scripts.length + document.images.length + document.forms.length") == 0
        assert set(browser.requests) == {page.as_uri()}
        assert browser.logged == []


def _alarmed(place: Path) -> list[str]:
    """The ids of the flows that alarmed."""
    lines = (place / "output.out").read_text(encoding="utf-8").split("\n")
    verdicts = [json.loads(line) for line in lines if line]
    return [one["function_flow_id"] for one in verdicts if one["verdict"] == "anomalous"]


def _explained(run: Run, place: Path, model: Path, new: Path) -> None:
    """`explain` of some flows that alarmed."""
    ids = _alarmed(place)
    assert len(ids) > 20
    for flow in filter(None, ids[:: len(ids) // 3]):
        harmless(run("explain", "--bundle", model, "--input", new, f"--flow={flow}"))


def _taught(run: Run, place: Path, model: Path, new: Path) -> None:
    """Feedback and labels with hostile names, and an update that tells what it took of them."""
    ids, said, labels, newer = _alarmed(place), place / "said.jsonl", place / "labels.jsonl", place / "newer"
    some = place / "some.jsonl"
    some.write_bytes(b"\n".join(new.read_bytes().split(b"\n")[:100]))
    remarks = [{"function_flow_id": flow, "verdict": "benign"} for flow in (*ids, *filter(None, NAMES))]
    attacks = [{"function_flow_id": flow, "attack": NAMES[n % len(NAMES)]} for n, flow in enumerate(ids)]
    for path, told in ((said, remarks), (labels, attacks)):
        path.write_text("".join(f"{json.dumps(one)}\n" for one in told), encoding="utf-8")
    harmless(run("update", "--bundle", model, "--input", some, "--feedback", said, "--output", newer))
    harmless(run("bundle", "show", "--bundle", newer))
    harmless(run("evaluate", "--verdicts", place / "output.out", "--labels", labels))


@pytest.mark.parametrize("field", ["kind", "target", "event_name", "verdict", "function_flow_id", "note"])
def test_no_remark_of_feedback_acts(run: Run, bundle: Path, place: Path, field: str) -> None:
    for name in EVERY_NAME[::25]:
        remark = {"function_flow_id": "x", "verdict": "benign", field: name}
        remark |= {"reason": {"kind": name, "target": name}}
        (place / "said.jsonl").write_text(json.dumps(remark) + "\n", encoding="utf-8")
        said = run(
            "update", "--bundle", bundle, "--feedback", place / "said.jsonl", "--output", place / "newer"
        )
        harmless(said, said.status)


@pytest.mark.parametrize("name", [*EVERY_NAME[::20], FOLDER], ids=ascii)
def test_no_setting_and_no_option_acts(run: Run, bundle: Path, place: Path, name: str) -> None:
    (place / "s.toml").write_text(f"[detection]\n{json.dumps(name.encode('ascii', 'ignore').decode())} = 1\n")
    new = place / "x.jsonl"
    new.touch()
    for arguments in (
        ("train", "--input", new, "--bundle", place / "b", "--config", place / "s.toml"),
        ("train", "--input", new, "--bundle", place / "b", f"--detector={name}"),
        ("inspect", new, f"--format={name}"),
        ("bundle", "show", "--bundle", bundle, f"--function={name}"),
        ("explain", "--bundle", bundle, "--input", new, f"--flow={name}"),
    ):
        said = run(*arguments)
        assert said.status in (0, 2)
        assert {char for char in said.out + said.err if char != "\n" and not char.isprintable()} == set()
