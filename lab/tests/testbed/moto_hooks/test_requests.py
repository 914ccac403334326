"""What the hooks into every request rely on."""

import moto.core.responses as moto_responses

from coldtrail_testbed.cloud.deployment import Clients


def test_the_methods_of_a_service_are_listed_once(client: Clients) -> None:
    listed = vars(moto_responses)["method_names_from_class"]
    for _ in range(3):
        client("dynamodb").list_tables()
    assert listed.cache_info().hits > listed.cache_info().misses
