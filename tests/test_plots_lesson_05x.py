"""Drawings and the explorer of lesson 05x, at both ends of every slider."""

import io

import numpy as np
import pytest
from PIL import Image

from course_lib import exact, explorers, ising, learning, plots


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


@pytest.fixture(scope="module")
def explorer():
    return explorers.EstimatorsExplorer()


@pytest.mark.parametrize("samples", [explorers.EstimatorsExplorer.SAMPLES[k] for k in (0, -1)])
@pytest.mark.parametrize("end", ["min", "max"])
def test_the_explorer_at_both_ends(explorer, end, samples):
    explorer.beta.value, explorer.samples.value = 1.0, 10_000
    before = pixels(explorer.picture)
    explorer.beta.value, explorer.samples.value = getattr(explorer.beta, end), samples
    after = pixels(explorer.picture)
    assert before.shape == after.shape and np.any(before != after)
    for (name, _), points, words in zip(
        explorer.ESTIMATORS, explorer._drawing._points, explorer._drawing._words, strict=True
    ):
        ratio = explorer.ratios[name]
        assert words.get_text() == ("no answer" if np.isnan(ratio) else f"error {ratio:.3g} x least")
        assert len(points.get_xdata()) == (0 if np.isnan(ratio) else 45)
        assert f"{name}: {words.get_text()}" in explorer._words.value
        lower, upper = points.axes.get_ylim()
        assert all(lower < y < upper for y in points.get_ydata())


def test_warm_all_estimators_agree_and_cold_mean_field_is_lost(explorer):
    explorer.beta.value, explorer.samples.value = explorer.beta.min, 10_000
    assert max(explorer.ratios.values()) < 1.5
    explorer.beta.value = 1.5
    assert explorer.ratios["mean field"] > 10 and explorer.ratios["max. likelihood"] < 2
    assert np.isnan(explorer.ratios["TAP"])


def test_where_there_is_no_maximum_the_explorer_says_so(explorer):
    explorer.samples.value, explorer.beta.value = 300, explorer.beta.max
    assert np.isnan(explorer.ratios["max. likelihood"]) and np.isnan(explorer.ratios["pseudo-likelihood"])
    assert "max. likelihood: no answer" in explorer._words.value


def test_the_picture_depends_on_the_sliders_only(explorer):
    explorer.beta.value, explorer.samples.value = 0.7, 3000
    first = explorer.picture
    explorer.beta.value, explorer.samples.value = 1.2, 1000
    explorer.beta.value, explorer.samples.value = 0.7, 3000
    assert explorer.picture == first


def test_the_points_are_the_couplings_in_units_of_beta(explorer):
    explorer.beta.value, explorer.samples.value = 0.5, 100_000
    points = explorer._drawing._points[-1]
    # The least error of a coupling is 0.004 here; the worst of 45 is a few times as far off.
    assert np.allclose(points.get_xdata(), points.get_ydata(), atol=8 * 0.004 / 0.5)
    assert np.allclose(np.sort(points.get_xdata()), np.sort(explorer._J[np.triu_indices(10, 1)]))


def test_the_ratio_is_that_of_the_bound():
    """With the same data and the same estimator, from the definition."""
    explorer = explorers.EstimatorsExplorer(seed=3)
    explorer.beta.value, explorer.samples.value = 0.6, 3000
    truth, rng = ising.Ising(0.6 * explorer._J, 0.6 * explorer._h), np.random.default_rng(3)
    data = exact.states(10)[rng.choice(1024, 3000, p=exact.distribution(truth.J, truth.h))]
    fisher = np.cov(truth.statistics(exact.states(10)), rowvar=False, aweights=exact.distribution(truth.J, truth.h))
    biased = fisher * (1 - np.sum(exact.distribution(truth.J, truth.h) ** 2))  # aweights correct for a sample's size
    least = np.sqrt(np.diag(np.linalg.inv(biased)) / 3000)[:45]
    off = (learning.mean_field(data).J - truth.J)[np.triu_indices(10, 1)]
    assert explorer.ratios["mean field"] == pytest.approx(np.sqrt(np.mean(off**2) / np.mean(least**2)), rel=1e-6)


def test_what_is_beyond_the_frame_stands_on_its_edge():
    drawing = plots.draw_estimates([("cold", [0.1, -0.2], [("wild", [5.0, -7.0]), ("right", [0.1, -0.2])])])
    wild, right = (next(line for line in axes.lines if line.get_marker() == "o") for axes in drawing.figure.axes)
    assert np.allclose(wild.get_ydata(), [0.26, -0.26]) and np.allclose(right.get_ydata(), [0.1, -0.2])
    assert pixels(drawing.png()).shape[1] == 1400


def test_error_bars_of_a_ratio():
    drawing = plots.draw_inefficiency([0.1, 0.2], [("a", "model", [1.0, 4.0], 8)], xlabel="J", ylabel="ratio")
    segments = drawing.figure.axes[0].collections[0].get_segments()
    assert np.allclose([segment[:, 1] for segment in segments], [[0.75, 1.25], [3.0, 5.0]])


def test_doubtful_estimates_are_grey():
    drawing = plots.draw_annealed([1, 10], [[-1, 1], [0, 0.5]], [[3, 9], [199, 200]], enough=200)
    for axes, values in zip(drawing.figure.axes, ([[-1, 1, 0], [0.5]], [[3, 9, 199], [200]]), strict=True):
        dots = {line.get_color(): line for line in axes.lines if line.get_marker() == "o"}
        for colour, steps, shown in zip(("quiet", "model"), ([1, 1, 10], [10]), values, strict=True):
            line = dots[plots.COLOURS[colour]]
            assert line.get_xdata().tolist() == steps and line.get_ydata().tolist() == shown
