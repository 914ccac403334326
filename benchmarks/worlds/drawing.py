"""Draws a world from a seed."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, exp, log, pi
from random import Random

from msgspec.structs import replace

from benchmarks.worlds import latencies, names
from benchmarks.worlds.grammars import (
    FIRST_LETTER,
    Call,
    Either,
    Kind,
    Leave,
    Loop,
    Maybe,
    Node,
    Row,
    Together,
    walk,
)
from benchmarks.worlds.names import Name
from benchmarks.worlds.world import START, Entry, Failing, Function, World

FEWEST, MOST = 3, 60
"""Functions."""
LEAST_LEARNED, MOST_LEARNED = 3_600, 8_000
"""Flows of a history, about."""
SERVICES: dict[str, tuple[tuple[str, ...], Callable[[Random, float], Name]]] = {
    "DynamoDB": (
        ("GetItem", "PutItem", "UpdateItem", "Query", "DeleteItem", "BatchWriteItem"),
        names.of_table,
    ),
    "S3": (("GetObject", "PutObject", "ListObjectsV2", "DeleteObject", "HeadObject"), names.of_bucket),
    "SQS": (("SendMessage",), names.of_table),
    "SNS": (("Publish",), names.of_table),
    "SSM": (("GetParameter",), names.of_table),
    "SecretsManager": (("GetSecretValue",), names.of_table),
    "Kinesis": (("PutRecord", "PutRecords"), names.of_table),
    "EventBridge": (("PutEvents",), names.of_table),
    "PostgreSQL": (("SELECT", "UPDATE", "INSERT"), lambda random, start: names.of_database(random)),
    "remote": (("GET", "POST", "PUT"), lambda random, start: names.of_host(random)),
}
WEIGHTS = (8, 4, 2, 2, 1, 1, 1, 1, 3, 3)
STARTERS = (("SQS", "SendMessage", "AWS::SQS"), ("SNS", "Publish", "AWS::SNS"), ("Lambda", "Invoke", None))
"""The call that starts a consumer, and the word for it in the consumer's trigger."""
VERBS = (
    "get",
    "make",
    "send",
    "check",
    "list",
    "book",
    "load",
    "sort",
    "pack",
    "ship",
    "mail",
    "sync",
    "scan",
    "join",
    "rate",
    "sign",
    "read",
    "push",
)
PEOPLE = 0.7
"""The share of entries that people start: the others are started by a clock or by objects in a bucket."""


class Drawing:
    """One world on its way."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.random = Random(f"world {seed}")
        self._letters = FIRST_LETTER

    def world(self, functions: int | None = None) -> World:
        """The world of the seed, with so many functions where that is given."""
        random = self.random
        count = round(exp(random.uniform(log(FEWEST), log(MOST + 0.5)) * 0.8 + log(14) * 0.2))
        count = functions or count
        made, entries = self._functions(count)
        hours = self._hours()
        days = random.choice((7, 10, 14))
        world = World(
            seed=self.seed,
            application=f"{random.choice(names.WORDS)}-{self.seed}",
            region=random.choice(("eu-west-1", "us-east-1", "ap-southeast-2")),
            functions={one.name: one for one in made},
            entries=tuple(entries),
            hours=hours,
            weekend=random.choice((1.0, random.uniform(0.2, 0.9))),
            days=days,
            sampled=random.choice((1.0, 1.0, 1.0, random.uniform(0.1, 0.6))),
            lost=random.choice((*(0.0,) * 9, random.uniform(0.0005, 0.003))),
        )
        learned = exp(random.uniform(log(LEAST_LEARNED), log(MOST_LEARNED)))
        return scaled(world, learned / days / world.sampled)

    def _hours(self) -> tuple[float, ...]:
        random = self.random
        swing, peak = random.uniform(0.0, 0.9), random.uniform(0, 24)
        return tuple(1.0 + swing * cos((hour - peak) / 12.0 * pi) for hour in range(24))

    def _functions(self, count: int) -> tuple[list[Function], list[Entry]]:
        random = self.random
        told = dict.fromkeys(f"{random.choice(VERBS)}-{names.word(random)}" for _ in range(4 * count))
        failures = self.kind("SQS", "SendMessage", Name(f"{names.word(random)}-failed"))
        functions: list[Function] = []
        entries: list[Entry] = []
        parents: dict[str, list[Node]] = {}
        for name in list(told)[:count]:
            if functions and random.random() < 0.45:
                trigger, caller = self._consumer(name, random.choice(functions).name, parents)
            else:
                trigger, caller, entry = self._entry(name)
                entries.append(entry)
            functions.append(self._function(name, trigger, caller, failures))
        return [
            replace(one, grammar=self._with_starts(one.grammar, parents.get(one.name, [])))
            for one in functions
        ], entries

    def _entry(self, name: str) -> tuple[str | None, str | None, Entry]:
        random = self.random
        if random.random() < PEOPLE:
            api = f"{random.choice(names.WORDS)}/live"
            return f"AWS::ApiGateway::Stage {api}", api, Entry(name, a_day=random.paretovariate(1.2))
        if random.random() < 0.5:
            rule = f"every-{random.choice(('minute', 'hour', 'night'))}-{name}"
            return f"AWS::Events {rule}", rule, Entry(name, every_s=random.choice((300.0, 900.0, 3_600.0)))
        bucket = f"{names.word(random)}-in"
        return f"AWS::S3 {bucket}", bucket, Entry(name, a_day=random.paretovariate(1.2))

    def _consumer(
        self, name: str, parent: str, parents: dict[str, list[Node]]
    ) -> tuple[str | None, str | None]:
        random = self.random
        service, action, word = random.choice(STARTERS)
        target = name if word is None else names.word(random)
        kind = replace(self.kind(service, action, Name(target)), starts=name)
        form = random.random()
        node: Node = Call(kind)
        if form < 0.3:
            node = Maybe(node, random.uniform(0.1, 0.9))
        elif form < 0.4:
            node = Loop(node, 1, random.randint(2, 4))
        parents.setdefault(parent, []).append(node)
        return (f"{word} {target}" if word else f"AWS::Lambda::Function {parent}"), parent

    def _with_starts(self, grammar: Node, starts: list[Node]) -> Node:
        parts: list[Node] = list(grammar.parts) if isinstance(grammar, Row) else [grammar]
        for node in starts:
            parts.insert(self.random.randint(0, len(parts)), node)
        return Row(tuple(parts))

    def _function(self, name: str, trigger: str | None, caller: str | None, failures: Kind) -> Function:
        random = self.random
        failing = random.choice((0.0, 0.0, random.uniform(0.001, 0.02)))
        reporting = random.choice((0.0, random.uniform(0.2, 1.0)))
        return Function(
            name,
            trigger,
            caller,
            self.grammar(),
            latencies.of_own_code(random),
            Failing(failing, failures if reporting else None, reporting),
            latencies.Latency(random.uniform(0.2, 1.2), random.uniform(0.1, 0.3)),
            1_800.0 * 16.0 ** random.random(),
            random.choice((None, "1", str(random.randint(2, 90)))),
        )

    def grammar(self) -> Row:
        """What a function does: one to seven parts, most of them single calls."""
        random = self.random
        known: list[Kind] = []
        parts: list[Node] = []
        for _ in range(random.choice((1, 2, 2, 3, 3, 4, 5, 6, 7))):
            parts.append(self._part(known))
            if len(parts) > 1 and random.random() < 0.06:
                parts.append(Leave(random.choice((random.uniform(0.005, 0.03), random.uniform(0.05, 0.4)))))
        return Row(tuple(parts))

    def _part(self, known: list[Kind]) -> Node:
        random = self.random
        form = random.random()
        if form < 0.52:
            return Call(self._met(known))
        if form < 0.70:
            rare = random.random() < 0.35
            chance = random.uniform(0.001, 0.02) if rare else random.uniform(0.05, 0.8)
            return Maybe(Call(self._met(known)), chance)
        if form < 0.82:
            number = random.randint(2, 4)
            parts: tuple[Node, ...] = tuple(Call(self._met(known)) for _ in range(number))
            return Either(parts, tuple(random.random() ** 3 + 0.003 for _ in range(number)))
        if form < 0.93:
            return self._loop(known)
        return Together(tuple({k.letter: k for k in (self._met(known) for _ in range(3))}.values()))

    def _loop(self, known: list[Kind]) -> Loop:
        random = self.random
        body: Node = Call(self._met(known))
        form = random.random()
        if form < 0.3:
            body = Row((body, Call(self._met(known))))
        elif form < 0.5:
            body = Row((body, Maybe(Call(self._met(known)), random.uniform(0.1, 0.6))))
        elif form < 0.65:
            lanes = tuple(
                Call(self.kind("SQS", "SendMessage", Name(f"{names.word(random)}-{at}"))) for at in "abcdef"
            )
            body = Either(lanes, (1.0,) * len(lanes))
        least = random.randint(1, 3)
        return Loop(body, least, least + random.choice((0, 1, 2, 5, 15)))

    def _met(self, known: list[Kind]) -> Kind:
        """A new kind of call, another to a resource that the function calls, or one that it makes already."""
        random = self.random
        if known and random.random() < 0.3:
            again = random.choice(known)
            if random.random() < 0.5:
                return again
            action = random.choice(SERVICES[again.service][0])
            kind = next(
                (k for k in known if (k.service, k.action, k.name) == (again.service, action, again.name)),
                None,
            )
            return kind or self._new(known, again.service, action, again.name)
        service = random.choices(list(SERVICES), WEIGHTS)[0]
        actions, named = SERVICES[service]
        return self._new(known, service, random.choice(actions), named(random, START))

    def _new(self, known: list[Kind], service: str, action: str, name: Name) -> Kind:
        kind = self.kind(service, action, name)
        known.append(kind)
        return kind

    def skip_letters(self, number: int) -> None:
        """Leaves so many letters to others."""
        self._letters += number

    def new_kind(self) -> Kind:
        """A kind of call that the world has not met."""
        return self._met([])

    def kind(self, service: str, action: str, name: Name) -> Kind:
        """A kind of call with a letter of its own."""
        random = self.random
        latency = latencies.of_host(random) if service == "remote" else latencies.of_service(random)
        failing = random.choice((0.0, 0.0, 0.0, random.uniform(0.0005, 0.01)))
        timeout = random.choice((None, 3.0, 5.0, 10.0)) if service == "remote" else None
        self._letters += 1
        return Kind(chr(self._letters), service, action, name, latency, failing, timeout)


def scaled(world: World, a_day: float) -> World:
    """The world so busy that about so many flows come a day."""
    each = {entry.function: _flows_of(world, entry.function, Random("flows")) for entry in world.entries}
    by_clock = sum(86_400.0 / one.every_s * each[one.function] for one in world.entries if one.every_s)
    slower = max(2.5 * by_clock / a_day, 1.0)
    people = sum(one.a_day * each[one.function] for one in world.entries)
    left = a_day - by_clock / slower
    entries = tuple(
        replace(one, every_s=one.every_s * slower, a_day=one.a_day * left / people if people else 0.0)
        for one in world.entries
    )
    return replace(world, entries=entries)


def _flows_of(world: World, function: str, random: Random, rounds: int = 60) -> float:
    """Flows that a start of a function makes on average, its own among them."""
    total = 0
    for _ in range(rounds):
        waiting = [function]
        while waiting and total < 50 * rounds:
            total += 1
            steps = walk(world.functions[waiting.pop()].grammar, random)
            waiting += [step.kind.starts for step in steps if step.kind.starts and not step.fails]
    return total / rounds
