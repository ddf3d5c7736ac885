"""`fit_ising` and `fit_images`: every method on data that it must fit, and on data that it must refuse.

Tolerances on Monte Carlo results are Z standard errors, Z from a false-alarm rate of 1e-6 shared by 1000 comparisons of
normal means (Bonferroni). A fit by chains misses the maximum by the noise of 20 samples for each of the data's, once
for the last look and once for the stopping rule: by sqrt(2 / 20) of a standard error.
"""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from models import bits
from reference import CASES

from course_lib import exact, ising, sampling
from course_lib.ising import Ising, LatticeIsing
from course_lib.learning import (
    Diverged,
    LearningCurve,
    NoMaximum,
    exact_moments,
    fit,
    fit_images,
    fit_ising,
    reference_lines,
)
from course_lib.learning.fits import FINE
from course_lib.rbm import RBM

Z = NormalDist().inv_cdf(1 - 1e-6 / (2 * 1000))
EXPECTED = CASES["inverse5"]["expected"]
DATA = np.repeat(exact.states(5), CASES["inverse5"]["inputs"]["counts"], axis=0)
BEST = fit_ising(DATA)


def images_of(J, h, shape, n, seed=5):
    return sampling.sample_images(J, h, shape, n, burn_in=300, rng=seed)


# ---------------------------------------------------------------- spins


def test_exact_is_the_reference_mle():
    assert BEST.stopped == "converged"
    assert np.allclose(BEST.J, EXPECTED["mle"]["J"], atol=1e-6) and np.allclose(BEST.h, EXPECTED["mle"]["h"], atol=1e-6)
    assert np.all(np.diagonal(BEST.J_errors) == 0) and np.all(BEST.J_errors[~np.eye(5, dtype=bool)] > 0)
    assert np.array_equal(BEST.J_errors, BEST.J_errors.T) and BEST.h_errors.shape == (5,)


@pytest.mark.parametrize("method", ["mc", "pcd"])
@pytest.mark.parametrize("seed", range(3))
def test_chains_reach_the_maximum(method, seed):
    fitted = fit_ising(DATA, method=method, rng=seed, progress=False)
    assert fitted.stopped == "noise"
    miss = (fitted.model.parameters - BEST.model.parameters) / BEST.standard_errors
    assert np.all(np.abs(miss) < Z * np.sqrt(2 / FINE))
    assert np.allclose(fitted.standard_errors, BEST.standard_errors, rtol=0.2)


def test_contrastive_divergence_is_close_to_the_maximum():
    """It is another estimate: as far from the maximum as two good estimates of the truth are, at most."""
    fitted = fit_ising(DATA, method="cd", rng=1, progress=False)
    miss = (fitted.model.parameters - BEST.model.parameters) / BEST.standard_errors
    assert fitted.stopped == "noise" and np.all(np.abs(miss) < Z) and np.any(np.abs(miss) > 1e-3)


def test_other_methods_by_name():
    for method, key in (("pseudo-likelihood", "pl_joint_symmetric"), ("mean-field", "naive_mean_field")):
        fitted = fit_ising(DATA, method=method)
        assert np.allclose(fitted.J, EXPECTED[key]["J"], atol=1e-6)
        assert np.allclose(fitted.h, EXPECTED[key]["h"], atol=1e-6)
    tap = fit_ising(DATA, method="tap")
    assert not np.allclose(tap.J, EXPECTED["naive_mean_field"]["J"], atol=1e-2)


@pytest.mark.parametrize("scale", [0.5, 3])
def test_any_start_reaches_the_maximum(scale):
    rng = np.random.default_rng(1)
    start = Ising(ising.random_couplings(5, rng, scale), rng.normal(0, scale, 5))
    assert np.allclose(fit_ising(DATA, start=start).J, BEST.J, atol=1e-5)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_names_and_signs_of_spins_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    order, signs = rng.permutation(5), rng.choice([-1, 1], 5)
    fitted = fit_ising(signs * DATA[:, order])
    assert np.allclose(fitted.J, np.outer(signs, signs) * BEST.J[np.ix_(order, order)], atol=1e-6)
    assert np.allclose(fitted.h, signs * BEST.h[order], atol=1e-6)


def test_twenty_spins_to_a_moment():
    rng = np.random.default_rng(3)
    truth = Ising(ising.random_couplings(20, rng), rng.normal(0, 0.5, 20))
    data = sampling.advance(truth, sampling.random_states(truth, 5000, rng=rng), 100, rng=rng)
    fitted = fit_ising(data, progress=False)
    assert fitted.stopped == "converged" and len(fitted.history) <= 10
    assert np.abs(exact_moments(fitted.model).mean - truth.moments(data)).max() <= 1e-6
    assert np.all(np.abs(fitted.model.parameters - truth.parameters) < Z * fitted.standard_errors)


@pytest.mark.parametrize("method", ["exact", "pcd"])
def test_frozen_spins_with_a_penalty(method):
    rng = np.random.default_rng(4)
    truth = Ising(ising.random_couplings(8, rng), np.r_[3.3, -3.3, rng.normal(0, 0.3, 6)])
    data = sampling.advance(truth, sampling.random_states(truth, 5000, rng=rng), 100, rng=rng)
    with pytest.raises(NoMaximum, match=r"never .* while .*; pass l2=0\.0002"):
        fit_ising(data, method=method, rng=1)
    fitted = fit_ising(data, method=method, l2=0.0002, rng=1, progress=False)
    assert np.abs(exact_moments(fitted.model).mean - truth.moments(data)).max() < 0.01


def test_a_face_that_only_the_fit_can_see():
    """All sums of five spins that occur are +-1: no triple is missing, and yet the likelihood has no maximum."""
    states = exact.states(5)
    with pytest.raises(NoMaximum, match="some combination of spins is never seen"):
        fit_ising(np.repeat(states[np.abs(states.sum(axis=1)) == 1], 10, axis=0))


def test_l2_is_the_slope_that_is_left():
    l2 = 0.01
    fitted = fit_ising(DATA, l2=l2)
    gap = fitted.model.moments(DATA) - exact_moments(fitted.model).mean
    assert np.allclose(gap, l2 * fitted.model.parameters, atol=1e-6)
    assert np.all(fitted.standard_errors < BEST.standard_errors)


def test_l1_makes_couplings_zero_and_fields_not():
    l1 = 0.1
    fitted = fit_ising(DATA, l1=l1, tolerance=1e-8)
    gap, theta = fitted.model.moments(DATA) - exact_moments(fitted.model).mean, fitted.model.parameters
    zero = theta[:10] == 0
    assert fitted.stopped == "converged" and 0 < zero.sum() < 10
    assert np.all(np.abs(gap[:10][zero]) <= l1) and np.allclose(gap[10:], 0, atol=1e-7)
    assert np.allclose(gap[:10][~zero], l1 * np.sign(theta[:10][~zero]), atol=1e-7)


def test_same_seed_same_fit():
    first, again, other = (fit_ising(DATA, method="pcd", rng=seed, progress=False) for seed in (1, 1, 2))
    assert np.array_equal(first.model.parameters, again.model.parameters)
    assert not np.array_equal(first.model.parameters, other.model.parameters)


@pytest.mark.parametrize("stop_at", [2, 5])
def test_interrupt_keeps_what_was_reached(stop_at):
    """In the rough part of a fit and in the fine one."""
    seen = []

    def callback(model, gap):
        seen.append(model)
        if len(seen) == stop_at:
            raise KeyboardInterrupt

    fitted = fit_ising(DATA, method="mc", rng=1, tolerance=0, callback=callback, progress=False)
    assert fitted.stopped == "interrupted" and fitted.model is seen[-1]


# ---------------------------------------------------------------- images


def test_images_agree_with_reference():
    row = CASES["inverse_lattice16"]
    bits = [np.unpackbits(np.frombuffer(bytes.fromhex(image), np.uint8)) for image in row["inputs"]["images_hex"]]
    images, expected = 2 * np.array(bits, dtype=np.int8).reshape(-1, 16, 16) - 1, row["expected"]
    best, errors = np.array([expected["mle_J"], expected["mle_h"]]), np.array(expected["crb_std_J_h"])
    for method in ("mc", "pcd"):
        fitted = fit_images(images, method=method, rng=1, progress=False)
        assert fitted.stopped == "noise"
        assert np.all(np.abs(fitted.model.parameters - best) < Z * np.sqrt(2 / FINE) * errors)
        assert np.allclose(fitted.standard_errors, errors, rtol=0.25)
    fitted = fit_images(images, method="pseudo-likelihood")
    assert np.isclose(fitted.J, expected["pl_J"], rtol=1e-6) and np.isclose(fitted.h, expected["pl_h"], rtol=1e-6)


@pytest.mark.parametrize("method", ["exact", "mc", "pcd", "cd"])
def test_images_of_a_known_model(method):
    truth = LatticeIsing(0.35, 0.05, (6, 8))
    images = images_of(truth.J, truth.h, truth.shape, 200)
    fitted = fit_images(images, method=method, rng=2, progress=False)
    assert np.all(np.abs(fitted.model.parameters - truth.parameters) < 1.5 * Z * fitted.standard_errors)


def test_a_single_image():
    fitted = fit_images(images_of(0.4, 0.02, (64, 64), 1), rng=3, progress=False)
    assert np.all(np.abs(fitted.model.parameters - [0.4, 0.02]) < Z * fitted.standard_errors)


def test_two_phases_are_told_and_fitted():
    """Half black, half white: local moves alone would never find a mean spin of 0 at this order."""
    picture = np.repeat([[1], [-1]], 16, axis=0) * np.ones(32)
    with pytest.warns(UserWarning, match="phase coexistence: the mean bond 0.938"):
        fitted = fit_images(picture, rng=1, progress=False)
    assert fitted.stopped == "noise" and 0.5 < fitted.J < 0.6 and abs(fitted.h) < 0.01


def test_a_two_domain_picture_of_the_errata():
    picture = np.repeat([[1], [-1]], 2, axis=0) * np.ones(4)
    fitted = fit_images(picture, method="exact")
    assert np.isclose(fitted.J, 0.330, atol=5e-4) and abs(fitted.h) < 1e-6


# ---------------------------------------------------------------- curves


def test_learning_curve_is_the_nll_along_the_fit():
    held_out, curve = DATA[::7], LearningCurve(DATA, held_out=DATA[::7], every=2)
    models = []

    def both(model, gap):
        models.append(model)
        curve(model, gap)

    fit(Ising(np.zeros((5, 5)), np.zeros(5)), DATA, exact_moments, callback=both)
    assert curve.steps == list(range(0, len(models), 2)) and curve.errors == [0.0] * len(curve.steps)
    assert np.isclose(curve.nll[0], 5 * np.log(2)) and np.all(np.diff(curve.nll) < 0)
    last = models[curve.steps[-1]]
    assert np.isclose(curve.held_out_nll[-1], last.energy(held_out).mean() + exact.log_partition(last.J, last.h))
    lines = reference_lines(Ising(EXPECTED["mle"]["J"], EXPECTED["mle"]["h"]), DATA)
    assert np.isclose(lines["best fit to these data"], EXPECTED["nll_mle"])
    assert np.isclose(lines["truth on these data"], EXPECTED["nll_mle"])


def test_learning_curve_beyond_enumeration():
    rng = np.random.default_rng(1)
    model = Ising(np.zeros((30, 30)), rng.normal(0, 1, 30))
    data = sampling.advance(model, sampling.random_states(model, 100, rng=rng), 1, rng=rng)
    curve = LearningCurve(data, rng=1)
    curve(model, None)
    exactly = model.energy(data).mean() + np.logaddexp(model.h, -model.h).sum()
    assert np.isclose(curve.nll[0], exactly) and curve.errors[0] == 0  # without couplings all weights are equal
    coupled = Ising(ising.random_couplings(30, rng), model.h)
    curve(coupled, None)
    assert curve.errors[1] > 0


def test_a_learning_curve_hides_no_error():
    """AIS takes over where a sum is impossible, not where it fails."""

    class Faulty(RBM):
        def log_partition(self):
            raise ValueError("a fault")

    with pytest.raises(ValueError, match="a fault"):
        LearningCurve(bits(2), rng=1)(Faulty(np.zeros(2), np.zeros(2), np.zeros((2, 2))), None)


def test_learning_curve_of_an_rbm_is_exact_where_it_is_small_enough():
    rng = np.random.default_rng(1)
    small = RBM(rng.normal(size=6), rng.normal(size=4), rng.normal(size=(6, 4)))
    # Of its 24 hidden units 20 see nothing: exact sums do not know that.
    W = np.hstack([rng.normal(size=(30, 4)), np.zeros((30, 20))])
    large = RBM(rng.normal(size=30), rng.normal(size=24), W)
    curve = LearningCurve(bits(6), rng=1)
    curve(small, None)
    assert np.isclose(curve.nll[0], small.energy(bits(6)).mean() + small.log_partition()) and curve.errors == [0.0]
    curve = LearningCurve(np.ones((1, 30)), rng=1)
    curve(large, None)
    # Enumeration of the four others: the visible ones are independent given these.
    hidden = bits(4)
    field = large.a + hidden @ W[:, :4].T
    log_Z = np.logaddexp.reduce(hidden @ large.b[:4] + np.logaddexp(0, field).sum(axis=1))
    log_Z += np.logaddexp(0, large.b[4:]).sum()
    assert curve.errors[0] > 0
    assert abs(curve.nll[0] - large.energy(np.ones(30)) - log_Z) < Z * curve.errors[0]


def test_learning_curve_needs_random_numbers_beyond_exact_sums():
    with pytest.raises(ValueError, match=r"at most 25 spins, got 30.*ais_log_partition"):
        LearningCurve(np.ones((1, 30)))(Ising(np.zeros((30, 30)), np.zeros(30)), None)


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"data": [[0, 1], [1, 1]]}, r"got the values 0, 1: convert them with inputs\.to_spins"),
        ({"data": [[np.nan, 1], [1, 1]]}, "got the values NaN"),
        ({"data": np.empty((0, 5))}, "the data are empty"),
        ({"data": np.ones((4, 5))}, "spin 0 is always up in these 4 samples"),
        ({"data": np.ones((1, 5))}, "spin 0 is always up in this sample"),
        ({"method": "newton"}, "method must be one of 'exact', 'mc', .* got 'newton'"),
        ({"method": "pcd"}, "method 'pcd' draws random numbers: pass rng"),
        ({"method": "tap", "l2": 0.1}, "method 'tap' knows no penalty l2"),
        ({"method": "pseudo-likelihood", "l1": 0.1}, "method 'pseudo-likelihood' knows no penalty l1"),
        ({"l2": -0.1}, "l2 must be a number, 0 or above"),
        ({"step_size": 0}, "step_size must be a finite number above 0"),
        ({"step_size": -1}, "step_size must be a finite number above 0"),
        ({"method": "pcd", "rng": 1, "sweeps": 0}, "sweeps must be a whole number, 1 or more"),
        ({"start": Ising(np.zeros((3, 3)), np.zeros(3))}, "start must be an Ising of 5 spins"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*samples for 15 parameters")
def test_fit_ising_refuses(change, says):
    with pytest.raises(ValueError, match=says):
        fit_ising(**({"data": DATA} | change))


@pytest.mark.parametrize(
    ("images", "says"),
    [
        (np.ones((3, 8, 8)), "all spins agree in each of these 3 images"),
        ([np.ones((8, 8)), np.ones((8, 9))], "images must all have the same size, got 8 x 8 and 8 x 9: crop them"),
        (np.zeros((2, 4, 4)), r"inputs\.to_spins"),
        (np.empty((0, 4, 4)), "the data are empty"),
        (np.ones(16), "images must have the shape"),
    ],
)
def test_fit_images_refuses(images, says):
    with pytest.raises(ValueError, match=says):
        fit_images(images, rng=1)


def test_few_samples_are_told():
    with pytest.warns(UserWarning, match="14 samples for 15 parameters: expect errors as large as the parameters"):
        fit_ising(DATA[:: len(DATA) // 13], l2=0.1)


def test_a_step_that_is_too_large_is_told():
    with pytest.raises(Diverged, match=r"step_size = 5 is too large: .*largest stable step"):
        fit_ising(DATA, step_size=5, plain=True)


# ---------------------------------------------------------------- shapes that look like a mistake


def test_square_pictures_as_spins_and_colours_as_pictures_are_warned_about():
    rng = np.random.default_rng(1)
    with pytest.warns(UserWarning, match=r"read as samples of 4 spins each: for pictures of 4 x 4 use fit_images"):
        fit_ising(rng.choice([-1, 1], size=(500, 4, 4)))
    with pytest.warns(UserWarning, match=r"read as 33 pictures of 47 x 4: if the last axis holds colours"):
        fit_images(rng.choice([-1, 1], size=(33, 47, 4)), method="pseudo-likelihood")


@pytest.mark.filterwarnings("error")
def test_records_of_a_run_and_many_small_pictures_are_not():
    rng = np.random.default_rng(1)
    fit_ising(rng.choice([-1, 1], size=(4, 500, 3)))
    fit_images(rng.choice([-1, 1], size=(300, 4, 4)), method="pseudo-likelihood")
