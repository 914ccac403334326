"""The laws over many seeds, and what all these runs together show of each attack."""

from pathlib import Path

import pytest

from .many_seeds import Study, is_only_slower, is_same_by_nature, study, table

_FEW, _MANY = range(1, 4), range(1, 101)


@pytest.mark.slow
@pytest.mark.parametrize("application", ["airline", "vod"])
def test_runs_of_a_few_seeds(application: str, tmp_path: Path) -> None:
    _judge(study(application, _FEW, tmp_path))


@pytest.mark.long
@pytest.mark.parametrize("application", ["airline", "vod"])
def test_runs_of_many_seeds(application: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = study(application, _MANY, tmp_path)
    with capsys.disabled():
        print(f"\n\n{table(found)}\n\nRecorded in {found.seconds:.0f} s.")
    _judge(found)


def _judge(found: Study) -> None:
    """Every attack occurs in a third of the runs at least, and looks as it says that it does."""
    assert [attack for attack, asked in found.asked.items() if found.seen[attack] * 3 < asked] == []
    shown = [attack for attack, looks in found.attacked.items() if looks]
    slower = {attack for attack in shown if is_only_slower(attack, found.application)}
    by_nature = {attack for attack in shown if is_same_by_nature(attack, found.application)}
    assert {attack for attack in shown if found.alike(attack)} == slower | by_nature
    assert [attack for attack in slower if found.slower(attack) < len(found.attacked[attack])] == []
