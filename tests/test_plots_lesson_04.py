"""Drawings and explorer of lesson 04: both ends of every slider, and what the pictures claim."""

import io
from functools import cache
from itertools import product

import numpy as np
import pytest
from PIL import Image

from course_lib import divergence, exact, explorers, ising, plots

ENDS = ("min", "max")


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def product_law(m):
    one = np.array([1 - m, 1 + m]) / 2
    return np.outer(one, one).ravel()


@cache
def shared_explorer():
    """To make one takes half a second, to move its sliders a tenth of that."""
    return explorers.PitchforkExplorer()


def at(J, h):
    explorer = shared_explorer()
    explorer.J.value, explorer.h.value = J, h
    return explorer, exact.distribution([[0, J], [J, 0]], [h, h])


@pytest.mark.parametrize("end_J", ENDS)
@pytest.mark.parametrize("end_h", ENDS)
def test_the_pitchfork_at_both_ends(end_J, end_h):
    explorer = explorers.PitchforkExplorer()
    before = pixels(explorer.picture)
    explorer.J.value, explorer.h.value = getattr(explorer.J, end_J), getattr(explorer.h, end_h)
    after = pixels(explorer.picture)
    assert before.shape == after.shape and np.any(before != after)
    for bars in explorer._drawing._bars:
        assert sum(bar.get_height() for bar in bars) == pytest.approx(1)
    for line in (*explorer._drawing._lowest, *explorer._drawing._branches):
        assert np.all(np.isfinite(line.get_xydata()))
    for axes in explorer._drawing.figure.axes:
        assert np.all(np.isfinite(axes.get_position().bounds))
    for line in explorer._drawing._lowest:
        for m, nats in line.get_xydata():
            assert -1 < m < 1 and 0 <= nats < explorer._drawing.HIGHEST


@pytest.mark.parametrize("J", [0.0, 0.5, 1.0, 1.5, 2.5])
@pytest.mark.parametrize("h", [-0.3, -0.1, 0.0, 0.1, 0.3])
def test_the_fits_are_the_lowest_points(J, h):
    """Against every other pair of means on a grid, equal or not."""
    explorer, p = at(J, h)
    means = np.linspace(-0.99, 0.99, 67)
    laws = np.array([np.outer([1 - b, 1 + b], [1 - a, 1 + a]).ravel() / 4 for a, b in product(means, means)])
    forward = divergence.kl(p, product_law(explorer.forward()))
    assert forward <= np.min(np.log(p / laws) @ p) + 1e-12
    reverse = [divergence.kl(product_law(m), p) for m in explorer.reverse()]
    # The branches are interpolated between 2000 points.
    assert reverse[0] <= np.min(np.sum(laws * np.log(laws / p), axis=1)) + 1e-6
    assert reverse[0] <= min(reverse) + 1e-6


@pytest.mark.parametrize("J", [0.3, 0.9, 1.1, 1.6, 2.5])
@pytest.mark.parametrize("h", [-0.2, 0.0, 0.1])
def test_the_valleys_solve_the_mean_field_equation(J, h):
    explorer, p = at(J, h)
    for m in explorer.reverse():
        assert np.tanh(J * m + h) == pytest.approx(m, abs=1e-3)
        below, here, above = (divergence.kl(product_law(x), p) for x in (m - 0.005, m, m + 0.005))
        assert here < below and here < above


def test_the_fork_splits_at_one():
    for J, n_valleys in ((0.95, 1), (1.0, 1), (1.05, 2), (2.5, 2)):
        explorer, _ = at(J, 0.0)
        assert len(explorer.reverse()) == n_valleys
        assert explorer.forward() == pytest.approx(0, abs=1e-12)
    m = at(1.05, 0.0)[0].reverse()
    assert m[0] == -m[1] == pytest.approx(np.sqrt(3 * 0.05), rel=0.05)


def test_with_a_field_the_wrong_valley_comes_late():
    """Where artanh u + 0.1 = J u first has a root: the lesson says above 1.3."""
    assert len(at(1.25, 0.1)[0].reverse()) == 1
    explorer, _ = at(1.35, 0.1)
    right, wrong = explorer.reverse()
    assert right > 0 > wrong


def test_the_words_say_what_the_picture_shows():
    explorer, _ = at(2.0, 0.0)
    assert explorer._words.value == "J = 2.00, h = 0.00: forward m = +0.000, reverse m = +0.958 or -0.958"


def test_the_error_ellipse_holds_95_percent():
    covariance = np.array([[0.04, -0.03], [-0.03, 0.09]])
    x = np.random.default_rng(1).multivariate_normal([1, 2], covariance, size=100_000)
    boundary = plots.divergence._ellipse((1, 2), covariance).T - [1, 2]
    radius = np.einsum("ki,ij,kj->k", boundary, np.linalg.inv(covariance), boundary)
    assert np.allclose(radius, radius[0])
    inside = np.einsum("ki,ij,kj->k", x - [1, 2], np.linalg.inv(covariance), x - [1, 2]) < radius[0]
    assert abs(inside.mean() - 0.95) < 5 * np.sqrt(0.95 * 0.05 / 100_000)


def test_the_grey_regions_hold_their_share():
    weights = np.exp(-(np.linspace(-4, 4, 201) ** 2) / 2 - np.linspace(-4, 4, 201)[:, None] ** 2 / 2)
    for share, height in zip(plots.divergence.LEVELS, plots.divergence._heights(weights), strict=True):
        assert weights[weights >= height].sum() / weights.sum() == pytest.approx(share, abs=1e-3)


def test_valley_and_posteriors_are_drawn():
    J, h = np.linspace(0, 0.6, 13), np.linspace(-0.2, 0.4, 11)
    nll = np.array([[exact.lattice((2, 2), a, b)[0] - 4 * a - b for a in J] for b in h])
    model = ising.LatticeIsing(0.3, 0.1, (2, 2))
    covariance = np.linalg.inv(exact.lattice((2, 2), 0.3, 0.1)[2]) / 10
    drawings = [
        plots.draw_valley(J, h, nll, [[[0.1, 0.3], [0.3, 0.1]]], (0.3, 0.1), covariance, (0.2, 0.1)),
        plots.draw_posteriors(J, h, [("ten", -10 * nll, ("top", model.parameters), covariance)] * 2, (0.2, 0.1)),
    ]
    for drawing in drawings:
        assert pixels(drawing.png()).std() > 10
        for axes in drawing.figure.axes:
            assert axes.get_xlim() == (0, 0.6) and axes.get_ylim() == (-0.2, 0.4)
