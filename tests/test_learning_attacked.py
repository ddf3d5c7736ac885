"""What small changes of the loop, the sources and the named fits would break, and no other test would notice.

Tolerances on Monte Carlo results are Z standard errors, Z from a false-alarm rate of 1e-6 shared by 1000 comparisons of
normal means (Bonferroni).
"""

from statistics import NormalDist

import numpy as np
import pytest

from course_lib import exact, ising, sampling
from course_lib.ising import Ising, LatticeIsing
from course_lib.learning import (
    ModelMoments,
    contrastive_divergence,
    exact_moments,
    fisher_errors,
    fit,
    fit_images,
    fit_ising,
    fresh_chains,
    largest_stable_step,
    persistent_chains,
    sampled_errors,
)

Z = NormalDist().inv_cdf(1 - 1e-6 / (2 * 1000))


def some_model(n, seed=5):
    rng = np.random.default_rng(seed)
    return Ising(ising.random_couplings(n, rng), rng.normal(0, 0.4, n))


def some_data(n, n_samples=1000, seed=5):
    model, rng = some_model(n, seed), np.random.default_rng(seed)
    return exact.states(n)[rng.choice(2**n, n_samples, p=exact.distribution(model.J, model.h))]


def zeros(n):
    return Ising(np.zeros((n, n)), np.zeros(n))


def variances_only(model):
    moments = exact_moments(model)
    return ModelMoments(moments.mean, moments.standard_error, np.diag(moments.covariance))


DATA = some_data(5)


# ---------------------------------------------------------------- the move to the mirror image


def test_flip_all_takes_either_image_with_its_probability():
    n, model, states = 40_000, some_model(4), exact.states(4)
    p = exact.distribution(model.J, model.h)
    mirrored = p[::-1]  # all bits of the number of the state are flipped
    before = np.repeat(states, n, axis=0)
    kept = before.copy()
    after = sampling.flip_all(model, before, rng=1)
    flipped = np.all(after == -before, axis=1)
    assert np.array_equal(before, kept) and np.all(flipped | np.all(after == before, axis=1))
    expected = mirrored / (p + mirrored)
    error = np.sqrt(expected * (1 - expected) / n)
    assert np.all(np.abs(flipped.reshape(16, n).mean(axis=1) - expected) < Z * error)


def test_flip_all_of_a_lattice():
    n, model = 40_000, LatticeIsing(0.3, -0.05, (2, 3))
    up = sampling.flip_all(model, np.ones((n, 2, 3)), rng=1)
    expected = 1 / (1 + np.exp(2 * 0.05 * 6))
    assert abs(np.mean(up == 1) - expected) < Z * np.sqrt(expected * (1 - expected) / n)


@pytest.mark.parametrize(
    ("model", "shape"), [(some_model(4), (4,)), (some_model(4), (3, 5)), (LatticeIsing(0, 0, (2, 3)), (7, 3, 2))]
)
def test_flip_all_refuses(model, shape):
    with pytest.raises(ValueError, match="must have the shape of the model's"):
        sampling.flip_all(model, np.ones(shape), rng=1)


# ---------------------------------------------------------------- sources


def test_persistent_chains_start_where_they_are_told():
    """Before the first sweep; the mirror image has the same products."""
    pair = persistent_chains(100, 0, start=[[1, 1, -1]], burn_in=0, rng=1)(zeros(3))
    assert np.array_equal(pair.mean[:3], [1, -1, -1])
    ferromagnet = persistent_chains(100, 0, burn_in=0, rng=1)(LatticeIsing(0.1, 0.0, (4, 4)))
    assert ferromagnet.mean[0] == 32
    antiferromagnet = persistent_chains(100, 0, burn_in=0, rng=1)(LatticeIsing(-0.1, 0.0, (4, 4)))
    assert abs(antiferromagnet.mean[0]) < Z * np.sqrt(32 / 100)


def test_fewer_chains_than_starts_take_some_from_all_over():
    """The first thousand agree, the second thousand disagree."""
    start = np.repeat([[1, 1], [1, -1]], 1000, axis=0)
    now = persistent_chains(1000, 0, start=start, burn_in=0, rng=1)(zeros(2))
    assert abs(now.mean[0]) < Z / np.sqrt(1000)


def test_burn_in_comes_before_the_first_moments():
    model = some_model(4)
    now = persistent_chains(10_000, 0, burn_in=30, rng=1)(model)
    assert np.all(np.abs(now.mean - exact_moments(model).mean) < Z * now.standard_error)


def test_chains_of_a_cold_ferromagnet_take_both_signs():
    """No local move leads from one to the other, and a weak field makes one of them likelier."""
    model = LatticeIsing(0.8, 0.005, (8, 8))
    for source in (fresh_chains(4000, 300, rng=1), persistent_chains(4000, 30, rng=1)):
        now = source(model)
        expected = 64 * np.tanh(64 * 0.005)
        assert abs(now.mean[1] - expected) < Z * 64 / np.sqrt(4000) + 2


def test_contrastive_divergence_stays_with_its_data():
    """All up at J = 1: one sweep, with no move to the mirror image, leaves nearly all of them up."""
    model = LatticeIsing(1.0, 0.0, (8, 8))
    assert contrastive_divergence(np.ones((50, 8, 8)), rng=1)(model).mean[1] > 60


def test_error_of_contrastive_divergence_is_the_spread_of_its_means():
    """From two copies, averaged over many looks: 1999 degrees of freedom in the spread, 2000 in what is claimed."""
    source = contrastive_divergence(DATA[:100], copies=2, rng=1)
    looks = [source(some_model(5)) for _ in range(2000)]
    spread = np.var([now.mean for now in looks], axis=0, ddof=1)
    claimed = np.mean([now.standard_error**2 for now in looks], axis=0)
    assert np.allclose(np.log(spread / claimed), 0, atol=Z * np.sqrt(2 / 1999 + 2 / 2000))


def test_more_samples_than_the_covariance_needs():
    now = fresh_chains(40_000, 5, rng=1)(zeros(2))
    assert np.allclose(now.standard_error, 1 / np.sqrt(40_000), rtol=0.05)


def test_groups_of_unequal_size_have_the_mean_of_all():
    model, states = zeros(30), np.where(np.arange(100)[:, None] < 37, 1, -1) * np.ones(30)
    now = persistent_chains(100, 0, start=states, burn_in=0, rng=1)(model)
    assert np.array_equal(now.mean[:435], np.ones(435)) and now.covariance.shape == (465,)
    first = np.ones((100, 30))
    first[37:, 0] = -1
    mixed = persistent_chains(100, 0, start=first, burn_in=0, rng=1)(model)
    assert np.isclose(mixed.mean[0], (2 * 37 - 100) / 100)


def test_what_is_never_seen_to_change_still_has_a_variance():
    for n_chains in (1000, 20):  # the whole covariance, and its diagonal
        now = fresh_chains(n_chains, 5, rng=1)(Ising(np.zeros((4, 4)), [20.0, 0, 0, 0]))
        variance = np.diag(now.covariance) if now.covariance.ndim == 2 else now.covariance
        assert np.isclose(variance[6], 2 / n_chains) and np.isclose(now.standard_error[6], np.sqrt(2) / n_chains)


@pytest.mark.parametrize("l2", [0.0, 0.3])
def test_sampled_errors_are_right_with_few_chains(l2):
    """3 chains a parameter: without Wishart's factor the squares would be 3/2 as large."""
    rng = np.random.default_rng(1)
    model = Ising(ising.random_couplings(10, rng, 0.2), rng.normal(0, 0.1, 10))
    exactly = fisher_errors(exact_moments(model).covariance + l2 * np.eye(55), 1000)
    ratios = [
        np.mean((sampled_errors(model, 1000, l2=l2, chains_a_parameter=3, rng=seed) / exactly) ** 2)
        for seed in range(10)
    ]
    assert abs(np.mean(ratios) - 1) < 0.15, ratios


# ---------------------------------------------------------------- the loop


def test_what_shows_no_noise_must_agree_exactly():
    def source(model):
        return ModelMoments(np.array([0.0, 0.0, 1e-3]), np.array([0.1, 0.1, 0.0]), np.eye(3))

    data = [[1, 1], [-1, 1], [1, -1], [-1, -1]]
    assert fit(zeros(2), data, source, max_steps=2).stopped == "steps"


def test_noise_is_averaged_over_the_independent_directions():
    """Two statistics that always agree are one direction: 2 directions, at 3 squared errors each for Newton."""

    def source_with(deviation):
        twins = np.array([[1, 0, 0], [0, 1, 1], [0, 1, 1.0]])
        return lambda model: ModelMoments(0.1 * np.array(deviation), np.full(3, 0.1), twins)

    data = [[1, 1], [-1, 1], [1, -1], [-1, -1]]
    for limit, options in ((3, {}), (2, {"plain": True})):
        for factor, stopped in ((1.02, "steps"), (0.98, "noise")):
            source = source_with(np.full(3, factor * np.sqrt(limit)))
            assert fit(zeros(2), data, source, max_steps=2, step_size=1e-9, **options).stopped == stopped


def test_errors_with_a_penalty_are_the_width_of_the_posterior():
    fitted = fit_ising(DATA, l2=0.3)
    information = exact_moments(fitted.model).covariance + 0.3 * np.eye(15)
    assert np.allclose(fitted.standard_errors, np.sqrt(np.diag(np.linalg.inv(information)) / len(DATA)))


def test_newton_knows_of_the_penalty():
    fitted = fit_ising(DATA, l2=1.0)
    assert fitted.stopped == "converged" and len(fitted.history) < 10


@pytest.mark.parametrize("source", [exact_moments, variances_only])
@pytest.mark.parametrize("penalty", [{"l1": 0.05}, {"l2": 0.5}, {"l2": 30.0}, {"l1": 0.05, "l2": 0.5}])
def test_any_kind_of_step_reaches_the_penalised_maximum(source, penalty):
    """What the subgradient says: the slope left is l1 sign(theta) + l2 theta, and at theta = 0 at most l1."""
    l1, l2 = penalty.get("l1", 0), penalty.get("l2", 0)
    fitted = fit(zeros(5), DATA, source, tolerance=1e-8, max_steps=5000, **penalty)
    assert fitted.stopped == "converged"
    theta = fitted.model.parameters
    slope = fitted.model.moments(DATA) - exact_moments(fitted.model).mean - l2 * theta
    assert np.allclose(slope[theta != 0], l1 * np.sign(theta[theta != 0]), atol=1e-7)
    assert np.all(np.abs(slope[theta == 0]) <= l1 + 1e-7)


def test_plain_steps_with_l1():
    plain, newton = (fit_ising(DATA, l1=0.05, tolerance=1e-8, plain=plain, max_steps=5000) for plain in (True, False))
    assert plain.stopped == "converged" and np.allclose(plain.J, newton.J, atol=1e-6)
    assert np.array_equal(plain.J == 0, newton.J == 0)


def test_largest_stable_step_from_the_model_where_data_are_few():
    covariance = np.array([[4, 1, 0], [1, 9, 0], [0, 0, 1.0]])
    now = ModelMoments(np.zeros(3), np.zeros(3), covariance)
    two = [[1, 1], [-1, 1]]
    assert np.isclose(largest_stable_step(zeros(2), two, now=now), 2 / np.linalg.eigvalsh(covariance)[-1])
    assert np.isclose(largest_stable_step(zeros(2), two, now=now, variances=np.diag(covariance)), 2 / (1 + 1 / 6))
    diagonal = ModelMoments(now.mean, now.standard_error, np.diag(covariance))
    assert np.isclose(largest_stable_step(zeros(2), two, now=diagonal), 2 / 9)
    assert largest_stable_step(zeros(2), np.ones((20, 2))) == np.inf


def test_largest_stable_step_looks_at_all_parts_of_the_data():
    """The first half never changes."""
    data = np.concatenate([np.ones((4000, 1)), np.random.default_rng(1).choice([-1, 1], (4000, 1))])
    # 1000 of the 2000 samples have a random sign.
    assert np.isclose(largest_stable_step(zeros(1), data), 2 / 0.75, rtol=Z / np.sqrt(1000))


# ---------------------------------------------------------------- fits by name


def test_an_exact_fit_of_many_samples_is_close_enough_to_judge_it():
    data = np.repeat(DATA, 100, axis=0)
    assert fit_ising(data).history[-1] <= 0.01 / len(data)


@pytest.mark.parametrize("penalty", [{"l1": 0.02}, {"l2": 0.02}])
def test_any_penalty_makes_a_maximum(penalty):
    """Two spins that always agree, and a combination that only the fit could see to be missing."""
    assert fit_ising([[1, 1], [-1, -1]] * 10, **penalty).stopped == "converged"
    states = exact.states(5)
    assert fit_ising(np.repeat(states[np.abs(states.sum(axis=1)) == 1], 10, axis=0), **penalty).stopped == "converged"


def test_frozen_spins_are_held_by_l2_alone():
    h = fit_ising(np.ones((20, 2)), l2=0.05).h
    assert np.all(np.isfinite(h)) and np.all(h > 0)


@pytest.mark.parametrize("max_steps", range(7))
def test_both_parts_of_a_fit_share_the_steps(max_steps):
    seen = []
    fitted = fit_ising(
        DATA, method="mc", rng=1, max_steps=max_steps, callback=lambda model, gap: seen.append(model), progress=False
    )
    assert len(fitted.history) == len(seen) <= max_steps + 1
    if fitted.stopped == "steps" or max_steps == 0:
        assert seen[-1] is fitted.model and len(seen) == max_steps + 1
    else:  # one last step is made after the look that shows but noise, if there is one left
        assert fitted.stopped == "noise" and (seen[-1] is fitted.model) == (len(seen) == max_steps + 1)


def test_the_fine_part_is_finer():
    """Its noise is that of 20 samples for each of the data's: a shorter one would show in the last slopes."""
    last = [fit_ising(DATA, method="mc", rng=seed, progress=False).history[-1] for seed in range(5)]
    assert max(last) < Z * np.sqrt(2 / (20 * len(DATA)))


def test_l1_by_chains_makes_the_zeros_of_the_exact_fit():
    exactly = fit_ising(DATA, l1=0.15)
    zero = exactly.J == 0
    chains = fit_ising(DATA, l1=0.15, method="pcd", rng=1, progress=False)
    assert 5 < zero.sum() < 25 and np.all((chains.J == 0) == zero)
    assert np.allclose(chains.J, exactly.J, atol=0.06)


def test_warnings_point_at_the_caller():
    with pytest.warns(UserWarning, match="14 samples .* l2=0.071") as caught:
        fit_ising(DATA[:14], l2=0.1)
    assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match="phase coexistence") as caught:
        fit_images(np.repeat([[1], [-1]], 8, axis=0) * np.ones(16), method="pseudo-likelihood", l2=1.0)
    assert caught[0].filename == __file__


def test_as_many_samples_as_parameters_are_no_reason_to_warn(recwarn):
    fit_ising(DATA[:15], l2=0.1)
    assert not len(recwarn)


def test_data_may_be_nearly_any_array_of_spins():
    fitted = fit_ising(DATA)
    for data in (DATA.tolist(), DATA.astype(float), DATA.reshape(10, 100, 5), np.asfortranarray(DATA)):
        assert np.allclose(fit_ising(data).J, fitted.J)


def test_a_generator_goes_on():
    rng = np.random.default_rng(1)
    first, second = (fit_ising(DATA, method="pcd", rng=rng, max_steps=2, progress=False) for _ in range(2))
    again = fit_ising(DATA, method="pcd", rng=1, max_steps=2, progress=False)
    assert np.array_equal(first.J, again.J) and not np.array_equal(first.J, second.J)


@pytest.mark.parametrize(("method", "sweeps"), [("mc", 100), ("pcd", 10), ("cd", 1)])
def test_sweeps_are_passed_on_and_have_the_defaults_of_the_docstring(method, sweeps):
    default, same, other = (
        fit_ising(DATA, method=method, rng=1, max_steps=2, progress=False, **given)
        for given in ({}, {"sweeps": sweeps}, {"sweeps": sweeps + 1})
    )
    assert np.array_equal(default.J, same.J) and not np.array_equal(default.J, other.J)
