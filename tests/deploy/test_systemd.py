"""The unit of systemd: sound, and hardened."""

from __future__ import annotations

import shutil
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path

import pytest

PATH = Path(__file__).parents[2] / "deploy" / "coldtrail.service"
ANALYZE = shutil.which("systemd-analyze")
HARDENED = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "DynamicUser": "yes",
    "StateDirectory": "coldtrail",
    "CapabilityBoundingSet": "",
    "EnvironmentFile": "-/etc/coldtrail/environment",
    "KillMode": "mixed",
}
MOST_EXPOSED = 20
"""Of 100, by `systemd-analyze security`."""
installed = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed here")


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [ANALYZE or "", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_unit_is_hardened() -> None:
    parser = RawConfigParser(strict=False, comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(PATH, encoding="utf-8")
    unit = parser["Service"]
    assert {key: unit[key] for key in HARDENED} == HARDENED
    assert " watch " in unit["ExecStart"]
    assert int(unit["TimeoutStopSec"]) > 5


@installed
def test_systemd_finds_nothing_wrong_and_little_exposed(tmp_path: Path) -> None:
    text = PATH.read_text(encoding="utf-8")
    here = tmp_path / PATH.name
    here.write_text(text.replace("/opt/coldtrail/bin/coldtrail", sys.executable), encoding="utf-8")
    verified = analyze("verify", "--man=no", str(here))
    assert (verified.returncode, verified.stderr) == (0, "")
    exposed = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(here))
    assert exposed.returncode == 0, exposed.stdout
