"""Drawings and explorers at both ends of every slider; the committed pictures are what the code draws."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from course_lib import explorers, figures, ising, plots

COMMITTED = Path(__file__).parents[1] / "notebooks" / "figures"


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


@pytest.fixture
def explorer():
    return explorers.EnergyExplorer()


def energies_shown(explorer):
    return [float(value.get_text()) for value in explorer._drawing._values]


@pytest.mark.parametrize("end_J", ["min", "max"])
@pytest.mark.parametrize("end_h", ["min", "max"])
def test_the_energy_explorer_at_both_ends(explorer, end_J, end_h):
    before = pixels(explorer.picture)
    explorer.J.value, explorer.h.value = getattr(explorer.J, end_J), getattr(explorer.h, end_h)
    after = pixels(explorer.picture)
    assert before.shape == after.shape and np.any(before != after)

    J, h, n = explorer.J.value, explorer.h.value, explorer.spins.size
    yours = ising.LatticeIsing(J, h, explorer.spins.shape).energy(explorer.spins) / n
    shown = energies_shown(explorer)
    assert shown == pytest.approx([yours, -2 * J - h, -2 * J + h, 2 * J], abs=0.0051)
    axes = explorer._drawing._bars[0].axes
    assert all(axes.get_ylim()[0] < value < axes.get_ylim()[1] for value in shown)


def test_the_map_shows_the_flip_costs(explorer):
    explorer.J.value, explorer.h.value = -0.7, 1.3
    J = ising.square_lattice(*explorer.spins.shape, coupling=-0.7)
    costs = ising.flip_cost(explorer.spins.ravel(), J, np.full(len(J), 1.3)).reshape(explorer.spins.shape)
    assert np.allclose(explorer._drawing._costs._image.get_array(), costs)


def test_clicking_a_spin_flips_it(explorer):
    before = explorer.spins.copy()
    picture = explorer.picture
    button = explorer._buttons[7]
    button.click()
    changed = np.argwhere(explorer.spins != before)
    assert changed.tolist() == [[1, 1]]
    assert button.style.button_color == plots.COLOURS["up"] and button.description == "+"
    assert explorer.picture != picture
    button.click()
    assert np.array_equal(explorer.spins, before) and explorer.picture == picture


def test_the_cheapest_flip_is_the_cheapest(explorer):
    rng = np.random.default_rng(3)
    explorer.set_spins(rng.choice([-1, 1], explorer.spins.shape))
    model = ising.LatticeIsing(explorer.J.value, explorer.h.value, explorer.spins.shape)
    costs = []
    for k in np.ndindex(explorer.spins.shape):
        flipped = explorer.spins.copy()
        flipped[k] *= -1
        costs.append(model.energy(flipped) - model.energy(explorer.spins))
    before = model.energy(explorer.spins)
    explorer.flip_cheapest()
    assert model.energy(explorer.spins) - before == pytest.approx(min(costs))


def test_what_does_not_move_is_drawn_once(explorer):
    """A second picture of the same state is the same picture, also after an excursion."""
    first = explorer.picture
    explorer.J.value = explorer.J.min
    explorer.J.value = 1.0
    assert explorer.picture == first
    still = explorer._drawing._still
    explorer.h.value = 1.0
    assert explorer._drawing._still is still


def test_a_drawing_is_shown_as_a_picture():
    drawing = plots.draw_flip_costs(np.ones((3, 4), dtype=int), np.full((3, 4), 8.0))
    data, metadata = drawing._repr_png_()
    assert pixels(data).shape[1] == 2 * metadata["width"]


@pytest.mark.parametrize("name", figures.FIGURES)
def test_committed_pictures_are_up_to_date(name):
    drawn, committed = pixels(figures.FIGURES[name]()), pixels((COMMITTED / name).read_bytes())
    assert drawn.shape == committed.shape
    # Fonts are rendered a little differently from system to system; a changed picture differs by far more.
    assert np.mean(np.abs(drawn - committed)) < 1.0


def test_no_committed_picture_is_forgotten():
    assert {path.name for path in COMMITTED.iterdir()} == set(figures.FIGURES)
