"""What several tests need: a trained model, and the same as a bundle on disk; made once, never changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from coldtrail.bundle.model import Model
from coldtrail.config import Settings
from coldtrail.learning.train import learn
from coldtrail.testing import make_history
from coldtrail.verbs.training import train
from tests.verbs.telemetry_files import write_native, write_xray

settings.register_profile("coldtrail", deadline=None, max_examples=60)
settings.load_profile("coldtrail")


@pytest.fixture(scope="session")
def model() -> Model:
    return learn(make_history(600), Settings()).model


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Learned from 300 native flows of the function Order."""
    folder = tmp_path_factory.mktemp("native")
    train(write_native(folder / "history.jsonl", make_history(300)), folder / "bundle")
    return folder / "bundle"


@pytest.fixture(scope="session")
def xray_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Learned from 400 X-Ray traces of six functions."""
    folder = tmp_path_factory.mktemp("xray")
    train(write_xray(folder / "history.jsonl.gz", 400), folder / "bundle")
    return folder / "bundle"
