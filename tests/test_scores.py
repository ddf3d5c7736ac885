"""The tables of errors in units of the least possible ones."""

import numpy as np
import pytest

from course_lib import ising, learning
from course_lib.classroom import scores


def test_a_ratio_is_the_error_of_each_part_over_its_own_bound():
    truth = ising.Ising(np.array([[0, 0.5], [0.5, 0]]), np.array([0.1, -0.2]))
    bounds = np.array([0.1, 0.2, 0.4])
    off = np.array([[0.3, 0.2, 0.0], [-0.1, 0.0, 0.4]])
    J_ratio, h_ratio = scores.error_ratios(truth.parameters + off, truth, bounds)
    assert J_ratio == pytest.approx(np.sqrt(0.05) / 0.1)
    assert h_ratio == pytest.approx(np.sqrt(0.2 / 4) / np.sqrt(0.2 / 2))


def test_a_table_has_a_row_for_each_estimator(capsys):
    truth = ising.Ising(np.zeros((3, 3)), np.zeros(3))
    sets = np.random.default_rng(1).choice([-1, 1], size=(40, 500, 3))
    bounds = learning.fisher_errors(np.eye(6), 500)
    scores.table("three spins", {"mean field": learning.mean_field, "TAP": learning.tap}, sets, truth, bounds)
    heading, *rows = capsys.readouterr().out.splitlines()
    assert heading.startswith("three spins") and [row[:10].strip() for row in rows] == ["mean field", "TAP"]
    for row in rows:  # 120 errors: 1 +- 0.065, five times that
        assert all(0.67 < float(ratio) < 1.33 for ratio in row.split()[-2:])
