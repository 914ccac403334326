from coldtrail.sources.text_lines import is_header, whole_records

HEADER = b"version account-id interface-id srcaddr dstaddr"


def records(*lines: bytes) -> list[tuple[str, bytes]]:
    return list(whole_records((str(number), line) for number, line in enumerate(lines)))


def test_what_a_function_prints_belongs_to_the_line_of_lambda_before_it() -> None:
    lines = b"START RequestId: a Version: 1", b"hello", b"REPORT RequestId: a\t", b"XRAY TraceId: 1-5"
    assert records(*lines) == [
        ("0", b"START RequestId: a Version: 1\nhello"),
        ("2", b"REPORT RequestId: a\t\nXRAY TraceId: 1-5"),
    ]


def test_lambda_is_known_behind_what_tools_put_before_it() -> None:
    for before in (
        b"2026-11-30T12:00:00.000Z ",
        b"2026-11-30 12:00:00  ",
        b"2026/11/30/[$LATEST]0af1 2026-11-30T12:00:00.000000+00:00 ",
        b"2026-11-30T12:00:00.000Z\t",
    ):
        assert len(records(b"START RequestId: a", before + b"REPORT RequestID: a")) == 2


def test_json_goes_through_and_ends_no_record() -> None:
    assert records(b"REPORT RequestId: a", b'{"x":1}', b"more") == [
        ("1", b'{"x":1}'),
        ("0", b"REPORT RequestId: a\nmore"),
    ]


def test_each_line_of_a_table_has_its_header() -> None:
    assert records(HEADER, b"2 1 eni-1 a b", b"2 1 eni-1 b a") == [
        ("1", HEADER + b"\n2 1 eni-1 a b"),
        ("2", HEADER + b"\n2 1 eni-1 b a"),
    ]
    assert is_header(b"srcaddr,dstaddr,bytes")
    assert not is_header(b"2 1 eni-1 srcaddr dstaddr")


def test_other_text_stands_alone() -> None:
    assert records(b"a", b"b") == [("0", b"a"), ("1", b"b")]


def test_what_a_function_prints_is_bounded() -> None:
    (record,) = records(b"START RequestId: a", *[b"x" * 1_000] * 1_000)
    assert len(record[1]) <= 1 << 16


def test_the_time_that_an_export_puts_before_json_is_cut_off() -> None:
    stamp = b"2026-11-30T12:00:00.000Z "
    assert records(stamp + b'{"x":1}', stamp + b"[2]") == [("0", b'{"x":1}'), ("1", b"[2]")]


def test_json_that_a_function_prints_into_an_exported_log_stays_its_output() -> None:
    stamp = b"2026-11-30T12:00:00.000Z "
    (record,) = records(stamp + b"START RequestId: a", stamp + b'{"x":1}')
    assert record[1].endswith(stamp + b'{"x":1}')
