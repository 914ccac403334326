"""What a bundle says of itself, and what must not be written over or into one."""

from __future__ import annotations

from pathlib import Path

import pytest

from coldtrail.bundle.manifest import (
    FORMAT_VERSION,
    MANIFEST,
    MAX_MANIFEST_BYTES,
    check_outside,
    check_target,
    is_bundle,
    read_manifest,
)
from coldtrail.errors import BundleError, ConfigError


def test_the_manifest_of_something_else_is_no_bundle(tmp_path: Path) -> None:
    for said in (b'{"name": "my web page"}', b"[1]", b"\xff", b"", b'{"format": 3}'):
        (tmp_path / MANIFEST).write_bytes(said)
        assert not is_bundle(tmp_path)
        with pytest.raises(ConfigError, match="this is no bundle and is not overwritten"):
            check_target(tmp_path)


def test_bundles_of_other_versions_may_be_replaced(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_bytes(b'{"format": "coldtrail-bundle", "format_version": 99}')
    assert is_bundle(tmp_path)
    check_target(tmp_path)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            b'{"format": "coldtrail-bundle", "format_version": 7}',
            "the bundle is of version 7, which does not tell functions of several accounts and regions "
            "apart; train again.",
        ),
        (
            b'{"format": "coldtrail-bundle", "format_version": 99}',
            "the bundle is of format 'coldtrail-bundle' version 99; this Coldtrail reads 'coldtrail-bundle' "
            f"version {FORMAT_VERSION}. Train again.",
        ),
    ],
)
def test_a_bundle_of_another_version_is_refused_in_a_sentence(tmp_path: Path, said: bytes, told: str) -> None:
    (tmp_path / MANIFEST).write_bytes(said)
    with pytest.raises(BundleError) as refused:
        read_manifest(tmp_path)
    assert str(refused.value) == f"{tmp_path}: {told}"


def test_nothing_is_written_into_a_bundle(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(bundle)
    for inside in (bundle / MANIFEST, bundle / "new.jsonl", bundle / "a" / "b", tmp_path / "link" / "new"):
        with pytest.raises(ConfigError, match=r"this lies in the bundle .*; choose a place outside it\.$"):
            check_outside(inside)
        with pytest.raises(ConfigError, match="this lies in the bundle"):
            check_target(inside)
    check_outside(bundle)
    check_outside(tmp_path / "new.jsonl")


def test_an_endless_manifest_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / MANIFEST).open("wb") as file:
        file.truncate(MAX_MANIFEST_BYTES + 1)
    with pytest.raises(BundleError, match="larger than such a file can be"):
        read_manifest(tmp_path)


def test_a_link_to_nothing_is_no_place_for_a_bundle(tmp_path: Path) -> None:
    (tmp_path / "lost").symlink_to("absent")
    (tmp_path / "loop").symlink_to("loop")
    for name in ("lost", "loop"):
        with pytest.raises(ConfigError, match="leads to nothing"):
            check_target(tmp_path / name)
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there")
    check_target(tmp_path / "link")
