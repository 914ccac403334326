"""The instructions of the Containerfile, which no test builds."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from coldtrail.cli.main import VERBS

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8")


def instructions() -> list[tuple[str, str]]:
    lines = re.sub(r"\\\n", "", TEXT).splitlines()
    kept = [line for line in lines if line and not line.startswith("#")]
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in kept]


def test_it_says_that_it_was_never_built() -> None:
    assert "never built" in TEXT.splitlines()[0]


def test_what_is_copied_is_there_and_the_extras_are_known() -> None:
    copied = [rest.split()[:-1] for name, rest in instructions() if name == "COPY" and "--from" not in rest]
    assert copied
    assert [one for some in copied for one in some if not (ROOT / one).exists()] == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (asked,) = re.findall(r"'\.\[([a-z,]+)\]'", TEXT)
    assert set(asked.split(",")) <= project["optional-dependencies"].keys()


def test_it_runs_as_nobody_of_importance_and_ends_by_a_signal() -> None:
    found = dict(instructions())
    assert found["USER"] == "10001:10001"
    assert found["STOPSIGNAL"] == "SIGTERM"
    assert json.loads(found["CMD"])[0] in VERBS
    assert "/health" in json.loads(found["HEALTHCHECK"].partition("CMD ")[2])[2]
