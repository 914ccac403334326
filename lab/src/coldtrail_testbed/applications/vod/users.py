"""The uploaders of video on demand: probabilities from the paper, section 6.2.2."""

import json
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

from coldtrail_testbed.applications.model import Browser, Visit
from coldtrail_testbed.applications.vod.names import LIBRARY, MAIL_LIMIT, MAILBOX, SOURCE_BUCKET, UPLOADS
from coldtrail_testbed.applications.vod.video import make_video

MAIL_SHARE = 0.2
UNPROCESSABLE_SHARE = 0.1
METADATA_SHARE = 0.1
BAD_METADATA_SHARE = 0.05

_FORMATS = ("mp4", "mp4", "mp4", "mp4", "mov", "m4v")
_UNPROCESSABLE_FORMATS = ("xyz", "rm", "swf")
_HEIGHTS, _HEIGHT_WEIGHTS = (2160, 1080, 720, 480), (10, 50, 30, 10)
_INDEX_FIRST_SHARE = 0.7

_BUSIEST_GAP_S = 2.5
# How busy each hour of the day is (UTC), 1 at its busiest. The paper took the publishing hours of the Kaggle
# set "Trending YouTube Video Statistics" (US). Of these only the place of the peak, 16 h UTC, was at hand;
# the shape around it is ours: few while America sleeps, a steep morning, a long evening.
_ACTIVITY_BY_HOUR = (
    *(0.60, 0.52, 0.46, 0.46, 0.50, 0.46, 0.34, 0.28),
    *(0.26, 0.26, 0.30, 0.38, 0.50, 0.66, 0.86, 0.98),
    *(1.00, 0.98, 0.92, 0.84, 0.80, 0.76, 0.72, 0.66),
)


def gap_between_uploads(time: float, generator: Random) -> float:
    """Seconds until the next user comes, at UTC epoch `time`: exponential, longer when the hour is quiet."""
    activity = _ACTIVITY_BY_HOUR[datetime.fromtimestamp(time, UTC).hour]
    return generator.expovariate(activity / _BUSIEST_GAP_S)


def vod_users(generator: Random) -> Visit:
    """One visit after the other, of ever different users, who together send no more mails than the limit."""
    mails = 0

    def visit(browser: Browser) -> Iterator[float]:
        nonlocal mails
        user = _User(generator, browser)
        if generator.random() < MAIL_SHARE and mails < MAIL_LIMIT:
            mails += 1
            return user.send_mail()
        return user.upload()

    return visit


class _User:
    def __init__(self, generator: Random, browser: Browser) -> None:
        self._generator = generator
        self._browser = browser
        self._name = f"clip-{generator.getrandbits(32):08x}"
        self._format = generator.choice(_FORMATS)

    def send_mail(self) -> Iterator[float]:
        """No pauses: the video is attached to a mail, and always one that can be processed."""
        file = f"{self._name}.{self._format}"
        self._browser.send_mail(MAILBOX, f"New video {self._name}", file, self._video())
        yield from ()

    def upload(self) -> Iterator[float]:
        """The user's pauses, in seconds: most upload a video alone, some a file that describes it as well."""
        if self._generator.random() < UNPROCESSABLE_SHARE:
            self._format = self._generator.choice(_UNPROCESSABLE_FORMATS)
        elif self._generator.random() < METADATA_SHARE:
            yield from self._upload_with_metadata()
            return
        self._browser.upload(SOURCE_BUCKET, f"{UPLOADS}{self._name}.{self._format}", self._video())

    def _upload_with_metadata(self) -> Iterator[float]:
        video = f"{LIBRARY}{self._name}.{self._format}"
        self._browser.upload(SOURCE_BUCKET, video, self._video())
        yield self._generator.uniform(1, 8)
        metadata = json.dumps(self._metadata(video)).encode()
        self._browser.upload(SOURCE_BUCKET, f"{UPLOADS}{self._name}.json", metadata)

    def _metadata(self, video: str) -> dict[str, str | bool]:
        metadata: dict[str, str | bool] = {"srcVideo": video, "title": self._name, "enableMediaPackage": True}
        if self._generator.random() < 0.3:
            metadata["archiveSource"] = self._generator.choice(("DEEP_ARCHIVE", "DISABLED"))
        if self._generator.random() < BAD_METADATA_SHARE:
            metadata["enableSqs"] = "sometimes"
        return metadata

    def _video(self) -> bytes:
        (height,) = self._generator.choices(_HEIGHTS, _HEIGHT_WEIGHTS)
        duration_s = math.exp(self._generator.gauss(5, 0.8))
        index_first = self._generator.random() < _INDEX_FIRST_SHARE
        return make_video(self._generator, height, duration_s, index_first=index_first)
