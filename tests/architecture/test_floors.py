"""The floors of the architecture hold: see the contracts in pyproject.toml."""

from tests.architecture.structure import floors


def test_every_import_goes_down() -> None:
    done = floors()
    assert done.returncode == 0, done.stdout + done.stderr
