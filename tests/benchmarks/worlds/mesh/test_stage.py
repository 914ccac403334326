"""A mesh is played from its history to its figures."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from benchmarks.worlds.mesh.drawing import MeshDrawing
from benchmarks.worlds.mesh.outcome import LEAD_S as BEFORE_S
from benchmarks.worlds.mesh.planning import LEAD_S
from benchmarks.worlds.mesh.report import mesh_report
from benchmarks.worlds.mesh.stage import play_mesh
from benchmarks.worlds.product import Product


@pytest.mark.slow
def test_a_quiet_mesh_is_played_and_told(tmp_path: Path) -> None:
    drawn = MeshDrawing(24).mesh()
    mesh = replace(drawn, traces_a_minute=drawn.traces_a_minute / 6)
    outcome = play_mesh(mesh, Product((sys.executable, "-m", "coldtrail")), tmp_path)
    assert outcome.learned > 3_000
    assert outcome.judged > outcome.learned
    assert outcome.hidden + sum(rate.whole for rate in outcome.faults.values()) > 0
    assert outcome.before.hours * 3_600.0 == pytest.approx(LEAD_S - BEFORE_S)
    text = mesh_report([outcome, outcome])
    assert "alerts an hour in fault-free minutes" in text
    assert "visible faults told" in text
