"""Somebody on call looks into the console at night, from home."""

from coldtrail_testbed.account.console import look_around, sign_in
from coldtrail_testbed.account.people import ON_CALL
from coldtrail_testbed.look_alikes.model import LookAlike, Stage, Window

_HOUR_S, _DAY_S = 3600.0, 86_400.0
_NIGHT = (1.0, 3.5)
_PAGES = 9
_LASTS_S = 3600.0


def _begin(stage: Stage) -> Window:
    midnight = (stage.now() // _DAY_S + 1) * _DAY_S
    begin = midnight + stage.generator.uniform(*_NIGHT) * _HOUR_S
    stage.later(begin, lambda: _look(stage))
    return Window(begin, begin + _LASTS_S, (), {"people": ON_CALL.name})


def _look(stage: Stage) -> None:
    account = stage.account
    who = ON_CALL.session(ON_CALL.sits_at(ON_CALL.home), stage.now(), console=True)
    sign_in(account, who)
    account.go_on(look_around(account, who, stage.generator, _PAGES))


LOOK_ALIKE = LookAlike("on_call", "somebody on call looks into the console at night", _begin, of_account=True)
