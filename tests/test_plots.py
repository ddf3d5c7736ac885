"""Drawings and explorers at both ends of every slider; the committed pictures are what the code draws."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from course_lib import exact, explorers, ising, plots
from course_lib.workshop import stills
from course_lib.workshop.lessons import PARTS, REGISTER
from course_lib.workshop.stills import lesson_00

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


@pytest.mark.parametrize("size", [3, 4])
def test_the_frustration_game_counts_satisfied_bonds(size):
    game = explorers.FrustrationGame(size)
    assert "energy" in game._score.value and game.satisfied().all()
    wins = {}
    for signs in np.ndindex(*(2,) * size):
        best = 0
        for spins in np.ndindex(*(2,) * size):
            game.bonds[:], game.spins[:] = 1 - 2 * np.array(signs), 1 - 2 * np.array(spins)
            best = max(best, game.satisfied().sum())
        wins[signs] = best == size
    assert all(won == (sum(signs) % 2 == 0) for signs, won in wins.items())


def test_clicks_of_the_frustration_game():
    game = explorers.FrustrationGame(3)
    game._bond_buttons[0].click()
    assert game.bonds.tolist() == [-1, 1, 1] and "2 of 3 bonds satisfied" in game._score.value
    game._spin_buttons[0].click()
    assert game.spins.tolist() == [-1, 1, 1] and game.satisfied().tolist() == [True, True, False]


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


@pytest.mark.parametrize("end_T", ["min", "max"])
@pytest.mark.parametrize("h", [-1.0, 0.0, 0.35, 1.0])
def test_the_boltzmann_explorer_is_exact(end_T, h):
    shown = explorers.BoltzmannExplorer()
    before = pixels(shown.picture)
    shown.T.value, shown.h.value = getattr(shown.T, end_T), h
    assert np.any(pixels(shown.picture) != before)

    J, fields, beta = ising.square_lattice(4, 4), np.full(16, h), 1 / shown.T.value
    p, states = exact.distribution(J, fields, beta), exact.states(16)
    law_of_m = [p[states.mean(axis=1) == m].sum() for m in np.linspace(-1, 1, 17)]
    assert shown.law_of_m() == pytest.approx(law_of_m, abs=1e-12)
    E = exact.energies(J, fields)
    drawing, variance = shown._drawing, p @ E**2 - (p @ E) ** 2
    assert drawing._dot_E.get_ydata()[0] == pytest.approx(p @ E / 16)
    assert drawing._dot_C.get_ydata()[0] == pytest.approx(variance * beta**2 / 16, abs=1e-10)
    said = f"energy per spin {p @ E / 16:.3f}, heat capacity per spin {variance * beta**2 / 16:.3f}"
    assert shown._words.value == f"T = {shown.T.value:.2f}, h = {h:.2f}: {said}"
    heights = np.array([bar.get_height() for bar in drawing._law_E])
    assert heights.max() == 1
    middles = (drawing.bins[:-1] + drawing.bins[1:]) / 2
    assert heights @ middles / heights.sum() == pytest.approx(p @ E / 16, abs=0.126)


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


@pytest.mark.parametrize("name", stills.FIGURES)
def test_committed_pictures_are_up_to_date(name):
    drawn, committed = pixels(stills.FIGURES[name]()), pixels((COMMITTED / name).read_bytes())
    assert drawn.shape == committed.shape
    # matplotlib brings its fonts along; rounding may shade an edge differently, but moves no letter.
    assert np.mean(np.abs(drawn - committed) > 64) < 1e-5


def test_no_committed_picture_is_forgotten():
    assert {path.name for path in COMMITTED.iterdir()} == set(stills.FIGURES)


# ---------------------------------------------------------------- lesson 00


@pytest.fixture(scope="module")
def match():
    return explorers.MatchExplorer()


def shares_shown(match):
    return [float(value.get_text()) for value in match._drawing._values]


@pytest.mark.parametrize(("end", "agree"), [("min", 22), ("max", 78)])  # 78: Onsager's energy at J = 0.4, 22 its mirror
def test_the_match_explorer_at_both_ends(match, end, agree):
    before = pixels(match.picture)
    match.J.value = getattr(match.J, end)
    after = pixels(match.picture)
    assert before.shape == after.shape and np.any(before != after)
    assert shares_shown(match)[1] == pytest.approx(agree, abs=2)
    axes = match._drawing._bars[0].axes
    assert all(axes.get_ylim()[0] < share < axes.get_ylim()[1] for share in shares_shown(match))


def test_the_hidden_coupling_can_be_found(match):
    """Where the shares meet is where J is right, to about a step of the slider."""
    for hidden in (-0.3, 0.0, 0.34):
        match.hide(hidden)
        gaps = {}
        for J in np.arange(match.J.min, match.J.max + 0.01, match.J.step):
            match.J.value = J
            data, model = shares_shown(match)
            gaps[match.J.value] = abs(data - model)
        assert min(gaps, key=gaps.get) == pytest.approx(hidden, abs=0.021)


def test_the_picture_depends_on_the_slider_only(match):
    match.J.value = 0.1
    first = match.picture
    match.J.value = -0.2
    match.J.value = 0.1
    assert match.picture == first


def test_hiding_another_coupling_draws_new_data(match):
    rows, images, words = match.children
    _, reveal, another, _ = rows.children
    reveal.click()
    assert f"hidden J is {match.hidden:.2f}" in match.answer.value
    before = match.data
    another.click()
    assert match.answer.value == "" and not np.array_equal(match.data, before)
    assert match.J.min - 1e-9 <= match.hidden <= match.J.max + 1e-9
    match.J.value = 0.2
    assert match.answer.value == "" and images.value == match.picture
    data, model = shares_shown(match)
    assert words.value == f"Neighbours that agree: {data:.1f}% in the data, {model:.1f}% in the model"


def test_boxes_and_frames_of_the_map_hold_their_words():
    drawing = lesson_00.map()
    drawing.png()
    axes = drawing.figure.axes[0]
    extents = [patch.get_window_extent() for patch in axes.patches]
    frames, boxes = extents[: len(PARTS)], extents[len(PARTS) : len(PARTS) + len(REGISTER)]
    in_boxes = [*REGISTER, *(row.title for row in REGISTER.values())]
    in_frames = [*PARTS, *(row.verb for row in REGISTER.values() if row.verb)]
    assert sorted(text.get_text().replace("\n", " ") for text in axes.texts) == sorted(in_boxes + in_frames)
    for text in axes.texts:
        words = text.get_window_extent()
        holders = boxes if text.get_text().replace("\n", " ") in in_boxes else frames
        assert any(
            box.x0 < words.x0 and words.x1 < box.x1 and box.y0 < words.y0 and words.y1 < box.y1 for box in holders
        ), text


# ---------------------------------------------------------------- lesson 03x


@pytest.fixture(scope="module")
def wolff():
    return explorers.WolffExplorer()


@pytest.mark.parametrize("end_T", ["min", "max"])
@pytest.mark.parametrize("side", explorers.WolffExplorer.SIDES)
def test_the_wolff_explorer_at_both_ends(wolff, end_T, side):
    wolff.T.value, wolff.side.value = 2.25, 32 if side == 64 else 64
    before = pixels(wolff.picture)
    wolff.T.value, wolff.side.value = getattr(wolff.T, end_T), side
    after = pixels(wolff.picture)
    assert before.shape == after.shape and np.any(before != after)

    assert wolff.spins.shape == wolff.cluster.shape == (side, side)
    assert len(np.unique(wolff.spins[wolff.cluster])) == 1
    # Cold, the mean share is <m^2>, which is Yang's; hot, hardly any site joins.
    share = wolff._shares.mean()
    assert abs(share - exact.onsager_magnetization(1.5) ** 2) < 0.06 if end_T == "min" else share < 0.05
    heights = [bar.get_height() for bar in wolff._drawing._bars]
    assert sum(heights) == pytest.approx(100) and max(heights) <= wolff._drawing._bars[0].axes.get_ylim()[1]
    assert f"{wolff.cluster.sum()} of {side**2} spins" in wolff.children[-1].value


def test_the_next_cluster_begins_where_the_last_one_was_flipped(wolff):
    wolff.T.value, wolff.side.value = 2.25, 64
    first = wolff.picture
    button = wolff.children[0].children[-1]
    for _ in range(3):
        spins, cluster = wolff.spins, wolff.cluster
        button.click()
        assert np.array_equal(wolff.spins != spins, cluster) and wolff.cluster.any()
    assert wolff.picture != first
    wolff.T.value = 3.0
    wolff.T.value = 2.25
    assert wolff.picture == first


def test_marked_sites_are_the_cluster(wolff):
    wolff.T.value, wolff.side.value = 2.5, 16
    shown = np.asarray(wolff._drawing._image.get_array())
    assert np.array_equal(shown == 2, wolff.cluster)
    assert np.array_equal(shown == 1, (wolff.spins > 0) & ~wolff.cluster)
