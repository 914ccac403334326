"""Attacks on one run: each changes a benign run, marks what it changed, and says whether it could.

An attack that merely makes another order or number of usual calls must give a run that the function's grammar
cannot: otherwise there is nothing to find. What it plants is new to the function in the drawn world; that a
benign run of the history happened to meet it is ruled out by construction of the names.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from benchmarks.worlds import names
from benchmarks.worlds.planting import Target, is_alone, mimic, plant, plant_kind
from benchmarks.worlds.runs import Made, Run

Attack = Callable[[Run, Target, Random], bool]
"""Changes a run; False where this function, or this run, gives no occasion."""


def new_bucket(run: Run, target: Target, random: Random) -> bool:
    """Data leave to a bucket that nobody ever used."""
    name = f"{random.choice(('zq', 'xk', 'backup', 'tmp', 'cdn'))}-{random.getrandbits(24):06x}"
    return plant(run, random, Made("S3", "PutObject", name, seconds=random.uniform(0.02, 0.3)))


def new_host(run: Run, target: Target, random: Random) -> bool:
    """Data leave to a host that nobody ever asked."""
    name = f"{random.choice(('cdn', 'paste', 'api', 'x'))}{random.getrandbits(20):05x}.invalid"
    return plant(run, random, Made("remote", "POST", name, seconds=random.uniform(0.05, 0.6)))


def look_alike(run: Run, target: Target, random: Random) -> bool:
    """A call goes to a name one letter apart from its own."""
    if not run.calls:
        return False
    call = random.choice(run.calls)
    call.target, call.planted, call.letter = names.one_character_off(call.target, random), True, "?"
    return True


def known_service(run: Run, target: Target, random: Random) -> bool:
    """Data leave through a service that the function uses, to something that only other functions touch."""
    used = {kind.service for kind in target.own}
    kinds = [k for k in target.foreign if k.service in used and k.action in WRITING]
    return plant_kind(run, random, kinds)


def lateral_call(run: Run, target: Target, random: Random) -> bool:
    """The function invokes another one that it never invoked."""
    others = [name for name in target.world.functions if not target.does("Lambda", "Invoke", name)]
    others = [name for name in others if name != run.function]
    if not others:
        return False
    return plant(
        run, random, Made("Lambda", "Invoke", random.choice(others), seconds=random.uniform(0.02, 0.3))
    )


def secret_read(run: Run, target: Target, random: Random) -> bool:
    """A secret is read that nothing read before."""
    name = f"{names.word(random)}-key-{random.randint(1, 9)}"
    return plant(
        run, random, Made("SecretsManager", "GetSecretValue", name, seconds=random.uniform(0.01, 0.1))
    )


def other_action(run: Run, target: Target, random: Random) -> bool:
    """A call does something else to the same thing, which the function never does."""
    at = [call for call in run.calls if call.service in ACTIONS]
    if not at:
        return False
    call = random.choice(at)
    left = [one for one in ACTIONS[call.service] if not target.does(call.service, one, call.target)]
    if not left:
        return False
    call.action, call.planted, call.letter = random.choice(left), True, "?"
    return True


def other_statement(run: Run, target: Target, random: Random) -> bool:
    """A statement begins with a verb that the function never sends to this database."""
    at = [call for call in run.calls if call.service == "PostgreSQL"]
    if not at:
        return False
    call = random.choice(at)
    verbs = [verb for verb in STATEMENTS if not target.does(call.service, verb, call.target)]
    call.action, call.planted, call.letter = random.choice(verbs), True, "?"
    return True


def swapped(run: Run, target: Target, random: Random) -> bool:
    """Two calls change places."""
    for at in random.sample(range(max(len(run.calls) - 1, 0)), max(len(run.calls) - 1, 0)):
        one, two = run.calls[at], run.calls[at + 1]
        if one.letter == two.letter or one.error or two.error:
            continue
        if not (is_alone(run, at) and is_alone(run, at + 1)):
            continue
        run.calls[at], run.calls[at + 1] = two, one
        one.group, two.group = two.group, one.group
        if target.is_strange(run):
            one.planted = two.planted = True
            return True
        one.group, two.group = two.group, one.group
        run.calls[at], run.calls[at + 1] = one, two
    return False


def left_out(run: Run, target: Target, random: Random) -> bool:
    """A call is not made."""
    for at in random.sample(range(len(run.calls)), len(run.calls)):
        call = run.calls.pop(at)
        if target.is_strange(run) and not call.error:
            run.beside, run.whole = [one for one in (at - 1, at) if one >= 0], not run.calls
            return True
        run.calls.insert(at, call)
    return False


def own_step_more(run: Run, target: Target, random: Random) -> bool:
    """Mimicry: one of the function's own usual calls once more, early, late or within a loop."""
    return mimic(run, target, random, 1)


def own_steps_more(run: Run, target: Target, random: Random) -> bool:
    """Mimicry: one of the function's own usual calls two to four times more."""
    return mimic(run, target, random, random.randint(2, 4))


def repeated(run: Run, target: Target, random: Random) -> bool:
    """A call is made twenty times more."""
    return mimic(run, target, random, 20, beside=True)


def longer(run: Run, target: Target, random: Random) -> bool:
    """The function's own code takes 4 to 5 s more."""
    run.own += random.uniform(4.0, 5.0)
    run.whole = True
    return True


def longer_call(run: Run, target: Target, random: Random) -> bool:
    """A call to a cloud service that succeeds takes 4 to 5 s more."""
    calls = [call for call in run.calls if call.service != "remote" and not call.error]
    if not calls:
        return False
    call = random.choice(calls)
    call.seconds += random.uniform(4.0, 5.0)
    call.planted = True
    return True


def mining(run: Run, target: Target, random: Random) -> bool:
    """The function computes for somebody else for most of a minute or more."""
    run.own += random.uniform(40.0, 200.0)
    run.whole = True
    return True


def started_otherwise(run: Run, target: Target, random: Random) -> bool:
    """The function is started in a way in which it never was: at once instead of by an event, or by a URL."""
    known = run.trigger or ""
    triggers = [one for one in OTHER_STARTS if known.split(" ")[0] != one.split(" ")[0]]
    run.trigger, run.whole = random.choice(triggers), True
    run.caller = run.trigger.partition(" ")[2] or None
    return True


def wrong_caller(run: Run, target: Target, random: Random) -> bool:
    """Somebody who never did starts the function, in the usual way."""
    if run.caller is None:
        return False
    run.caller, run.whole = f"{names.word(random)}-{random.getrandbits(16):04x}", True
    return True


def denied(run: Run, target: Target, random: Random) -> bool:
    """The function tries what it may not do, and is refused, two or three times."""
    for service, action in random.sample(REFUSED, random.randint(2, 3)):
        if target.does(service, action, "-"):
            return False
        call = Made(service, action, names.word(random), error=True, seconds=random.uniform(0.005, 0.05))
        plant(run, random, call)
    return True


ATTACKS: tuple[Attack, ...] = (
    new_bucket,
    new_host,
    look_alike,
    known_service,
    lateral_call,
    secret_read,
    other_action,
    other_statement,
    swapped,
    left_out,
    own_step_more,
    own_steps_more,
    repeated,
    longer,
    longer_call,
    mining,
    started_otherwise,
    wrong_caller,
    denied,
)
"""All attacks on one run; one line to add."""
WRITING = frozenset(
    ("PutItem", "PutObject", "SendMessage", "Publish", "PutRecord", "PutRecords", "PutEvents", "POST", "PUT")
)
ACTIONS = {
    "DynamoDB": ("Scan", "DeleteItem", "PutItem", "UpdateItem", "Query", "GetItem", "DescribeTable"),
    "S3": ("DeleteObject", "GetObject", "PutObject", "PutObjectAcl", "ListObjectsV2", "GetBucketPolicy"),
    "SQS": ("ReceiveMessage", "PurgeQueue"),
    "SNS": ("Subscribe", "ListSubscriptions"),
    "SSM": ("PutParameter", "GetParametersByPath"),
    "SecretsManager": ("PutSecretValue", "ListSecrets"),
}
STATEMENTS = ("DELETE", "DROP", "COPY", "ALTER", "GRANT")
OTHER_STARTS = (
    "AWS::Lambda::Url direct",
    "AWS::SQS someones-queue",
    "AWS::ApiGateway::Stage other/test",
    "AWS::Lambda::Function other-function",
)
REFUSED = (
    ("IAM", "ListRoles"),
    ("STS", "AssumeRole"),
    ("S3", "ListBuckets"),
    ("Lambda", "ListFunctions"),
    ("EC2", "DescribeInstances"),
)
