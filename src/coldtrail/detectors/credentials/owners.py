"""Which function credentials were given to, and what each set of them did.

Known by, in this order: the access key that the platform was given for the function (`AssumeRole` by
lambda.amazonaws.com); what the record says that the credentials were issued to (`inScopeOf`); what the same
key did before; the session's name, but only in a role that is known to be the function's, since a session's
name is free text for everybody else who takes on a role.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Struct

from coldtrail.assembly.join.functions import PLATFORM, named_by
from coldtrail.detectors.credentials.states import AccessKey, Habits
from coldtrail.features.recent import count, keep, mark
from coldtrail.records.identity import FunctionKey
from coldtrail.records.witnesses import ApiCall

_KEYS_A_FUNCTION, _MORE_KEYS = 6, 256
_FOREIGN = 64
_DAY_S = 86_400.0
_ROLES = 6
_MOST_FUNCTIONS = 50_000
"""Of which the audit log alone tells; others are bounded where functions are named."""
_TRUSTED_CALLS = 20
"""Calls from inside a function in another role than its own, after which that is one of its roles."""
_SEVERAL = -1


class Owned(NamedTuple):
    """A call by credentials of a function."""

    number: int
    habits: Habits
    access_key: AccessKey
    is_fresh: bool
    """Whether nothing was seen of the key before."""


class OwnersState(Struct, array_like=True):
    """All of it."""

    functions: list[Habits] = []
    keys: dict[int, AccessKey] = {}
    foreign: dict[int, AccessKey] = {}
    sessions: dict[int, int] = {}
    """Functions by role and session."""
    roles: dict[int, list[int]] = {}


class Owners:
    """Functions, and what is known of their credentials."""

    def __init__(self, state: OwnersState | None = None) -> None:
        self.state = state or OwnersState([], {}, {}, {}, {})
        self._named: dict[tuple[str, str], list[int]] = {}
        for number, habits in enumerate(self.state.functions):
            self._named.setdefault((habits.key.account, habits.key.function), []).append(number)

    def number_of(self, key: FunctionKey) -> int:
        """The number of a function, which is made known."""
        functions = self.state.functions
        for number in self._named.setdefault((key.account, key.function), []):
            known = functions[number]
            if known.key == key:
                return number
            if not known.known and known.key.region in ("", key.region):
                known.key, known.known = key, True
                return number
        functions.append(Habits(key, True))
        self._named[key.account, key.function].append(len(functions) - 1)
        return len(functions) - 1

    def _by_name(self, account: str, region: str, name: str, *, make: bool) -> int | None:
        functions, found = self.state.functions, self._named.get((account, name), ())
        for number in found:
            if functions[number].key.region in ("", region):
                return number
        if found and not make:
            return found[0]
        if not make or len(functions) >= _MOST_FUNCTIONS:
            return None
        functions.append(Habits(FunctionKey(account, region, "", name)))
        self._named.setdefault((account, name), []).append(len(functions) - 1)
        return len(functions) - 1

    def take_given(self, call: ApiCall) -> int | None:
        """Takes credentials that a call gave out; the number of the function that they are of, where the
        platform gave them to one."""
        if call.issued_key is None:
            return None
        role = mark(call.issued_role or call.target or "")
        by_platform = call.invoked_by == PLATFORM and call.principal_kind == "AWSService"
        if not by_platform:
            if role in self.state.roles:
                name = mark(call.issued_key)
                given = AccessKey(self.state.roles[role][0], name, is_foreign=True, given=call.time)
                given.borrower = self._borrower(call, given)
                keep(self.state.foreign, name, given, _FOREIGN)
            return None
        if not call.session_function:
            return None
        number = self._by_name(call.account, call.region, call.session_function, make=True)
        if number is None:
            return None
        self._add_role(number, role)
        name = mark(call.issued_key)
        keep(self.state.keys, name, AccessKey(number, name), self._most_keys)
        return number

    def _borrower(self, call: ApiCall, key: AccessKey) -> int:
        """Who took on a role for the first time today; 0 for a service, and for who did before."""
        if not call.principal or call.principal_kind == "AWSService" or call.invoked_by is not None:
            return 0
        who = mark(call.principal)
        is_known = who in self.state.functions[key.owner].assumers
        today = (one.given > call.time - _DAY_S for one in self.state.foreign.values() if one.borrower == who)
        return 0 if is_known and not any(today) else who

    def of(self, call: ApiCall, actor: FunctionKey | None) -> Owned | None:
        """Whose credentials a call was made with; None where it was no function's."""
        if call.access_key is None or call.principal_kind != "AssumedRole":
            return None
        state, name = self.state, mark(call.access_key)
        held = state.keys.get(name)
        if held is not None:
            keep(state.keys, name, held, self._most_keys)
            if actor is not None:
                self._make_known(held.owner, actor)
            return Owned(held.owner, state.functions[held.owner], held, not held.calls)
        foreign = state.foreign.get(name)
        if foreign is not None:
            return self._forged(call, foreign)
        number = self._told(call, actor)
        if number is None:
            return None
        held = AccessKey(number, name)
        keep(state.keys, name, held, self._most_keys)
        return Owned(number, state.functions[number], held, True)

    def _make_known(self, number: int, actor: FunctionKey) -> None:
        habits = self.state.functions[number]
        told = habits.key
        if not habits.known and (told.function, told.account) == (actor.function, actor.account):
            habits.key, habits.known = actor, True

    def _forged(self, call: ApiCall, key: AccessKey) -> Owned | None:
        """Where somebody else gave the key out, it counts under the name of the function's session, or where
        who had it given out never took on the role before."""
        number = self._by_session(call)
        if number is None and call.session_function:
            number = self._by_name(
                call.principal_account or call.account, call.region, call.session_function, make=False
            )
        of_role = self.state.roles.get(mark(call.role or ""), ())
        if number is None or number not in of_role:
            if not key.borrower or key.owner not in of_role:
                return None
            number = key.owner
        else:
            key.borrower = 0
        key.owner = number
        return Owned(number, self.state.functions[number], key, not key.calls)

    def _told(self, call: ApiCall, actor: FunctionKey | None) -> int | None:
        """The function that the call itself tells."""
        if call.credentials_of is not None:
            named = named_by(call.credentials_of)
            is_it = actor is not None and named.is_of(actor)
            number = (
                self.number_of(actor)
                if is_it and actor is not None
                else self._by_name(named.account or call.account, named.region, named.name, make=True)
            )
            if number is not None and call.role:
                self._add_role(number, mark(call.role))
            return number
        number = self._by_session(call)
        if number is not None:
            return number
        return self._by_claim(call, actor)

    def _by_session(self, call: ApiCall) -> int | None:
        if not call.role or not call.session:
            return None
        number = self.state.sessions.get(mark(call.role, call.session), _SEVERAL)
        return None if number == _SEVERAL else number

    def _by_claim(self, call: ApiCall, actor: FunctionKey | None) -> int | None:
        """The function that a call says to come from, if its role is that of the function."""
        account = call.principal_account or call.account
        number = None if actor is None else self.number_of(actor)
        if number is None and call.session_function:
            number = self._by_name(account, call.region, call.session_function, make=False)
        if number is None or not call.role:
            return number
        habits, role = self.state.functions[number], mark(call.role)
        if number in self.state.roles.get(role, ()):
            return number
        if not call.session_function:
            return None
        count(habits.roles, role, _ROLES)
        if len(habits.roles) > 1 and habits.roles[role] < _TRUSTED_CALLS:
            return None
        self._add_role(number, role)
        return number

    def learn_session(self, call: ApiCall, number: int) -> None:
        """Remembers the name of the session of a call that surely came from inside the function."""
        if call.role and call.session:
            name = mark(call.role, call.session)
            known = self.state.sessions.get(name, number)
            told = number if known == number else _SEVERAL
            keep(self.state.sessions, name, told, 2 * len(self.state.functions) + 64)

    def note_instance(self, access_key: str, instance: str) -> None:
        """Remembers the environment that a key is used in."""
        held = self.state.keys.get(mark(access_key))
        if held is not None:
            held.instance = mark(instance)

    def add_role(self, key: FunctionKey, role: str) -> None:
        """A function was given another role."""
        self._add_role(self.number_of(key), mark(role))

    def _add_role(self, number: int, role: int) -> None:
        count(self.state.functions[number].roles, role, _ROLES)
        of = self.state.roles.setdefault(role, [])
        if number not in of:
            of.append(number)
        if len(self.state.roles) > 4 * len(self.state.functions) + 16:
            del self.state.roles[next(iter(self.state.roles))]

    def sharing(self, role: str | None, number: int) -> Iterator[Habits]:
        """The other functions that have the role."""
        for other in self.state.roles.get(mark(role or ""), ()):
            if other != number:
                yield self.state.functions[other]

    @property
    def _most_keys(self) -> int:
        return _MORE_KEYS + _KEYS_A_FUNCTION * len(self.state.functions)
