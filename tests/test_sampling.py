"""Samplers against enumeration.

Tolerances are not guessed. A mean of n independent numbers of variance v, none further than b from their expectation,
misses it by more than t with probability at most 2 exp(-n t^2 / (2 v + 2 b t / 3)): Bernstein's inequality, for any n.
The false-alarm rate of the whole file, 1e-6, is shared equally by at most COMPARISONS such means (Bonferroni).
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import sampled

from course_lib import exact, ising, sampling
from course_lib.ising import Ising, LatticeIsing

FALSE_ALARMS = 1e-6
COMPARISONS = 20_000
METHODS = ["heat-bath", "metropolis"]
N_CHAINS = 20_000


comparisons = sampled.counted(COMPARISONS)


@pytest.fixture
def assert_sampled(comparisons):
    def check(values, weights, drawn):
        """Means over the rows of ``drawn`` are those of the law that gives ``values`` (K, P) the ``weights`` (K,)."""
        mean = weights @ values
        variance = weights @ (values - mean) ** 2
        furthest = np.abs(values - mean).max(axis=0)
        log_rate = np.log(2 * COMPARISONS / FALSE_ALARMS)
        linear = furthest * log_rate / (3 * len(drawn))
        tolerance = linear + np.sqrt(linear**2 + 2 * variance * log_rate / len(drawn))
        comparisons.append(len(mean))
        miss = np.abs(drawn.mean(axis=0) - mean)
        assert np.all(miss <= tolerance + 1e-12), f"off by up to {(miss / (tolerance + 1e-12)).max():.3g} tolerances"

    return check


def state_index(spins):
    return ((spins > 0) << np.arange(spins.shape[-1])).sum(axis=-1)


def one_hot(index, n_states):
    return np.eye(n_states)[index]


def dense(name):
    rng = np.random.default_rng(7)
    return {
        "one spin": ([[0.0]], [0.7]),
        "two spins": ([[0, -0.8], [-0.8, 0]], [0.3, -0.1]),
        "nothing": (np.zeros((5, 5)), np.zeros(5)),
        "strong fields": (ising.chain(3, 0.5), [3.0, -2.0, 2.5]),
        "frustrated": (ising.chain(5, -0.6), np.zeros(5)),
        "random": (ising.random_couplings(5, rng), rng.normal(0, 0.5, 5)),
    }[name]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["one spin", "two spins", "nothing", "strong fields", "frustrated", "random"])
def test_every_state_is_as_frequent_as_enumeration_says(name, method, assert_sampled):
    model = Ising(*dense(name))
    p = exact.distribution(model.J, model.h, beta=0.8)
    for seed in (1, 2):
        rng = np.random.default_rng(seed)
        states = sampling.random_states(model, N_CHAINS, rng=rng)
        states = sampling.advance(model, states, 40, beta=0.8, method=method, rng=rng)
        assert_sampled(np.eye(len(p)), p, one_hot(state_index(states), len(p)))


def site_matrices(model, beta, method):
    """For each site, the probability to go from one state to another when it is this site's turn."""
    states = exact.states(len(model.h))
    energies = model.energy(states)
    for i in range(len(model.h)):
        flipped = np.arange(len(states)) ^ (1 << i)
        cost = energies[flipped] - energies
        flip = np.minimum(1, np.exp(-beta * cost)) if method == "metropolis" else 1 / (1 + np.exp(beta * cost))
        step = np.diag(1 - flip)
        step[np.arange(len(states)), flipped] = flip
        yield step


@pytest.mark.parametrize("method", METHODS)
def test_one_sweep_from_every_state(method, assert_sampled):
    model = Ising([[0, 0.9, -0.4], [0.9, 0, 0.3], [-0.4, 0.3, 0]], [0.5, -0.3, 0.2])
    steps = list(site_matrices(model, 0.7, method))
    in_turn = steps[0] @ steps[1] @ steps[2]
    at_random = np.linalg.matrix_power(sum(steps) / 3, 3)
    sweep = at_random if method == "metropolis" else in_turn
    for start, probabilities in zip(exact.states(3), sweep, strict=True):
        states = np.tile(start, (N_CHAINS, 1))
        states = sampling.advance(model, states, 1, beta=0.7, method=method, rng=state_index(start))
        assert_sampled(np.eye(8), probabilities, one_hot(state_index(states), 8))


LATTICES = [
    ((2, 2), 0.2, 0.15),
    ((2, 3), 0.2, 0.15),
    ((3, 2), -0.3, 0.2),
    ((3, 3), 0.25, 0.15),
    ((3, 3), -0.35, 0.2),
    ((3, 3), 0.0, 0.0),
    ((3, 4), 0.25, 0.15),
    ((4, 3), 0.1, 1.5),
]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("shape", "J", "h"), LATTICES)
def test_lattice_agrees_with_enumeration(shape, J, h, method, assert_sampled):
    """All means and correlations, so that a bond that is lost or doubled shows; and the spread of B and S."""
    model, n_sites = LatticeIsing(J, h, shape), shape[0] * shape[1]
    as_dense = Ising(ising.square_lattice(*shape, J), np.full(n_sites, h))

    def values(spins):
        sums = model.statistics(spins.reshape(-1, *shape))
        return np.hstack([as_dense.statistics(spins), sums, sums**2])

    rng = np.random.default_rng(3)
    images = sampling.random_states(model, N_CHAINS, rng=rng)
    images = sampling.advance(model, images, 40, beta=1.2, method=method, rng=rng)
    p = exact.distribution(as_dense.J, as_dense.h, beta=1.2)
    assert_sampled(values(exact.states(n_sites)), p, values(images.reshape(-1, n_sites)))


def test_random_states_are_fair_and_independent(assert_sampled):
    spins = sampling.random_states(Ising(np.zeros((5, 5)), np.zeros(5)), N_CHAINS, rng=1)
    assert spins.dtype == np.int8
    assert_sampled(np.eye(32), np.full(32, 1 / 32), one_hot(state_index(spins), 32))
    images = sampling.random_states(LatticeIsing(0.4, 0, (2, 3)), N_CHAINS, rng=1)
    assert_sampled(np.eye(64), np.full(64, 1 / 64), one_hot(state_index(images.reshape(-1, 6)), 64))


def test_chains_are_independent(assert_sampled):
    """Chains that share random numbers come to agree; here neighbours agree as often as strangers."""
    model = Ising(np.zeros((1, 1)), [0.2])
    spins = sampling.advance(model, sampling.random_states(model, N_CHAINS, rng=1), 20, rng=2)
    mean = np.tanh(0.2)
    assert_sampled(np.array([[1.0], [-1.0]]), np.array([1 + mean**2, 1 - mean**2]) / 2, spins[::2] * spins[1::2])


def models():
    return [Ising(*dense("random")), LatticeIsing(0.3, 0.1, (3, 4))]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("model", models(), ids=["dense", "lattice"])
def test_advance_leaves_its_input_and_repeats_itself(model, method):
    states = sampling.random_states(model, 50, rng=1)
    before = states.copy()
    moved = sampling.advance(model, states, 3, method=method, rng=5)
    assert np.array_equal(states, before) and moved.dtype == np.int8 and moved.shape == states.shape
    assert not np.array_equal(moved, states)
    assert np.array_equal(moved, sampling.advance(model, states.astype(float), 3, method=method, rng=5))
    assert np.array_equal(moved, sampling.advance(model, states, 3, method=method, rng=np.random.default_rng(5)))
    assert not np.array_equal(moved, sampling.advance(model, states, 3, method=method, rng=6))
    still = sampling.advance(model, states, 0, method=method, rng=5)
    assert np.array_equal(still, states) and still is not states


def test_very_strong_fields_do_not_overflow():
    for method in METHODS:
        model = Ising(np.zeros((2, 2)), [1e4, -1e4])
        spins = sampling.advance(model, [[-1, 1]] * 5, 20, method=method, rng=1)
        assert np.array_equal(spins, [[1, -1]] * 5)


def test_sample_draws_from_the_model(assert_sampled):
    """As many chains as samples: the draws are independent."""
    J, h = dense("random")
    samples = sampling.sample(J, h, N_CHAINS, beta=0.8, n_chains=N_CHAINS, burn_in=30, rng=4)
    p = exact.distribution(J, h, beta=0.8)
    assert_sampled(np.eye(32), p, one_hot(state_index(samples.spins[:, 0]), 32))


def test_sample_returns_what_was_asked_for():
    J, h = dense("random")
    samples = sampling.sample(J, h, 1e2, beta=0.5, method="metropolis", n_chains=4, burn_in=7, thin=3, rng=1)
    assert samples.spins.shape == (4, 25, 5) and samples.spins.dtype == np.int8
    assert np.array_equal(samples.energies, ising.energy(samples.spins, J, h))
    assert (samples.beta, samples.method, samples.burn_in, samples.thin) == (0.5, "metropolis", 7, 3)
    assert np.array_equal(samples.model.J, J)
    again = sampling.sample(J, h, 100, beta=0.5, method="metropolis", n_chains=4, burn_in=7, thin=3, rng=1)
    assert np.array_equal(samples.spins, again.spins)


def test_thin_and_burn_in_are_sweeps():
    """One free spin takes one random number a sweep, so three runs of one chain can be laid side by side."""
    every = sampling.sample([[0]], [0.0], 60, n_chains=1, burn_in=0, thin=1, rng=3).spins[0]
    third = sampling.sample([[0]], [0.0], 20, n_chains=1, burn_in=0, thin=3, rng=3).spins[0]
    late = sampling.sample([[0]], [0.0], 50, n_chains=1, burn_in=10, thin=1, rng=3).spins[0]
    assert np.array_equal(third, every[2::3]) and np.array_equal(late, every[10:])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"states": [[0, 1, 1]]}, r"inputs\.to_spins"),
        ({"states": [[1, 1]]}, "must have 3 spins"),
        ({"states": [1, 1, 1]}, r"states\[None\]"),
        ({"sweeps": -1}, "sweeps must be a whole number, 0 or more, got -1"),
        ({"sweeps": 1.5}, "sweeps must be a whole number"),
        ({"beta": -1}, "beta must be .* got -1"),
        ({"beta": np.nan}, "beta must be .* got nan"),
        ({"method": "gibbs"}, "'heat-bath', 'metropolis', got 'gibbs'"),
    ],
)
def test_advance_refuses(change, says):
    arguments = {"states": [[1, 1, 1]], "sweeps": 1, "rng": 1} | change
    with pytest.raises(ValueError, match=says):
        sampling.advance(Ising(np.zeros((3, 3)), np.zeros(3)), **arguments)


def test_lattice_refuses():
    model = LatticeIsing(0.4, 0, (3, 4))
    with pytest.raises(ValueError, match="3 x 4, got images of shape"):
        sampling.advance(model, np.ones((5, 4, 3)), 1, rng=1)
    with pytest.raises(ValueError, match=r"states\[None\]"):
        sampling.advance(model, np.ones((3, 4)), 1, rng=1)
    with pytest.raises(ValueError, match="'metropolis', got 'wolff'"):
        sampling.advance(model, np.ones((5, 3, 4)), 1, method="wolff", rng=1)


@pytest.mark.parametrize("call", [sampling.advance, sampling.random_states])
def test_unknown_models_are_told_what_is_known(call):
    with pytest.raises(TypeError, match=r"Ising, LatticeIsing.*got one of type ndarray.*Ising\(J, h\)"):
        call(np.zeros((3, 3)), np.ones((1, 3)), **({"sweeps": 1} if call is sampling.advance else {}), rng=1)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"n_samples": 0}, "n_samples must be a whole number, 1 or more"),
        ({"n_samples": 25}, "25 cannot be shared equally by 10 chains: choose a multiple of n_chains, such as 30"),
        ({"n_chains": 0}, "n_chains must be"),
        ({"burn_in": -1}, "burn_in must be"),
        ({"thin": 0}, "thin must be a whole number, 1 or more"),
        ({"J": [[0, 1], [0, 0]]}, "symmetric"),
        ({"method": "none"}, "got 'none'"),
        ({"beta": np.inf}, "beta must be"),
    ],
)
def test_sample_refuses(change, says):
    arguments = {"J": np.zeros((2, 2)), "h": [0, 0], "n_samples": 10, "rng": 1} | change
    with pytest.raises(ValueError, match=says):
        sampling.sample(**arguments)


# ---------------------------------------------------------------- numba


def test_numba_is_not_imported_before_a_kernel_is_used():
    code = "import sys, course_lib.sampling, course_lib.learning; assert 'numba' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=Path(sampling.__file__).parents[2], check=True)
