"""Tests run on one thread: a second one costs small matrix products more than it brings."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
