"""Drawings and explorer of lesson 09x: both ends of every control, and what the pictures claim."""

import io

import numpy as np
import pytest
from PIL import Image

from course_lib import explorers, plots, vmc


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


@pytest.fixture(scope="module")
def explorer():
    return explorers.ShellExplorer()


def test_both_ends_of_every_control(explorer):
    before, seen = pixels(explorer.picture).shape, set()
    dots = [dot for _, dot in explorer.dot.options]
    for dot in (dots[0], dots[-1]):
        for shots in (explorer.SHOTS[0], explorer.SHOTS[-1]):
            explorer.dot.value, explorer.shots.value = dot, shots
            assert pixels(explorer.picture).shape == before
            assert explorer.snapshots.shape == (shots, dot[0], 2)
            assert f"{dot[0]} electrons at omega = {dot[1]:g}" in explorer._words.value
            seen.add(explorer.picture)
    assert len(seen) == 4


def test_other_snapshots_are_others(explorer):
    explorer.dot.value, explorer.shots.value = (6, 1.0), 10
    first = explorer.snapshots
    explorer._others()
    assert explorer.snapshots.shape == first.shape and not np.any(explorer.snapshots[0] == first)


def test_many_snapshots_add_up_to_the_profile(explorer):
    """Within the scale of the picture, also for the widest dot."""
    for dot in ((6, 1.0), (30, 0.1)):
        explorer.dot.value, explorer.shots.value = dot, 1000
        counted = explorer._drawing._counted.get_data().values
        r, density = explorer._drawing._long.get_data()
        middle = (explorer.EDGES[1:] + explorer.EDGES[:-1]) / 2
        areas = np.diff(np.pi * explorer.EDGES**2)
        error = np.sqrt(np.maximum(density.max(), 0.1) / (1000 * areas))
        assert np.all(np.abs(counted - np.interp(middle, r, density, right=0)) < 6 * error + 0.01)
        assert np.sum(counted * areas) > 0.999 * dot[0]


def test_electrons_shown_are_coloured_by_their_spin():
    x = np.arange(24.0).reshape(2, 6, 2)
    picture = plots.ShellPicture(limit=30, top=1)
    picture.update(x, [0], [0], [0], [0], [0, 1], [0])
    up, down = picture._spins
    assert up.get_xdata().tolist() == x[:, :3, 0].ravel().tolist()
    assert down.get_ydata().tolist() == x[:, 3:, 1].ravel().tolist()


def test_factors_stand_in_their_order_and_say_their_numbers():
    rows = [("bare", 0.6, 0.01), ("better", 0.02, 0.001)]
    (axes,) = plots.draw_factors(rows, xlabel="hartree").figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["bare", "better"]
    assert [text.get_text() for text in axes.texts] == ["0.6000", "0.0200"]
    assert axes.get_ylim()[0] > axes.get_ylim()[1]  # the first one on top


def test_a_node_goes_through_the_others():
    """Three electrons: a straight line through the other two."""
    axis = np.linspace(-2, 2, 81)
    others = np.array([[-1.0, -0.5], [1.0, 0.5]])
    values = axis[:, None] - 0.5 * axis
    (axes,) = plots.draw_nodes([("three", values, others)], limit=2).figure.axes
    lines = [path for collection in axes.collections for path in collection.get_paths() if len(path.vertices) > 2]
    on_it = [np.abs(path.vertices[:, 1] - 0.5 * path.vertices[:, 0]).max() < 1e-6 for path in lines]
    assert any(on_it)


def test_profiles_share_a_legend_and_have_bands():
    curves = [("free", "exact", [0, 1], [1, 0], None), ("run", "model", [0, 1], [2, 1], np.array([0.1, 0.1]))]
    figure = plots.draw_profiles([("a", curves), ("b", curves)], xlabel="r", ylabel="density").figure
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["free", "run"]
    assert all(len(axes.collections) == 1 for axes in figure.axes)


def test_dots_from_above_are_dark_where_the_density_is():
    electrons = [[0.5, 0.0], [-0.5, 0.0]]
    (axes,) = plots.draw_from_above([("two", [0, 1, 2], [0.0, 1.0, 0.0], electrons)]).figure.axes
    cloud = axes.images[0].get_array()
    assert cloud[100, 100] == pytest.approx(0, abs=0.02) and cloud.max() == pytest.approx(1, abs=0.02)
    assert [len(line.get_xdata()) for line in axes.lines] == [1, 1]


def test_what_the_lesson_says_of_the_densities():
    six, thirty = vmc.stored(6, 1.0).density, vmc.stored(30, 1.0).density
    assert six.density[:3].mean() < 0.85 * six.density.max()  # a dip in the middle
    assert thirty.density[0] > 0.95 * thirty.density.max()  # and none
    assert vmc.stored(6, 0.1).density.width > 3.5 * six.width > 10**0.5 * six.width
