"""How an attacker adds a layer to a function."""

from collections.abc import Iterator, Sequence
from random import Random

from coldtrail_testbed.account.attacks.model import Burglar
from coldtrail_testbed.cloud.identifiers import ACCOUNT, REGION
from coldtrail_testbed.facts import Caller

_PAUSE_S = (5.0, 60.0)


def add_layer(
    burglar: Burglar,
    who: Caller,
    function: str,
    name: str,
    generator: Random,
    *,
    extensions: Sequence[str] = (),
) -> Iterator[float]:
    """The pauses of publishing a layer and adding it; what is in it is at work from the end on."""
    account = burglar.account
    layer = f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:{name}"
    with burglar.intrusion:
        account.act(who, "lambda", "GetFunctionConfiguration", {"functionName": function})
    yield generator.uniform(*_PAUSE_S)
    with burglar.intrusion:
        account.act(
            who,
            "lambda",
            "PublishLayerVersion",
            {"layerName": name, "compatibleRuntimes": ["python3.11"], "content": {}},
            {"layerArn": layer, "layerVersionArn": f"{layer}:1", "version": 1, "description": ""},
        )
    yield generator.uniform(*_PAUSE_S)
    with burglar.intrusion:
        account.configure(who, function, layers=[f"{layer}:1"], extensions=extensions)
    burglar.plant()
