"""The published figures: complete, and as consistent as the paper itself is."""

from __future__ import annotations

import pytest

from coldtrail_paper.published import Result, published
from coldtrail_testbed.applications import APPLICATIONS
from coldtrail_testbed.attacks import ATTACKS, PAPER

PRINTED = published()


def every_result() -> list[Result]:
    attacks = [row for rows in PRINTED.each_attack.values() for row in rows.values()]
    return [PRINTED.overall, *PRINTED.update.values(), *attacks]


def test_the_attacks_of_table_2_add_up_to_the_anomalies_of_table_3() -> None:
    for application, attacks in PRINTED.attacks.items():
        assert sum(attacks.values()) == PRINTED.sizes[application].anomalies


def test_training_and_validation_are_80_and_20_percent() -> None:
    for sizes in PRINTED.sizes.values():
        share = sizes.validation / (sizes.train + sizes.validation)
        assert share == pytest.approx(PRINTED.validation_share, abs=0.001)


def test_the_rate_of_anomalies_is_a_tenth() -> None:
    for sizes in PRINTED.sizes.values():
        assert sizes.anomalies / sizes.test == pytest.approx(PRINTED.anomaly_rate, abs=0.01)


def test_each_f1_follows_from_precision_and_recall() -> None:
    for row in every_result():
        f1 = 2 * row.precision * row.recall / (row.precision + row.recall)
        assert row.f1 == pytest.approx(f1, abs=0.0011)
        assert row.fnr == pytest.approx(1 - row.recall)


def test_the_time_of_each_instance_is_the_time_by_the_number_of_instances() -> None:
    for phase in PRINTED.phases.values():
        # 326 s by 8,243 are 0.0395, which the paper cuts to 0.039.
        assert phase.each == pytest.approx(phase.seconds / phase.instances, abs=0.0006)


def test_the_update_ends_where_the_whole_training_did() -> None:
    assert PRINTED.update["updated"] == PRINTED.overall


def test_every_attack_is_of_the_testbed_and_every_result_of_an_attack_that_was_made() -> None:
    for application, attacks in PRINTED.attacks.items():
        assert set(attacks) == set(PAPER) <= set(ATTACKS)
        assert set(PRINTED.each_attack[application]) == {name for name, made in attacks.items() if made}


def test_the_visits_are_those_of_the_testbed() -> None:
    assert {name: one.iterations for name, one in APPLICATIONS.items()} == dict(PRINTED.visits)


def test_the_tables_have_titles() -> None:
    assert list(PRINTED.titles) == [2, 3, 4, 5, 6, 7]
    assert all(PRINTED.titles.values())
