"""The verbs that the laboratory adds to the command: `testbed`, `demo` and `reproduce`."""
