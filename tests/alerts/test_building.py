"""Ids of alerts."""

from __future__ import annotations

from coldtrail.alerts.building import ID_DIGITS, alert_id, is_earlier_id
from coldtrail.records.finding import Subject
from coldtrail.testing import make_key


def test_an_id_is_that_of_subject_kind_and_thing() -> None:
    one = Subject.of(make_key())
    ids = [
        alert_id(one, "order", ("Get", "Stock")),
        alert_id(one, "count", ("Get", "Stock")),
        alert_id(one, "order", ("Get", "Prices")),
        alert_id(Subject.of(make_key(account="1")), "order", ("Get", "Stock")),
        alert_id(Subject("application", application_name="shop"), "order", ("Get", "Stock")),
    ]
    assert len(set(ids)) == len(ids)
    assert ids[0] == alert_id(Subject.of(make_key()), "order", ("Get", "Stock"))
    assert all(len(one) == len("ct-") + ID_DIGITS for one in ids)


def test_an_id_of_an_earlier_version_is_known_by_its_length() -> None:
    assert is_earlier_id("ct-0123456789abcdef")
    others = ("ct-0123456789abcdef0123", "0123456789abcdef", "ct-0123456789abcdeg", "Order")
    assert not any(is_earlier_id(one) for one in (*others, alert_id(Subject.of(make_key()), "order")))
