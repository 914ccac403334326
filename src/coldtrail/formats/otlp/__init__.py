"""OTLP, the protocol of OpenTelemetry: requests to export spans, in JSON and in protobuf's wire format."""
