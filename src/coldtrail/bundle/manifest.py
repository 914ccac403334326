"""The manifest of a bundle, with a hash of each file; it is read without trusting any of it."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import msgspec
from msgspec import Struct

from coldtrail.config import Settings
from coldtrail.errors import BundleError, ConfigError
from coldtrail.records.identity import OfFunction

FORMAT = "coldtrail-bundle"
FORMAT_VERSION = 19
"""To be raised with whatever makes older bundles mean something else: their arrays, or the hashes in them."""
FIRST_WITH_ACCOUNTS = 8
"""Bundles of versions before it know a function by its application and name alone."""
MANIFEST = "manifest.json"
MAX_FILE_BYTES = 2**31
MAX_MANIFEST_BYTES = 2**26
BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding raises where bytes are not what they should be."""


class Learned(OfFunction, frozen=True):
    """How much was learned of one function."""

    flows: int
    versions: tuple[str, ...] = ()
    group: int = 0
    """The number of its group, 0 for none."""
    held_back: int = 0
    """Flows that are not learned, but alarm when their like comes again, until a person calls them benign."""
    last_start: float | None = None
    """Start of the latest of its flows that the bundle keeps, UTC epoch seconds; None where it keeps none."""
    kinds: tuple[str, ...] = ()
    """The kinds of witness that it was learned from; none in bundles that do not know."""


class Manifest(Struct, frozen=True, kw_only=True):
    """The manifest of a bundle."""

    format: str
    format_version: int
    coldtrail_version: str
    seed: int
    settings: Settings
    flows: int
    first_start: float
    """Start of the earliest flow learned, UTC epoch seconds."""
    last_start: float
    threshold: float
    functions: list[Learned]
    since_fitted: int = 0
    """Flows learned by updates since all flows were fitted together."""
    groups: list[str] = []
    """What each group of functions that behave alike does; the first is group 1."""
    metrics: dict[str, float] = {}
    pseudonym_key: str | None = None
    """Fingerprint of the key that pseudonyms were made with; None where none were met."""
    files: dict[str, str] = {}
    """SHA-256 of each other file."""


def identity(manifest: Manifest) -> str:
    """What tells a bundle from all others: a hash of its manifest, which holds those of its files."""
    return hashlib.sha256(msgspec.json.encode(manifest)).hexdigest()


def check_target(folder: Path) -> None:
    """Raises `ConfigError` where a folder holds something else than a bundle, or lies in a bundle, and for a
    link to nothing."""
    if folder.is_symlink() and not folder.exists():
        raise ConfigError(f"{folder}: this link leads to nothing; make the folder it names, or name another.")
    check_outside(folder)
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if folder.exists() and not is_bundle(folder):
        raise ConfigError(f"{folder}: this is no bundle and is not overwritten; choose another folder.")


def check_outside(output: Path) -> None:
    """Raises `ConfigError` where the output would lie in a bundle, and damage it."""
    for above in Path(os.path.realpath(output)).parents:
        if is_bundle(above):
            raise ConfigError(f"{output}: this lies in the bundle {above}; choose a place outside it.")


def is_bundle(folder: Path) -> bool:
    """Whether the manifest in a folder, if any, is that of a bundle of some version."""
    try:
        head = msgspec.json.decode(_read(folder / MANIFEST, MAX_MANIFEST_BYTES), type=_Head)
    except (BundleError, *BROKEN):
        return False
    return head.format == FORMAT


class _Head(Struct):
    format: object = ""
    format_version: object = None


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the bundle in a folder; raises `BundleError` where it cannot be read."""
    path = folder / MANIFEST
    if not path.is_file():
        raise BundleError(f"{folder}: there is no bundle here (no {MANIFEST}); `coldtrail train` makes one.")
    raw = _read(path, MAX_MANIFEST_BYTES)
    try:
        head = msgspec.json.decode(raw, type=_Head)
        if head.format != FORMAT or head.format_version != FORMAT_VERSION:
            raise BundleError(f"{folder}: {_refusal(head.format, head.format_version)}")
        return msgspec.json.decode(raw, type=Manifest)
    except BROKEN as error:
        raise BundleError(f"{path}: the manifest is damaged ({error}); train again.") from None


def _refusal(format: object, version: object) -> str:
    """Why a bundle of another format, or version of it, is not read."""
    if format == FORMAT and isinstance(version, int) and version < FIRST_WITH_ACCOUNTS:
        return (
            f"the bundle is of version {version}, which does not tell functions of several accounts and "
            "regions apart; train again."
        )
    return (
        f"the bundle is of format {format!r} version {version!r}; this Coldtrail reads {FORMAT!r} version "
        f"{FORMAT_VERSION}. Train again."
    )


def _read(path: Path, most: int = MAX_FILE_BYTES) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise BundleError(f"{path}: this is no file, as each part of a bundle must be; train again.")
        if status.st_size > most:
            raise BundleError(f"{path}: larger than such a file can be ({most:,} bytes); train again.")
        return path.read_bytes()
    except OSError as error:
        raise BundleError(f"{path}: the bundle cannot be read: {error.strerror}; train again.") from None


def read_part(folder: Path, name: str, digest: str) -> bytes:
    """The bytes of one file of a bundle, checked against its digest; raises `BundleError`."""
    if Path(name).name != name or not name.isprintable():
        raise BundleError(f"{folder}: the manifest names a file outside the bundle ({name!r}); train again.")
    data = _read(folder / name)
    if hashlib.sha256(data).hexdigest() != digest:
        raise BundleError(f"{folder / name}: the file is not the one that was trained (its hash differs).")
    return data
