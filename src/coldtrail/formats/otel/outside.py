"""Calls that a function made outside any invocation: whose they are is told by the invocations beside them.

Instrumentations of Lambda tell a function's account on the invocation alone. What is called while the module
is loaded, or in the background, is sent together with an invocation of its instance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from coldtrail.records.telemetry import Span


def placed(spans: Sequence[Span]) -> list[Span]:
    """The spans of a document, each call outside with the account, region and version of its function, if its
    invocations in the document all tell the same."""
    return [_placed(span, spans) if span.is_outside and span.account is None else span for span in spans]


def _placed(span: Span, others: Iterable[Span]) -> Span:
    own = [one for one in others if _is_invocation_of(one, span)]
    account, region = _only(one.account for one in own), _only(one.region for one in own)
    if account is None:
        return span
    version = span.version or _only(one.version for one in own)
    return replace(span, account=account, region=span.region or region, version=version)


def _is_invocation_of(one: Span, call: Span) -> bool:
    return (
        not one.is_outside
        and one.function_name == call.function_name
        and (call.region is None or one.region in (None, call.region))
    )


def _only(told: Iterable[str | None]) -> str | None:
    """What is told, unless different things are."""
    different = {*told} - {None}
    return different.pop() if len(different) == 1 else None
