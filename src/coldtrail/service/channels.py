"""Channels as the settings name them: what all have in common, and a notifier each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from coldtrail.errors import ConfigError
from coldtrail.notifiers.notifier import Notifier
from coldtrail.policy import ChannelSettings, check_channel
from coldtrail.registry import NOTIFIERS, load

_COMMON = frozenset(field.encode_name for field in msgspec.structs.fields(ChannelSettings))


class Channel(NamedTuple):
    """Where messages go."""

    settings: ChannelSettings
    notifier: Notifier


def channels_from(
    tables: Sequence[Mapping[str, Any]], environment: Mapping[str, str], origin: str, *, link: str = ""
) -> list[Channel]:
    """The channels of the `[[notify]]` tables of a settings file; raises `ConfigError` with the full path of
    what is wrong. `link` is the address of the service's page, where a table names none."""
    found: list[Channel] = []
    for place, table in enumerate(tables):
        where = f"{origin}: notify[{place}]"
        try:
            channel = _channel({"link": link} | dict(table), environment)
        except (ConfigError, msgspec.ValidationError) as error:
            raise ConfigError(f"{where}: {str(error).rstrip('.')}.") from None
        if channel.settings.called in {one.settings.called for one in found}:
            raise ConfigError(
                f"{where}: another channel is called {channel.settings.called!r}; give this one a `name`."
            )
        found.append(channel)
    return found


def _channel(table: Mapping[str, Any], environment: Mapping[str, str]) -> Channel:
    common = {key: value for key, value in table.items() if key in _COMMON}
    own = {key: value for key, value in table.items() if key not in _COMMON}
    settings = msgspec.convert(common, ChannelSettings)
    check_channel(settings)
    made = load(NOTIFIERS, settings.kind, "kind of channel")
    if settings.digest != "none" and not made.digests:
        raise ConfigError(f"digest: {settings.kind} tells each alert by itself; leave the digest out.")
    return Channel(settings, made(msgspec.convert(own, made.Settings), environment))
