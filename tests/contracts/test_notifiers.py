"""What every notifier promises, each before a real endpoint that fails, throttles, stalls and comes back."""

from __future__ import annotations

import traceback
from collections.abc import Iterator

import pytest

from coldtrail.errors import ConfigError
from coldtrail.notifiers.notifier import DeliveryError
from coldtrail.registry import NOTIFIERS, load
from tests.attacks.hostile_names import EVERY_NAME
from tests.contracts.channels import KINDS, SECRET, Kind, Rig, made
from tests.notifiers.messages import LONG, a_message, hostile_message

TROUBLE = ("fail", "throttle", "stall", "drop")


@pytest.fixture(params=sorted(KINDS))
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture
def rig(kind: Kind) -> Iterator[Rig]:
    with kind.rig() as rig:
        yield rig


def test_every_member_is_tested() -> None:
    assert KINDS.keys() == NOTIFIERS.keys()


def test_what_is_taken_is_told_once(rig: Rig) -> None:
    rig.notifier.send(a_message())
    (told,) = rig.taken()
    assert b"Confirm" in told


def test_trouble_is_retryable_and_the_channel_comes_back_with_the_same_key(kind: Kind, rig: Rig) -> None:
    rig.notifier.send(a_message())
    for mode in (one for one in TROUBLE if one in kind.modes):
        error = failure(rig, mode)
        assert error.retryable, mode
        rig.set_mode("take")
        rig.notifier.send(a_message())
    keys = {rig.key_of(told) for told in rig.taken()}
    assert len(keys) == 1


def test_what_is_refused_is_not_sent_again(kind: Kind, rig: Rig) -> None:
    if "refuse" not in kind.modes:
        pytest.skip("it cannot refuse a message")
    assert not failure(rig, "refuse").retryable


def test_a_pause_that_is_asked_for_is_handed_on(kind: Kind, rig: Rig) -> None:
    if "throttle" not in kind.modes:
        pytest.skip("it cannot throttle")
    assert failure(rig, "throttle").retry_after_s == kind.retry_after_s


def test_no_secret_and_no_address_stands_in_an_error(kind: Kind, rig: Rig) -> None:
    for mode in sorted(kind.modes):
        error = failure(rig, mode)
        told = "".join(traceback.format_exception(error, chain=True))
        shown = f"{error} {error!r} {error.args} {told.rpartition('DeliveryError')[2]}"
        assert SECRET not in shown, mode
        assert "127.0.0.1" not in shown, mode
        assert error.__cause__ is None, mode
        assert error.__suppress_context__ or error.__context__ is None, mode


def test_hostile_names_stay_names(rig: Rig) -> None:
    for name in EVERY_NAME[::9]:
        rig.notifier.send(hostile_message(name))
    told = rig.taken()
    assert len(told) == len(EVERY_NAME[::9])
    for one in told:
        text = one.decode()
        assert {char for char in text if not char.isprintable()} <= set("\r\n\ufeff"), ascii(text)


def test_a_message_of_any_length_is_taken_and_bounded(kind: Kind, rig: Rig) -> None:
    rig.notifier.send(LONG)
    (told,) = rig.taken()
    assert len(told) <= kind.most_bytes


def test_updates_and_ends_are_taken(rig: Rig) -> None:
    for what, event in (("trigger", "new"), ("update", "grown"), ("resolve", "resolved")):
        rig.notifier.send(a_message(what=what, event=event))
    assert len(rig.taken()) == 3


def test_what_it_needs_is_said(rig: Rig) -> None:
    for one in rig.notifier.needs():
        assert one.actions
        assert one.resources
        assert one.why


@pytest.mark.parametrize("name", sorted(NOTIFIERS))
def test_a_secret_that_is_not_set_is_an_error_that_names_the_variable(name: str) -> None:
    settings = load(NOTIFIERS, name, "notifier").Settings
    secrets = [field for field in settings.__struct_fields__ if field.endswith("_env")]
    for secret in secrets:
        with pytest.raises(ConfigError, match="NOT_THERE_AT_ALL"):
            made(name, {}, **(REQUIRED.get(name, {}) | dict.fromkeys(secrets, "NOT_THERE_AT_ALL")))
        assert secret


REQUIRED: dict[str, dict[str, object]] = {
    "smtp": {"host": "mail.example", "from": "a@example.org", "to": ["b@example.org"], "user": "a"},
    "sns": {"topic_arn": "arn:aws:sns:eu-west-1:123456789012:alerts"},
    "eventbridge": {"region": "eu-west-1"},
    "security-hub": {"region": "eu-west-1"},
    "syslog": {"host": "log.example"},
}


def failure(rig: Rig, mode: str) -> DeliveryError:
    """What a message ends in while the endpoint does this."""
    rig.set_mode(mode)
    with pytest.raises(DeliveryError) as caught:
        (rig.impatient if mode == "stall" else rig.notifier).send(a_message())
    return caught.value
