"""Listed fields out of JSON: at once where all is sound, and piece by piece where a part is not."""

from __future__ import annotations

import json
from types import UnionType
from typing import Any, Generic, TypeVar, get_args, get_origin

import msgspec
from msgspec import Raw, Struct

from coldtrail.errors import DocumentError
from coldtrail.formats.json_depth import prune

_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_MAX_DEPTH = 100
_MOST_PARTS = 100_000
"""Parts of a list that are looked at piece by piece."""
T = TypeVar("T", bound=Struct)


class _Anything(Struct):
    pass


def object_of(payload: bytes, noun: str, problems: list[str]) -> dict[str, object]:
    """All fields of a JSON object, for formats whose users name the fields; raises `DocumentError`."""
    try:
        value: object = msgspec.json.decode(payload)
    except _BROKEN:
        value = JsonReader(_Anything, noun).loaded(payload, problems)
    if not isinstance(value, dict):
        raise DocumentError(f"This {noun} is no JSON object.")
    return value


def pruned(payload: bytes, noun: str, most: int, problems: list[str]) -> Any:
    """The JSON of a payload of which a part is wrong, down to a depth; raises `DocumentError`."""
    try:
        text = payload.decode()
    except UnicodeDecodeError as error:
        problems.append(f"Byte {error.start + 1:,} is no UTF-8; it and others like it were replaced.")
        text = payload.decode("utf-8", "replace")
    try:
        return msgspec.json.decode(prune(text, most))
    except msgspec.DecodeError as error:
        raise DocumentError(f"The JSON of this {noun} is broken: {error}.") from None
    except RecursionError:
        raise DocumentError(f"This {noun} is nested too deep.") from None


class JsonReader(Generic[T]):
    """Gives a `kind` for each payload; what of it cannot be used is named in `problems`.

    Raises `DocumentError` where the payload is no JSON object, or lacks a field that has no default.
    """

    def __init__(self, kind: type[T], noun: str) -> None:
        """`noun` is what a sentence calls the document: `CloudTrail record`."""
        self._kind = kind
        self._noun = noun
        self._decode = msgspec.json.Decoder(kind).decode

    def __call__(self, payload: bytes | str, problems: list[str]) -> T:
        """The listed fields of the payload."""
        try:
            return self._decode(payload)
        except _BROKEN:
            return self._piecewise(self.loaded(payload, problems), problems)

    def of(self, value: object, problems: list[str]) -> T:
        """The listed fields of JSON that is decoded already."""
        try:
            return msgspec.convert(value, self._kind)
        except msgspec.ValidationError:
            return self._piecewise(value, problems)

    def loaded(self, payload: bytes | str, problems: list[str]) -> object:
        """The JSON of a payload that is partly damaged, as far as it can be read."""
        text = payload if isinstance(payload, str) else self._text(payload, problems)
        try:
            return json.loads(text, strict=False)
        except RecursionError:
            problems.append(f"Parts of this {self._noun} were left out: they are nested too deep.")
        except ValueError as error:
            raise DocumentError(self._broken(error)) from None
        try:
            return json.loads(prune(text, _MAX_DEPTH), strict=False)
        except ValueError as error:
            raise DocumentError(self._broken(error)) from None
        except RecursionError:
            raise DocumentError(f"This {self._noun} is nested too deep.") from None

    def _text(self, payload: bytes, problems: list[str]) -> str:
        try:
            return payload.decode()
        except UnicodeDecodeError as error:
            problems.append(f"Byte {error.start + 1:,} is no UTF-8; it and others like it were replaced.")
            return payload.decode("utf-8", "replace")

    def _broken(self, error: ValueError) -> str:
        if isinstance(error, json.JSONDecodeError):
            return f"The JSON of this {self._noun} is broken at character {error.pos + 1:,}: {error.msg}."
        return f"This {self._noun} holds a number that is too long."

    def _piecewise(self, value: object, problems: list[str]) -> T:
        if not isinstance(value, dict):
            raise DocumentError(f"This {self._noun} is no JSON object.")
        return _usable(self._kind, value, problems, self._noun)


def _usable(kind: type[T], value: dict[str, Any], problems: list[str], where: str) -> T:
    """The struct of what is usable; raises `DocumentError` where a field without a default is not."""
    kept: dict[str, object] = {}
    for field in msgspec.structs.fields(kind):
        name = field.encode_name
        if value.get(name) is None:
            continue
        try:
            kept[field.name] = _part(field.type, value[name], problems, where)
        except (msgspec.ValidationError, DocumentError, UnicodeEncodeError, RecursionError):
            problems.append(f"The {name} of this {where} was left out: it is unusable.")
    fields = msgspec.structs.fields(kind)
    missing = [field.encode_name for field in fields if field.required and field.name not in kept]
    if missing:
        raise DocumentError(f"This {where} has no usable {missing[0]}.")
    return kind(**kept)


def _part(kind: Any, value: object, problems: list[str], where: str) -> object:
    if kind is Raw:
        return Raw(msgspec.json.encode(value))
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        pass
    for choice in get_args(kind) if get_origin(kind) is UnionType else (kind,):
        if isinstance(choice, type) and issubclass(choice, Struct) and isinstance(value, dict):
            return _usable(choice, value, problems, where)
        if get_origin(choice) is list and isinstance(value, list):
            return _elements(get_args(choice)[0], value, problems, where)
    raise msgspec.ValidationError


def _elements(kind: Any, values: list[object], problems: list[str], where: str) -> list[object]:
    found: list[object] = []
    for value in values[:_MOST_PARTS]:
        try:
            found.append(_part(kind, value, problems, where))
        except (msgspec.ValidationError, DocumentError):
            problems.append(f"A part of this {where} was left out: it is unusable.")
    return found
