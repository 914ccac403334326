"""What every change says of the call that made it."""

from __future__ import annotations

from coldtrail.records.witnesses import ApiCall, Change


def change_by(call: ApiCall, function: str, family: str) -> Change:
    """The change of a function, or of none (empty), that a call made, with no more than who made it."""
    return Change(
        event_id=call.event_id,
        time=call.time,
        account=call.account,
        region=call.region,
        function_name=function,
        operation=call.operation,
        digest=call.digest,
        family=family,
        request_id=call.request_id,
        access_key=call.access_key,
        principal=call.principal,
        error_code=call.error_code,
        principal_kind=call.principal_kind,
        principal_role=call.role,
        session=call.session,
        source_ip=call.source_ip,
        user_agent=call.user_agent,
        invoked_by=call.invoked_by,
        source_network=call.source_network,
        source_country=call.source_country,
    )
