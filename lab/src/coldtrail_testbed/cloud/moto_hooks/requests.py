"""What moto does for each request to any service, and needs to do only once."""

from functools import cache

import moto.core.responses as moto_responses
from moto.core.utils import method_names_from_class

from coldtrail_testbed.cloud.moto_hooks.replacing import Replace


def install(replace: Replace) -> None:
    """None; the methods of a service are listed once."""
    replace(moto_responses, "method_names_from_class", cache(method_names_from_class))
