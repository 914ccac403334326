import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from coldtrail_testbed.attacks.plan import AttackPlan
from coldtrail_testbed.compressed_file import CompressedFile
from coldtrail_testbed.errors import RunFailedError, TestbedError
from coldtrail_testbed.full_disk import telling_of_full_disk
from coldtrail_testbed.recorder import record
from coldtrail_testbed.recording import LineFile, Recording


def _full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_told_in_one_sentence(tmp_path: Path) -> None:
    draft = tmp_path / "draft"
    draft.mkdir()
    (draft / "x").write_bytes(bytes(1500))
    with pytest.raises(TestbedError) as told, telling_of_full_disk(tmp_path, draft):
        _full()
    expected = "needed 1,500 bytes so far; make room or use another disk"
    assert str(told.value) == f"the disk is full at {tmp_path}: the recording {expected}"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_no_space_no_quota_and_too_large_a_file_are_full_disks(tmp_path: Path, number: int) -> None:
    with pytest.raises(RunFailedError, match="the disk is full"), telling_of_full_disk(tmp_path):
        raise OSError(number, os.strerror(number))


def test_other_errors_stay_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(PermissionError), telling_of_full_disk(tmp_path):
        raise PermissionError(errno.EACCES, "no")


@pytest.mark.parametrize("owner", [CompressedFile, LineFile])
def test_a_disk_that_fills_up_while_closing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: type
) -> None:
    close = owner.close

    def fill_up(file: object) -> None:
        close(file)
        _full()

    plan = AttackPlan([], "airline", 0.1, 1)
    monkeypatch.setattr(owner, "close", fill_up)
    with pytest.raises(TestbedError, match="the disk is full at"), Recording(tmp_path / "run", plan) as run:
        run.finish({})
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_a_failed_run_and_names_the_whole_path() -> None:
    whole = re.escape(f"full at {Path.cwd()}/run;")
    with pytest.raises(RunFailedError, match=whole), telling_of_full_disk(Path("run")):
        _full()


def test_a_full_disk_in_the_middle_of_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CompressedFile, "write", _full)
    with pytest.raises(TestbedError, match=f"the disk is full at {tmp_path}: the recording needed"):
        record("airline", 2, 3, ["none"], tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


_PROGRAM = """
import resource, sys
from pathlib import Path
from coldtrail_testbed.attacks.plan import AttackPlan
from coldtrail_testbed.errors import TestbedError
from coldtrail_testbed.recording import Recording
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
segment = {"id": "", "name": "n", "start_time": 1.0, "end_time": 2.0, "trace_id": "t"}
try:
    with Recording(Path(sys.argv[1]), AttackPlan([], "airline", 0.1, 1)) as recording:
        for number in range(100_000):
            trace_id = f"1-{number:08x}-0123456789abcdef01234567"
            trace = {"id": trace_id, "segments": [{**segment, "id": str(hash(number * 0.7))}]}
            recording.add(trace, {})
        recording.finish({})
except TestbedError as error:
    print(error)
"""


def test_a_file_that_may_not_grow_any_more(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", _PROGRAM, str(tmp_path / "run")]
    ended = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    assert ended.stdout.startswith(f"the disk is full at {tmp_path}: the recording needed ")
    assert "Traceback" not in ended.stderr
    assert list(tmp_path.iterdir()) == []
