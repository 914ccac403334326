"""The package from outside: few names, the verbs as functions, and nothing that starts too early."""

from __future__ import annotations

import inspect
import pkgutil
import re
from pathlib import Path

import pytest

import coldtrail
from coldtrail.testing import make_history
from tests.verbs.telemetry_files import read_lines, stolen, write_native


def test_there_are_few_public_names_and_each_leads_somewhere() -> None:
    assert len(coldtrail.__all__) <= 20
    assert sorted(coldtrail.__all__) == coldtrail.__all__
    for name in coldtrail.__all__:
        assert getattr(coldtrail, name) is not None


def test_no_public_name_is_that_of_a_module() -> None:
    """Importing a module sets its name in the package: it would take the place of the function."""
    modules = {found.name for found in pkgutil.iter_modules(coldtrail.__path__)}
    assert modules.isdisjoint(coldtrail.__all__)


def test_every_public_name_says_what_comes_back() -> None:
    for name in coldtrail.__all__:
        if name != "__version__":
            assert inspect.getdoc(getattr(coldtrail, name))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'coldtrail' has no attribute 'trian'"):
        coldtrail.trian  # noqa: B018


def test_the_version_is_one() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", coldtrail.__version__)


def test_all_errors_have_one_root() -> None:
    from coldtrail import errors

    found = [one for one in vars(errors).values() if isinstance(one, type)]
    assert len(found) == 8
    assert all(issubclass(one, coldtrail.ColdtrailError) for one in found)


def test_a_session_learns_judges_explains_and_evaluates(tmp_path: Path) -> None:
    history = write_native(tmp_path / "history.jsonl", make_history(200))
    new = write_native(tmp_path / "new.jsonl", [*make_history(20, seed=3, prefix="n"), stolen()])
    verdicts = tmp_path / "verdicts.jsonl"
    labels = tmp_path / "labels.jsonl"
    label = '{"function_flow_id":"stolen","attack":"data_leakage","event_ids":["stolen-2"]}'
    labels.write_text(label, encoding="utf-8")

    assert coldtrail.inspect(history).flows == 200
    assert coldtrail.train(history, tmp_path / "bundle").manifest.flows == 200
    summary = coldtrail.score(tmp_path / "bundle", new, verdicts)
    assert summary.flows == len(read_lines(verdicts)) == 21
    explained = coldtrail.explain(tmp_path / "bundle", new, "stolen")
    assert explained.verdict.reasons[0].target == "loot"
    assert coldtrail.evaluate(verdicts, labels).recall == 1.0
    assert coldtrail.load_settings(None) == coldtrail.Settings()
