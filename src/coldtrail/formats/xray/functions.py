"""Functions by what the segments of their runs and of their invocations say of them."""

from __future__ import annotations

from typing import NamedTuple

from coldtrail.features.names.masking import clean
from coldtrail.formats.xray.documents import Segment

_MAX_CACHED = 50_000
_MAX_CACHED_CHARS = 512
_MOST_DIGITS = 18


class Function(NamedTuple):
    """Whose run a segment tells of."""

    name: str
    account: str | None
    region: str | None
    version: str | None
    other_name: str | None = None
    """What the segment calls it, where that is not what its ARN says."""


class Functions:
    """Functions by their ARN, or by name where there is none; each is worked out once."""

    def __init__(self, max_chars: int) -> None:
        self._known: dict[tuple[str | None, str | None, str], Function] = {}
        self._max_chars = max_chars

    def of(self, segment: Segment) -> Function:
        """The function of an `AWS::Lambda::Function` segment."""
        aws = segment.aws
        arn, account = (None, None) if aws is None else (aws.function_arn, aws.account_id)
        return self.named(arn, account, segment.name)

    def named(self, arn: str | None, account: str | None, name: str) -> Function:
        """The function of an ARN; account and name are taken where that says nothing."""
        key = arn, account, name
        known = self._known.get(key)
        if known is None:
            known = self._new(arn or "", account, name)
            if len(name) + len(arn or "") + len(account or "") <= _MAX_CACHED_CHARS:
                if len(self._known) >= _MAX_CACHED:
                    self._known.clear()
                self._known[key] = known
        return known

    def _new(self, arn: str, account: str | None, name: str) -> Function:
        parts = arn.split(":")
        region = version = other_name = None
        if len(parts) >= 7 and parts[5] == "function" and parts[6]:
            other_name = None if name == parts[6] else clean(name, self._max_chars)
            region, account, name = parts[3], parts[4] or account, parts[6]
            version = version_of(parts)
        return Function(
            clean(name, self._max_chars), self._clean(account), self._clean(region), version, other_name
        )

    def _clean(self, text: str | None) -> str | None:
        return clean(text, self._max_chars) if text else None


def version_of(arn_parts: list[str]) -> str | None:
    """The version that a function's ARN ends with, parted at colons; None for an alias or `$LATEST`, behind
    which any version may run: https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html."""
    qualifier = arn_parts[7] if len(arn_parts) == 8 and arn_parts[5] == "function" else ""
    is_number = qualifier.isascii() and qualifier.isdigit() and len(qualifier) <= _MOST_DIGITS
    return qualifier if is_number else None
