"""The text of a settings file in which every line is explained; it comes from the settings themselves.

A key that has a default stands behind `#`, without a space: it can be taken in by removing that.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import Struct

from coldtrail.config import LimitSettings, Settings
from coldtrail.policy import ChannelSettings
from coldtrail.registry import LIVE_SOURCES, NOTIFIERS, load
from coldtrail.service.explained import Key, about, keys_of
from coldtrail.service.settings import LearningSettings, PrivacySettings, ServiceSettings

_WIDTH = 100
_REGION, _ACCOUNT = "eu-west-1", "111122223333"
_WITHOUT_DEFAULT: Mapping[str, Any] = {
    "lateness_s": LimitSettings().lateness_s,
    "budget_alerts_per_day": 1.0,
    "quiet": {"from": "22:00", "to": "07:00"},
}
"""What stands there for a key that has no value of its own unless one is given."""


class Chosen(NamedTuple):
    """What the file is to name."""

    sources: Sequence[str]
    notifiers: Sequence[str]
    region: str = ""
    account: str = ""
    role_arn: str = ""
    """To be taken on by every source in AWS."""


def settings_file(chosen: Chosen) -> str:
    """The text of a file with these sources and channels; raises `ConfigError` for a kind that is none."""
    return "\n".join(_lines(chosen)) + "\n"


def _lines(chosen: Chosen) -> Iterator[str]:
    yield from _told(
        "The settings of Coldtrail's live service, written by `coldtrail init`. A key behind # has the value "
        "that holds without it. An unknown key is an error. Secrets never stand here: a key whose name ends "
        "in _env names the environment variable that holds one."
    )
    yield from _table("[service]", ServiceSettings)
    for name, kind in _named(chosen.sources):
        given = {"kind": kind, "name": name} | _of_source(kind, chosen)
        yield from _table("[[source]]", load(LIVE_SOURCES, kind, "source").Settings, given=given)
    yield from _others("source", LIVE_SOURCES, chosen.sources)
    for name, kind in _named(chosen.notifiers):
        given = {"kind": kind, "name": name} | _of_notifier(kind, name, chosen)
        member = load(NOTIFIERS, kind, "notifier").Settings
        yield from _table("[[notify]]", member, ChannelSettings, given=given)
    yield from _others("notify", NOTIFIERS, chosen.notifiers)
    yield from _table("[learning]", LearningSettings)
    yield from _table("[privacy]", PrivacySettings)
    yield ""
    yield from _told("What `train`, `update` and `backfill` learn by, and what bounds all that is read.")
    for name in Settings.__struct_fields__:
        yield from _table(f"#[{name}]", type(getattr(Settings(), name)))


def _named(kinds: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each kind with a name of its own."""
    for number, kind in enumerate(kinds):
        before = kinds[:number].count(kind)
        yield (kind if not before else f"{kind}-{before + 1}"), kind


def _others(table: str, family: Mapping[str, str], chosen: Sequence[str]) -> Iterator[str]:
    others = sorted(set(family) - set(chosen))
    if others:
        yield ""
        yield from _told(
            f"Other kinds of [[{table}]]: {', '.join(others)}. There may be several of one kind, "
            "each with a name of its own."
        )


def _table(head: str, *tables: type[Struct], given: Mapping[str, object] | None = None) -> Iterator[str]:
    """A table with all its keys; those `given` are set."""
    rest = dict(given or {})
    yield ""
    yield from _told(about(tables[0]))
    yield head
    first = [name for name in ("kind", "name") if name in rest]
    for name in first:
        yield f"{name} = {_toml(rest.pop(name))}"
    for table in tables:
        for key in keys_of(table):
            if key.name in first:
                continue
            yield from _told(f"{key.about} Not set by default." if _is_unset(key) else key.about)
            yield _line(key, rest)


def _is_unset(key: Key) -> bool:
    return key.default is None and not key.is_required


def _line(key: Key, given: Mapping[str, object]) -> str:
    if key.name in given:
        return f"{key.name} = {_toml(given[key.name])}"
    if key.is_required:
        return f"{key.name} = {_toml('CHANGE-ME')}"
    value = _WITHOUT_DEFAULT.get(key.name, "") if key.default is None else key.default
    return f"#{key.name} = {_toml(value)}"


def _told(text: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent="# ",
        subsequent_indent="# ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _of_source(kind: str, chosen: Chosen) -> dict[str, object]:
    """What stands for the keys that a source cannot do without, and for what was chosen."""
    known = {key.name for key in keys_of(load(LIVE_SOURCES, kind, "source").Settings)}
    region, account = chosen.region or _REGION, chosen.account or _ACCOUNT
    queue = f"https://sqs.{region}.amazonaws.com/{account}/coldtrail-{kind}"
    examples: dict[str, dict[str, object]] = {
        "files": {"path": "telemetry"},
        "s3": {"queue": queue, "bucket": "EXAMPLE-TELEMETRY"},
        "sqs": {"queue": queue},
        "kinesis": {"stream": "coldtrail"},
        "cloudwatch-logs": {"groups": ["aws/spans", "/aws/lambda/*"]},
    }
    asked = {"region": chosen.region, "role_arn": chosen.role_arn}
    given = examples.get(kind, {}) | {name: value for name, value in asked.items() if value}
    return {name: value for name, value in given.items() if name in known}


def _of_notifier(kind: str, name: str, chosen: Chosen) -> dict[str, object]:
    """What stands for the keys that a channel cannot do without; secrets by variables of its own."""
    region, account = chosen.region or _REGION, chosen.account or _ACCOUNT
    examples: dict[str, object] = {
        "topic_arn": f"arn:aws:sns:{region}:{account}:coldtrail",
        "product_arn": f"arn:aws:securityhub:{region}:{account}:product/{account}/default",
        "bus": "default",
        "account": account,
        "region": region,
        "host": "127.0.0.1",
        "from": "coldtrail@example.org",
        "to": ["security@example.org"],
    }
    given: dict[str, object] = {"path": "findings.jsonl"} if kind == "ocsf" else {}
    for key in keys_of(load(NOTIFIERS, kind, "notifier").Settings):
        is_place = key.name == "region" and key.default == "" and chosen.region
        if not key.is_required and not is_place:
            continue
        if key.name.endswith("_env"):
            variable = f"COLDTRAIL_{name}_{key.name.removesuffix('_env')}"
            given[key.name] = variable.upper().replace("-", "_")
        elif key.name in examples:
            given[key.name] = examples[key.name]
    return given


def _toml(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:_}"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_toml(str(key))} = {_toml(one)}" for key, one in value.items())
        return f"{{{inner}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    raise TypeError(f"{type(value).__name__} is nothing that settings hold")
