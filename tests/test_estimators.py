"""Pseudo-likelihood, mean field and TAP against reference values, brute force, and what theory says of them.

Tolerances on sampled results are Z standard errors, Z from a false-alarm rate of 1e-6 shared by 100 comparisons of
normal means (Bonferroni).
"""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from reference import CASES

from course_lib import exact, ising, sampling
from course_lib.ising import Ising, LatticeIsing
from course_lib.learning import (
    Diverged,
    conditionals,
    mean_field,
    mean_field_images,
    pseudo_likelihood,
    pseudo_likelihood_images,
    tap,
)

Z = NormalDist().inv_cdf(1 - 1e-6 / (2 * 100))
SIDES = [(2, 2), (2, 3), (3, 4), (5, 5)]


def inverse5():
    case = CASES["inverse5"]
    return case, np.repeat(exact.states(5), case["inputs"]["counts"], axis=0)


def dense5():
    inputs = CASES["dense5"]["inputs"]
    return Ising(inputs["J"], inputs["h"])


def as_often_as_expected(model, n_samples):
    """Data in which each state occurs n_samples times its probability, rounded."""
    counts = np.round(exact.distribution(model.J, model.h) * n_samples).astype(int)
    return np.repeat(exact.states(len(model.h)), counts, axis=0)


def random_images(n, shape, seed=3):
    return np.random.default_rng(seed).choice([-1, 1], size=(n, *shape), p=[0.4, 0.6])


def log_conditionals(model, sample):
    """``sum_i log p(s_i | the others)`` of each of a batch of samples, from energies alone."""
    total = 0.0
    for site in np.ndindex(sample.shape[1:]):
        flipped = sample.copy()
        flipped[(slice(None), *site)] *= -1
        total = total - np.logaddexp(0, model.energy(sample) - model.energy(flipped))
    return total


def slopes(model, data, epsilon=1e-5):
    """Slopes of the log-conditionals of each sample by each parameter, shape (M, P), by central differences."""
    directions = epsilon * np.eye(len(model.parameters))
    ahead = [log_conditionals(model.step(d), data) - log_conditionals(model.step(-d), data) for d in directions]
    return np.transpose(ahead) / (2 * epsilon)


def brute_force_errors(model, data, l2=0.0, epsilon=1e-4):
    """The sandwich, with the curvature as a difference of slopes; l2 counts as the prior of the true parameters."""
    n_samples, n_parameters = len(data), len(model.parameters)
    curvature = l2 * np.eye(n_parameters)
    for k, d in enumerate(epsilon * np.eye(n_parameters)):
        before, after = (slopes(model.step(sign * d), data).mean(axis=0) for sign in (-1, 1))
        curvature[k] -= (after - before) / (2 * epsilon)
    inverse, scatter = np.linalg.inv(curvature), np.cov(slopes(model, data), rowvar=False) + l2 * np.eye(n_parameters)
    return np.sqrt(np.diag(inverse @ scatter @ inverse) / n_samples)


# ---------------------------------------------------------------- pseudo-likelihood: right


def test_pseudo_likelihood_agrees_with_reference():
    case, data = inverse5()
    fitted, expected = pseudo_likelihood(data), case["expected"]["pl_joint_symmetric"]
    assert np.allclose(fitted.J, expected["J"], rtol=case["rtol"], atol=case["atol"])
    assert np.allclose(fitted.h, expected["h"], rtol=case["rtol"], atol=case["atol"])
    assert fitted.stopped == "converged" and fitted.history[-1] < 1e-9


def test_pseudo_likelihood_of_images_agrees_with_reference():
    case = CASES["inverse_lattice16"]
    bits = [np.unpackbits(np.frombuffer(bytes.fromhex(image), np.uint8)) for image in case["inputs"]["images_hex"]]
    fitted = pseudo_likelihood_images(2 * np.array(bits, dtype=np.int8).reshape(-1, 16, 16) - 1)
    expected = [case["expected"]["pl_J"], case["expected"]["pl_h"]]
    assert np.allclose(fitted.model.parameters, expected, rtol=case["rtol"], atol=0)


@pytest.mark.parametrize("l2", [0.0, 0.3])
def test_spins_end_where_the_slope_is_zero(l2):
    _, data = inverse5()
    fitted = pseudo_likelihood(data, l2=l2)
    zero = Ising(np.zeros((5, 5)), np.zeros(5))
    assert abs(fitted.history[0] - np.abs(slopes(zero, data).mean(axis=0)).max()) < 1e-7
    assert np.abs(slopes(fitted.model, data).mean(axis=0) - l2 * fitted.model.parameters).max() < 1e-7


@pytest.mark.parametrize("shape", SIDES)
@pytest.mark.parametrize("l2", [0.0, 2.0])
def test_images_end_where_the_slope_is_zero(shape, l2):
    """At side 2, where neighbours count twice, too."""
    images = random_images(30, shape)
    fitted = pseudo_likelihood_images(images, l2=l2)
    assert abs(fitted.history[0] - np.abs(slopes(LatticeIsing(0.0, 0.0, shape), images).mean(axis=0)).max()) < 1e-7
    assert np.abs(slopes(fitted.model, images).mean(axis=0) - l2 * fitted.model.parameters).max() < 1e-7


@pytest.mark.parametrize("l2", [0.0, 0.3])
def test_errors_are_the_sandwich(l2):
    _, data = inverse5()
    fitted = pseudo_likelihood(data, l2=l2)
    assert np.allclose(fitted.standard_errors, brute_force_errors(fitted.model, data, l2), rtol=1e-5)
    images = random_images(30, (3, 4))
    fitted = pseudo_likelihood_images(images, l2=l2)
    assert np.allclose(fitted.standard_errors, brute_force_errors(fitted.model, images, l2), rtol=1e-5)


def test_two_spins_have_the_odds_of_the_table():
    """Also where one state is seen once in a million, which is not never."""
    for counts in ([3, 1, 2, 5], [10**6, 1, 1, 10**6], [1, 10**6, 2, 3]):
        down, first, second, up = counts
        fitted = pseudo_likelihood(np.repeat(exact.states(2), counts, axis=0))
        assert np.isclose(fitted.J[0, 1], np.log(down * up / (first * second)) / 4, rtol=1e-6)


def test_spins_beyond_the_code_are_fitted_alike(monkeypatch):
    _, data = inverse5()
    coded = pseudo_likelihood(data)
    monkeypatch.setattr(conditionals, "LARGEST_CODE", 2**4)
    monkeypatch.setattr(conditionals, "BLOCK", 7)
    plain = pseudo_likelihood(data)
    assert np.allclose(plain.model.parameters, coded.model.parameters, atol=1e-9)
    assert np.allclose(plain.standard_errors, coded.standard_errors)


@pytest.mark.parametrize(("scale", "steps"), [(0.5, 8), (1, 11), (2, 15)])
def test_few_newton_steps_also_in_a_glass(scale, steps):
    """With none but safe steps it takes 9, 12 and 20."""
    rng = np.random.default_rng(1)
    model = Ising(ising.random_couplings(20, rng, scale), rng.normal(0, 0.3, 20))
    data = sampling.advance(model, sampling.random_states(model, 5000, rng=rng), 50, rng=rng)
    fitted = pseudo_likelihood(data, l2=1e-3)
    assert len(fitted.history) <= steps and fitted.history[-1] < 1e-9


def test_more_spins_than_samples_need_a_penalty():
    data = np.random.default_rng(1).choice([-1, 1], size=(20, 45))
    with pytest.raises(Diverged):
        pseudo_likelihood(data)
    fitted = pseudo_likelihood(data, l2=0.05)
    model = fitted.model
    # The slope by J_ij is s_i s_j (q_i + q_j), with twice the probability q of a flip.
    pull = data * 2 / (1 + np.exp(ising.flip_cost(data, model.J, model.h)))
    products = data.T @ pull / len(data)
    slope = np.concatenate([(products + products.T)[np.triu_indices(45, 1)], pull.mean(axis=0)])
    assert np.abs(slope - 0.05 * model.parameters).max() < 1e-8 < np.abs(model.J).max()


# ---------------------------------------------------------------- pseudo-likelihood: how sure


def test_errors_are_the_spread_over_data_sets():
    """Mean of (error / standard error)^2 over 300 data sets is 1."""
    truth, rng = dense5(), np.random.default_rng(7)
    law, squares = exact.distribution(truth.J, truth.h), []
    for _ in range(300):
        fitted = pseudo_likelihood(np.repeat(exact.states(5), rng.multinomial(2000, law), axis=0))
        squares.append(((fitted.model.parameters - truth.parameters) / fitted.standard_errors) ** 2)
    of_one = np.mean(squares, axis=1)
    assert abs(of_one.mean() - 1) < Z * of_one.std() / np.sqrt(300)


def test_errors_of_images_are_the_spread_over_data_sets():
    truth, n, n_sets = LatticeIsing(0.35, 0.05, (16, 16)), 100, 200
    images = sampling.sample_images(0.35, 0.05, (16, 16), n * n_sets, burn_in=200, rng=1)
    fits = [pseudo_likelihood_images(some) for some in np.split(images, n_sets)]
    squares = [((fitted.model.parameters - truth.parameters) / fitted.standard_errors) ** 2 for fitted in fits]
    # Errors that are themselves estimated from n slopes make it (n - 1) / (n - 3), Student's variance.
    expected, spread = (n - 1) / (n - 3), np.std(squares, axis=0)
    assert np.all(np.abs(np.mean(squares, axis=0) - expected) < Z * spread / np.sqrt(n_sets))


def test_no_errors_where_the_data_tell_none():
    _, data = inverse5()
    assert pseudo_likelihood(data[::60], l2=0.1).standard_errors is None
    assert pseudo_likelihood_images(random_images(1, (20, 20))).standard_errors is None
    assert pseudo_likelihood_images(random_images(9, (20, 20))).standard_errors is None
    assert pseudo_likelihood_images(random_images(10, (20, 20))).standard_errors.shape == (2,)


@pytest.mark.parametrize(("n_spins", "has_errors"), [(44, True), (45, False)])
def test_no_errors_above_a_thousand_parameters(n_spins, has_errors):
    data = np.random.default_rng(1).choice([-1, 1], size=(20, n_spins))
    assert (pseudo_likelihood(data, l2=1.0).standard_errors is not None) == has_errors


def test_the_same_data_twice():
    _, data = inverse5()
    once, twice = pseudo_likelihood(data), pseudo_likelihood(np.stack([data, data]))
    assert np.allclose(twice.model.parameters, once.model.parameters)
    ratio = np.sqrt((len(data) - 1) / (2 * len(data) - 1))
    assert np.allclose(twice.standard_errors, once.standard_errors * ratio)


# ---------------------------------------------------------------- pseudo-likelihood: penalties, and no maximum


def test_a_penalty_for_each_parameter():
    _, data = inverse5()
    free, held = pseudo_likelihood(data), pseudo_likelihood(data, l2=[1e6] * 10 + [0.0] * 5)
    assert np.abs(held.J).max() < 1e-5 and np.abs(free.J).max() > 0.1
    assert np.allclose(held.h, np.arctanh(data.mean(axis=0)), atol=1e-4)
    assert np.allclose(pseudo_likelihood(data, l2=np.full(15, 0.2)).J, pseudo_likelihood(data, l2=0.2).J)
    with pytest.raises(ValueError, match="l2 must be"):
        pseudo_likelihood(data, l2=-1.0)
    with pytest.raises(ValueError, match="l2 must be"):
        pseudo_likelihood_images(random_images(3, (3, 3)), l2=[1, 2, 3])


WITHOUT_MAXIMUM = {
    "a spin never changes": np.array([[1, 1], [1, -1], [1, 1]]),
    "twins": np.array([[1, 1, 1], [-1, -1, 1], [1, 1, -1], [-1, -1, -1]]),
    "a pair of values never seen": np.array([[1, 1], [-1, 1], [1, -1]]),
    "s2 = s0 and s1": np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, -1]]),
    "one sample": np.array([[1, -1, 1]]),
}


@pytest.mark.parametrize("data", WITHOUT_MAXIMUM.values(), ids=WITHOUT_MAXIMUM)
def test_a_runaway_is_an_error_that_carries_the_estimate(data):
    with pytest.raises(Diverged, match=r"no finite maximum .* still grow, .* pass l2 above 0") as caught:
        pseudo_likelihood(data)
    assert np.abs(caught.value.model.parameters).max() > 3 and caught.value.history[-1] < 1e-8
    assert log_conditionals(caught.value.model, data).mean() > -data.shape[1] * np.log(2)
    held = pseudo_likelihood(data, l2=1e-6)
    assert held.stopped == "converged" and np.all(np.isfinite(held.model.parameters))


def test_images_without_maximum():
    up = np.ones((4, 4))
    with pytest.raises(Diverged, match="no finite maximum"):
        pseudo_likelihood_images([up, -up])
    with pytest.raises(ValueError, match="every site of the images has the neighbour sum 4, so that J and h cannot"):
        pseudo_likelihood_images(up)
    # Double stripes along a diagonal: two neighbours up, two down, everywhere.
    stripes = np.where(np.add.outer(np.arange(4), np.arange(4)) % 4 < 2, 1, -1)
    for l2 in (0.0, [0.0, 1.0]):
        with pytest.raises(ValueError, match="neighbour sum 0"):
            pseudo_likelihood_images(stripes, l2=l2)
    assert pseudo_likelihood_images(stripes, l2=[1.0, 0.0]).J == 0
    assert np.isfinite(pseudo_likelihood_images(up, l2=0.1).model.parameters).all()


# ---------------------------------------------------------------- mean field and TAP


def test_mean_field_agrees_with_reference():
    case, data = inverse5()
    fitted, expected = mean_field(data), case["expected"]["naive_mean_field"]
    assert np.allclose(fitted.J, expected["J"], rtol=case["rtol"]) and np.allclose(fitted.h, expected["h"], rtol=1e-7)
    assert fitted.standard_errors is None and fitted.J_errors is None


def test_tap_solves_its_equations():
    _, data = inverse5()
    fitted, m = tap(data), data.mean(axis=0)
    J, h = fitted.J, fitted.h
    assert np.allclose(m, np.tanh(h + J @ m - m * (J**2 @ (1 - m**2))), atol=1e-12)
    inverse = np.linalg.inv(np.cov(data, rowvar=False, bias=True))
    off = ~np.eye(5, dtype=bool)
    assert np.allclose(inverse[off], (-J - 2 * J**2 * np.outer(m, m))[off], atol=1e-12)
    assert fitted.standard_errors is None


def test_tap_without_magnetisation_is_mean_field():
    _, data = inverse5()
    data = np.concatenate([data, -data])
    assert np.allclose(tap(data).J, mean_field(data).J, atol=1e-12)
    assert np.allclose(tap(data).h, 0, atol=1e-12)


@pytest.mark.parametrize(("method", "bias"), [(pseudo_likelihood, 0.0), (tap, 0.143), (mean_field, 0.287)])
def test_bias_with_unlimited_data(method, bias):
    """Four million samples, none of them drawn: only the method is to blame. The biases are known to three digits."""
    truth = dense5()
    error = method(as_often_as_expected(truth, 4_000_000)).model.parameters - truth.parameters
    assert abs(np.abs(error).max() - bias) < 1e-3


def test_tap_is_one_order_better_than_mean_field():
    """Couplings a times smaller, fields unchanged: mean field's error falls like a^2, TAP's like a^3."""
    truth, largest = dense5(), {}
    for method in (mean_field, tap):
        errors = []
        for scale in (0.1, 0.2):
            weaker = Ising(scale * truth.J, truth.h)
            fitted = method(as_often_as_expected(weaker, 1_000_000))
            errors.append(np.abs(fitted.model.parameters - weaker.parameters).max())
        largest[method] = errors[1] / errors[0]
    assert 3 < largest[mean_field] < 5 and 6 < largest[tap] < 10


@pytest.mark.parametrize("shape", SIDES)
def test_images_by_mean_field_are_all_their_shifts(shape):
    """The inverse by Fourier components is the inverse of the whole covariance."""
    images = random_images(30, shape)
    shifted = [np.roll(images, shift, axis=(1, 2)) for shift in np.ndindex(shape)]
    whole = mean_field(np.reshape(shifted, (-1, np.prod(shape)))).J
    bonds = ising.square_lattice(*shape)
    right, down = 1, shape[1]
    fitted = mean_field_images(images)
    assert np.isclose(fitted.J, (whole[0, right] / bonds[0, right] + whole[0, down] / bonds[0, down]) / 2)
    m = images.mean()
    assert np.isclose(np.arctanh(m), fitted.h + 4 * fitted.J * m) and fitted.standard_errors is None


def test_bias_of_mean_field_on_a_lattice():
    """At J = 0.3, h = 0.02: +0.037 and -0.069. The pseudo-likelihood of the same images is right."""
    images = sampling.sample_images(0.3, 0.02, (32, 32), 2000, burn_in=200, rng=1)
    error = mean_field_images(images).model.parameters - [0.3, 0.02]
    assert np.allclose(error, [0.037, -0.069], atol=0.003)
    fitted = pseudo_likelihood_images(images)
    assert np.all(np.abs(fitted.model.parameters - [0.3, 0.02]) < Z * fitted.standard_errors)


def test_one_spin():
    for method in (pseudo_likelihood, mean_field, tap):
        fitted = method([[1], [1], [-1]])
        assert np.isclose(fitted.h[0], np.arctanh(1 / 3)) and np.array_equal(fitted.J, [[0]])


TWINS = np.array([[1, 1, 1], [-1, -1, 1], [1, 1, -1], [-1, -1, -1]])


@pytest.mark.parametrize("method", [mean_field, tap])
@pytest.mark.parametrize(
    ("data", "says"),
    [
        ([[1, 1], [-1, 1]], r"spin 1 is \+1 in all 2 samples"),
        (TWINS, "the spins 0 and 1 are equal in all 4 samples"),
        (TWINS * [1, -1, 1], "the spins 0 and 1 are opposite in all 4 samples"),
        (np.random.default_rng(1).choice([-1, 1], size=(8, 8)), "covariance of 8 spins has no inverse on these 8"),
        (np.empty((0, 2)), "the data are empty"),
        ([[0, 1]], r"inputs\.to_spins"),
    ],
)
def test_mean_field_refuses(method, data, says):
    with pytest.raises(ValueError, match=says):
        method(data)


def test_tap_names_the_pair_that_is_too_strong():
    """Two spins that are mostly up, and next to never both down; a third that has nothing to do with them."""
    pair = np.repeat([[1, 1], [1, -1], [-1, 1], [-1, -1]], [800, 100, 100, 1], axis=0)
    data = np.concatenate([np.insert(pair, 1, sign, axis=1) for sign in (-1, 1)])
    mean_field(data)
    with pytest.raises(ValueError, match=r"TAP equation of the spins 0 and 2 has no solution .* = -0\.436 is below 0"):
        tap(data)


def test_mean_field_refuses_images_that_do_not_vary():
    for images in (random_images(1, (4, 4)), np.ones((5, 4, 4))):
        with pytest.raises(ValueError, match=r"no inverse \(the structure factor vanishes at wave number \(0, 0\)"):
            mean_field_images(images)


# ---------------------------------------------------------------- symmetries

# Every state at least once: then all estimates exist, but for TAP's.
DATA = arrays(np.int8, st.tuples(st.integers(1, 40), st.just(4)), elements=st.sampled_from([-1, 1])).map(
    lambda spins: np.concatenate([exact.states(4), spins])
)
METHODS = st.sampled_from([pseudo_likelihood, mean_field, tap])


def solution(method, data):
    try:
        return method(data)
    except ValueError:
        assume(method is not tap)
        raise


@given(method=METHODS, data=DATA, order=st.permutations(range(4)))
@settings(max_examples=50)
def test_relabelled_spins_have_relabelled_parameters(method, data, order):
    fitted, relabelled = solution(method, data), solution(method, data[:, order])
    assert np.allclose(relabelled.J, fitted.J[np.ix_(order, order)], atol=1e-8)
    assert np.allclose(relabelled.h, fitted.h[order], atol=1e-8)
    if method is pseudo_likelihood:
        assert np.allclose(relabelled.J_errors, fitted.J_errors[np.ix_(order, order)], atol=1e-8)


@given(method=METHODS, data=DATA, sign=arrays(np.int8, 4, elements=st.sampled_from([-1, 1])))
@settings(max_examples=50)
def test_flipped_spins_have_flipped_parameters(method, data, sign):
    """All flipped: h changes its sign, J does not. Some flipped: so do the couplings between them and the rest."""
    fitted, flipped = solution(method, data), solution(method, data * sign)
    assert np.allclose(flipped.J, fitted.J * np.outer(sign, sign), atol=1e-8)
    assert np.allclose(flipped.h, fitted.h * sign, atol=1e-8)


@given(seed=st.integers(0, 10**6), shift=st.tuples(st.integers(0, 3), st.integers(0, 4)))
@settings(max_examples=25)
def test_images_that_are_moved_turned_or_inverted(seed, shift):
    images = random_images(12, (4, 5), seed)
    for method in (pseudo_likelihood_images, mean_field_images):
        fitted = method(images)
        for moved in (np.roll(images, shift, axis=(1, 2)), images[:, ::-1], images.swapaxes(1, 2)):
            assert np.allclose(method(moved).model.parameters, fitted.model.parameters, atol=1e-8)
        assert np.allclose(method(-images).model.parameters, fitted.model.parameters * [1, -1], atol=1e-8)
