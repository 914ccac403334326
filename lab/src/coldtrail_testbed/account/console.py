"""What people do in the console: they sign in, look around, and sometimes more."""

from collections.abc import Iterator
from random import Random

from coldtrail_testbed.account.account import Account
from coldtrail_testbed.cloud.identifiers import function_arn
from coldtrail_testbed.facts import Caller

_PAUSE_S = (4.0, 90.0)


def sign_in(account: Account, who: Caller) -> None:
    """None; `who` has signed in to the console."""
    account.act(who, "signin", "ConsoleLogin", None, {"ConsoleLogin": "Success"})


def look_around(account: Account, who: Caller, generator: Random, pages: int) -> Iterator[float]:
    """The pauses of somebody who opens some pages of the console: nothing is changed."""
    yield generator.uniform(1, 5)
    for _ in range(pages):
        _open_page(account, who, generator)
        yield generator.uniform(*_PAUSE_S)


def _open_page(account: Account, who: Caller, generator: Random) -> None:
    """None; a page makes the calls that it shows."""
    function = generator.choice(account.functions)
    name = {"functionName": function_arn(function)}
    page = generator.choice(("functions", "functions", "function", "function", "table", "bucket", "roles"))
    if page == "functions":
        account.act(who, "lambda", "GetAccountSettings")
        account.act(who, "lambda", "ListFunctions", {"maxItems": 50})
    elif page == "function":
        account.act(who, "lambda", "GetFunction", name)
        account.act(who, "lambda", "GetPolicy", name)
        account.act(who, "lambda", "ListVersionsByFunction", name)
    elif page == "table":
        account.act(who, "dynamodb", "ListTables")
    elif page == "bucket":
        account.act(who, "s3", "ListBuckets")
    else:
        account.act(who, "iam", "ListRoles", {"maxItems": 100})
