"""The control plane of an account: what people, the pipeline and attackers do to it, told as calls."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

from coldtrail_testbed.account.configurations import code_sha256, configuration
from coldtrail_testbed.account.networks import HEAD_OFFICE, Network
from coldtrail_testbed.account.people import PEOPLE, PIPELINE, PIPELINE_ROLE, Person, pipeline_at
from coldtrail_testbed.cloud.foundation import Foundation, generator_for
from coldtrail_testbed.cloud.function_runs import Deployment
from coldtrail_testbed.cloud.identifiers import Identifiers, function_arn
from coldtrail_testbed.cloud.lambda_service import LambdaService
from coldtrail_testbed.facts import Call, Caller
from coldtrail_testbed.telemetry.cloudtrail_identities import role_arn, unique_id

_CALL_S = (0.2, 0.9)
_HOUR_S, _DAY_S = 3600.0, 86_400.0
_SATURDAY = 5


class Account:
    """Who works with the account, from where, and what they change.

    `pipeline` is who deploys now, `offices` where each person works when not at home, `victims` are those
    whose sessions were stolen. A call takes a part of
    a second; it belongs to the attack whose intrusion is going on.
    """

    def __init__(self, foundation: Foundation, lambdas: LambdaService, seed: int) -> None:
        self._base = foundation
        self._lambdas = lambdas
        self._generator = generator_for(seed, "account")
        self._requests = Identifiers(generator_for(seed, "account requests"))
        self.people: Sequence[Person] = PEOPLE
        self.offices: dict[str, Network] = {person.name: HEAD_OFFICE for person in PEOPLE}
        self.pipeline = PIPELINE
        self.victims: list[Person] = []
        self._role = ""
        self._left_alone: set[str] = set()

    def now(self) -> float:
        """The time in UTC epoch seconds."""
        return self._base.clock.now()

    def later(self, time: float, activity: Callable[[], None]) -> None:
        """None; `activity` happens at `time`; it keeps no run alive."""
        self._base.agenda.add(time, activity, background=True)

    def every_day(self, first: float, activity: Callable[[], None]) -> None:
        """None; `activity` happens at `first` and then every day, as long as the run goes on."""
        self._base.agenda.every(first, _DAY_S, activity)

    def at_work(self, generator: Random, hours: tuple[float, float]) -> float:
        """A drawn time between these hours (UTC) of the next working day."""
        midnight = (self.now() // _DAY_S + 1) * _DAY_S
        while datetime.fromtimestamp(midnight, UTC).weekday() >= _SATURDAY:
            midnight += _DAY_S
        return midnight + generator.uniform(*hours) * _HOUR_S

    def go_on(self, activity: Iterator[float]) -> None:
        """None; `activity` acts now, and again after each of the pauses that it yields."""
        pause = next(activity, None)
        if pause is not None:
            self.later(self.now() + pause, lambda: self.go_on(activity))

    def act(
        self,
        who: Caller,
        service: str,
        operation: str,
        parameters: Mapping[str, Any] | None = None,
        response: Mapping[str, Any] | None = None,
        *,
        error_code: str | None = None,
        resources: tuple[str, ...] = (),
    ) -> None:
        """None; `who` has called an operation of the control plane; nothing but its record comes of it."""
        call = Call(
            time=self.now(),
            service=service,
            operation=operation,
            caller=who,
            request_id=self._requests.request(),
            resources=resources,
            parameters=parameters or {},
            error_code=error_code,
            attack=self._base.running.intruding,
            response=response,
        )
        self._base.facts.calls.append(call)
        self._base.clock.advance(self._generator.uniform(*_CALL_S))

    def deploy(self, who: Caller, function: str, code: str | None = None) -> str:
        """The new version of `function`: the same handler with other code in its package, published."""
        now = self._lambdas.deployments[function]
        package = code or f"release {int(self.now())}"
        after = replace(now, code=package)
        name = {"functionName": function}
        location = {"s3Bucket": "release-artifacts", "s3Key": f"{function}/{code_sha256(after)[:12]}.zip"}
        changes = {**name, "dryRun": False, "publish": False, **location}
        self.act(who, "lambda", "UpdateFunctionCode", changes, configuration(after, self.now()))
        return self._publish(who, after)

    def configure(
        self,
        who: Caller,
        function: str,
        *,
        memory_mb: int | None = None,
        layers: Sequence[str] = (),
        extensions: Sequence[str] = (),
    ) -> str:
        """The new version of `function`, with another configuration, published."""
        now = self._lambdas.deployments[function]
        changed = replace(now.function, memory_mb=memory_mb) if memory_mb else now.function
        after = replace(
            now, function=changed, layers=(*now.layers, *layers), extensions=(*now.extensions, *extensions)
        )
        parameters: dict[str, Any] = {"functionName": function}
        if memory_mb:
            parameters["memorySize"] = memory_mb
        if layers:
            parameters["layers"] = list(after.layers)
        self.act(who, "lambda", "UpdateFunctionConfiguration", parameters, configuration(after, self.now()))
        return self._publish(who, after)

    def _publish(self, who: Caller, after: Deployment) -> str:
        version = self._lambdas.replace(after)
        name = {"functionName": after.function.name}
        self.act(who, "lambda", "GetFunctionConfiguration", name)
        published = configuration(after, self.now(), version)
        self.act(who, "lambda", "PublishVersion", {**name, "codeSha256": code_sha256(after)}, published)
        alias = {"aliasArn": f"{function_arn(after.function.name)}:live", "name": "live"}
        self.act(
            who,
            "lambda",
            "UpdateAlias",
            {**name, "name": "live", "functionVersion": version},
            {**alias, "functionVersion": version, "description": ""},
        )
        return version

    def release(self, functions: Sequence[str]) -> None:
        """None; the pipeline deploys `functions`, on one of the build runners."""
        number = self._generator.randrange(254)
        runner = self._assume(number) if self._role else pipeline_at(number, self.pipeline)
        self.act(runner, "sts", "GetCallerIdentity")
        for function in functions:
            if function not in self._left_alone:
                self.act(runner, "lambda", "GetFunction", {"functionName": function})
                self.deploy(runner, function)

    def move_pipeline(self) -> None:
        """None; from now on each release assumes a role, instead of using a user's key."""
        self._role = PIPELINE_ROLE

    def _assume(self, number: int) -> Caller:
        """A session of the pipeline's role, for one release on one build runner."""
        runner, now = pipeline_at(number, self.pipeline), self.now()
        session = f"release-{int(now)}"
        key = unique_id("ASIA", session)
        anybody = replace(runner, kind="session", name=session, access_key=key, role=self._role, since=now)
        credentials = {"accessKeyId": key}
        arn = {"roleArn": role_arn(self._role), "roleSessionName": session}
        self.act(runner, "sts", "AssumeRole", arn, {"credentials": credentials}, resources=(arn["roleArn"],))
        return anybody

    def leave_alone(self, function: str) -> None:
        """None; no later release deploys `function`."""
        self._left_alone.add(function)

    @property
    def functions(self) -> list[str]:
        """The names of the deployed functions."""
        return list(self._lambdas.deployments)
