"""The verb `watch`: the live service, from its settings to its end."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from coldtrail.assembly.assembling import Expecting, nothing_more
from coldtrail.bundle.folder import load
from coldtrail.bundle.manifest import Manifest, identity
from coldtrail.bundle.model import Model
from coldtrail.config import Settings
from coldtrail.errors import ConfigError
from coldtrail.formats.detect import parser_for
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.tally import Tally
from coldtrail.service.beside import Around, beside, check_pushed, pushed, spool_of
from coldtrail.service.channels import channels_from
from coldtrail.service.feeds import pull_sources
from coldtrail.service.line import Making
from coldtrail.service.logs import Log
from coldtrail.service.opening import opened
from coldtrail.service.running import service_of
from coldtrail.service.settings import LiveSettings
from coldtrail.service.telling import telling_of
from coldtrail.sources.files import FileSource
from coldtrail.store.held_folder import held_folder
from coldtrail.verbs.collecting import rare_collections
from coldtrail.verbs.expecting import is_more_expected
from coldtrail.verbs.pseudonym_key import VARIABLE, kept_for_next, pseudonyms_of


class WatchSummary(NamedTuple):
    """What a service came to until it ended."""

    tally: Tally
    alerts: int
    """Stored alerts that are not closed."""
    cases: int
    notes: list[str]


def watch(
    settings: LiveSettings,
    stopping: threading.Event,
    *,
    until_done: bool = False,
    log: Log | None = None,
) -> WatchSummary:
    """The summary of a service that ran until `stopping` was set, or until all sources were done.

    What changes meanwhile is written to the `log`.

    Raises `ConfigError` and `BundleError` before anything is read, and `StoreError` where what it keeps
    cannot be written: nothing goes on without that.
    """
    if not settings.sources:
        raise ConfigError(f"{settings.origin}: no [[source]] is named; name one, `coldtrail init` shows how.")
    _give_key(settings.privacy.key_env)
    bundle = Path(settings.service.bundle)
    with rare_collections(), held_folder(Path(settings.service.data)) as data:
        model, manifest = load(bundle)
        offline = _settings_of(settings, model)
        pseudonyms = pseudonyms_of(bundle, manifest)
        making = _making(settings, model, manifest, offline, pseudonyms)
        channels = channels_from(
            [one.table for one in settings.notify],
            os.environ,
            settings.origin,
            link=settings.service.address,
        )
        sources = pull_sources(settings.sources, offline.limits, data, until_done=until_done)
        check_pushed(settings, offline, data)
        if pushed(settings.sources):
            sources.append((spool_of(data), Tally()))
        with opened(settings, serving=True) as database:
            telling = telling_of(channels)
            service = service_of(
                settings.service,
                making,
                database,
                sources,
                telling,
                until_done=until_done,
                advances=not until_done or all(table.kind != "files" for table in settings.sources),
            )
            around = Around(settings, offline, data, database, until_done)
            with beside(service, around, channels, log):
                service.run(stopping)
            notes = kept_for_next(pseudonyms, bundle, manifest)
            standing = service.commits.standing
            still_open = [one for one in standing.episodes.values() if one.state != "closed"]
            return WatchSummary(service.line.tally, len(still_open), len(standing.cases), notes)


def _give_key(variable: str, environment: Mapping[str, str] | None = None) -> None:
    """Lets the key of pseudonyms be found that the settings name another variable for."""
    given = (os.environ if environment is None else environment).get(variable)
    if variable != VARIABLE and given is not None:
        os.environ[VARIABLE] = given


def _settings_of(settings: LiveSettings, model: Model) -> Settings:
    """The settings that the bundle learned with, under the limits of the service."""
    learned, own = model.settings, settings.offline
    limits = own.limits if settings.has_limits else learned.limits
    if settings.service.lateness_s is not None:
        limits = msgspec.structs.replace(limits, lateness_s=settings.service.lateness_s)
    baselines = learned.baselines
    if own.baselines.country_file:
        baselines = msgspec.structs.replace(baselines, country_file=own.baselines.country_file)
    return msgspec.structs.replace(learned, limits=limits, baselines=baselines)


def _making(
    settings: LiveSettings, model: Model, manifest: Manifest, offline: Settings, pseudonyms: Pseudonyms
) -> Making:
    parser = parser_for("auto", offline, None, pseudonyms)
    return Making(model, parser, offline, _expecting(settings, offline), identity(manifest))


def _expecting(settings: LiveSettings, offline: Settings) -> Expecting:
    """Whether flows wait for other witnesses than traces from the first one on."""
    asked = settings.service.witnesses
    if asked != "auto":
        return lambda: asked == "always"
    folders = [path for table in settings.sources if (path := getattr(table.settings, "path", ""))]
    there = [path for path in folders if Path(path).exists()]
    if not there:
        return nothing_more
    return lambda: is_more_expected(FileSource(there, limits=offline.limits, tally=Tally()), "auto", offline)
