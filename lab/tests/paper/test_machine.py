"""What the experiment ran on."""

from __future__ import annotations

from coldtrail import __version__
from coldtrail_paper.machine import machine, versions


def test_the_machine_and_the_versions_are_told() -> None:
    assert "cores" in machine()
    assert versions()["coldtrail"] == __version__
    assert "numpy" in versions()
