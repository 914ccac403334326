"""Functions by what the segments of their runs and of their invocations say of them."""

from __future__ import annotations

from typing import NamedTuple

from coldtrail.features.names.masking import clean
from coldtrail.formats.xray.blocks import names_in
from coldtrail.formats.xray.documents import Call, Segment, Subsegment

_MAX_CACHED = 50_000
_MAX_CACHED_CHARS = 512
_MOST_DIGITS = 18
_ACCOUNT_DIGITS = 12
_OF_LAMBDA = ":function:"


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
        self._known: dict[tuple[str | None, ...], Function] = {}
        self._max_chars = max_chars

    def of(self, segment: Segment) -> Function:
        """The function of a segment of its run or of its invocation, from whichever place says it."""
        aws = segment.aws
        if aws is not None and aws.function_arn is not None and aws.function_version is None:
            return self.named(aws.function_arn, _account(aws.account_id), segment.name, aws.region)
        arn = _arn_of(segment)
        if aws is None:
            return self.named(arn, None, segment.name)
        version = _number(aws.function_version)
        return self.named(arn, _account(aws.account_id), segment.name, aws.region, version)

    def invoked_by(self, segment: Segment) -> Function:
        """The function of an `AWS::Lambda` segment, which nearly always has its ARN."""
        arn = segment.resource_arn
        if arn is not None and _OF_LAMBDA in arn:
            return self.named(arn, None, segment.name)
        return self.of(segment)

    def named(
        self,
        arn: str | None,
        account: str | None,
        name: str,
        region: str | None = None,
        version: str | None = None,
    ) -> Function:
        """The function of an ARN; all else is taken where that says nothing."""
        key = arn, account, name, region, version
        known = self._known.get(key)
        if known is None:
            known = self._new(arn or "", account, name, region, version)
            if sum([len(part) for part in key if part is not None]) <= _MAX_CACHED_CHARS:
                if len(self._known) >= _MAX_CACHED:
                    self._known.clear()
                self._known[key] = known
        return known

    def _new(
        self, arn: str, account: str | None, name: str, region: str | None, version: str | None
    ) -> Function:
        parts = arn.split(":")
        other_name = None
        if len(parts) >= 7 and parts[5] == "function" and parts[6]:
            other_name = None if name == parts[6] else clean(name, self._max_chars)
            region, account, name = parts[3] or region, parts[4] or account, parts[6]
            version = version_of(parts) or version
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


def _arn_of(segment: Segment) -> str | None:
    """The function's ARN, from the first place of a segment that has one."""
    told = [_arn_in(segment.aws), segment.resource_arn]
    told += [_arn_in(sub.aws) for sub in _first_steps(segment)]
    return next((arn for arn in told if arn and _OF_LAMBDA in arn), None)


def _first_steps(segment: Segment) -> list[Subsegment]:
    """The platform's own steps of a run, which name its function too."""
    return [sub for sub in (segment.subsegments or [])[:8] if sub.namespace is None]


def _arn_in(aws: Call | None) -> str | None:
    if aws is None:
        return None
    told = [aws.function_arn, aws.resource_arn, aws.function_name, *names_in(aws.resource_names)[:4]]
    return next((arn for arn in told if arn and _OF_LAMBDA in arn), None)


def _account(told: str | float | None) -> str | None:
    """An account's id; as a number it has lost the zeros that it may begin with."""
    if isinstance(told, str | None):
        return told
    number = _number(told)
    return None if number is None else number.zfill(_ACCOUNT_DIGITS)


def _number(told: str | float | None) -> str | None:
    """A whole number, as text or as a number of JSON; None for anything else."""
    if isinstance(told, float) and told.is_integer() and abs(told) < 10.0**_MOST_DIGITS:
        told = int(told)
    text = "" if isinstance(told, float | None) else str(told)
    return text if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None
