"""Whether the service can keep what it has to: folder, database, bundle and the key of pseudonyms."""

from __future__ import annotations

import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from coldtrail.alerts.wording.amounts import counted, in_words
from coldtrail.bundle.manifest import read_manifest
from coldtrail.errors import ColdtrailError, ConfigError, StoreError
from coldtrail.service.opening import FILE
from coldtrail.service.settings import ServiceSettings, address_of
from coldtrail.store.databases import open_database
from coldtrail.verbs.doctor.finding import Finding, fine, noted, to_mend
from coldtrail.verbs.pseudonym_key import pseudonyms_of
from coldtrail.verbs.showing import KnownFunction, show_bundle

_BY_SERVICE = "`coldtrail watch`"
"""What an error names that the service mends by itself as it starts."""
_LEAST_FREE = 2**30
_MOST_TOLD = 8
_ANSWER_S = 2.0


def is_running(settings: ServiceSettings) -> bool:
    """Whether a service answers at the address of the status page, healthy or not."""
    if not settings.listen:
        return False
    host, port = address_of(settings.listen, "service.listen")
    shown = f"[{host}]" if ":" in host else host
    request = urllib.request.Request(f"http://{shown}:{port}/health")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        opener.open(request, timeout=_ANSWER_S).close()
    except urllib.error.HTTPError as error:
        error.close()
        return error.code != 404
    except (OSError, ValueError):
        return False
    return True


def folder(settings: ServiceSettings) -> list[Finding]:
    """What is found of the folder of the service."""
    place = Path(settings.data)
    there = next(one for one in (place, *place.absolute().parents) if one.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return [to_mend("data", f"{there} cannot be written to.", "Let the service's user write there.")]
    free = shutil.disk_usage(there).free
    if free < _LEAST_FREE:
        told = f"Only {free // 2**20:,} MiB are free where {place} lies."
        return [to_mend("data", told, "Make room, or name another folder as service.data.")]
    return [fine("data", f"{place} can be written to, and {free // 2**30:,} GiB are free there.")]


def store(settings: ServiceSettings) -> list[Finding]:
    """What is found of the database."""
    place = settings.database or Path(settings.data) / FILE
    if isinstance(place, Path) and not place.exists():
        return [noted("store", f"{place} is not there yet; the service will make it.")]
    try:
        open_database(place, serving=False).close()
    except (StoreError, ConfigError) as error:
        found = noted if _BY_SERVICE in str(error) else to_mend
        return [found("store", str(error))]
    return [fine("store", "The database answers, and has the form that this Coldtrail needs.")]


def bundle(settings: ServiceSettings) -> list[Finding]:
    """What is found of the bundle, and of each function that it does not judge yet."""
    place = Path(settings.bundle)
    if not place.exists():
        told = f"There is no bundle at {place}, so that nothing can be judged."
        return [to_mend("bundle", told, "Let `coldtrail backfill` or `coldtrail train` learn one.")]
    try:
        known = show_bundle(place).functions
        pseudonyms_of(place, read_manifest(place))
    except ColdtrailError as error:
        return [to_mend("bundle", str(error))]
    return [_learned(known), *(_learning(one) for one in known if one.state == "learning")]


def _learned(known: Sequence[KnownFunction]) -> Finding:
    ready = sum(one.state == "ready" for one in known)
    told = f"{counted(len(known), 'function')} learned, {ready:,} of them ready to be judged."
    if ready:
        return fine("bundle", told)
    return noted("bundle", told, "Learn from more history: `coldtrail backfill`.")


def _learning(one: KnownFunction) -> Finding:
    lacking = one.ready_flows - one.flows
    about = f"function {one.function_name}"
    told = f"It is not judged yet: {one.flows:,} of {one.ready_flows:,} flows are learned."
    return noted(
        about, told, f"Learn {counted(max(1, lacking), 'flow')} more: `coldtrail backfill`, or wait."
    )


def needs_of(known: Sequence[KnownFunction]) -> list[str]:
    """What each function still needs until it is judged, a sentence each."""
    found = []
    for one in known:
        if one.state == "learning":
            found.append(f"{one.function_name}: {one.flows:,} of {one.ready_flows:,} flows; not judged yet.")
        elif one.needs:
            what = in_words(sorted(one.needs), _MOST_TOLD)
            found.append(f"{one.function_name}: judged; not followed yet by {what}.")
    return found
