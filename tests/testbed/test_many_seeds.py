"""The laws over many seeds, and what all these runs together show of each attack."""

from pathlib import Path

import pytest

from .many_seeds import Study, is_only_slower, is_same_by_nature, study, table

_FEW, _MANY = range(1, 4), range(1, 101)


@pytest.mark.slow
@pytest.mark.parametrize("application", ["airline", "vod"])
def test_runs_of_a_few_seeds(application: str, tmp_path: Path) -> None:
    _judge(study(application, _FEW, tmp_path), fewest=1)


@pytest.mark.long
@pytest.mark.parametrize("application", ["airline", "vod"])
def test_runs_of_many_seeds(application: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = study(application, _MANY, tmp_path)
    with capsys.disabled():
        print(f"\n\n{table(found)}\n\nRecorded in {found.seconds:.0f} s.")
    _judge(found, fewest=2)


def _judge(found: Study, fewest: int) -> None:
    """Every attack occurs, and none looks like a benign flow but those of which this is the nature."""
    assert {attack: runs for attack, runs in found.seen.items() if runs < fewest} == {}
    assert set(found.seen) == set(found.asked)
    alike = {attack for attack in found.attacked if found.alike(attack)}
    slower = {attack for attack in found.attacked if is_only_slower(attack, found.application)}
    assert alike == slower | {
        attack for attack in found.attacked if is_same_by_nature(attack, found.application)
    }
    for attack in slower:
        assert found.slower(attack) == len(found.attacked[attack]), attack
