"""Access logs of REST APIs."""

from pathlib import Path

from coldtrail_testbed.facts import Facts
from coldtrail_testbed.telemetry.access_logs import FILE, AccessLogs, access_log

from .conftest import lines, write
from .truth import request


def test_a_request() -> None:
    line = access_log(request())
    assert line["requestTime"] == "02/Feb/2026:02:40:00 +0000"
    assert line["requestTimeEpoch"] == "1770000000000"
    assert (line["responseLatency"], line["integrationLatency"]) == ("710", "706")
    assert (line["path"], line["resourcePath"]) == ("/Prod/loyalty/c-1", "/loyalty/{id}")
    assert line["apiId"] == "airlinea7k"


def test_all_values_are_strings_even_without_an_integration() -> None:
    line = access_log(request(function=None, status=403, integration_latency_s=0.0))
    assert line["integrationLatency"] == "-"
    assert all(isinstance(value, str) and value for value in line.values())


def test_the_file(tmp_path: Path, facts: Facts) -> None:
    writer = write(AccessLogs, tmp_path, facts, [])
    assert lines(tmp_path / FILE) == [access_log(request())]
    assert writer.counts == {FILE: 1}
