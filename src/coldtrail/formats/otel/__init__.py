"""What OpenTelemetry's names mean, for every format that carries its spans."""
