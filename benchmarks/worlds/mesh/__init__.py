"""The family of meshed services: applications of services that call each other, told by OpenTelemetry."""
