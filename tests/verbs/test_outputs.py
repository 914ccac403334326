"""Where results may go."""

from __future__ import annotations

from pathlib import Path

import pytest

from coldtrail.errors import ConfigError
from coldtrail.verbs.outputs import Outputs


def test_outputs_beside_the_input_are_taken(tmp_path: Path) -> None:
    Outputs(tmp_path / "v.jsonl", tmp_path / "a.jsonl", tmp_path / "o.json", state=tmp_path / "state").check(
        tmp_path / "in.jsonl"
    )


def test_an_output_may_be_no_input_and_no_other_output(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is read as telemetry"):
        Outputs(tmp_path / "in.jsonl").check([tmp_path / "in.jsonl"])
    with pytest.raises(ConfigError, match="is written by the same command"):
        Outputs(tmp_path / "out", tmp_path / "out").check(tmp_path / "in.jsonl")


@pytest.mark.parametrize("place", ["state", "state/out.jsonl", "state/below/out.jsonl"])
def test_an_output_lies_outside_the_state(tmp_path: Path, place: str) -> None:
    with pytest.raises(ConfigError, match="lies in the folder of the state"):
        Outputs(tmp_path / place, state=tmp_path / "state").check(tmp_path / "in.jsonl")


def test_a_state_lies_outside_bundles(tmp_path: Path, bundle: Path) -> None:
    with pytest.raises(ConfigError, match="lies in the bundle"):
        Outputs(tmp_path / "out", state=bundle / "state").check(tmp_path / "in.jsonl")


def test_a_link_that_leads_back_to_itself_is_wrong_use(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to("loop")
    with pytest.raises(ConfigError, match="leads back to itself"):
        Outputs(state=loop).check(tmp_path / "in.jsonl")
