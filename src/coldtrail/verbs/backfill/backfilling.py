"""The verb `backfill`: learns a bundle from what the sources of a service still hold."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from coldtrail.bundle.manifest import MANIFEST
from coldtrail.config import Settings
from coldtrail.errors import ConfigError
from coldtrail.formats.detect import parser_for
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.columns import AnyFlow
from coldtrail.records.tally import Tally
from coldtrail.service.settings import LiveSettings
from coldtrail.store.held_folder import held_folder
from coldtrail.verbs.backfill.gathering import Gathering
from coldtrail.verbs.backfill.reaching import reachable
from coldtrail.verbs.doctor.keeping import needs_of
from coldtrail.verbs.pseudonym_key import VARIABLE
from coldtrail.verbs.reading import Progress, Telemetry, Watch, flows_told_by, silent
from coldtrail.verbs.showing import show_bundle
from coldtrail.verbs.training import TrainSummary, train_on

FOLDER = "backfill"


class BackfillSummary(NamedTuple):
    """What was gathered and learned."""

    training: TrainSummary
    documents: int
    needs: list[str]
    """What functions still need until they are judged, or followed, a sentence each."""
    notes: list[str]


def backfill(
    settings: LiveSettings,
    days: float,
    *,
    again: bool = False,
    force: bool = False,
    without: Collection[str] = (),
    environment: Mapping[str, str] | None = None,
    progress: Progress = silent,
) -> BackfillSummary:
    """The summary of learning from the last `days`; stopped at any time, it goes on where it was.

    `again` forgets what was gathered before, `force` learns a bundle anew that is there, `without` names
    sources that are left out. Raises `ConfigError` where no source can be asked, `SourceError` where one
    fails, `StoreError` for a full disk.
    """
    around = os.environ if environment is None else environment
    bundle = Path(settings.service.bundle)
    _check(bundle, force=force)
    asked = reachable([one for one in settings.sources if one.name not in without], days)
    if not asked.tables:
        told = " ".join(asked.notes)
        raise ConfigError(f"No source can be asked for what was. {told}".strip())
    _give_key(settings.privacy.key_env, around)
    offline = _learning(settings)
    with held_folder(Path(settings.service.data) / FOLDER) as folder:
        if again:
            _forget(folder)
        gathering = Gathering(folder, days, offline)
        try:
            gathering.gather(asked.tables, around, progress)
            training = train_on(_Reader(gathering), bundle, settings=offline, progress=progress)
        finally:
            gathering.documents.close()
        _forget(folder)
    needs = needs_of(show_bundle(bundle).functions)
    return BackfillSummary(training, gathering.reached.count, needs, [*asked.notes, *gathering.notes])


class _Reader:
    """Gives the flows of what was gathered."""

    def __init__(self, gathering: Gathering) -> None:
        self._gathering = gathering

    def __call__(
        self, settings: Settings, pseudonyms: Pseudonyms, watch: Watch, tally: Tally
    ) -> Iterator[AnyFlow]:
        parser = parser_for("auto", settings, tally.counts, pseudonyms)
        besides = self._gathering.reached.tells_besides
        read = Telemetry(self._gathering.documents.read(), parser, tally, lambda: besides)
        return flows_told_by(read, settings, watch)


def _check(bundle: Path, *, force: bool) -> None:
    if (bundle / MANIFEST).exists() and not force:
        raise ConfigError(
            f"{bundle}: there is a bundle already; `coldtrail update` teaches it more, and --force learns it "
            "anew (what people accepted of it is lost)."
        )


def _learning(settings: LiveSettings) -> Settings:
    """What to learn by: the settings of `train`, under the lateness and the budget of the service."""
    offline = settings.offline
    limits, detection = offline.limits, offline.detection
    if settings.service.lateness_s is not None:
        limits = msgspec.structs.replace(limits, lateness_s=settings.service.lateness_s)
    budget = settings.learning.budget_alerts_per_day
    if budget is not None and not detection.alerts_a_day:
        detection = msgspec.structs.replace(detection, alerts_a_day=budget)
    return msgspec.structs.replace(offline, limits=limits, detection=detection)


def _give_key(variable: str, environment: Mapping[str, str]) -> None:
    """Lets the key of pseudonyms be found that the settings name another variable for."""
    given = environment.get(variable)
    if variable != VARIABLE and given is not None:
        os.environ[VARIABLE] = given


def _forget(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != "lock":
            path.unlink()
