"""What needs no neural network loads none."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
import coldtrail.verbs.scoring, coldtrail.verbs.training
from coldtrail.model import new_detectors
from coldtrail.registry import DETECTORS
new_detectors(list(DETECTORS))
print([name for name in ("keras", "jax", "h5py", "scipy", "sklearn") if name in sys.modules])
"""


def test_scoring_and_choosing_detectors_import_no_keras() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
