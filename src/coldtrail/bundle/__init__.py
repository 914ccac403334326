"""A trained model on disk: encoder, detectors, calibration, history, and a manifest of hashes."""
