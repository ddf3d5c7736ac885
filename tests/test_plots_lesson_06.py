"""The plane of mean spin and mean bond, and the opening picture of lesson 06."""

import numpy as np
import pytest

from course_lib import exact, explorers, images, ising, plots


@pytest.fixture(scope="module")
def explorer():
    return explorers.PlaneExplorer()


def test_the_curve_is_onsagers(explorer):
    spin, bond = explorer.curve()
    assert bond[0] == pytest.approx(np.sqrt(0.5), abs=1e-4)  # at the critical point
    assert spin[-1] == pytest.approx(1, abs=1e-3) and np.all(np.diff(bond) >= 0)
    J = 0.5
    shown = np.interp(exact.onsager_magnetization(1 / J), spin, bond)
    assert shown == pytest.approx(-exact.onsager_energy(1 / J) / 2, abs=2e-3)


@pytest.mark.parametrize("J", ["min", "max"])
@pytest.mark.parametrize("h", ["min", "max"])
def test_the_plane_at_both_ends(explorer, J, h):
    before = explorer.picture
    explorer.J.value, explorer.h.value = getattr(explorer.J, J), getattr(explorer.h, h)
    spin, bond = explorer.cloud()
    assert explorer.picture != before
    assert np.sign(spin.mean()) == np.sign(explorer.h.value)
    if J == "min":
        assert bond.mean() == pytest.approx(np.tanh(explorer.h.value) ** 2, abs=0.02)


def test_without_field_both_phases_are_shown(explorer):
    explorer.J.value, explorer.h.value = 0.55, 0.0
    spin, _ = explorer.cloud()
    assert spin.min() < -0.9 and spin.max() > 0.9


def test_a_students_picture_is_at_its_means():
    mine = np.where(np.random.default_rng(1).random((2, 16, 16)) < 0.7, 1, -1)
    shown = explorers.PlaneExplorer(mine)
    spin, bond = plots.plane.means(mine)
    assert spin == pytest.approx(ising.spin_sum(mine) / 256) and bond == pytest.approx(ising.bond_sum(mine) / 512)
    crosses = [line for line in shown._drawing.figure.axes[0].lines if line.get_label() == "mine"]
    assert np.allclose(crosses[0].get_xdata(), spin)


def test_every_picture_of_the_course_is_a_dot(explorer):
    lines = explorer._drawing.figure.axes[0].lines
    dots = {line.get_label(): len(line.get_xdata()) for line in lines}
    assert {name: dots[name] for name in images.picture_sets()} == {
        name: len(paths) for name, paths in images.picture_sets().items()
    }
