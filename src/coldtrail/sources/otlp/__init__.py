"""OTLP, taken in over HTTP and gRPC (https://opentelemetry.io/docs/specs/otlp/)."""
