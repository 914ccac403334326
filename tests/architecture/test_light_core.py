"""What needs no neural network loads none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from coldtrail.bundle.folder import save
from coldtrail.config import DetectionSettings, Settings
from coldtrail.detectors.autoencoder import BudgetedAutoencoder, Recipe
from coldtrail.learning.train import learn
from coldtrail.testing import make_history
from tests.verbs.telemetry_files import write_native

PROGRAM = """
import sys
{}
heavy = ("keras", "jax", "jaxlib", "h5py", "scipy", "sklearn", "torch", "tensorflow", "pyod", "river")
print([name for name in heavy if name in sys.modules], file=sys.stderr)
"""
COMMAND = """
from coldtrail.cli import main
try:
    status = main({!r})
except SystemExit as stop:
    status = stop.code
assert not status, status
"""


def loaded(program: str) -> str:
    """The heavy libraries that a program has loaded at its end, in a fresh interpreter."""
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM.format(program)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr.splitlines()[-1]


@pytest.fixture
def history(tmp_path: Path) -> Path:
    return write_native(tmp_path / "history.jsonl", make_history(80))


@pytest.mark.parametrize(
    "program",
    [
        "import coldtrail; [getattr(coldtrail, name) for name in coldtrail.__all__]",
        "from coldtrail.bundle.model import new_detectors; from coldtrail.registry import DETECTORS;"
        "new_detectors(list(DETECTORS))",
        COMMAND.format(["--help"]),
    ],
)
def test_importing_helping_and_choosing_detectors_import_no_keras(program: str) -> None:
    assert loaded(program) == "[]"


def test_learning_and_scoring_by_the_default_detectors_import_no_keras(history: Path, tmp_path: Path) -> None:
    bundle, verdicts = str(tmp_path / "b"), str(tmp_path / "v.jsonl")
    train = ["train", "--input", str(history), "--bundle", bundle]
    score = ["score", "--bundle", bundle, "--input", str(history), "--output", verdicts]
    assert loaded(COMMAND.format(train) + COMMAND.format(score)) == "[]"


def test_scoring_by_an_autoencoder_imports_no_keras(
    history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = BudgetedAutoencoder.__init__

    def quick(self: BudgetedAutoencoder) -> None:
        plain(self)
        self.recipe = Recipe(windows=(3,), units=(8, 4), epochs=1)

    monkeypatch.setattr(BudgetedAutoencoder, "__init__", quick)
    settings = Settings(detection=DetectionSettings(detectors=("autoencoder",)))
    model = learn(make_history(80), settings).model
    save(model, tmp_path / "b", version="0", seed=0, span=(0.0, 1.0))
    verdicts = tmp_path / "v.jsonl"
    score = ["score", "--bundle", str(tmp_path / "b"), "--input", str(history), "--output", str(verdicts)]
    assert loaded(COMMAND.format(score)) == "[]"
    assert verdicts.read_text(encoding="utf-8").count("\n") == 80
