"""The members of each family by name; the only dynamic import of Coldtrail.

To add a member: write its file, add its line here, and the family's contract tests run on it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, NoReturn

from coldtrail.errors import ConfigError

FORMATS = {
    "xray": "coldtrail.formats.xray.parser:XRayParser",
    "native": "coldtrail.formats.native:NativeParser",
    "otlp": "coldtrail.formats.otlp.parser:OtlpParser",
    "aws-spans": "coldtrail.formats.aws_spans.parser:AwsSpansParser",
    "cloudtrail": "coldtrail.formats.cloudtrail.parser:CloudTrailParser",
    "lambda-report": "coldtrail.formats.lambda_report.parser:LambdaReportParser",
    "lambda-insights": "coldtrail.formats.lambda_insights:LambdaInsightsParser",
    "cloudwatch-metrics": "coldtrail.formats.cloudwatch_metrics.parser:CloudWatchMetricsParser",
    "access-log": "coldtrail.formats.access_log.parser:AccessLogParser",
    "vpc-flow": "coldtrail.formats.vpc_flow:VpcFlowParser",
    "resolver-log": "coldtrail.formats.resolver_log:ResolverLogParser",
    "appinsights": "coldtrail.formats.appinsights.parser:AppInsightsParser",
    "gcp-trace": "coldtrail.formats.gcp_trace.parser:GcpTraceParser",
}
TRACES = frozenset(("xray", "native", "otlp", "aws-spans", "appinsights", "gcp-trace"))
"""Formats that tell of runs step by step; others tell of them besides, and are joined to what these tell."""
DETECTORS = {
    "sequence": "coldtrail.detectors.sequence:SequenceDetector",
    "timing": "coldtrail.detectors.timing:TimingDetector",
    "novelty": "coldtrail.detectors.novelty:NoveltyDetector",
    "presence": "coldtrail.detectors.presence:PresenceDetector",
    "autoencoder": "coldtrail.detectors.autoencoder:BudgetedAutoencoder",
    "autoencoder-paper": "coldtrail.detectors.autoencoder:PaperAutoencoder",
}
SIGNAL_DETECTORS: dict[str, str] = {
    "changes": "coldtrail.detectors.changes:ChangesDetector",
    "resources": "coldtrail.detectors.resources:ResourceDetector",
    "credentials": "coldtrail.detectors.credentials.detector:CredentialsDetector",
    "rates": "coldtrail.detectors.rates.detector:RatesDetector",
    "egress": "coldtrail.detectors.egress.detector:EgressDetector",
    "callers": "coldtrail.detectors.callers.detector:CallersDetector",
}
"""Detectors of what lies in no single run; all see encounters in the order of time."""
LIVE_SOURCES: dict[str, str] = {
    "otlp": "coldtrail.sources.otlp.source:OtlpSource",
    "xray-udp": "coldtrail.sources.xray_udp.source:XRayUdpSource",
    "files": "coldtrail.sources.growing.source:FilesSource",
    "s3": "coldtrail.sources.aws.s3:S3Source",
    "cloudwatch-logs": "coldtrail.sources.aws.logs:LogsSource",
    "xray-api": "coldtrail.sources.aws.xray:XraySource",
    "kinesis": "coldtrail.sources.aws.kinesis:KinesisSource",
    "sqs": "coldtrail.sources.aws.sqs:SqsSource",
}
"""Where the service reads: by `kind` of a `[[source]]` table."""
NOTIFIERS: dict[str, str] = {
    "slack": "coldtrail.notifiers.slack:SlackNotifier",
    "teams": "coldtrail.notifiers.teams:TeamsNotifier",
    "pagerduty": "coldtrail.notifiers.pagerduty:PagerDutyNotifier",
    "webhook": "coldtrail.notifiers.webhook:WebhookNotifier",
    "smtp": "coldtrail.notifiers.smtp:SmtpNotifier",
    "sns": "coldtrail.notifiers.sns:SnsNotifier",
    "eventbridge": "coldtrail.notifiers.eventbridge:EventBridgeNotifier",
    "security-hub": "coldtrail.notifiers.security_hub:SecurityHubNotifier",
    "ocsf": "coldtrail.notifiers.ocsf:OcsfNotifier",
    "syslog": "coldtrail.notifiers.syslog:SyslogNotifier",
    "apprise": "coldtrail.notifiers.apprise:AppriseNotifier",
}
"""Whom the service tells: by `kind` of a `[[notify]]` table."""
LABORATORY = {
    "demo": "coldtrail_lab.demo:demo",
    "record": "coldtrail_testbed.recorder:record",
    "reproduce": "coldtrail_lab.reproduce:reproduce",
}
"""Functions that the distribution coldtrail-lab brings."""


def load(family: dict[str, str], name: str, noun: str) -> Any:
    """The member of a family by its name; raises `ConfigError` that lists the known names."""
    if name not in family:
        known = ", ".join(sorted(family))
        raise ConfigError(f"There is no {noun} called {name!r}; the known ones are: {known}.")
    module, _, attribute = family[name].partition(":")
    return getattr(import_module(module), attribute)


def of_laboratory(name: str) -> Callable[..., Any]:
    """A function of the laboratory; where that is not installed, one that raises `ConfigError`."""
    module, _, attribute = LABORATORY[name].partition(":")
    try:
        found: Callable[..., Any] = getattr(import_module(module), attribute)
    except ModuleNotFoundError as error:
        if error.name not in ("coldtrail_lab", "coldtrail_testbed"):
            raise
        return _missing(f"coldtrail.{name}")
    return found


def _missing(what: str) -> Callable[..., NoReturn]:
    def missing(*given: object, **named: object) -> NoReturn:
        """Raises `ConfigError`: coldtrail-lab is not installed."""
        raise without_laboratory(what)

    return missing


def without_laboratory(what: str) -> ConfigError:
    """The error for what needs the laboratory, where that is not installed."""
    return ConfigError(
        f"`{what}` is part of coldtrail-lab, which is not installed; `pip install ./lab` in a clone of "
        "Coldtrail brings it, or `pip install coldtrail-lab` where a package index has it."
    )
