"""Traces every AWS call and every HTTP call of the handler that imports this module first."""

from aws_xray_sdk.core import patch, xray_recorder

patch(("botocore", "requests"))

__all__ = ["xray_recorder"]
