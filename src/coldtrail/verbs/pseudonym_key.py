"""The key of pseudonyms: given in the environment, else kept in a file beside the bundle.

What was learned of callers and addresses is known by pseudonyms, which only the same key makes again. So a
bundle that has met any keeps the fingerprint of its key, and no other is used with it. The key itself lies
outside the bundle: who is given a bundle learns nobody's address from it.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coldtrail.bundle.manifest import Manifest
from coldtrail.errors import ColdtrailError, ConfigError
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.store.private_file import write_private

VARIABLE = "COLDTRAIL_PSEUDONYM_KEY"
LEAST_BYTES = 16
_MOST_CHARS = 4_096
_HEX = re.compile(r"[0-9A-Fa-f]+", re.ASCII)
_URL_SAFE = str.maketrans("-_", "+/")


def key_file(bundle: Path) -> Path:
    """Where the key of a bundle is kept: beside the folder, wherever a link to it leads."""
    folder = Path(os.path.realpath(bundle))
    return folder.with_name(f"{folder.name}.key")


def pseudonyms_alone() -> Pseudonyms:
    """Those of who uses no bundle: by the key given, else by one that is drawn and forgotten."""
    return Pseudonyms(_given())


def pseudonyms_of_new(bundle: Path) -> Pseudonyms:
    """Those of a bundle that is to be made: by the key given, else by the one that lies where its key is
    kept, else by a new one. Raises `ConfigError` where what is given is no key."""
    given = _given()
    return Pseudonyms(_read(key_file(bundle)) if given is None else given)


def pseudonyms_of(bundle: Path, manifest: Manifest) -> Pseudonyms:
    """Those of a bundle that is there; raises `ConfigError` where its key is missing or another one."""
    learned, file, given = manifest.pseudonym_key, key_file(bundle), _given()
    key = _read(file) if given is None else given
    made = Pseudonyms(key)
    if learned in (None, made.fingerprint):
        return made
    if key is None:
        raise ConfigError(
            f"{bundle}: the key of its pseudonyms is missing or cannot be read; put it back as {file}, or "
            f"give it as {VARIABLE}."
        )
    raise ConfigError(
        f"{bundle}: its pseudonyms were made with another key (fingerprint {learned}) than that of "
        f"{file if given is None else VARIABLE} (fingerprint {made.fingerprint})."
    )


@contextmanager
def kept(pseudonyms: Pseudonyms, bundle: Path, before: Manifest | None = None) -> Iterator[str | None]:
    """For as long as a bundle is written: its key is kept where it needs one, and its fingerprint given.

    At no moment a bundle is without its key: where none is kept, it is before the new bundle is written, and
    that of an older bundle is replaced only after it was. A key that is given is kept nowhere. `before` is
    what the bundle was made of. Raises `ConfigError` where something else lies in the key's place.
    """
    if not pseudonyms.used and (before is None or before.pseudonym_key is None):
        yield None
        return
    if _given() is not None:
        yield pseudonyms.fingerprint
        return
    file = key_file(bundle)
    if not os.path.lexists(file):
        _write(file, pseudonyms.key)
    elif _read(file) is None:
        raise ConfigError(
            f"{file}: this is no key that can be read, but the bundle's is kept there; move it away, or give "
            f"a key as {VARIABLE}."
        )
    yield pseudonyms.fingerprint
    if _read(file) != pseudonyms.key:
        _write(file, pseudonyms.key)


def kept_for_next(pseudonyms: Pseudonyms, bundle: Path, manifest: Manifest) -> list[str]:
    """Keeps the key of a bundle that has met no pseudonym, for the next call that goes on from this one: it
    has to make the same ones. Where it cannot be kept, a sentence that says so."""
    file = key_file(bundle)
    if not pseudonyms.used or manifest.pseudonym_key is not None or _given() is not None:
        return []
    if _read(file) == pseudonyms.key:
        return []
    if not os.path.lexists(file):
        try:
            _write(file, pseudonyms.key)
            return []
        except ColdtrailError:
            pass
    return [
        f"{file}: no key of pseudonyms can be kept here, so the next call with this state knows no caller "
        f"and no address again; give a key as {VARIABLE}."
    ]


def _write(path: Path, key: bytes) -> None:
    try:
        write_private(path, key.hex().encode() + b"\n")
    except OSError as error:
        raise ColdtrailError(f"{path}: the key cannot be written: {error.strerror}.") from None


def _given() -> bytes | None:
    """The key of the environment; raises `ConfigError` where that is none, and shows nothing of it."""
    told = os.environ.get(VARIABLE)
    if told is None:
        return None
    key = _key_in(told)
    if key is None:
        raise ConfigError(
            f"{VARIABLE} is no key: give at least {LEAST_BYTES} random bytes in hexadecimal or base64, as "
            "`openssl rand -hex 32` prints them."
        )
    return key


def _read(path: Path) -> bytes | None:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return None
        with path.open("rb") as file:
            return _key_in(file.read(_MOST_CHARS + 1).decode("ascii"))
    except (OSError, ValueError):
        return None


def _key_in(text: str) -> bytes | None:
    """The key that text tells, if it is one."""
    text = text.strip()
    if len(text) > _MOST_CHARS:
        return None
    try:
        key = bytes.fromhex(text) if _HEX.fullmatch(text) else _from_base64(text)
    except (ValueError, binascii.Error):
        return None
    return key if len(key) >= LEAST_BYTES else None


def _from_base64(text: str) -> bytes:
    """Of either alphabet, padded or not."""
    bare = text.rstrip("=").translate(_URL_SAFE)
    return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
