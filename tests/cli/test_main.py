"""The command as a whole: help, statuses, and what starts with it."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from coldtrail import __version__
from coldtrail.cli.main import VERBS, main
from coldtrail.errors import (
    ActionError,
    BundleError,
    ColdtrailError,
    ConfigError,
    DocumentError,
    SourceError,
)
from coldtrail.testing import make_history
from tests.cli.command import Run, is_one_sentence
from tests.verbs.telemetry_files import read_lines, stolen, write_native

MAIN = sys.modules["coldtrail.cli.main"]
HEAVY = ("coldtrail_testbed", "numpy", "rich", "boto3", "botocore", "msgspec", "moto", "jinja2")
NEURAL = ("keras", "jax", "torch", "tensorflow", "sklearn")


def started_with(*arguments: str) -> tuple[int, set[str]]:
    """The status of the command in a process of its own, and the packages that it imported."""
    script = (
        "import json, sys\n"
        "from coldtrail.cli import main\n"
        "try:\n    status = main(sys.argv[1:])\n"
        "except SystemExit as stop:\n    status = stop.code or 0\n"
        "print('\\n' + json.dumps([status, sorted({name.partition('.')[0] for name in sys.modules})]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True
    )
    status, modules = json.loads(done.stdout.splitlines()[-1])
    return status, set(modules)


def test_help_starts_nothing_heavy() -> None:
    status, modules = started_with("--help")
    assert status == 0
    assert modules.isdisjoint({*HEAVY, *NEURAL, "email", "zipfile"})  # these two: importlib.metadata


def test_importing_the_package_starts_nothing_heavy() -> None:
    script = "import coldtrail, sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert {name.partition(".")[0] for name in json.loads(done.stdout)}.isdisjoint({*HEAVY, *NEURAL})


def test_learning_and_scoring_need_no_neural_network_and_no_cloud(bundle: Path, tmp_path: Path) -> None:
    path = str(write_native(tmp_path / "in.jsonl", make_history(30)))
    for arguments in (
        ("train", "--input", path, "--bundle", str(tmp_path / "new")),
        ("score", "--bundle", str(bundle), "--input", path, "--output", str(tmp_path / "out")),
    ):
        status, modules = started_with(*arguments)
        assert status == 0
        assert modules.isdisjoint({*NEURAL, "boto3", "botocore", "moto"})


def test_the_module_runs_as_the_command_and_reads_standard_input(bundle: Path, tmp_path: Path) -> None:
    data = write_native(tmp_path / "in.jsonl", [*make_history(5), stolen()]).read_bytes()
    arguments = ["score", "--bundle", bundle, "--input", "-", "--output", tmp_path / "out"]
    done = subprocess.run(
        [sys.executable, "-m", "coldtrail", *arguments], input=data, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(read_lines(tmp_path / "out")) == 6


def test_verdicts_may_go_to_standard_output(bundle: Path, tmp_path: Path) -> None:
    path = write_native(tmp_path / "in.jsonl", make_history(5))
    arguments = ["score", "--bundle", bundle, "--input", path, "--output", "/dev/stdout"]
    done = subprocess.run([sys.executable, "-m", "coldtrail", *arguments], capture_output=True, check=True)
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith(b'{"function_flow_id"')]
    assert len(found) == 5


def test_a_reader_that_leaves_early_is_no_failure(bundle: Path, tmp_path: Path) -> None:
    path = write_native(tmp_path / "in.jsonl", make_history(3))
    with subprocess.Popen(
        [sys.executable, "-m", "coldtrail", "inspect", path, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (0, b"")


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_full_disk_below_standard_output_is_told(tmp_path: Path, more: tuple[str, ...]) -> None:
    path = write_native(tmp_path / "in.jsonl", make_history(3))
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "coldtrail", "inspect", path, *more],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert is_one_sentence(done.stderr)
    assert "No space left on device" in done.stderr


def test_the_help_names_every_verb_with_its_line(run: Run) -> None:
    said = run("--help")
    assert said.status == 0
    for name, verb in VERBS.items():
        assert name in said.out
        assert verb.help.split()[0] in said.out
    assert "Exit status: 0 done, 1 failed, 2 wrong use or wrong input." in said.out


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_has_help_with_an_example(run: Run, verb: str) -> None:
    said = run(verb, "--help")
    assert said.status == 0
    assert f"coldtrail {verb}" in said.out.partition("example")[2]
    assert said.err == ""


def test_the_version_is_told(run: Run) -> None:
    assert run("--version").out == f"coldtrail {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nonsense",),
        ("score",),
        ("--nonsense",),
        ("train", "--input", "x", "--bundle", "y", "--seed", "z"),
        ("score", "--bundle", "x", "--input", "--output", "z"),
    ],
)
def test_wrong_use_is_status_2(run: Run, arguments: tuple[str, ...]) -> None:
    said = run(*arguments)
    assert said.status == 2
    assert "usage: coldtrail" in said.err


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ConfigError("x."), 2),
        (DocumentError("x."), 2),
        (BundleError("x."), 2),
        (SourceError("x."), 2),
        (SourceError("x.", retryable=True), 1),
        (ActionError("x."), 1),
        (ColdtrailError("x."), 1),
        (KeyboardInterrupt(), 130),
        (OSError(28, "No space left on device"), 1),
        (PermissionError(13, "Permission denied", "out"), 1),
    ],
)
def test_each_error_has_its_status_and_is_told_in_a_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, status: int
) -> None:
    def fails(options: argparse.Namespace) -> int:
        raise error

    monkeypatch.setattr(MAIN, "_parse", lambda given: argparse.Namespace(run=fails))
    said = run("score")
    assert said.status == status
    assert is_one_sentence(said.err)


def test_a_mistake_in_the_program_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(options: argparse.Namespace) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(MAIN, "_parse", lambda given: argparse.Namespace(run=fails))
    with pytest.raises(ZeroDivisionError):
        main(["score"])


def test_the_arguments_are_those_of_the_process_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["coldtrail", "--version"])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 0


def test_one_thread_is_the_default_and_may_be_changed(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    run("--version")
    assert (os.environ["OPENBLAS_NUM_THREADS"], os.environ["OMP_NUM_THREADS"]) == ("1", "3")
