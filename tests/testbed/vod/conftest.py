"""A recorded run of video on demand that several tests look at."""

import pytest

from coldtrail_testbed.recorder import record
from tests.testbed.conftest import Run, read_run


@pytest.fixture(scope="session")
def vod_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Sixty uploaders, no attack: enough for mails, failed jobs, metadata files and retries."""
    return read_run(record("vod", 60, 21, ["none"], tmp_path_factory.mktemp("runs") / "vod"))
