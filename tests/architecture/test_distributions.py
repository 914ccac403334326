"""The two distributions, built: what is in them, and that the product stands alone."""

from __future__ import annotations

import os
import re
import subprocess
import tarfile
import tomllib
import venv
from importlib.metadata import distribution
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

import coldtrail
from coldtrail.testing import make_history
from tests.verbs.telemetry_files import write_native

ROOT = Path(__file__).parents[2]
LAB = ROOT / "lab"


def project(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def built(builder: type[SdistBuilder] | type[WheelBuilder], root: Path, folder: Path) -> Path:
    (path,) = builder(str(root)).build(directory=str(folder), versions=["standard"])
    return Path(path)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the product."""
    return built(WheelBuilder, ROOT, tmp_path_factory.mktemp("wheel"))


def test_the_wheel_of_the_product_holds_the_product_alone(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {
        "coldtrail",
        f"coldtrail-{coldtrail.__version__}.dist-info",
    }
    sources = {path.relative_to(ROOT / "src") for path in (ROOT / "src/coldtrail").rglob("*.*")}
    kept = {str(path) for path in sources if "__pycache__" not in path.parts}
    assert kept <= {*names}


def test_the_wheel_of_the_laboratory_holds_its_packages_and_recordings(tmp_path: Path) -> None:
    names = ZipFile(built(WheelBuilder, LAB, tmp_path)).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {"coldtrail_testbed", "coldtrail_paper", "coldtrail_lab"}
    assert {"coldtrail_testbed/recorded/airline-benign.jsonl.gz", "coldtrail_paper/paper.toml"} <= {*names}
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


@pytest.mark.parametrize(
    ("root", "tops", "some"),
    [
        (ROOT, {"src", "docs", "examples"}, "src/coldtrail/py.typed"),
        (LAB, {"src"}, "src/coldtrail_testbed/recorded/vod-benign.jsonl.gz"),
    ],
)
def test_a_source_archive_holds_what_builds_its_wheel(
    tmp_path: Path, root: Path, tops: set[str], some: str
) -> None:
    with tarfile.open(built(SdistBuilder, root, tmp_path)) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {name.split("/")[0] for name in names if "/" in name} == tops
    assert {some, "pyproject.toml", "README.md", "LICENSE", "PKG-INFO"} <= names


def test_both_have_one_version_and_one_licence() -> None:
    lab = project(LAB)
    assert lab["version"] == coldtrail.__version__
    assert f"coldtrail[report]=={coldtrail.__version__}" in lab["dependencies"]
    for key in ("license", "requires-python"):
        assert lab[key] == project(ROOT)[key]
    assert (LAB / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def alone(wheel: Path, folder: Path) -> Path:
    """The interpreter of an environment that holds the wheel, what it requires, and nothing else."""
    venv.create(folder, symlinks=True)
    site = next(folder.glob("lib/python*/site-packages"))
    ZipFile(wheel).extractall(site)
    for name in required("coldtrail"):
        found = distribution(name)
        for top in {file.parts[0] for file in found.files or () if file.parts[0] != ".."}:
            if not (site / top).exists():
                (site / top).symlink_to(Path(str(found.locate_file(top))))
    return folder / "bin" / "python"


def required(name: str) -> set[str]:
    """The distributions that one needs without its extras, and those that these need."""
    needs = [
        re.split(r"[^\w.-]", need)[0] for need in distribution(name).requires or () if "extra" not in need
    ]
    return set(needs).union(*map(required, needs)) if needs else set()


@pytest.mark.slow
def test_the_product_works_alone(wheel: Path, tmp_path: Path) -> None:
    python = alone(wheel, tmp_path / "venv")

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return subprocess.run(
            [python, *arguments], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
        )

    said = run("-m", "coldtrail", "--help")
    assert said.returncode == 0, said.stderr
    assert "train" in said.stdout
    assert "testbed  " not in said.stdout

    said = run("-m", "coldtrail", "demo")
    assert (said.returncode, said.stdout) == (2, "")
    assert re.fullmatch(r"coldtrail: `coldtrail demo` is part of coldtrail-lab, .*\.\n", said.stderr)

    history = write_native(tmp_path / "history.jsonl", make_history(100))
    for verb in (
        ("train", "--input", history, "--bundle", "bundle"),
        ("score", "--bundle", "bundle", "--input", history, "--output", "verdicts.jsonl"),
    ):
        said = run("-W", "error", "-m", "coldtrail", *verb)
        assert said.returncode == 0, said.stderr

    said = run("-c", "from coldtrail import *; demo()")
    assert "coldtrail.errors.ConfigError: `coldtrail.demo` is part of coldtrail-lab" in said.stderr
