"""Whether channels can be told: variables set, host known, a test message taken where one is asked for."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from msgspec import Struct

from coldtrail.errors import ActionError, ConfigError
from coldtrail.notifiers.notifier import Notifier
from coldtrail.records.delivery import Message
from coldtrail.registry import NOTIFIERS, load
from coldtrail.service.settings import NotifyTable
from coldtrail.verbs.doctor.finding import Finding, fine, to_mend

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")


def look(table: NotifyTable, environment: Mapping[str, str], *, send: bool = False) -> list[Finding]:
    """What is found of a channel; no value of a variable, nor a part of one, is told."""
    about = f"channel {table.name}"
    missing = [name for name in variables_of(table.settings) if not environment.get(name)]
    if missing and all(map(_NAME.fullmatch, missing)):
        names = ", ".join(missing)
        return [
            to_mend(about, f"Not set in the environment: {names}.", "Set it where the service is started.")
        ]
    try:
        notifier: Notifier = load(NOTIFIERS, table.kind, "notifier")(table.settings, environment)
    except ConfigError as error:
        return [to_mend(about, str(error))]
    found = [fine(about, "Its settings are whole, and the variables that they name are set.")]
    found += [_resolved(about, *one) for one in _hosts(table.settings, environment)]
    if send and all(one.level == "ok" for one in found):
        found.append(_sent(about, table.name, notifier))
    return found


def variables_of(settings: Struct) -> list[str]:
    """The environment variables that settings name."""
    names = [one for one in settings.__struct_fields__ if one.endswith("_env")]
    return [value for one in names if (value := getattr(settings, one))]


def _hosts(settings: Struct, environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each host that is spoken to, and where its name comes from."""
    host = getattr(settings, "host", "")
    if host:
        yield host, "host"
    for name in settings.__struct_fields__:
        value = environment.get(getattr(settings, name) or "", "") if name.endswith("url_env") else ""
        found = _host_of(value)
        if found:
            yield found, getattr(settings, name)


def _host_of(url: str) -> str:
    """The host of a web address; of others none, for what stands there may be a secret (Apprise's do)."""
    try:
        parts = urlsplit(url.strip())
        return parts.hostname or "" if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""


def _resolved(about: str, host: str, of: str) -> Finding:
    try:
        socket.getaddrinfo(host, None)
    except (OSError, UnicodeError):
        return to_mend(
            about,
            f"The host that {of} names has no address.",
            "Correct it, or let this machine ask a name server that knows it.",
        )
    return fine(about, f"The host that {of} names has an address.")


def _sent(about: str, name: str, notifier: Notifier) -> Finding:
    now = time.time()
    message = Message(
        what="trigger",
        dedup_key=f"coldtrail-doctor-{name}",
        alert_id="test",
        case_id=None,
        severity="low",
        title="Coldtrail test message: nothing has happened",
        lines=("`coldtrail doctor --send-test` sent this.", "If you can read it, this channel works."),
        function="",
        application="",
        account="",
        region="",
        at=now,
        first_seen=now,
        count=1,
    )
    try:
        notifier.send(message)
    except ActionError as error:
        return to_mend(about, str(error))
    return fine(about, "It took a test message.")
