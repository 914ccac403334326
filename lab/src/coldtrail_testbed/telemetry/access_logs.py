"""Access logs of REST APIs: one line a request, as API Gateway writes them to CloudWatch Logs.

After "Variables for access logging for API Gateway" (API Gateway developer guide): the keys of our log
format are the names of the `$context` variables, and all values are strings, as in a format of
`{"requestId":"$context.requestId", ...}`. An API's owner chooses that format; there is no standard one.
"""

from datetime import UTC, datetime
from pathlib import Path

from coldtrail_testbed.cloud.identifiers import api_id
from coldtrail_testbed.facts import Facts, GatewayRequest
from coldtrail_testbed.telemetry.model import Writer, whole_ms

FILE = "api_gateway_access.jsonl.gz"


class AccessLogs(Writer):
    """The access logs of all REST APIs of an application."""

    name = "access-logs"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._open(FILE)

    def facts(self, facts: Facts) -> None:
        """None; one line is written for each request."""
        for request in facts.requests:
            self._line(FILE, access_log(request))


def access_log(request: GatewayRequest) -> dict[str, str]:
    """The line of one request; latencies are whole milliseconds, `-` stands for what a request has not."""
    return {
        "requestId": request.request_id,
        "extendedRequestId": request.extended_request_id,
        "ip": request.address,
        "requestTime": _common_log_time(request.time),
        "requestTimeEpoch": str(whole_ms(request.time)),
        "httpMethod": request.method,
        "resourcePath": request.route,
        "path": f"/Prod{request.path}",
        "protocol": "HTTP/1.1",
        "status": str(request.status),
        "responseLength": str(request.response_bytes),
        "responseLatency": str(round(request.latency_s * 1000)),
        "integrationLatency": str(round(request.integration_latency_s * 1000)) if request.function else "-",
        "xrayTraceId": request.trace_id,
        "apiId": api_id(request.api),
        "stage": "Prod",
        "userAgent": request.user_agent,
    }


def _common_log_time(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
