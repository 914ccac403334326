"""The tables: rectangular, the paper's figures as printed, and ours beside them."""

from __future__ import annotations

from coldtrail_paper.experiment import Experiment
from coldtrail_paper.published import published
from coldtrail_paper.tables import PAPER, Table, tables


def numbered(experiment: Experiment) -> dict[int, Table]:
    return {table.number: table for table in tables(experiment)}


def number(cell: str) -> int:
    return int(cell.replace(",", ""))


def test_all_tables_are_there_and_rectangular(experiment: Experiment) -> None:
    found = numbered(experiment)
    assert list(found) == [2, 3, 4, 5, 6, 7]
    for table in found.values():
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.head)}


def test_table_2_adds_up(experiment: Experiment) -> None:
    *attacks, total = numbered(experiment)[2].rows
    for column in range(1, 5):
        assert sum(number(row[column]) for row in attacks) == number(total[column])
    assert total[1] == "484"
    assert total[3] == "1,577"


def test_table_3_counts_every_run_once(experiment: Experiment) -> None:
    ours = [[number(cell) for cell in row[2::2]] for row in numbered(experiment)[3].rows]
    assert sum(row[0] + row[1] for row in ours) == len(experiment.data.train)
    assert sum(row[2] for row in ours) == len(experiment.data.test)
    assert sum(row[3] for row in ours) == (experiment.data.test.attack != "").sum()


def test_the_paper_s_rows_are_as_printed(experiment: Experiment) -> None:
    found = numbered(experiment)
    assert found[4].rows[0] == ("Airline + VOD", PAPER, "0.967", "1.000", "0.983", "0.003", "0.000", "-", "-")
    printed = [row for row in found[5].rows if row[1] == PAPER]
    assert len(printed) == sum(len(rows) for rows in published().each_attack.values()) == 10
    assert [row[3] for row in found[6].rows if row[1] == PAPER] == ["995.0", "132.7", "325.7"]
    assert [row[2] for row in found[7].rows if row[1] == PAPER] == ["0.959", "0.967"]


def test_each_recipe_has_its_rows(experiment: Experiment) -> None:
    for number in (4, 6, 7):
        names = {row[1] for row in numbered(experiment)[number].rows}
        assert names == {PAPER, *experiment.outcomes}


def test_an_attack_that_was_not_made_says_so(experiment: Experiment) -> None:
    rows = [row for row in numbered(experiment)[5].rows if row[0] == "VOD: data leakage"]
    assert rows[0][1] == PAPER
    assert rows[1][-1] == "none made"
