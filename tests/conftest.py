"""What several tests need: a trained model, and the same as a bundle on disk; made once, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import settings

from coldtrail.bundle.model import Model
from coldtrail.config import Settings
from coldtrail.detectors.autoencoder import BudgetedAutoencoder
from coldtrail.learning.train import learn
from coldtrail.testing import make_history
from coldtrail.verbs.training import train
from tests.store.postgresql_server import PostgresqlServer, binaries
from tests.verbs.telemetry_files import write_native, write_xray

settings.register_profile("coldtrail", deadline=None, max_examples=60)
settings.load_profile("coldtrail")


COSTLY = {
    "benign_run": "recorded runs",
    "attacked_run": "recorded runs",
    "vod_run": "recorded runs",
    "autoencoder": "networks",
    "postgresql": "databases",
}
"""Fixtures that are made once in a process: of several that share the tests, one has all that need it."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several processes share the tests (`make test`), those of a file stay together, and those that
    need the same costly things. What has slow tests comes first, so that all end at about the same time."""
    if not hasattr(config, "workerinput"):
        return
    group_of = _groups(items)
    slow = {group_of[item.path] for item in items if item.get_closest_marker("slow")} | {*COSTLY.values()}
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group_of[item.path]))
    items.sort(key=lambda item: group_of[item.path] not in slow)


def _groups(items: Iterable[pytest.Item]) -> dict[Path, str]:
    """The group of each file."""
    groups: dict[Path, str] = {}
    for item in items:
        needed = [COSTLY[name] for name in getattr(item, "fixturenames", ()) if name in COSTLY]
        if needed:
            groups[item.path] = needed[0]
        else:
            groups.setdefault(item.path, item.nodeid.partition("::")[0])
    return groups


@pytest.fixture
def quick_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """The detector `autoencoder` with a network that is small enough for a test."""
    plain = BudgetedAutoencoder.__init__

    def quick(self: BudgetedAutoencoder) -> None:
        plain(self)
        self.recipe = msgspec.structs.replace(self.recipe, windows=(3,), units=(16, 8), epochs=12)

    monkeypatch.setattr(BudgetedAutoencoder, "__init__", quick)


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


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """A server of PostgreSQL of its own; `fresh()` makes a database. Skipped where none is installed."""
    programs = binaries()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed here (Debian: apt install postgresql-15)")
    pytest.importorskip("psycopg")
    server = PostgresqlServer(programs)
    yield server
    server.remove()
