import pytest

from coldtrail.formats.function_logs import FunctionLog, FunctionLogs
from coldtrail.records.telemetry import Document, LogPlace

STREAM = "2026/11/30/[7]0af1b2c3d4e5f607"
INSTANCE = "0af1b2c3d4e5f607"


@pytest.mark.parametrize(
    ("place", "known"),
    [
        (("/aws/lambda/pay", STREAM, ""), FunctionLog("pay", "7", INSTANCE)),
        (
            ("/aws/lambda/pay", f"2026/11/30/[$LATEST]{INSTANCE}", "123456789012"),
            FunctionLog("pay", None, INSTANCE, "123456789012"),
        ),
        (
            ("/aws/lambda/web/shop", f"2026/11/30/[3]{INSTANCE}-123456789012-us-east-1", ""),
            FunctionLog("shop", "3", INSTANCE, "123456789012", "us-east-1"),
        ),
        (("/aws/lambda/web/shop.local", "x", ""), FunctionLog("shop")),
        (("/my/group", f"2026/11/30/pay[7]{INSTANCE}", ""), FunctionLog("pay", "7", INSTANCE)),
        (("123456789012:/aws/lambda/pay", "", "123456789012"), FunctionLog("pay", account="123456789012")),
        (("/aws/lambda-insights", "pay", ""), FunctionLog()),
        (("/my/group", "x", "y"), FunctionLog()),
        (("/aws/lambda/pay", "2026/11/30/[7]4111111111111111", ""), FunctionLog("pay", "7")),
    ],
)
def test_a_log_names_its_function(place: tuple[str, str, str], known: FunctionLog) -> None:
    assert FunctionLogs()[place] == known


def test_what_is_known_is_bounded() -> None:
    logs = FunctionLogs()
    for number in range(10_010):
        logs["", str(number), ""]
    assert len(logs) <= 10_000


@pytest.mark.parametrize(
    ("log", "function"),
    [
        (None, "pay"),
        (LogPlace(stream="2026/11/30/[7]0af1b2c3d4e5f607"), "pay"),
        (LogPlace("/aws/lambda/other"), "other"),
        (LogPlace("/my/group"), ""),
    ],
)
def test_an_answer_that_names_no_group_is_of_the_function_that_its_path_names(
    log: LogPlace | None, function: str
) -> None:
    found = FunctionLogs().of(Document(b"", "logs/aws/lambda/pay/0800.json", log=log))
    assert found.function == function
    assert found.version == ("7" if log is not None and log.stream else None)
