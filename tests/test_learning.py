"""One loop for every model: the Ising models, and machines with hidden units, which plug in from above.

Tolerances on Monte Carlo results are Z standard errors, Z from a false-alarm rate of 1e-6 shared by 1000 comparisons of
normal means (Bonferroni).
"""

from statistics import NormalDist

import numpy as np
import pytest
from models import moments_with_covariance
from reference import CASES

from course_lib import exact, ising, sampling
from course_lib.ising import Ising, LatticeIsing
from course_lib.learning import (
    Diverged,
    Fit,
    ModelMoments,
    contrastive_divergence,
    exact_moments,
    fit,
    fresh_chains,
    largest_stable_step,
    persistent_chains,
    sources,
)
from course_lib.rbm import RBM, GaussianRBM

Z = NormalDist().inv_cdf(1 - 1e-6 / (2 * 1000))
# Of the statistics tested here, at most: the variance of a product x y is then at most KURTOSIS var(x) var(y), and a
# standard deviation from n samples has the relative error sqrt((KURTOSIS - 1) / (4 n)).
KURTOSIS = 7


def reference(name):
    case = CASES[name]
    return {
        key: np.array(value) if isinstance(value, list) else value
        for key, value in {**case["inputs"], **case["expected"]}.items()
    }


def without_covariance(model):
    moments = exact_moments(model)
    return ModelMoments(moments.mean, moments.standard_error)


def log_partition(model):
    match model:
        case Ising():
            return exact.log_partition(model.J, model.h)
        case LatticeIsing():
            return exact.lattice(model.shape, model.J, model.h)[0]
    return model.log_partition()


def nll(model, data):
    return np.mean(model.energy(data)) + log_partition(model)


def zeros(n):
    return Ising(np.zeros((n, n)), np.zeros(n))


def inverse5():
    row = reference("inverse5")
    return row, np.repeat(exact.states(5), row["counts"], axis=0)


@pytest.fixture(params=["dense", "lattice", "binary RBM", "Gaussian RBM"])
def model_and_data(request):
    """A model, and data that are not its own."""
    rng = np.random.default_rng(11)
    match request.param:
        case "dense":
            model = Ising(ising.random_couplings(4, rng), rng.normal(0, 0.5, 4))
        case "lattice":
            model = LatticeIsing(0.3, 0.1, (3, 4))
        case "binary RBM":
            model = RBM(rng.normal(0, 0.5, 4), rng.normal(0, 0.5, 3), rng.normal(0, 1, (4, 3)))
        case "Gaussian RBM":
            model = GaussianRBM(
                rng.normal(0, 0.5, 2), rng.normal(0, 0.5, 2), rng.normal(0, 0.7, (2, 2)), np.array([0.8, 1.2])
            )
    return model, sampling.random_states(model, 30, rng=rng)


# ---------------------------------------------------------------- gradients and sources


def test_gap_is_minus_the_gradient_of_the_nll(model_and_data):
    model, data = model_and_data
    gap = model.moments(data) - exact_moments(model).mean
    epsilon = 1e-5
    for k, direction in enumerate(np.eye(len(gap))):
        up, down = model.step(epsilon * direction), model.step(-epsilon * direction)
        slope = (nll(up, data) - nll(down, data)) / (2 * epsilon)
        assert abs(slope + gap[k]) < 1e-7


def test_moments_are_the_mean_of_the_statistics(model_and_data):
    model, data = model_and_data
    assert np.allclose(model.moments(data), model.statistics(data).mean(axis=0))


def test_fresh_chains_agree_with_exact_moments(model_and_data):
    model, _ = model_and_data
    truth = moments_with_covariance(model) if isinstance(model, RBM | GaussianRBM) else exact_moments(model)
    n = 10_000
    now = fresh_chains(n, 60, rng=1)(model)
    assert np.all(np.abs(now.mean - truth.mean) < Z * now.standard_error)
    variance = np.diag(truth.covariance)
    assert np.allclose(now.standard_error, np.sqrt(variance / n), rtol=Z * np.sqrt((KURTOSIS - 1) / (4 * n)))
    error = np.sqrt(KURTOSIS * np.outer(variance, variance) / n)
    assert np.all(np.abs(now.covariance - truth.covariance) < Z * error)
    few = fresh_chains(10, 60, rng=1)(model)
    assert few.covariance.shape == few.mean.shape


def test_fresh_chains_go_on_with_their_generator():
    source, again = fresh_chains(100, 1, rng=1), fresh_chains(100, 1, rng=1)
    first, second = source(zeros(3)).mean, source(zeros(3)).mean
    assert not np.array_equal(first, second)
    assert np.array_equal(first, again(zeros(3)).mean) and np.array_equal(second, again(zeros(3)).mean)


def test_variances_where_a_covariance_is_too_much():
    """From the means of groups: each a chi-square of GROUPS - 1 degrees of freedom, as the means are nearly normal."""
    truth = exact_moments(zeros(5))
    n = 149  # for ten chains a parameter one too few
    now = fresh_chains(n, 5, rng=1)(zeros(5))
    assert now.covariance.shape == (15,) and fresh_chains(150, 5, rng=1)(zeros(5)).covariance.shape == (15, 15)
    assert np.all(np.abs(now.mean - truth.mean) < Z / np.sqrt(n))
    assert np.allclose(now.covariance, 1, atol=Z * np.sqrt(2 / (sources.GROUPS - 1)))
    assert np.allclose(now.standard_error, np.sqrt(now.covariance / n))


def test_no_exact_moments_for_an_unknown_model():
    with pytest.raises(TypeError, match=r"states of a str: use learning\.fresh_chains"):
        exact_moments("model")


# ---------------------------------------------------------------- N coupled spins


def test_exact_fit_is_the_reference_mle():
    row, data = inverse5()
    fitted = fit(zeros(5), data, exact_moments, tolerance=1e-11)
    assert fitted.stopped == "converged" and len(fitted.history) < 20 and fitted.history[-1] <= 1e-11
    assert np.allclose(fitted.J, row["mle"]["J"], atol=1e-8) and np.allclose(fitted.h, row["mle"]["h"], atol=1e-8)
    assert np.isclose(nll(fitted.model, data), row["nll_mle"], rtol=1e-9)
    fisher = exact_moments(fitted.model).covariance
    assert np.allclose(fitted.standard_errors, np.sqrt(np.diag(np.linalg.inv(fisher)) / len(data)))


def test_errors_count_the_samples_of_any_batch():
    _, data = inverse5()
    flat = fit(zeros(5), data, exact_moments)
    batch = fit(zeros(5), data.reshape(2, 5, -1, 5), exact_moments)
    assert np.allclose(batch.J, flat.J) and np.allclose(batch.standard_errors, flat.standard_errors)


@pytest.mark.parametrize("scale", [0.5, 2, 5])
def test_all_starts_reach_the_one_optimum(scale):
    """Also from models that are nearly frozen, where the covariance is close to singular."""
    row, data = inverse5()
    for seed in range(4):
        rng = np.random.default_rng(seed)
        start = Ising(ising.random_couplings(5, rng, 2 * scale), rng.normal(0, scale, 5))
        fitted = fit(start, data, exact_moments, tolerance=1e-9, max_steps=100)
        assert fitted.stopped == "converged" and np.allclose(fitted.J, row["mle"]["J"], atol=1e-6)


def test_plain_step_is_stable_up_to_two_over_the_largest_eigenvalue():
    row, data = inverse5()
    fisher = exact_moments(Ising(row["mle"]["J"], row["mle"]["h"])).covariance
    limit = 2 / np.linalg.eigvalsh(fisher)[-1]
    slow = fit(zeros(5), data, without_covariance, step_size=0.9 * limit, max_steps=2000)
    assert slow.stopped == "converged" and np.allclose(slow.J, row["mle"]["J"], atol=1e-4)
    assert slow.standard_errors is None
    assert abs(largest_stable_step(zeros(5), data) / limit - 1) < 0.2  # from 2000 of the samples, not from the model
    plain = fit(zeros(5), data, exact_moments, plain=True, max_steps=2000)
    assert plain.stopped == "converged" and np.all(plain.standard_errors > 0)


@pytest.mark.parametrize("factor", [1.02, 1.1, 2, 10, 1000])
def test_a_step_that_is_too_large_is_caught(factor):
    row, data = inverse5()
    fisher = exact_moments(Ising(row["mle"]["J"], row["mle"]["h"])).covariance
    limit = 2 / np.linalg.eigvalsh(fisher)[-1]
    says = r"jumps to and fro.*largest stable step is about 0\.[67]"
    with pytest.raises(Diverged, match=says) as caught:
        fit(zeros(5), data, without_covariance, step_size=factor * limit, max_steps=200)
    assert len(caught.value.history) < 60 and caught.value.model.J.shape == (5, 5)


@pytest.mark.parametrize("factor", [0.5, 0.9, 0.98])
def test_a_step_below_the_limit_is_let_alone(factor):
    row, data = inverse5()
    fisher = exact_moments(Ising(row["mle"]["J"], row["mle"]["h"])).covariance
    limit = 2 / np.linalg.eigvalsh(fisher)[-1]
    assert fit(zeros(5), data, exact_moments, plain=True, step_size=factor * limit).stopped == "converged"


# Plain steps reach the noise before they are done in flat directions.
@pytest.mark.parametrize(("covariance", "step_size", "limit"), [(True, 1.0, Z), (False, 0.5, 2 * Z)])
def test_fresh_chains_fit_as_well_as_their_noise_allows(covariance, step_size, limit):
    row, data = inverse5()
    n = 10_000
    source = fresh_chains(n, 15, rng=2)
    fitted = fit(zeros(5), data, source, step_size=step_size, max_steps=200)
    assert fitted.stopped == "noise"
    mle = Ising(row["mle"]["J"], row["mle"]["h"])
    noise = np.sqrt(np.diag(np.linalg.inv(exact_moments(mle).covariance)) / n)
    assert np.all(np.abs(fitted.model.parameters - mle.parameters) < limit * noise)


def test_same_seed_same_fit():
    _, data = inverse5()
    first, again, other = (fit(zeros(5), data, fresh_chains(500, 5, rng=seed), max_steps=5) for seed in (1, 1, 2))
    assert np.array_equal(first.model.parameters, again.model.parameters)
    assert not np.array_equal(first.model.parameters, other.model.parameters)


def test_one_spin():
    fitted = fit(zeros(1), [[1], [1], [-1]], exact_moments, tolerance=1e-12)
    assert np.isclose(fitted.h[0], np.arctanh(1 / 3))
    source = fresh_chains(5000, 5, rng=1)
    noise = 1 / np.sqrt(5000 * (1 - 1 / 9))
    assert abs(fit(zeros(1), [[1], [1], [-1]], source).h[0] - np.arctanh(1 / 3)) < Z * noise


# ---------------------------------------------------------------- lattices


def images_of(model, n, sweeps=60):
    rng = np.random.default_rng(5)
    return sampling.advance(model, sampling.random_states(model, n, rng=rng), sweeps, rng=rng)


@pytest.mark.parametrize("start", [(0.0, 0.0), (1.0, 0.5), (-1.0, -1.0)])
def test_lattice_fit_recovers_the_moments(start):
    truth = LatticeIsing(0.35, 0.05, (8, 8))
    images = images_of(truth, 200)
    fitted = fit(LatticeIsing(*start, (8, 8)), images, exact_moments, tolerance=1e-7, max_steps=80)
    assert fitted.stopped == "converged"
    assert np.allclose(exact_moments(fitted.model).mean, truth.moments(images), atol=1e-7)
    assert np.all(np.abs(fitted.model.parameters - truth.parameters) < Z * fitted.standard_errors)


def test_lattice_fit_by_fresh_chains_agrees_with_reference():
    row, n = reference("inverse_lattice16"), 300
    bits_of = [np.unpackbits(np.frombuffer(bytes.fromhex(image), np.uint8)) for image in row["images_hex"]]
    images = 2 * np.array(bits_of, dtype=np.int8).reshape(-1, 16, 16) - 1
    start = LatticeIsing(0.0, 0.0, (16, 16))
    fitted = fit(start, images, fresh_chains(n, 80, rng=1), max_steps=60)
    assert fitted.stopped == "noise"
    noise = row["crb_std_J_h"] * np.sqrt(len(images) / n)
    assert np.all(np.abs(fitted.model.parameters - [row["mle_J"], row["mle_h"]]) < Z * noise)
    assert np.allclose(fitted.standard_errors, row["crb_std_J_h"], rtol=Z * np.sqrt((KURTOSIS - 1) / (4 * n)))


def test_large_lattice_needs_a_scaled_step():
    truth = LatticeIsing(0.3, 0.02, (32, 32))
    images, start = images_of(truth, 30, sweeps=30), LatticeIsing(0.0, 0.0, (32, 32))
    with pytest.raises(Diverged, match=r"largest stable step is about 0\.000[1-9]") as caught:
        fit(start, images, fresh_chains(10, 5, rng=1), step_size=1.0, plain=True)
    assert abs(caught.value.model.J) > 100 and len(caught.value.history) <= 10
    scaled = fit(start, images, fresh_chains(100, 30, rng=1), max_steps=60)
    assert scaled.stopped == "noise"
    errors = scaled.standard_errors * np.sqrt(1 + len(images) / 100)
    assert np.all(np.abs(scaled.model.parameters - truth.parameters) < Z * errors)


# ---------------------------------------------------------------- hidden units


def rbm_and_data(name):
    rng = np.random.default_rng(3)
    if name == "binary":
        truth = RBM(rng.normal(0, 0.5, 4), np.zeros(2), rng.normal(0, 1.5, (4, 2)))
        start = RBM(np.zeros(4), np.zeros(2), rng.normal(0, 0.3, (4, 2)))
    else:
        truth = GaussianRBM(np.array([-1.0, 0.5]), np.zeros(1), np.array([[2.0], [-1.5]]), np.ones(2))
        start = GaussianRBM(np.zeros(2), np.zeros(1), rng.normal(0, 0.3, (2, 1)), np.ones(2))
    data = sampling.advance(truth, sampling.random_states(truth, 500, rng=rng), 50, rng=rng)
    return start, data


@pytest.mark.parametrize("name", ["binary", "Gaussian"])
@pytest.mark.parametrize(("source", "tolerance"), [(moments_with_covariance, 1e-5), (exact_moments, 3e-3)])
def test_rbm_goes_down_to_a_stationary_point(name, source, tolerance):
    start, data = rbm_and_data(name)
    curve = []
    fitted = fit(
        start,
        data,
        source,
        step_size=0.3,
        max_steps=3000,
        tolerance=tolerance,
        callback=lambda model, gap: curve.append(nll(model, data)),
    )
    assert fitted.stopped == "converged"
    assert np.all(np.diff(curve) <= 1e-12) and curve[-1] < curve[0] - 0.05
    assert np.abs(fitted.model.moments(data) - exact_moments(fitted.model).mean).max() <= tolerance


@pytest.mark.parametrize("name", ["binary", "Gaussian"])
def test_rbm_by_fresh_chains(name):
    start, data = rbm_and_data(name)
    fitted = fit(start, data, fresh_chains(2000, 20, rng=1), max_steps=300)
    assert fitted.stopped == "noise"
    best = fit(start, data, moments_with_covariance, tolerance=1e-4)
    # The noise of n samples costs chi^2 / (2 n) nats, with P degrees of freedom. Once in 1e9 it exceeds this bound
    # (Laurent and Massart, Ann. Stat. 28, 1302, 2000, lemma 1); the noise criterion adds a gap of P to it.
    n_parameters, x = len(start.parameters), np.log(1e9)
    chi_square = n_parameters + 2 * np.sqrt(n_parameters * x) + 2 * x
    assert nll(fitted.model, data) - nll(best.model, data) < (chi_square**0.5 + n_parameters**0.5) ** 2 / (2 * 2000)


# ---------------------------------------------------------------- the loop


def test_one_entry_of_history_for_each_model():
    _, data = inverse5()
    seen = []
    fitted = fit(
        zeros(5), data, exact_moments, max_steps=3, callback=lambda model, gap: seen.append((model, np.abs(gap).max()))
    )
    assert fitted.stopped == "steps" and len(fitted.history) == len(seen) == 4
    assert np.array_equal(fitted.history, [gap for _, gap in seen]) and seen[-1][0] is fitted.model
    still = fit(zeros(5), data, exact_moments, max_steps=0)
    assert len(still.history) == 1 and np.all(still.J == 0)


def test_interrupt_returns_what_was_reached():
    row, data = inverse5()
    seen = []

    def impatient(model, gap):
        seen.append(model)
        if len(seen) == 3:
            raise KeyboardInterrupt

    fitted = fit(zeros(5), data, exact_moments, callback=impatient)
    assert fitted.stopped == "interrupted" and fitted.model is seen[2] and len(fitted.history) == 3
    assert fitted.standard_errors.shape == (15,) and nll(fitted.model, data) < row["nll_at_zero"]


@pytest.mark.parametrize("n_calls", [0, 2])
def test_interrupt_inside_the_source(n_calls):
    _, data = inverse5()
    asked = []

    def source(model):
        if len(asked) == n_calls:
            raise KeyboardInterrupt
        asked.append(model)
        return exact_moments(model)

    start = zeros(5)
    fitted = fit(start, data, source)
    assert isinstance(fitted, Fit) and fitted.stopped == "interrupted" and len(fitted.history) == n_calls
    assert fitted.model is (asked[-1] if asked else start)
    assert (fitted.standard_errors is None) == (not asked)


def test_noise_is_a_reason_to_stop_only_where_there_is_noise():
    data = [[1], [1], [-1]]

    def source_with(error):
        return lambda model: ModelMoments(np.array([1 / 3 - 0.1]), np.array([error]))

    assert fit(zeros(1), data, source_with(0.075), max_steps=2).stopped == "noise"
    assert fit(zeros(1), data, source_with(0.065), max_steps=2).stopped == "steps"
    assert fit(zeros(1), data, source_with(0.0), max_steps=2).stopped == "steps"


def test_noise_does_not_hide_an_error_in_a_flat_direction():
    """Two statistics that nearly always agree: a gap between them is no noise, though each alone might be."""

    def source_with(covariance):
        return lambda model: ModelMoments(np.array([0, -0.09, 0.09]), np.full(3, 0.1), covariance)

    data = [[1, 1], [-1, 1], [1, -1], [-1, -1]]
    twins = np.array([[1, 0, 0], [0, 1, 0.99], [0, 0.99, 1]])
    assert fit(zeros(2), data, source_with(None), max_steps=0).stopped == "noise"
    assert fit(zeros(2), data, source_with(np.eye(3)), max_steps=0).stopped == "noise"
    assert fit(zeros(2), data, source_with(twins), max_steps=0).stopped == "steps"


def test_what_the_data_cannot_tell_has_an_infinite_error():
    def source(model):
        return ModelMoments(np.zeros(3), np.zeros(3), np.array([[1, 1, 0], [1, 1, 0], [0, 0, 4.0]]))

    fitted = fit(zeros(2), [[1, 1], [-1, 1], [1, -1], [-1, -1]], source)
    assert fitted.stopped == "converged" and np.array_equal(fitted.standard_errors, [np.inf, np.inf, 0.25])


def test_moments_that_are_not_finite_are_an_error():
    with pytest.raises(ValueError, match="after 0 steps parameters or moments are no longer finite"):
        fit(zeros(1), [[1]], lambda model: ModelMoments(np.array([np.nan]), np.zeros(1)))


def test_parameters_that_are_not_finite_are_an_error():
    with (
        np.errstate(over="ignore"),
        pytest.raises(ValueError, match=r"after 1 steps .*: step_size = 1e\+308 is too large"),
    ):
        fit(LatticeIsing(0.0, 0.0, (4, 4)), np.ones((1, 4, 4)), without_covariance, step_size=1e308)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"step_size": 0}, "step_size must be a finite number above 0, got 0"),
        ({"step_size": -0.1}, "step_size must be .* got -0.1"),
        ({"step_size": np.nan}, "step_size must be .* got nan"),
        ({"max_steps": -1}, "max_steps must be a whole number, 0 or more"),
        ({"tolerance": -1e-6}, "tolerance must be 0 or above"),
        ({"data": [[0, 1]]}, r"inputs\.to_spins"),
        ({"data": np.empty((0, 2))}, "the data are empty"),
    ],
)
def test_fit_refuses(change, says):
    arguments = {"data": [[1, 1]], "source": exact_moments} | change
    with pytest.raises(ValueError, match=says):
        fit(zeros(2), **arguments)


@pytest.mark.parametrize(
    ("model", "data"),
    [
        (zeros(3), np.ones((10, 6))),
        (LatticeIsing(0.0, 0.0, (2, 6)), np.ones((5, 6, 2))),
        (LatticeIsing(0.0, 0.0, (2, 6)), np.ones(12)),
    ],
)
def test_data_of_another_model_are_refused(model, data):
    """Not cut into pieces of the right size."""
    for call in (
        lambda: contrastive_divergence(data, rng=1)(model),
        lambda: persistent_chains(10, 1, start=data, rng=1)(model),
        lambda: largest_stable_step(model, data),
    ):
        with pytest.raises(ValueError, match=r"data must have the shape \(\.\.\., .*got \("):
            call()


@pytest.mark.parametrize(("n_chains", "sweeps"), [(1, 1), (10, -1), (1.5, 1)])
def test_fresh_chains_refuses(n_chains, sweeps):
    with pytest.raises(ValueError, match="must be a whole number"):
        fresh_chains(n_chains, sweeps, rng=1)
