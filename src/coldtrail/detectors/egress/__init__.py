"""Where functions send data, and how much: the detector of signals `egress`."""
