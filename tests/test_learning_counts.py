"""Samples that count several times, and samples of which entries are missing.

Tolerances on sampled results are Z standard errors, Z from a false-alarm rate of 1e-6 shared by 100 comparisons of
normal means (Bonferroni).
"""

from itertools import product
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_estimators import dense5

from course_lib import exact, ising, sampling
from course_lib.inputs import to_spins
from course_lib.ising import Ising, LatticeIsing
from course_lib.learning import (
    Diverged,
    NoMaximum,
    conditionals,
    exact_moments,
    fit,
    fit_images,
    fit_ising,
    logistic,
    mean_field,
    pseudo_likelihood,
    pseudolikelihood,
    tap,
)

Z = NormalDist().inv_cdf(1 - 1e-6 / (2 * 100))
STATES = exact.states(5)
COUNTS = np.random.default_rng(1).multinomial(3000, exact.distribution(dense5().J, dense5().h))
REPEATED = np.repeat(STATES, COUNTS, axis=0)
WITH_WEIGHTS = ["exact", "pseudo-likelihood", "mean-field", "tap"]


# ---------------------------------------------------------------- weights


@pytest.mark.parametrize("method", WITH_WEIGHTS)
def test_a_weight_is_as_good_as_repeating(method):
    counted, repeated = fit_ising(STATES, weights=COUNTS, method=method), fit_ising(REPEATED, method=method)
    assert np.allclose(counted.model.parameters, repeated.model.parameters, atol=1e-9)
    if repeated.standard_errors is None:
        assert counted.standard_errors is None
    else:
        assert np.allclose(counted.standard_errors, repeated.standard_errors, rtol=1e-7)
    batch = fit_ising(STATES.reshape(4, 8, 5), weights=COUNTS.reshape(4, 8), method=method)
    assert np.allclose(batch.model.parameters, counted.model.parameters, atol=1e-9)


@settings(max_examples=20, deadline=None)
@given(st.sampled_from([pseudo_likelihood, mean_field, tap]), st.integers(0, 2**32 - 1), st.floats(0.1, 10))
def test_weights_need_not_be_whole(method, seed, factor):
    """Only their proportions matter for the parameters."""
    weights = np.random.default_rng(seed).uniform(0.5, 1.5, 32)
    once, scaled = method(STATES, weights=weights), method(STATES, weights=factor * weights)
    assert np.allclose(once.model.parameters, scaled.model.parameters, atol=1e-8)


def test_a_weighted_moment_is_an_average():
    rng = np.random.default_rng(1)
    spins, images, weights = rng.choice([-1, 1], (2, 5, 4)), rng.choice([-1, 1], (10, 3, 4)), rng.uniform(size=10)
    for model, x in ((Ising(ising.chain(4), np.zeros(4)), spins), (LatticeIsing(0.1, 0.0, (3, 4)), images)):
        statistics = model.statistics(x).reshape(10, -1)
        assert np.allclose(model.moments(x, weights=weights), np.average(statistics, axis=0, weights=weights))
        assert np.allclose(model.moments(x, weights=np.full(10, 0.1)), model.moments(x))


def test_the_loop_counts_too():
    start = Ising(np.zeros((5, 5)), np.zeros(5))
    fitted = fit(start, STATES, exact_moments, weights=COUNTS)
    repeated = fit(start, REPEATED, exact_moments)
    assert np.allclose(fitted.J, repeated.J) and np.allclose(fitted.standard_errors, repeated.standard_errors)


def test_what_counts_0_times_is_not_there():
    """So that a pair of spins that is never both down has no maximum, and the number of samples is the sum."""
    weights = np.where(np.all(STATES[:, :2] == -1, axis=1), 0, 10**6)
    with pytest.raises(NoMaximum, match=r"spins 0 and 1 are never both down in these 24000000 samples"):
        fit_ising(STATES, weights=weights)
    with pytest.raises(Diverged):
        pseudo_likelihood(STATES, weights=weights)
    with pytest.raises(ValueError, match=r"spin 0 is \+1 in all 16 samples"):
        mean_field(STATES, weights=np.where(STATES[:, 0] > 0, 1, 0))


def test_many_samples_in_few_rows():
    """Counts of 10^12 in all: nobody repeats these."""
    fitted = fit_ising(STATES, weights=np.round(1e12 * exact.distribution(dense5().J, dense5().h)))
    assert np.allclose(fitted.model.parameters, dense5().parameters, atol=1e-5)
    assert np.all(fitted.standard_errors < 1e-5)


@pytest.mark.parametrize("method", ["mc", "pcd", "cd"])
def test_chains_count_each_sample_once(method):
    with pytest.raises(ValueError, match=rf"method '{method}' counts each sample once: use 'exact', .*np\.repeat"):
        fit_ising(STATES, weights=COUNTS, method=method, rng=1)


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        (COUNTS[:-1], r"one number for each sample, shape \(32,\), got shape \(31,\)"),
        (3, r"one number for each sample, shape \(32,\), got shape \(\)"),
        (-COUNTS, "0 or above, .* got some that are negative or infinite"),
        (np.full(32, np.nan), "got some that are NaN"),
        (np.zeros(32), "weights are all 0, so that no sample counts"),
        (["many"] * 32, "weights must be an array of numbers, got one of type <U4"),
    ],
)
@pytest.mark.parametrize("method", WITH_WEIGHTS)
def test_wrong_weights(method, weights, says):
    with pytest.raises(ValueError, match=says):
        fit_ising(STATES, weights=weights, method=method)


# ---------------------------------------------------------------- missing entries


def with_gaps(data, share, seed):
    return np.where(np.random.default_rng(seed).random(data.shape) < share, 0, data).astype(np.int8)


def all_patterns(model, share):
    """Every state with every set of missing entries, and how often both occur, out of a million."""
    states, law = exact.states(len(model.h)), exact.distribution(model.J, model.h)
    missing = np.array(list(product([False, True], repeat=len(model.h))))
    samples = np.where(missing, 0, states[:, None]).reshape(-1, len(model.h)).astype(np.int8)
    chance = np.prod(np.where(missing, share, 1 - share), axis=1)
    return samples, 1e6 * np.outer(law, chance).ravel()


@pytest.mark.parametrize("share", [0.05, 0.5])
def test_missing_at_random_is_no_bias(share):
    """With unlimited data the answer is the truth, to the tolerance of the fit."""
    samples, weights = all_patterns(dense5(), share)
    fitted = pseudo_likelihood(samples, weights=weights)
    assert np.abs(fitted.model.parameters - dense5().parameters).max() < 1e-7


def test_to_leave_missing_spins_out_of_the_fields_is_biased():
    """What the docstring says of the simpler rule, in which a missing spin is 0 wherever it occurs."""
    samples, weights = all_patterns(dense5(), 0.1)
    simple = conditionals.Spins(samples, weights)
    zero = Ising(np.zeros((5, 5)), np.zeros(5))
    theta, _, _ = logistic.climb(zero, simple, np.zeros(15), np.zeros(15))
    bias = np.abs(theta - dense5().parameters)
    assert np.round([bias[:10].max(), bias[10:].max()], 2).tolist() == [0.04, 0.08]


def slope(model, samples):
    """Of the pseudo-likelihood of each sample, averaged over all ways to fill it in: shape (n, P)."""
    ways = np.array(list(product([-1, 1], repeat=len(model.h))))
    fits = np.all((samples[:, None] == 0) | (samples[:, None] == ways), axis=2)
    law = fits * np.exp(-model.energy(ways))
    surprise = ways - np.tanh(ising.local_field(ways, model.J, model.h))
    i, j = np.triu_indices(len(model.h), 1)
    of_ways = np.hstack([surprise[:, i] * ways[:, j] + surprise[:, j] * ways[:, i], surprise])
    return (law / law.sum(axis=1, keepdims=True)) @ of_ways


@pytest.mark.parametrize("l2", [0.0, 0.05])
@pytest.mark.parametrize("block", [7, 2000])
def test_gaps_end_where_the_slope_is_zero_with_errors_of_the_sandwich(l2, block, monkeypatch):
    monkeypatch.setattr("course_lib.learning.missing.BLOCK", block)
    samples = with_gaps(REPEATED[::10], 0.2, 1)
    fitted = pseudo_likelihood(samples, l2=l2)
    slopes, n, epsilon = slope(fitted.model, samples), len(samples), 1e-5
    assert np.abs(slopes.mean(axis=0) - l2 * fitted.model.parameters).max() < 1e-8
    ahead = [slope(fitted.model.step(d), samples) - slope(fitted.model.step(-d), samples) for d in epsilon * np.eye(15)]
    response = l2 * np.eye(15) - np.transpose([a.mean(axis=0) for a in ahead]) / (2 * epsilon)
    inverse, scatter = np.linalg.inv(response), np.cov(slopes, rowvar=False) + l2 * np.eye(15)
    # A sample of which nothing is there is left out: one of three thousand, at 0.2^5.
    assert np.allclose(fitted.standard_errors, np.sqrt(np.diag(inverse @ scatter @ inverse.T) / n), rtol=1e-3)
    assert fitted.history[-1] <= 1e-9 and fitted.stopped == "converged"


def test_bars_hold_with_gaps():
    """The mean of squares of 100 fits of 15 parameters each is 1."""
    squares, rng = [], np.random.default_rng(3)
    law = exact.distribution(dense5().J, dense5().h)
    for seed in range(100):
        fitted = pseudo_likelihood(with_gaps(rng.choice(STATES, 1500, p=law), 0.15, seed))
        squares.append(np.mean(((fitted.model.parameters - dense5().parameters) / fitted.standard_errors) ** 2))
    assert abs(np.mean(squares) - 1) < Z * np.std(squares) / 10


def test_gaps_beyond_the_code_and_a_sample_of_nothing(monkeypatch):
    samples = with_gaps(REPEATED[::10], 0.2, 1)
    coded = pseudo_likelihood(samples)
    monkeypatch.setattr(conditionals, "LARGEST_CODE", 2**4)
    plain = pseudo_likelihood(samples)
    nothing = pseudo_likelihood(np.concatenate([samples, np.zeros((1, 5), np.int8)]))
    for other in (plain, nothing):
        assert np.allclose(other.model.parameters, coded.model.parameters, atol=1e-8)
        assert np.allclose(other.standard_errors, coded.standard_errors, rtol=1e-6)


def test_votes_by_name():
    """From texts to a fit; what is missing in a sample makes it count less, not otherwise."""
    words = np.where(REPEATED > 0, "yea", "nay").astype("<U6")
    words[np.random.default_rng(1).random(words.shape) < 0.1] = "absent"
    votes = to_spins(words, up="yea", missing="absent")
    fitted = fit_ising(votes, method="pseudo-likelihood")
    assert np.array_equal(fitted.model.parameters, pseudo_likelihood(votes).model.parameters)
    full = pseudo_likelihood(REPEATED)
    assert np.all(np.abs(fitted.model.parameters - dense5().parameters) < Z * fitted.standard_errors)
    assert np.all(fitted.standard_errors > full.standard_errors)


def test_many_spins_with_gaps():
    rng = np.random.default_rng(2)
    truth = Ising(ising.random_couplings(20, rng, 0.5), rng.normal(0, 0.3, 20))
    data = sampling.advance(truth, sampling.random_states(truth, 2000, rng=rng), 50, rng=rng)
    fitted = pseudo_likelihood(with_gaps(data, 0.1, 1))
    off = (fitted.model.parameters - truth.parameters) / fitted.standard_errors
    assert abs(np.mean(off**2) - 1) < Z * np.sqrt(2 / 210)


@pytest.mark.parametrize("method", ["exact", "mc", "pcd", "cd", "mean-field", "tap"])
def test_other_methods_refuse_gaps(method):
    with pytest.raises(ValueError, match=r"spins must be \+1 or -1, got the values -1, 0, 1"):
        fit_ising(with_gaps(REPEATED, 0.1, 1), method=method, rng=1)


def test_gaps_that_cannot_be_filled():
    gaps = with_gaps(REPEATED[:500], 0.1, 1)
    gaps[:, 2] = 0
    with pytest.raises(ValueError, match="spin 2 is missing in all samples"):
        pseudo_likelihood(gaps)
    wide = np.random.default_rng(1).choice([-1, 1], (50, 60)).astype(np.int8)
    wide[0, :45] = 0
    with pytest.raises(ValueError, match=r"in which up to 45 spins are missing take .* leave out the samples"):
        pseudo_likelihood(wide, l2=0.1)


def test_gaps_without_a_maximum():
    """Two spins that agree wherever both are there."""
    gaps = with_gaps(np.column_stack([REPEATED[:300], REPEATED[:300, 0]]), 0.1, 1)
    with pytest.raises(Diverged, match="no finite maximum"):
        pseudo_likelihood(gaps)
    held = pseudo_likelihood(gaps, l2=0.01)
    assert held.stopped == "converged" and held.J[0, 5] > 0.5


def test_too_many_spins_for_memory_are_told(monkeypatch):
    monkeypatch.setattr(pseudolikelihood, "BYTES_A_SPIN", 2**50)
    with pytest.raises(ValueError, match=r"the fields of all these spins take .* GB, .*: take fewer of the samples"):
        pseudo_likelihood(REPEATED)


@pytest.mark.parametrize(
    "data",
    [
        np.array([[0, 1], [1, 1], [0, 1]], np.int8),  # 0 and 1: not converted
        np.array([[0, 1], [-1, 1], [1, -1]]),  # only `to_spins` is known to mean it
        np.array([[0, 1], [-1, 1], [1, 2]], np.int8),
        np.ma.array([[0, 1], [-1, 1]], mask=[[1, 0], [0, 0]], dtype=np.int8),
    ],
)
def test_zeros_that_may_mean_something_else(data):
    with pytest.raises(ValueError, match="spins must be"):
        pseudo_likelihood(data)
    with pytest.raises(ValueError, match="spins must be"):
        fit_images(np.stack([data, data]), method="pseudo-likelihood")
