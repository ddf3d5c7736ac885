"""Error bars: each method has its own, and they hold. Long runs, thousands of bars a method, are in `bench --floors`.

Tolerances on Monte Carlo results are Z standard errors, Z from a false-alarm rate of 1e-6 shared by 1000 comparisons of
normal means (Bonferroni).
"""

from statistics import NormalDist

import numpy as np
import pytest
from sampled import heat_bath_law
from test_estimators import dense5

from course_lib import exact, sampling
from course_lib.ising import Ising, LatticeIsing
from course_lib.learning import (
    ModelMoments,
    contrastive_divergence,
    errors,
    exact_moments,
    fisher_errors,
    fit,
    fit_images,
    fit_ising,
    fresh_chains,
    persistent_chains,
    sources,
)
from course_lib.learning.fits import FINE

Z = NormalDist().inv_cdf(1 - 1e-6 / (2 * 1000))
STATES, ZERO = exact.states(5), Ising(np.zeros((5, 5)), np.zeros(5))


def draw(model, n, seed):
    return np.random.default_rng(seed).choice(STATES, n, p=exact.distribution(model.J, model.h))


def independent(data):
    return Ising(np.zeros((5, 5)), np.arctanh(0.99 * data.mean(axis=0)))


# ---------------------------------------------------------------- the sandwich


def test_sandwich_is_the_spread_of_what_makes_up_for_the_slope():
    rng = np.random.default_rng(1)
    response = np.eye(3) + 0.3 * rng.normal(size=(3, 3))  # not symmetric
    root = rng.normal(size=(3, 3))
    slopes = rng.normal(size=(400_000, 3)) @ root.T
    spread = np.linalg.solve(response, slopes.T).std(axis=1)
    assert np.allclose(errors.sandwich_errors(response, root @ root.T), spread, rtol=Z / np.sqrt(2 * 400_000))


def test_sandwich_where_the_slope_does_not_answer():
    response = np.array([[1.0, 1, 0], [1, 1, 0], [0, 0, 4]])
    assert np.array_equal(errors.sandwich_errors(response, np.eye(3)), [np.inf, np.inf, 0.25])


def test_infinite_errors_have_their_places():
    twins = ModelMoments(np.zeros(3), np.zeros(3), np.array([[1, 0, 0], [0, 1, 1], [0, 1, 1.0]]))
    fitted = fit(Ising(np.zeros((2, 2)), np.zeros(2)), [[1, 1], [-1, 1], [1, -1], [-1, -1]], lambda model: twins)
    assert np.array_equal(fitted.J_errors, [[0, 0.5], [0.5, 0]]) and np.array_equal(fitted.h_errors, [np.inf, np.inf])
    lattice = fit(LatticeIsing(0.1, 0.2, (2, 2)), np.ones((4, 2, 2)), exact_moments, max_steps=0)
    assert np.array_equal([lattice.J_errors, lattice.h_errors], lattice.standard_errors)


# ---------------------------------------------------------------- contrastive divergence


def one_sweep(model):
    """Mean of the statistics after a sweep, for each state of before: shape (32, 15)."""
    laws = np.array([heat_bath_law(model, law, 1.0, 1) for law in np.eye(32)])
    return laws @ model.statistics(STATES)


def test_response_of_contrastive_divergence_is_the_derivative():
    """Its part that is not symmetric, too. From n pairs a covariance of products has an error of about 2 / root n."""
    model, n = dense5(), 100_000
    law, epsilon = exact.distribution(model.J, model.h), 1e-4
    ahead = [one_sweep(model.step(d)) - one_sweep(model.step(-d)) for d in epsilon * np.eye(15)]
    derivative = np.transpose([law @ change for change in ahead]) / (2 * epsilon)
    assert np.abs(derivative - derivative.T).max() > 0.1
    data = np.repeat(STATES, np.round(law * n).astype(int), axis=0)
    now = contrastive_divergence(data, copies=2, rng=1)(model)
    assert np.all(np.abs(now.response - derivative) < 2 * Z / np.sqrt(sources.ENOUGH_FOR_COVARIANCE))
    assert np.array_equal(now.curvature, now.curvature.T)


@pytest.mark.parametrize("copies", [2, 50])
def test_score_of_contrastive_divergence_scatters_as_it_should(copies):
    """Between samples, and by the noise of the copies of each."""
    model, n = dense5(), sources.ENOUGH_FOR_COVARIANCE
    law, after = exact.distribution(model.J, model.h), one_sweep(model)
    pull, statistics = model.statistics(STATES) - after, model.statistics(STATES)
    expected = law @ pull**2 - (law @ pull) ** 2 + law @ (1 - after**2) / copies  # the square of a statistic is 1
    now = contrastive_divergence(draw(model, n, 1), copies=copies, rng=2)(model)
    # A square of up to 4, of mean e, has a variance of up to 4 e.
    assert np.all(np.abs(np.diag(now.score_covariance) - expected) < Z * np.sqrt(4 * expected / n))
    assert np.allclose(now.standard_error, np.sqrt(law @ (1 - after**2) / (copies * n)), rtol=0.1)
    assert np.all(np.abs(now.mean - law @ statistics) < Z * np.sqrt((1 - (law @ statistics) ** 2) / n) + Z / np.sqrt(n))


def test_bars_of_contrastive_divergence_hold_where_little_is_forgotten():
    """100 pictures of 8 x 8 near the critical point: the Cramer-Rao bound, in their place, is 4 times too short for h.

    The mean of 60 squares has a deviation of sqrt(2 / 60) and, as a chi-square of 60 degrees of freedom over 60, is
    between 0.37 and 2.1 but for once in a million.
    """
    truth = LatticeIsing(0.42, 0.02, (8, 8))
    images = sampling.flip_all(truth, sampling.sample_images(0.42, 0.02, (8, 8), 6000, burn_in=300, rng=1), rng=2)
    fits = [fit_images(some, method="cd", rng=3, progress=False) for some in np.split(images, 60)]
    off = np.array([(fitted.model.parameters - truth.parameters) / fitted.standard_errors for fitted in fits])
    assert np.all((np.mean(off**2, axis=0) > 0.37) & (np.mean(off**2, axis=0) < 2.1))
    bound = fisher_errors(exact_moments(truth).covariance, 100)
    assert np.mean([fitted.standard_errors[1] for fitted in fits]) > 3 * bound[1]


def test_contrastive_divergence_needs_samples_for_its_bars():
    images = sampling.sample_images(0.3, 0.05, (16, 16), 10, burn_in=100, rng=1)
    for n, some in ((1, False), (9, False), (10, True)):
        fitted = fit_images(images[:n], method="cd", rng=1, progress=False)
        assert (fitted.standard_errors is not None) == some


def test_any_order_of_the_data_is_as_good():
    """Sorted by states, the first 10 000 of 40 000 samples are but a few states."""
    data = draw(dense5(), 40_000, 1)
    ordered = data[np.lexsort(data.T)]
    for method in ("cd", "pcd"):
        one, other = (fit_ising(some, method=method, rng=1, progress=False) for some in (data, ordered))
        # Each knows its covariance from 10 000 samples or more.
        assert np.allclose(one.standard_errors, other.standard_errors, rtol=0.1)


# ---------------------------------------------------------------- Monte Carlo noise


def test_noise_of_the_chains_is_in_the_bars():
    """As many independent chains as samples double the variance."""
    data = draw(dense5(), 1000, 1)
    best = fit(independent(data), data, exact_moments)

    def chains(model):
        now = exact_moments(model)
        return ModelMoments(now.mean, np.sqrt(np.diag(now.covariance) / n_chains), now.covariance)

    def averages(model):
        """Whose noise has another shape."""
        now = exact_moments(model)
        return ModelMoments(now.mean, np.full(15, 0.1), now.covariance, noise=0.01 * np.eye(15))

    for n_chains in (1000, 250):
        fitted = fit(best.model, data, chains, max_steps=0)
        assert np.allclose(fitted.standard_errors, np.sqrt(1 + 1000 / n_chains) * best.standard_errors)
    inverse = np.linalg.inv(exact_moments(best.model).covariance)
    expected = np.sqrt(np.diag(inverse / 1000 + 0.01 * inverse @ inverse))
    assert np.allclose(fit(best.model, data, averages, max_steps=0).standard_errors, expected)


@pytest.mark.parametrize("kind", [fresh_chains, persistent_chains])
def test_error_of_draws_that_depend_on_each_other(kind):
    """The spread of many looks is what they claim: a chi-square over its 99 degrees of freedom.

    The claim of one look, from 64 groups, has 63; averaged over looks it is sharp. Looks at chains that go on are 50
    sweeps apart.
    """
    model = Ising(2 * dense5().J, dense5().h)
    source = kind(256, 50, draws=10, rng=1)
    looks = [source(model) for _ in range(100)]
    means, claimed = np.array([now.mean for now in looks]), np.mean([now.noise for now in looks], axis=0)
    spread, size = np.cov(means, rowvar=False), np.diag(claimed)
    assert np.allclose(np.log(np.diag(spread) / size), 0, atol=Z * np.sqrt(2 / 99 + 2 / (63 * 100)))
    assert np.all(np.abs(spread - claimed) < Z * np.sqrt(2 / 99) * np.sqrt(np.outer(size, size)))
    assert np.allclose(size, np.mean([now.standard_error**2 for now in looks], axis=0))
    assert np.all(np.abs(means.mean(axis=0) - exact_moments(model).mean) < Z * np.sqrt(size / 100))


@pytest.mark.parametrize("at_most", [10**9, 1000])
def test_draws_take_the_place_of_chains(at_most, monkeypatch):
    """Memory is bounded, and the bars do not change but for what draws of one chain tell less."""
    monkeypatch.setattr("course_lib.learning.fits.SPINS_AT_A_TIME", 5 * at_most)
    data, most = draw(dense5(), 1000, 1), []
    advance = sources.advance

    def watched(model, states, sweeps, *, rng):
        most.append(len(states))
        return advance(model, states, sweeps, rng=rng)

    monkeypatch.setattr(sources, "advance", watched)
    best = fit_ising(data)
    for method in ("mc", "pcd"):
        fitted = fit_ising(data, method=method, rng=1, progress=False)
        off = (fitted.model.parameters - best.model.parameters) / best.standard_errors
        assert np.all(np.abs(off) < Z * np.sqrt(3 / FINE)) and fitted.stopped == "noise"
        assert np.all(fitted.standard_errors > 0.9 * best.standard_errors)
        assert np.all(fitted.standard_errors < 1.3 * best.standard_errors)
    assert max(most) == min(at_most, FINE * 1000)


def test_more_chains_than_memory_are_refused():
    for source in (fresh_chains(10**12, 1, rng=1), persistent_chains(10**12, 1, rng=1)):
        with pytest.raises(ValueError, match=r"these chains take .* GB, more than half .*take fewer, with more draws"):
            source(ZERO)
    with pytest.raises(ValueError, match=r"the covariance and its inverse take .* GB"):
        errors.sampled_errors(Ising(np.zeros((900, 900)), np.zeros(900)), 1000, rng=1)


def test_a_start_that_is_right_is_left_after_one_look_each():
    """The pseudo-likelihood of 30 000 weakly coupled samples is as good as the likelihood."""
    rng = np.random.default_rng(1)
    truth = Ising(np.zeros((12, 12)), rng.normal(0, 0.3, 12))
    data = sampling.advance(truth, sampling.random_states(truth, 30_000, rng=rng), 5, rng=rng)
    for method in ("mc", "pcd"):
        fitted = fit_ising(data, method=method, rng=1, progress=False)
        assert fitted.stopped == "noise" and len(fitted.history) == 2


def test_what_noise_leaves_is_the_noise_of_one_look_from_anywhere():
    """Four errors off in one direction of 15: an average over all of them hardly sees it, but the last step takes it.

    Less than one look's noise, by a chi-square of 15 degrees of freedom, means less than 56.5 but for once in a
    million.
    """
    model = dense5()
    statistics, information = exact_moments(model).mean, exact_moments(model).covariance
    values, vectors = np.linalg.eigh(information)
    n, data = 50_000, np.repeat(STATES, np.round(exact.distribution(model.J, model.h) * 10**6).astype(int), axis=0)
    for k in (0, 14):
        start = model.step(4 * vectors[:, k] / np.sqrt(values[k] * n))
        fitted = fit(start, data, fresh_chains(n, 20, rng=1), progress=False)
        off = fitted.model.parameters - model.parameters
        assert fitted.stopped == "noise" and n * off @ information @ off < 56.5
        assert np.abs(model.moments(data) - statistics).max() < 1e-4  # the data are as good as the model


# ---------------------------------------------------------------- penalties, plain steps


@pytest.mark.parametrize("method", ["exact", "pcd", "pseudo-likelihood"])
def test_bars_under_l2_hold_for_parameters_from_its_prior(method):
    """Strong: without how far l2 pulls, the mean square would be 0.5 or less of the parameters' own variance.

    The mean of squares of 60 fits of 15 parameters each.
    """
    rng, squares, deviation = np.random.default_rng(5), [], 0.3
    for _ in range(60):
        truth = ZERO.step(rng.normal(0, deviation, 15))
        data = rng.choice(STATES, 40, p=exact.distribution(truth.J, truth.h))
        fitted = fit_ising(data, method=method, l2=1 / (40 * deviation**2), rng=rng, progress=False)
        squares.append(np.mean(((fitted.model.parameters - truth.parameters) / fitted.standard_errors) ** 2))
    assert abs(np.mean(squares) - 1) < Z * np.std(squares) / np.sqrt(60)


def test_no_bars_under_l1_or_of_plain_steps_among_noise():
    data = draw(dense5(), 1000, 1)
    assert fit_ising(data, l1=0.05).standard_errors is None
    assert fit_ising(data, l1=0.05).J_errors is None
    assert fit(independent(data), data, fresh_chains(1000, 10, rng=1), plain=True).standard_errors is None
    assert fit(independent(data), data, exact_moments, plain=True).standard_errors is not None


# ---------------------------------------------------------------- effective samples


@pytest.mark.parametrize("method", ["exact", "mc", "cd", "pseudo-likelihood"])
def test_fewer_effective_samples_make_longer_bars(method):
    data = draw(dense5(), 1000, 1)
    all_of_them, a_quarter = (
        fit_ising(data, method=method, effective_samples=worth, rng=1, progress=False) for worth in (None, 250)
    )
    assert np.array_equal(all_of_them.model.parameters, a_quarter.model.parameters)
    ratio = a_quarter.standard_errors / all_of_them.standard_errors
    noise = 1 / FINE if method == "mc" else 0  # that of the chains does not change
    assert np.allclose(ratio, np.sqrt((4 + noise) / (1 + noise)))
    images = sampling.sample_images(0.2, 0.05, (4, 4), 50, burn_in=50, rng=1)
    whole, half = (fit_images(images, method=method, effective_samples=n, rng=1, progress=False) for n in (50, 25))
    assert np.all(half.standard_errors > 1.3 * whole.standard_errors)


@pytest.mark.parametrize("worth", [0, -1, np.nan, np.inf, [10, 10]])
def test_what_samples_cannot_be_worth(worth):
    for method in ("exact", "pseudo-likelihood"):
        with pytest.raises(ValueError, match="effective_samples must be one number above 0, got"):
            fit_ising(draw(ZERO, 100, 1), method=method, effective_samples=worth)


@pytest.mark.parametrize("method", ["mean-field", "tap"])
def test_effective_samples_of_what_has_no_errors(method):
    with pytest.raises(ValueError, match=f"method '{method}' has no errors, and nothing else needs effective_samples"):
        fit_ising(draw(ZERO, 100, 1), method=method, effective_samples=10)
