"""The verb `doctor`: looks at all that settings name, and says what is right and what must be mended."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping

from coldtrail.errors import ColdtrailError
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document
from coldtrail.service.feeds import is_pushed
from coldtrail.service.settings import LiveSettings
from coldtrail.verbs.doctor import channels, keeping, pulled, pushed, telling
from coldtrail.verbs.doctor.finding import Finding, noted
from coldtrail.verbs.inspecting import inspect_documents

Tell = Callable[[str], None]


def examine(
    settings: LiveSettings,
    *,
    send_test: bool = False,
    environment: Mapping[str, str] | None = None,
    tell: Tell = lambda what: None,
) -> list[Finding]:
    """All that is found; `tell` is told what is being looked at. Nothing is changed, taken or taught."""
    around = os.environ if environment is None else environment
    return list(_findings(settings, around, tell, send_test=send_test))


def _findings(
    settings: LiveSettings, environment: Mapping[str, str], tell: Tell, *, send_test: bool
) -> Iterator[Finding]:
    service, limits = settings.service, settings.offline.limits
    tell("data, store and bundle")
    yield from keeping.folder(service)
    yield from keeping.store(service)
    yield from keeping.bundle(service)
    running = keeping.is_running(service)
    documents: list[Document] = []
    for table in settings.sources:
        tell(f"source {table.name}")
        if is_pushed(table):
            yield from pushed.look(table, limits, environment, is_running=running)
            continue
        answer = pulled.ask(table, limits, environment)
        documents += answer.documents
        yield from answer.findings
    if not settings.sources:
        yield Finding("sources", "mend", "No [[source]] is named.", "Name one; `coldtrail init` shows how.")
    tell("what is traced")
    yield from telling.configured(settings.sources, limits, environment)
    if documents:
        yield from _of_sample(documents, settings)
    for channel in settings.notify:
        tell(f"channel {channel.name}")
        yield from channels.look(channel, environment, send=send_test)
    if not settings.notify:
        yield noted("channels", "No [[notify]] is named: alerts are kept, and nobody is told.")


def _of_sample(documents: list[Document], settings: LiveSettings) -> Iterator[Finding]:
    try:
        found = inspect_documents(documents, settings.offline, Tally())
    except ColdtrailError as error:
        yield noted("telemetry", str(error))
        return
    yield from telling.findings_of(found)
