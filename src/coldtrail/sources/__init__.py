"""Documents are fetched, with the position to resume from: the only room that reads telemetry."""
