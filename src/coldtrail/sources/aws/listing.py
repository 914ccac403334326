"""Which objects of a bucket are new, by listing it: from a key on, and once more what came lately.

Keys of a trail, a Firehose or an export ascend with time, but not strictly: an object may come late, under a
key before others. So the keys of the last hours are remembered, and listing begins before them. Keys ascend
only below one account and region: each folder that holds years is listed for itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from msgspec import Struct

from coldtrail.records.tally import Tally
from coldtrail.sources.aws.account import Account
from coldtrail.sources.aws.refusals import asking

MOST_SEEN = 5_000
_YEAR = re.compile(r"(?:(?:year|yyyy)=)?(?:19|20)\d\d/")
_NO_TELEMETRY = re.compile(
    r"/CloudTrail-(?:Digest|Insight|Aggregated)/|/AWSLogs/[^/]+/Config/|aws-logs-write-test$"
)
"""Digests of a trail's files, configuration, and what an export puts into a bucket to see if it may."""
_MOST_CALLS = 500
_MOST_DEPTH = 8
_MOST_PAGES = 20
_PAGE = 1_000
_DAY_S = 86_400.0


class Folder(Struct):
    """How far a part of the bucket was read."""

    after: str = ""
    """All up to this key was read."""
    seen: dict[str, float] = {}
    """Keys behind it that were read, and when they were written."""


class Listed(NamedTuple):
    """An object that was not read before."""

    folder: str
    key: str
    modified: float


class Lister:
    """Lists what is new in a bucket."""

    def __init__(self, name: str, account: Account, bucket: str, prefix: str, tally: Tally) -> None:
        self._name, self._account, self._bucket, self._prefix = name, account, bucket, prefix
        self._tally = tally
        self.arn = account.bucket_arn(bucket)

    def folders(self) -> dict[str, str]:
        """The folders whose keys ascend with time; with each, how a year begins in it, empty if none is."""
        found: dict[str, str] = {}
        level, calls = [self._prefix], 0
        for depth in range(_MOST_DEPTH + 1):
            below: list[str] = []
            for folder in level:
                calls += 1
                parts, has_objects = self._parts(folder)
                years = [part for part in parts if _YEAR.fullmatch(part[len(folder) :])]
                if years or has_objects or not parts or depth == _MOST_DEPTH or calls >= _MOST_CALLS:
                    found[folder] = years[0][len(folder) :] if years else ""
                else:
                    below += [part for part in parts if not _NO_TELEMETRY.search(part)]
            level = below
        return found

    def begin(self, folder: str, year: str, since: float) -> Folder:
        """A folder that was not read before, from a time on as far as its keys tell."""
        if not year:
            return Folder()
        day = datetime.fromtimestamp(max(0.0, since - _DAY_S), UTC)
        # `2026/`, or `year=2026/`, where months are written in ways of their own.
        return Folder(f"{folder}{day:%Y/%m/%d}" if year[:1].isdigit() else f"{folder}{year[:-5]}{day:%Y}/")

    def new(self, name: str, folder: Folder, since: float) -> tuple[list[Listed], bool]:
        """What was not read before of what was written since then, and whether more may wait."""
        found: list[Listed] = []
        is_more = False
        for number, page in enumerate(self._pages(name, folder.after)):
            for entry in page["Contents"]:
                key, modified = entry["Key"], entry["LastModified"].timestamp()
                if key in folder.seen:
                    continue
                if modified < since or not entry["Size"] or _NO_TELEMETRY.search(key):
                    self._tally.count("objects passed over")
                    folder.seen[key] = modified
                else:
                    found.append(Listed(name, key, modified))
            if not found:
                self.settle(folder, since)
            is_more = page["IsTruncated"]
            if len(found) >= _PAGE or number + 1 >= _MOST_PAGES:
                break
        return found, is_more

    def settle(self, folder: Folder, before: float) -> None:
        """Remembers no more what was written before a time, as far as there is none between that is newer;
        to be called where all that was listed has been read."""
        keys = sorted(folder.seen)
        for left, key in zip(range(len(keys), 0, -1), keys, strict=True):
            if folder.seen[key] >= before and left <= MOST_SEEN:
                break
            if folder.seen[key] >= before:
                self._tally.count("objects remembered for a shorter time")
            del folder.seen[key]
            folder.after = key

    def _parts(self, folder: str) -> tuple[list[str], bool]:
        page = self._page(Prefix=folder, Delimiter="/", MaxKeys=_PAGE)
        parts = [part["Prefix"] for part in page.get("CommonPrefixes", ())]
        objects = [one for one in page.get("Contents", ()) if one["Size"]]
        return parts, bool(objects)

    def _pages(self, folder: str, after: str) -> Iterator[dict[str, Any]]:
        asked: dict[str, Any] = {"Prefix": folder, "MaxKeys": _PAGE}
        if after:
            asked["StartAfter"] = after
        while True:
            page = self._page(**asked)
            page.setdefault("Contents", [])
            yield page
            if not page.get("IsTruncated"):
                return
            asked["ContinuationToken"] = page["NextContinuationToken"]

    def _page(self, **asked: object) -> dict[str, Any]:
        with asking(self._name, "s3:ListBucket", self.arn):
            page: dict[str, Any] = self._account.client("s3").list_objects_v2(Bucket=self._bucket, **asked)
        return page
