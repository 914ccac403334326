"""The uploaders' probabilities, from the paper's section 6.2.2."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from coldtrail_testbed.applications.vod.names import LIBRARY, MAIL_LIMIT, MAILBOX, SOURCE_BUCKET
from coldtrail_testbed.applications.vod.users import gap_between_uploads, vod_users

_MIDNIGHT = 1_769_990_400.0
_VISITS = 4000
_PROCESSABLE = {"mp4", "mov", "m4v"}


@dataclass
class _Notebook:
    """A browser that only writes down what is sent."""

    uploads: list[tuple[str, bytes]] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)

    def request(self, api: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        raise AssertionError("there is no API")

    def upload(self, bucket: str, key: str, content: bytes) -> None:
        assert bucket == SOURCE_BUCKET
        self.uploads.append((key, content))

    def send_mail(self, recipient: str, subject: str, attachment: str, content: bytes) -> None:
        assert recipient == MAILBOX
        self.mails.append(attachment)

    def now(self) -> float:
        return _MIDNIGHT


def _visits(number: int) -> list[_Notebook]:
    visit, result = vod_users(Random(1)), []
    for _ in range(number):
        notebook = _Notebook()
        assert all(pause > 0 for pause in visit(notebook))
        result.append(notebook)
    return result


@pytest.fixture(scope="module")
def visits() -> list[_Notebook]:
    return _visits(_VISITS)


def _format(key: str) -> str:
    return key.rpartition(".")[2]


def test_every_fifth_sends_a_mail_until_the_limit(visits: list[_Notebook]) -> None:
    senders = [place for place, visit in enumerate(visits) if visit.mails]
    assert len(senders) == MAIL_LIMIT
    assert MAIL_LIMIT / (senders[-1] + 1) == pytest.approx(0.2, abs=0.04)
    assert all(len(visit.mails) == 1 and not visit.uploads for visit in visits if visit.mails)


def test_mails_always_carry_what_can_be_processed(visits: list[_Notebook]) -> None:
    assert {_format(mail) for visit in visits for mail in visit.mails} <= _PROCESSABLE


def test_every_tenth_upload_cannot_be_processed(visits: list[_Notebook]) -> None:
    formats = [_format(visit.uploads[0][0]) for visit in visits if visit.uploads]
    share = sum(name not in _PROCESSABLE for name in formats) / len(formats)
    assert share == pytest.approx(0.1, abs=0.02)


def test_metadata_files_name_the_video_that_was_uploaded_before(visits: list[_Notebook]) -> None:
    described = [visit.uploads for visit in visits if len(visit.uploads) == 2]
    assert len(described) / _VISITS == pytest.approx(0.09, abs=0.02)
    for (video, _), (key, metadata) in described:
        assert video.startswith(LIBRARY)
        assert key.endswith(".json")
        assert json.loads(metadata)["srcVideo"] == video


def test_a_few_metadata_files_are_wrong(visits: list[_Notebook]) -> None:
    files = [json.loads(visit.uploads[1][1]) for visit in visits if len(visit.uploads) == 2]
    assert 0.01 < sum("enableSqs" in file for file in files) / len(files) < 0.1


def test_three_thousand_uploads_take_hours() -> None:
    generator, time = Random(1), _MIDNIGHT + 6 * 3600
    for _ in range(3000):
        time += gap_between_uploads(time, generator)
    assert 5 < (time - _MIDNIGHT) / 3600 - 6 < 8


def test_the_day_peaks_at_sixteen_hours_utc() -> None:
    generator = Random(1)
    gaps = [
        sum(gap_between_uploads(_MIDNIGHT + hour * 3600, generator) for _ in range(4000))
        for hour in range(24)
    ]
    assert gaps.index(min(gaps)) in (15, 16, 17)
    assert max(gaps) > 3 * min(gaps)


def test_the_same_seed_sends_the_same() -> None:
    assert [visit.uploads for visit in _visits(20)] == [visit.uploads for visit in _visits(20)]
