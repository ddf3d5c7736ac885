"""Autocorrelation times against chains whose true ones are known."""

import json
from pathlib import Path

import numpy as np
import pytest

from course_lib import sampling
from course_lib.diagnostics import ChainTooShort, autocorrelation_time, effective_sample_size, split_r_hat
from course_lib.ising import LatticeIsing, square_lattice

REFERENCE = json.loads((Path(__file__).parent / "reference.json").read_text())["cases"]


def ar1(rho, shape, seed):
    """Chains with rho(t) = rho^t, started in equilibrium: x_t = rho x_{t-1} + sqrt(1 - rho^2) times a normal number."""
    noise = np.random.default_rng(seed).normal(size=shape)
    noise[..., 1:] *= np.sqrt(1 - rho**2)
    x = np.empty(shape)
    x[..., 0] = noise[..., 0]
    for t in range(1, shape[-1]):
        x[..., t] = rho * x[..., t - 1] + noise[..., t]
    return x


def exact_tau(rho):
    return 0.5 + rho / (1 - rho)


def relative_error(rho, n, window):
    """Of the estimate: Madras and Sokal's sqrt(2 (2 M + 1) / n), where the window M follows |rho|."""
    return np.sqrt(2 * (2 * window * exact_tau(abs(rho)) + 3) / n)


@pytest.mark.parametrize("shape", [(100_000,), (8, 12_500), (400, 250)])
@pytest.mark.parametrize("rho", [-0.8, -0.5, -0.2, 0.0, 0.3, 0.8, 0.95])
def test_first_order_process(rho, shape):
    window = 7
    if shape[-1] < 3 * window * exact_tau(abs(rho)):
        pytest.skip("chains of 250 draws cannot hold the window of rho = 0.95")
    tau = autocorrelation_time(ar1(rho, shape, seed=1), window=window)
    # 5.5 standard errors, 4e-8 for a normal law, and the window's bias.
    assert abs(tau / exact_tau(rho) - 1) < 5.5 * relative_error(rho, np.prod(shape), window) + np.exp(-window)


def test_the_error_bar_is_the_right_one():
    """Over 300 chains the estimates scatter as the docstring says, within a fifth, around the truth."""
    n, rho = 10_000, 0.8
    estimates = [autocorrelation_time(ar1(rho, (n,), seed)) for seed in range(300)]
    tau = exact_tau(rho)
    error = tau * np.sqrt((4 * 5 * tau + 2) / n)
    # Relative error of a standard deviation from 300 numbers: 4%.
    assert abs(np.std(estimates) / error - 1) < 0.25
    assert abs(np.mean(estimates) - tau) < 6 * error / np.sqrt(300) + 0.02 * tau


def test_a_window_that_misses_a_slow_part_is_short_and_one_that_holds_it_is_right():
    """Fast, plus 2% of the variance slow: rho(t) = 0.98 0.5^t + 0.02 0.98^t; the window counts in times of the sum."""
    fast, slow, share, shape = 0.5, 0.98, 0.02, (64, 10_000)
    tau = (1 - share) * exact_tau(fast) + share * exact_tau(slow)
    x = np.sqrt(1 - share) * ar1(fast, shape, seed=6) + np.sqrt(share) * ar1(slow, shape, seed=7)
    narrow, wide = 5, 7 * exact_tau(slow) / tau
    # The narrow window ends at 5 tau or before.
    t = np.arange(1, np.ceil(narrow * tau) + 1)
    most = 0.5 + np.sum((1 - share) * fast**t + share * slow**t)

    def error(window):
        return tau * np.sqrt((4 * window * tau + 2) / np.prod(shape))

    assert autocorrelation_time(x, narrow) < most + 5.5 * error(narrow) < 0.8 * tau
    assert abs(autocorrelation_time(x, wide) - tau) < 5.5 * error(wide) + np.exp(-7) * tau


def test_independent_draws():
    x = np.random.default_rng(3).normal(size=100_000)
    assert abs(autocorrelation_time(x) - 0.5) < 0.5 * 5.5 * np.sqrt(12 / 100_000)
    assert abs(effective_sample_size(x) / 100_000 - 1) < 0.1


def test_units_and_orientation():
    x = ar1(0.6, (4, 20_000), seed=2)
    tau = autocorrelation_time(x)
    assert autocorrelation_time(5 - 3 * x) == pytest.approx(tau, rel=1e-9)
    assert autocorrelation_time(x[::-1, ::-1]) == pytest.approx(tau, rel=1e-9)
    assert effective_sample_size(x) == pytest.approx(80_000 / (2 * tau))
    assert autocorrelation_time(x.reshape(1, -1)) == pytest.approx(autocorrelation_time(x.ravel()))
    # Every second draw: rho^2 takes the place of rho.
    assert autocorrelation_time(x[:, ::2]) == pytest.approx(exact_tau(0.36), rel=0.1)


def test_mean_of_the_chain_scatters_as_the_effective_sample_size_says():
    chains = ar1(0.9, (500, 2000), seed=4)
    expected = np.sqrt(1 / (2000 / (2 * exact_tau(0.9))))
    assert np.std(chains.mean(axis=1)) == pytest.approx(expected, rel=0.2)
    assert effective_sample_size(chains) == pytest.approx(500 * 2000 / (2 * exact_tau(0.9)), rel=0.1)


def test_chains_in_different_places_are_not_taken_for_independent():
    """A common mean: one chain's own mean would hide it."""
    x = np.random.default_rng(5).normal(size=(2, 5000)) + np.array([[0], [5]])
    with pytest.raises(ChainTooShort):
        autocorrelation_time(x)
    assert autocorrelation_time(x[0]) < 0.6


@pytest.mark.parametrize(("rho", "n"), [(0.99, 500), (0.99, 3000), (0.9999, 20_000)])
def test_too_short_a_chain_raises_and_carries_the_estimate(rho, n):
    with pytest.raises(ChainTooShort, match=f"too short: .*{n}") as caught:
        autocorrelation_time(ar1(rho, (n,), seed=1))
    assert caught.value.n_draws == n and 5 < caught.value.tau < n
    assert isinstance(caught.value, ValueError)
    with pytest.raises(ChainTooShort):
        effective_sample_size(ar1(rho, (n,), seed=1))


def test_a_chain_that_alternates_for_ever():
    with pytest.raises(ChainTooShort, match="do not die away"):
        autocorrelation_time(np.tile([1.0, -1.0], 500))


def test_chains_that_agree():
    """R-hat of n independent draws in m halves: its square is 1 - 1/n + B / (n W), B / W close to chi^2 / (m - 1)."""
    for seed in range(20):
        x = np.random.default_rng(seed).normal(3.0, 2.0, size=(4, 1001))
        assert 0.998 < split_r_hat(x) < np.sqrt(1 + 6 / 500)
    assert split_r_hat(x) == pytest.approx(split_r_hat(1 - 5 * x))


def test_r_hat_by_hand():
    """Halves 0 2, 1 3, 4 6, 5 7: W = 2, B / n = var(1, 2, 5, 6) = 17 / 3."""
    assert split_r_hat([[0, 2, 1, 3], [4, 6, 5, 7]]) == pytest.approx(np.sqrt(0.5 + 17 / 6))
    # An odd chain: the middle draw is left out.
    assert split_r_hat([[0, 2, 99, 1, 3], [4, 6, 99, 5, 7]]) == pytest.approx(np.sqrt(0.5 + 17 / 6))


def test_chains_that_disagree():
    noise = np.random.default_rng(1).normal(size=(4, 500))
    assert split_r_hat(noise + np.array([[0], [0], [0], [1]])) > 1.05
    drift = noise[0] + np.linspace(0, 3, 500)
    assert split_r_hat(drift) > 1.2  # one chain, against itself
    assert split_r_hat([[1.0] * 10, [2.0] * 10]) == np.inf


def test_r_hat_sees_a_lattice_stuck_up_and_down():
    model = LatticeIsing(0.6, 0, (16, 16))
    images = np.concatenate([np.ones((2, 16, 16)), -np.ones((2, 16, 16))])
    rng, record = np.random.default_rng(1), []
    for _ in range(200):
        images = sampling.advance(model, images, 1, rng=rng)
        record.append(images.mean(axis=(1, 2)))
    magnetisation = np.transpose(record)
    assert split_r_hat(magnetisation) > 3
    assert split_r_hat(np.abs(magnetisation)) < 1.2


@pytest.mark.parametrize("function", [autocorrelation_time, effective_sample_size, split_r_hat])
@pytest.mark.parametrize(
    ("x", "says"),
    [
        (np.ones(100), "never changes: all 100 draws are 1"),
        (np.zeros((3, 50)), "never changes"),
        ([1.0], "at least"),
        (np.zeros((0, 10)), "at least"),
        (np.zeros((2, 3, 4)), r"\(n_chains, n_draws\), got \(2, 3, 4\)"),
        (3.0, "one number a draw"),
        ([1.0, np.nan, 2.0, 3.0], "finite"),
    ],
)
def test_refuses(function, x, says):
    with pytest.raises(ValueError, match=says) as caught:
        function(x)
    assert not isinstance(caught.value, ChainTooShort)


def test_refuses_a_window_of_nothing():
    with pytest.raises(ValueError, match="window must be above 0"):
        autocorrelation_time(np.arange(100.0), window=0)


# ---------------------------------------------------------------- exact times of the samplers

METHODS = {"metropolis_random": "metropolis", "heatbath_sequential": "heat-bath"}
ROWS = [
    pytest.param(case, dynamics, id=f"{case['id']}-{dynamics}")
    for case in REFERENCE
    if case["kind"] == "autocorrelation"
    for dynamics in case["expected"]
]


@pytest.mark.parametrize(("case", "dynamics"), ROWS)
def test_times_of_the_three_by_three_lattice(case, dynamics):
    """From all eigenvalues of the transition matrix, against what is measured within its error bar."""
    if dynamics not in METHODS:
        pytest.skip(f"the course has no {dynamics} sampler: sequential Metropolis is reducible, random heat bath slow")
    J, h, size = (case["inputs"][key] for key in ("J", "h", "L"))
    model = LatticeIsing(J, h, (size, size))
    options = {"method": METHODS[dynamics], "n_chains": 100, "burn_in": 300, "rng": 11, "progress": False}
    draws = sampling.sample(square_lattice(size, size, J), np.full(size * size, h), 800_000, **options).spins
    magnetisation = draws.sum(axis=-1)
    energy = model.energy(draws.reshape(-1, size, size)).reshape(magnetisation.shape)
    measured = {"tau_M": magnetisation, "tau_E": energy, "tau_absM": np.abs(magnetisation)}
    slowest = max(case["expected"][dynamics].values())
    for name, tau in case["expected"][dynamics].items():
        # In a field the energy follows the slow magnetisation a little: the window must hold that too.
        window = 7 * slowest / tau
        error = tau * np.sqrt((4 * window * tau + 2) / magnetisation.size)
        found = autocorrelation_time(measured[name], window)
        assert abs(found - tau) < 5.5 * error + np.exp(-7) * tau, name
