"""Which functions a record speaks of: whose credentials made a call, what it invokes, what was changed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from coldtrail.assembly.applications import Applications
from coldtrail.assembly.join.functions import PLATFORM, Functions, Named, named_by
from coldtrail.assembly.silence import MOST_FUNCTIONS
from coldtrail.assembly.windows import MOST_OF_A_NAME
from coldtrail.config import Settings
from coldtrail.records.encounter import Encounter, Run, What
from coldtrail.records.identity import FunctionKey
from coldtrail.records.stage import State, packed, unpacked
from coldtrail.records.window import Window
from coldtrail.records.witnesses import Access, ApiCall, Change, Network, Report

MOST_REQUESTS = 50_000
"""Invocations of which it is remembered which function they are of, for the gateway's lines."""
MOST_CLAIMED = 5_000
"""Functions without a place, beyond which the name of a session makes no other: who takes on a role chooses
that name, and must not take the places of all others."""
_OF_FUNCTIONS = frozenset(("functions", "web functions", "microvms", "triggers"))
"""Families of changes that name a function, and no layer, runtime or role."""
_OF_ONE = (Window, Run)
_Issued = dict[str, tuple[float, Named]]
_Requests = list[tuple[str, FunctionKey]]
_Known = list[FunctionKey]


class Whose:
    """Knows functions by their names, access keys by the functions that they were issued to, and requests by
    the functions that they invoked; what is told of a name without account or region is of the one function
    that it can be."""

    def __init__(self, settings: Settings, known: Iterable[FunctionKey] = ()) -> None:
        self._applications = Applications(settings.applications)
        self._functions = Functions()
        self._known: dict[str, dict[FunctionKey, None]] = {}
        self._number = self._placeless = self.left_out = 0
        """Functions that are known, those of no told place, and encounters with others."""
        self._requests: OrderedDict[str, FunctionKey] = OrderedDict()
        self._only: dict[tuple[str, str, str], FunctionKey] = {}
        """The one known function that a name, an account and a region can be, as far as that was asked."""
        for key in known:
            self._meet(key)

    def expect(self, what: What) -> None:
        """Takes notice of a function that a record names in full, before any record is asked for."""
        if isinstance(what, Report):
            if what.account and what.region and what.function_name:
                self._key(what.function_name, what.account, what.region)
        elif isinstance(what, Window):
            self._meet(what.key)
        elif isinstance(what, Run):
            self._meet(what.flow.key)

    def encounter(self, at: float, what: What) -> Encounter:
        """What is told with the functions that it is of; to be asked in the order of time. Functions beyond
        those that are followed are left out, and counted."""
        found = self._encounter(at, what)
        is_claim = isinstance(what, ApiCall) and what.credentials_of is None
        actor, target = self._followed(found.actor, is_claim=is_claim), self._followed(found.target)
        if actor is found.actor and target is found.target:
            return found
        self.left_out += 1
        return Encounter(at, what, actor, target)

    def _followed(self, key: FunctionKey | None, *, is_claim: bool = False) -> FunctionKey | None:
        """The function, where it is known or may be one of several that are, or there is room to know it."""
        if key is None or key in self._known.get(key.function, ()):
            return key
        if not (is_claim and not (key.account and key.region) and self._placeless >= MOST_CLAIMED):
            self._meet(key)
        if key in self._known.get(key.function, ()):
            return key
        may_be_known = not (key.account and key.region) and self._fitting(key.function, *key[:2])
        return key if may_be_known else None

    def _encounter(self, at: float, what: What) -> Encounter:
        if isinstance(what, ApiCall):
            return self._call(at, what)
        if isinstance(what, Report):
            return Encounter(at, what, self._of_report(what))
        if isinstance(what, _OF_ONE):
            return Encounter(at, what, self._of_run(what))
        if isinstance(what, Change):
            return Encounter(at, what, None, self._changed(what))
        if isinstance(what, Access):
            return Encounter(at, what, None, self._requests.get(what.function_request_id or ""))
        return Encounter(at, what, self._of_address(what.function) if _names(what) else None)

    def forget(self, before: float) -> None:
        """Lets go of access keys that cannot be in use any more."""
        self._functions.forget(before)

    def _changed(self, change: Change) -> FunctionKey | None:
        if not change.function_name or change.family not in _OF_FUNCTIONS:
            return None
        return self._key(change.function_name, change.account, change.region)

    def _call(self, at: float, call: ApiCall) -> Encounter:
        self._functions.learn(call)
        made_by = self._functions.of(call)
        actor = None if made_by is None else self._key(made_by.name, made_by.account, made_by.region)
        target = None
        if call.service == "Lambda" and call.operation.startswith("Invoke") and call.target:
            named = named_by(call.target)
            target = self._key(
                named.name, named.account or call.target_account or call.account, named.region or call.region
            )
            self._note(call.request_id, target)
        elif call.issued_role and call.invoked_by == PLATFORM:
            target = self._given_to(call)
        elif call.service == "Lambda" and call.read_only is False and call.target:
            target = self._changed_by(call.target, call)
        return Encounter(at, call, actor, target)

    def _changed_by(self, name: str, call: ApiCall) -> FunctionKey | None:
        """The known function that a call of the control plane names: layers and mappings have names too."""
        named = named_by(name)
        fit = self._fitting(named.name, named.account or call.account, named.region or call.region)
        return fit[0] if len(fit) == 1 else None

    def _given_to(self, call: ApiCall) -> FunctionKey | None:
        """The function that the platform took on a role for; pollers of queues have sessions as well."""
        name = call.session_function or ""
        anywhere = self._fitting(name, call.account, "")
        fit = anywhere if len(anywhere) == 1 else self._fitting(name, call.account, call.region)
        return fit[0] if len(fit) == 1 else None

    def _of_run(self, what: Window | Run) -> FunctionKey:
        key = what.key if isinstance(what, Window) else what.flow.key
        if not (key.account and key.region):
            fit = self._fitting(key.function, *key[:2])
            key = fit[0] if len(fit) == 1 else key
        self._meet(key)
        if isinstance(what, Run):
            self._note(what.flow.request_id, key)
        return key

    def _of_report(self, report: Report) -> FunctionKey | None:
        if not report.function_name:
            return None
        key = self._key(report.function_name, report.account or "", report.region or "")
        self._note(report.request_id, key)
        return key

    def _of_address(self, address: str | None) -> FunctionKey | None:
        if not address:
            return None
        named = named_by(address)
        return self._key(named.name, named.account, named.region)

    def _key(self, name: str, account: str, region: str) -> FunctionKey:
        told = name, account, region
        only = self._only.get(told)
        if only is not None:
            return only
        fit = self._fitting(name, account, region)
        if len(fit) == 1:
            self._only[told] = fit[0]
            return fit[0]
        key = FunctionKey(account, region, self._applications[name], name)
        if account and region:
            self._meet(key)
        return key

    def _fitting(self, name: str, account: str, region: str) -> list[FunctionKey]:
        """The known functions of a name that may be of that place: those that are known in full, or else the
        one that is known as it is told."""
        known = self._known.get(name, {})
        whole = [key for key in known if key.account and key.region]
        fit = [key for key in whole if account in ("", key.account) and region in ("", key.region)]
        return fit or [key for key in known if key[:2] == (account, region)]

    def _meet(self, key: FunctionKey) -> None:
        is_placed = bool(key.account and key.region)
        if not is_placed and self._fitting(key.function, *key[:2]):
            return
        known = self._known.get(key.function, {})
        if key in known or len(known) >= MOST_OF_A_NAME or self._number >= MOST_FUNCTIONS:
            return
        self._known.setdefault(key.function, {})[key] = None
        self._only.clear()
        self._number += 1
        self._placeless += not is_placed

    def _note(self, request_id: str | None, key: FunctionKey) -> None:
        if request_id is None:
            return
        self._requests[request_id] = key
        self._requests.move_to_end(request_id)
        if len(self._requests) > MOST_REQUESTS:
            self._requests.popitem(last=False)

    def functions(self) -> list[FunctionKey]:
        """All functions that are known."""
        return sorted(key for keys in self._known.values() for key in keys)

    def snapshot(self) -> State:
        """All that is remembered."""
        held = self.functions(), self._functions.state(), list(self._requests.items())
        return {"whose": packed(held)}

    def restore(self, state: State) -> None:
        """Go on from a snapshot; raises `BundleError` where it is damaged."""
        known, issued, requests = unpacked(state, "whose", tuple[_Known, _Issued, _Requests])
        for key in known:
            self._meet(key)
        self._functions.restore(issued)
        self._requests = OrderedDict(requests)


def _names(what: Network) -> bool:
    return what.function is not None


def functions_by_kind(batch: Iterable[Encounter]) -> dict[type, set[FunctionKey]]:
    """The functions that encounters are of, by the kinds of these."""
    met: dict[type, set[FunctionKey]] = {}
    for one in batch:
        of_kind = met.setdefault(type(one.what), set())
        if one.actor is not None:
            of_kind.add(one.actor)
        if one.target is not None:
            of_kind.add(one.target)
    return met
