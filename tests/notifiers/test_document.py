from __future__ import annotations

import json

from coldtrail.notifiers.document import VERSION, document
from tests.notifiers.messages import a_message


def test_a_document_holds_the_message_and_the_alerts_own_line() -> None:
    told = json.loads(document(a_message()))
    assert told["version"] == VERSION
    assert (told["what"], told["event"], told["severity"]) == ("trigger", "new", "high")
    assert told["alert"] == {"id": "ct-0123456789abcdef", "kind": "new_resource"}
    assert told["lines"] == list(a_message().lines)


def test_a_line_that_is_none_is_left_out_and_no_number_breaks_it() -> None:
    assert json.loads(document(a_message(alert=b"{")))["alert"] is None
    told = json.loads(document(a_message(alert=b'{"p":1e999,"q":NaN}', at=float("nan"))))
    assert (told["alert"], told["at"]) == (None, None)
