"""The laboratory's verbs, which the command finds by the entry point `coldtrail.verbs`."""

from __future__ import annotations

from coldtrail.cli.verb import Verb

VERBS = {
    "testbed": Verb("coldtrail_lab.testbed", "run real handlers, users and attacks on this machine"),
    "reproduce": Verb("coldtrail_lab.reproduce", "the paper's experiment: data, training, tables, figures"),
    "demo": Verb("coldtrail_lab.demo", "testbed, learning, attack, alerts explained, in under two minutes"),
    "live": Verb(
        "coldtrail_lab.live", "the service awake: applications run, are attacked, a webhook is told"
    ),
}
