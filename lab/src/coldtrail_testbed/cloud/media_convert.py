"""MediaConvert, which moto lacks: templates, and jobs that end minutes later with an event.

Nothing is converted: a job takes its time, writes small outputs under the right names, and says so.
"""

import json
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from botocore.exceptions import ClientError

from coldtrail_testbed.cloud.answers import error_answer, json_answer
from coldtrail_testbed.cloud.event_bus import EventBus
from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.http_server import HttpRequest, HttpResponse
from coldtrail_testbed.cloud.identifiers import ACCOUNT, REGION
from coldtrail_testbed.cloud.media_outputs import is_processable, outputs_of, split_address
from coldtrail_testbed.cloud.operations import Operation
from coldtrail_testbed.facts import Caller

MEDIA_CONVERT = Caller(
    "service",
    "mediaconvert.amazonaws.com",
    "mediaconvert.amazonaws.com",
    "mediaconvert.amazonaws.com",
    "media",
)

_ARN = f"arn:aws:mediaconvert:{REGION}:{ACCOUNT}"
_QUEUE = f"{_ARN}:queues/Default"
_QUEUED_S = (1.0, 6.0)
_REFUSED_AFTER_S = (8.0, 45.0)
# Modelled: the testbed's videos are a thousandth of real ones, and take as long as those.
_SHORTEST_S, _LONGEST_S = 120.0, 720.0
_SECONDS_PER_BYTE = 0.07
_TEMPLATE_FIELDS = ("name", "category", "description", "settings")
_UNREADABLE, _UNSUPPORTED = 1401, 1404


@dataclass
class _Job:
    id: str
    created: float
    request: Mapping[str, Any]
    status: str = "SUBMITTED"
    problem: dict[str, Any] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return f"{_ARN}:jobs/{self.id}"

    @property
    def source(self) -> str:
        return str(self.request["settings"]["inputs"][0]["fileInput"])

    def document(self) -> dict[str, Any]:
        """The job as the API answers it."""
        kept = ("jobTemplate", "priority", "role", "settings", "userMetadata")
        return {
            "arn": self.arn,
            "createdAt": int(self.created),
            "id": self.id,
            "queue": self.request.get("queue", _QUEUE),
            "status": self.status,
            **{key: self.request[key] for key in kept if key in self.request},
            **self.problem,
        }


class MediaConvert:
    """The service behind the AWS endpoint; `s3` is its own client, which reads inputs and writes outputs."""

    def __init__(self, foundation: Foundation, bus: EventBus, s3: Any, generator: Random) -> None:
        self._base = foundation
        self._bus = bus
        self._s3 = s3
        self._generator = generator
        self._templates: dict[str, dict[str, Any]] = {}
        self._jobs: dict[str, _Job] = {}
        self._operations: dict[str, Callable[[Operation, dict[str, Any]], HttpResponse]] = {
            "DescribeEndpoints": self._describe_endpoints,
            "ListJobTemplates": self._list_templates,
            "CreateJobTemplate": self._create_template,
            "GetJobTemplate": self._get_template,
            "CreateJob": self._create_job,
            "GetJob": self._get_job,
        }

    def answer(self, operation: Operation, request: HttpRequest) -> HttpResponse:
        """The response to one call of the API."""
        known = self._operations.get(operation.name)
        if known is None:
            return self._refuse(operation, 400, "BadRequestException", f"{operation.name} is not modelled")
        return known(operation, {**json.loads(request.body or b"{}"), "path": request.target})

    def _describe_endpoints(self, _operation: Operation, _body: dict[str, Any]) -> HttpResponse:
        url = f"https://mediaconvert.{REGION}.amazonaws.com"
        return self._reply(200, {"endpoints": [{"url": url}]})

    def _list_templates(self, _operation: Operation, _body: dict[str, Any]) -> HttpResponse:
        return self._reply(200, {"jobTemplates": list(self._templates.values())})

    def _create_template(self, operation: Operation, body: dict[str, Any]) -> HttpResponse:
        if body["name"] in self._templates:
            return self._refuse(operation, 409, "ConflictException", "The template exists already.")
        created = {"arn": f"{_ARN}:jobTemplates/{body['name']}", "createdAt": int(self._base.clock.now())}
        kept: dict[str, Any] = {key: body[key] for key in _TEMPLATE_FIELDS if key in body}
        self._templates[body["name"]] = {**created, **kept, "type": "CUSTOM"}
        return self._reply(201, {"jobTemplate": self._templates[body["name"]]})

    def _get_template(self, _operation: Operation, body: dict[str, Any]) -> HttpResponse:
        """A template that nobody has created is there too: an account's deployment has made its own."""
        name = _last_part(body["path"])
        made = {"arn": f"{_ARN}:jobTemplates/{name}", "name": name, "settings": {}, "type": "CUSTOM"}
        return self._reply(200, {"jobTemplate": self._templates.get(name, made)})

    def _create_job(self, operation: Operation, body: dict[str, Any]) -> HttpResponse:
        if not body.get("settings", {}).get("inputs"):
            return self._refuse(operation, 400, "BadRequestException", "/inputs: is a required property")
        now = self._base.clock.now()
        suffix = "".join(self._generator.choices(string.ascii_lowercase + string.digits, k=6))
        body.pop("path")
        job = self._jobs[f"{int(now * 1000)}-{suffix}"] = _Job(f"{int(now * 1000)}-{suffix}", now, body)
        self._later(self._generator.uniform(*_QUEUED_S), partial(self._begin, job))
        return self._reply(201, {"job": job.document()})

    def _get_job(self, operation: Operation, body: dict[str, Any]) -> HttpResponse:
        job = self._jobs.get(_last_part(body["path"]))
        if job is None:
            return self._refuse(operation, 404, "NotFoundException", "The job does not exist.")
        return self._reply(200, {"job": job.document()})

    def _begin(self, job: _Job) -> None:
        """None; the job leaves the queue, and its input is probed."""
        self._change(job, "PROGRESSING", {})
        bucket, key = split_address(job.source)
        try:
            size = self._s3.head_object(Bucket=bucket, Key=key)["ContentLength"]
        except ClientError as error:
            reason = error.response["Error"]["Message"]
            self._refuse_input(job, _UNREADABLE, f"HeadObject failed: {reason}")
            return
        if not is_processable(key):
            self._refuse_input(job, _UNSUPPORTED, "Failed to recognize the container format")
            return
        self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        duration = self._duration(size)
        self._later(duration, partial(self._complete, job, duration))

    def _duration(self, size: int) -> float:
        seconds = (_SHORTEST_S + size * _SECONDS_PER_BYTE) * self._generator.lognormvariate(0, 0.25)
        return min(max(seconds, _SHORTEST_S), _LONGEST_S)

    def _refuse_input(self, job: _Job, code: int, reason: str) -> None:
        message = f"Unable to open input file [{job.source}]: [Failed probe/open: [{reason}]]"
        problem = {"errorCode": code, "errorMessage": message}
        self._later(self._generator.uniform(*_REFUSED_AFTER_S), partial(self._fail, job, problem))

    def _fail(self, job: _Job, problem: dict[str, Any]) -> None:
        job.problem = problem
        self._change(job, "ERROR", problem)

    def _complete(self, job: _Job, duration: float) -> None:
        groups = outputs_of(job.request["settings"], int(duration * 500))
        for made in (made for group in groups for made in group.objects):
            self._s3.put_object(Bucket=made.bucket, Key=made.key, Body=made.content)
        details = {"outputGroupDetails": [group.details for group in groups]}
        self._change(
            job, "COMPLETE", {"warnings": [], **details, "paddingInserted": 0, "blackVideoDetected": 0}
        )

    def _change(self, job: _Job, status: str, more: Mapping[str, Any]) -> None:
        """None; the job has a new status, and EventBridge an event (user guide, "Event list")."""
        job.status = status
        detail = {
            "timestamp": int(self._base.clock.now() * 1000),
            "accountId": ACCOUNT,
            "queue": job.request.get("queue", _QUEUE),
            "jobId": job.id,
            "status": status,
            "userMetadata": job.request.get("userMetadata", {}),
            **more,
        }
        self._bus.announce("aws.mediaconvert", "MediaConvert Job State Change", [job.arn], detail)

    def _later(self, seconds: float, activity: Callable[[], None]) -> None:
        self._base.agenda.add(self._base.clock.now() + seconds, activity)

    def _reply(self, status: int, body: dict[str, Any]) -> HttpResponse:
        return json_answer(status, body, self._base.identifiers)

    def _refuse(self, operation: Operation, status: int, code: str, message: str) -> HttpResponse:
        return error_answer(operation, status, code, message, self._base.identifiers)


def _last_part(target: str) -> str:
    return target.partition("?")[0].rpartition("/")[2]
