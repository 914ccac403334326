"""An opened URL: a function gets a URL of its own that asks nobody who they are, and is called there."""

from collections.abc import Iterator
from random import Random

from coldtrail_testbed.account.attacks.means import some_means
from coldtrail_testbed.account.attacks.model import AccountAttack, Burglar, Target, operation
from coldtrail_testbed.account.attacks.statements import permission
from coldtrail_testbed.account.attacks.targets import ASSETS, SWEEP
from coldtrail_testbed.account.networks import far_away
from coldtrail_testbed.cloud.identifiers import REGION, function_arn
from coldtrail_testbed.facts import Caller

_PAUSE_S = (5.0, 60.0)
_CALLS = 12


def _open(burglar: Burglar, target: Target, generator: Random) -> Iterator[float]:
    account, who = burglar.account, some_means(burglar, generator)
    name, arn = target.function, function_arn(target.function)
    url = f"https://{generator.getrandbits(160):040x}.lambda-url.{REGION}.on.aws/"
    with burglar.intrusion:
        account.act(who, "lambda", "GetFunction", {"functionName": name})
    yield generator.uniform(*_PAUSE_S)
    with burglar.intrusion:
        account.act(
            who,
            "lambda",
            "CreateFunctionUrlConfig",
            {"functionName": name, "authType": "NONE"},
            {"functionUrl": url, "functionArn": arn, "authType": "NONE", "invokeMode": "BUFFERED"},
        )
        parameters, response = permission(
            name, "FunctionURLAllowPublicAccess", "lambda:InvokeFunctionUrl", "*"
        )
        parameters["functionUrlAuthType"] = "NONE"
        account.act(who, "lambda", "AddPermission", parameters, response)
    anyone = Caller("anyone", "", far_away(generator), "curl/8.14.1", "ANONYMOUS")
    for _ in range(_CALLS):
        yield generator.uniform(*_PAUSE_S)
        burglar.invoke_as(anyone, name, target.payload or {})


ATTACK = AccountAttack(
    name="opened_url",
    summary="gets a URL that is open to everybody, and is called there",
    targets={"airline": SWEEP, "vod": ASSETS},
    campaign=_open,
    decisive=operation("CreateFunctionUrlConfig"),
)
