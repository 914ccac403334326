"""The command in whatever state its standard streams are: no traceback, the right status, files written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from coldtrail.testing import make_history
from tests.cli.command import is_one_sentence
from tests.verbs.telemetry_files import read_lines, write_native


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return write_native(tmp_path / "in.jsonl", make_history(5))


def shell(how: str, *arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    """The command, started by a shell with redirections."""
    environment = os.environ | more
    return subprocess.run(
        ["bash", "-c", f'"$0" "$@" {how}', sys.executable, "-m", "coldtrail", *map(str, arguments)],
        capture_output=True,
        check=False,
        text=True,
        errors="replace",
        env=environment,
    )


def scoring(bundle: Path, new: Path, *more: str | Path) -> list[str | Path]:
    return ["score", "--bundle", bundle, "--input", new, *more]


@pytest.mark.parametrize("how", [">&-", "2>&-", "<&-", "<&- >&- 2>&-", "2>/dev/full"])
def test_with_closed_streams_files_are_written_all_the_same(
    bundle: Path, new: Path, tmp_path: Path, how: str
) -> None:
    done = shell(how, *scoring(bundle, new, "--output", tmp_path / "out"))
    assert (done.returncode, done.stderr) == (0, "")
    assert len(read_lines(tmp_path / "out")) == 5


@pytest.mark.parametrize("how", ["2>&-", "2>/dev/full", ">&- 2>&-"])
def test_where_nobody_hears_of_an_error_the_status_is_still_its_own(tmp_path: Path, how: str) -> None:
    wrong = shell(how, "train", "--input", tmp_path / "absent", "--bundle", tmp_path / "b")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert shell(how, "nonsense").returncode == 2


@pytest.mark.parametrize("verb", [["inspect"], ["flows", "--json", "--output"], ["flows", "--output", "-"]])
def test_a_result_that_has_nowhere_to_go_is_wrong_use(new: Path, tmp_path: Path, verb: list[str]) -> None:
    last = [tmp_path / "out"] if verb[-1] == "--output" else []
    done = shell(">&-", *verb[:1], new, *verb[1:], *last)
    assert done.returncode == 2
    assert is_one_sentence(done.stderr)
    assert "Standard output is closed" in done.stderr


def test_no_file_that_is_opened_takes_the_place_of_a_closed_stream(
    bundle: Path, new: Path, tmp_path: Path
) -> None:
    before = new.read_bytes()
    arguments = scoring(bundle, new, "--output", tmp_path / "out", "--state", tmp_path / "state")
    assert shell("<&- >&- 2>&-", *arguments).returncode == 0
    assert new.read_bytes() == before
    assert len(read_lines(tmp_path / "out")) == 5
    assert (tmp_path / "state" / "lock").read_bytes() == b""


def test_input_that_is_closed_is_told(bundle: Path, tmp_path: Path) -> None:
    done = shell("<&-", *scoring(bundle, Path("-"), "--output", tmp_path / "out"))
    assert done.returncode == 2
    assert is_one_sentence(done.stderr)
    assert "Standard input is closed" in done.stderr


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "cp1252"])
def test_a_terminal_of_another_encoding_is_no_error(bundle: Path, tmp_path: Path, encoding: str) -> None:
    path = write_native(tmp_path / "schön-….jsonl", make_history(5))
    for arguments in (
        scoring(bundle, path, "--output", tmp_path / "aus…"),
        ["bundle", "show", "--bundle", bundle],
        ["inspect", path],
    ):
        done = shell("", *arguments, PYTHONIOENCODING=encoding, PYTHONUTF8="0")
        assert (done.returncode, done.stderr) == (0, "")


def test_paths_of_no_encoding_are_printed(bundle: Path, tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/\xff\n"
    os.mkdir(folder)
    path = write_native(Path(os.fsdecode(folder + b"/in.jsonl")), make_history(300))
    new = Path(os.fsdecode(folder + b"/bundle"))
    trained = shell("", "train", "--input", path, "--bundle", new, "--json")
    assert trained.returncode == 0
    assert "Traceback" not in trained.stderr
    assert r"\\xff" in trained.stdout
    shown = shell("", "bundle", "show", "--bundle", new)
    assert (shown.returncode, shown.stderr) == (0, "")


@pytest.mark.parametrize("name", ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
@pytest.mark.parametrize("json", [[], ["--json"]])
def test_an_output_to_standard_output_has_it_for_itself(
    bundle: Path, new: Path, tmp_path: Path, name: str, json: list[str]
) -> None:
    """Run only where /dev/stdout is a link as it should be: a mistake would replace that of the machine."""
    device = Path("/dev/stdout")
    assert device.is_symlink()
    before = os.readlink(device)
    arguments = [*scoring(bundle, new, "--output", name, "--alerts", tmp_path / "alerts"), *json]
    piped = shell("", *arguments)
    filed = shell(f"> {tmp_path}/log", *arguments)
    assert (device.is_symlink(), os.readlink(device)) == (True, before)
    assert (piped.returncode, filed.returncode) == (0, 0)
    (tmp_path / "piped").write_text(piped.stdout)
    assert [line["verdict"] for line in read_lines(tmp_path / "piped")] == ["normal"] * 5
    assert (tmp_path / "log").read_text() == piped.stdout
    assert "5 normal" in piped.stderr or '"normal": 5' in piped.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["alerts", "in.jsonl", "log", "piped"]


def test_each_flow_may_be_printed(new: Path, tmp_path: Path) -> None:
    done = shell("", "flows", new, "--output", "-")
    assert done.returncode == 0
    assert done.stdout.count('{"account"') == done.stdout.count("\n") == 5
    assert "5 flows" in done.stderr
    assert "Written" not in done.stderr


def test_what_is_added_to_a_log_comes_after_what_stood_there(bundle: Path, new: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    for _ in range(2):
        assert shell(f">> {log}", *scoring(bundle, new, "--output", "/dev/stdout")).returncode == 0
    assert log.read_text().startswith("before\n")
    assert log.read_text().count('{"function_flow_id"') == 10


def test_two_outputs_do_not_share_standard_output(bundle: Path, new: Path) -> None:
    done = shell("", *scoring(bundle, new, "--output", "-", "--alerts", "/dev/stdout"))
    assert done.returncode == 2
    assert "is written by the same command" in done.stderr


def test_what_may_go_nowhere_may_go_there_together(bundle: Path, new: Path) -> None:
    done = shell("", *scoring(bundle, new, "--output", "/dev/null", "--alerts", "/dev/null"))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("json", [[], ["--json"]])
def test_a_reader_of_verdicts_that_leaves_early_is_no_failure(
    bundle: Path, tmp_path: Path, json: list[str]
) -> None:
    many = write_native(tmp_path / "many.jsonl", make_history(2_000))
    done = shell("| head -n 1", *scoring(bundle, many, "--output", "-"), *json)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert "rror" not in done.stderr
    assert done.stdout.count("\n") == 1


def test_help_to_a_full_disk_is_told() -> None:
    done = shell("> /dev/full", "--help", PYTHONUNBUFFERED="")
    assert done.returncode == 1
    assert is_one_sentence(done.stderr)


@pytest.mark.parametrize("name", ["--output", "--alerts", "--state", "--bundle", "--report", "--ocsf"])
def test_an_empty_path_is_wrong_use(bundle: Path, new: Path, tmp_path: Path, name: str) -> None:
    done = shell("", *scoring(bundle, new, "--output", tmp_path / "out", name, ""))
    assert done.returncode == 2
    assert "the path is empty" in done.stderr
