"""Heat capacity, susceptibility and Binder cumulant against enumeration, and their error bars against repetition."""

import numpy as np
import pytest

from course_lib import exact, ising, observables, sampling
from course_lib.diagnostics import ChainTooShort
from course_lib.ising import LatticeIsing
from course_lib.observables import BLOCKS, binder_cumulant, heat_capacity, susceptibility

N = 16
LATTICE = LatticeIsing(1.0, 0.0, (4, 4))


def enumerated(T):
    """Per site: heat capacity, susceptibility of M and of |M|; and the cumulant. Of the 4 x 4 lattice."""
    J, free = ising.square_lattice(4, 4), np.zeros(N)
    p, E, M = exact.distribution(J, free, 1 / T), exact.energies(J, free), exact.states(N).sum(axis=1)

    def variance(x):
        return p @ x**2 - (p @ x) ** 2

    return {
        "C": variance(E) / T**2 / N,
        "chi": variance(M) / T / N,
        "chi of |M|": variance(abs(M)) / T / N,
        "U": 1 - p @ M**4.0 / (3 * (p @ M**2) ** 2),
    }


def measured(E, M, T):
    found = {
        "C": heat_capacity(E, N, 1 / T),
        "chi": susceptibility(M, N, 1 / T) if T > 3 else (np.nan, np.inf),  # below, M itself is slow
        "chi of |M|": susceptibility(abs(M), N, 1 / T),
        "U": binder_cumulant(M),
    }
    return {name: np.array(value) for name, value in found.items()}


def record(T, n_chains, n_draws, rng):
    """Energies and magnetisations along chains that have forgotten their start, each of shape (n_chains, n_draws)."""
    images = sampling.advance(LATTICE, sampling.random_states(LATTICE, n_chains, rng=rng), 500, beta=1 / T, rng=rng)
    E, M = np.empty((2, n_draws, n_chains))
    for t in range(n_draws):
        images = sampling.advance(LATTICE, images, 1, beta=1 / T, rng=rng)
        E[t], M[t] = LATTICE.energy(images), images.sum(axis=(1, 2))
    return E.T, M.T


@pytest.mark.parametrize("T", [4.0, 2.27], ids=["weak", "strong"])
def test_error_bars_cover_what_they_say(T):
    """Of 500 single chains, weakly and strongly correlated; 2.04 errors are 95% of Student's law of 32 blocks."""
    truth, (E, M) = enumerated(T), record(T, 500, 2048, np.random.default_rng(1))
    runs = [measured(e, m, T) for e, m in zip(E, M, strict=True)]
    for name, exactly in truth.items():
        values, errors = np.transpose([run[name] for run in runs])
        if np.all(np.isfinite(errors)):
            covered = np.mean(np.abs(values - exactly) < 2.04 * errors)
            assert abs(covered - 0.95) < 5 * np.sqrt(0.95 * 0.05 / 500), name


def test_many_chains_know_more():
    T = 2.27
    truth, (E, M) = enumerated(T), record(T, 50, 2000, np.random.default_rng(2))
    for name, (value, error) in measured(E, M, T).items():
        # 50 blocks, one a chain: 6 errors in Student's law, and so 2 in 10 million.
        assert np.isinf(error) or abs(value - truth[name]) < 6 * error < 0.1 * truth[name], name
    few = measured(E[:2], M[:2], T)
    assert 2.5 < few["C"][1] / measured(E, M, T)["C"][1] < 10  # about 5, the root of 25; 13% of noise


def test_values_are_the_plain_formulas():
    rng = np.random.default_rng(3)
    x = 1e6 + rng.normal(size=(3, 1000))
    assert heat_capacity(x, 4, 0.5)[0] == pytest.approx(0.25 * x.var() / 4, rel=1e-9)
    assert susceptibility(x, 4, 0.5)[0] == pytest.approx(0.5 * x.var() / 4, rel=1e-9)
    y = rng.normal(size=1000)
    assert binder_cumulant(y)[0] == pytest.approx(1 - np.mean(y**4) / (3 * np.mean(y**2) ** 2))
    assert binder_cumulant(-7 * y) == pytest.approx(binder_cumulant(y))


@pytest.mark.parametrize("shape", [(1000,), (1, 1000), (5, 200), (40, 100)])
def test_the_jackknife_of_a_mean_is_the_scatter_of_the_blocks(shape):
    x = np.random.default_rng(4).normal(size=shape)
    value, error = observables._jackknife(lambda mean: mean, x)
    per_chain = -(-BLOCKS // (shape[0] if len(shape) == 2 else 1))
    chains = np.atleast_2d(x)
    length = chains.shape[1] // per_chain
    blocks = chains[:, chains.shape[1] - per_chain * length :].reshape(-1, length).mean(axis=1)
    assert len(blocks) >= BLOCKS
    assert value == pytest.approx(x.mean()) and error == pytest.approx(blocks.std(ddof=1) / np.sqrt(len(blocks)))


def test_two_values_as_often_one_as_the_other():
    """(M - <M>)^2 is then always the same, and nothing is wrong."""
    signs = np.repeat([1, -1], 500)[np.random.default_rng(5).permutation(1000)]
    value, error = susceptibility(signs, 1)
    assert value == 1 and error < 0.01


def test_too_short_or_stuck_is_refused():
    rng = np.random.default_rng(6)
    walk = np.cumsum(rng.normal(size=2000))
    for function in (heat_capacity, susceptibility):
        with pytest.raises(ChainTooShort):
            function(walk, 16)
    with pytest.raises(ChainTooShort):
        binder_cumulant(10 + walk)
    with pytest.raises(ChainTooShort, match="and 320 are needed"):
        heat_capacity(rng.normal(size=100), 16)
    stuck = rng.normal(size=(2, 1000)) + np.c_[[-16, 16]]  # one chain up, one down
    with pytest.raises(ChainTooShort):
        susceptibility(stuck, 16)
    assert susceptibility(np.abs(stuck), 16)[0] == pytest.approx(1 / 16, rel=0.3)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"n_sites": 0}, "n_sites must be a whole number"),
        ({"beta": -1.0}, "beta"),
        ({"energies": np.ones(1000)}, "never changes"),
        ({"energies": [1.0, np.nan] * 500}, "finite"),
        ({"energies": np.zeros((2, 3, 4))}, "one number a draw"),
        ({"energies": []}, "at least"),
    ],
)
def test_refuses(change, says):
    arguments = {"energies": np.random.default_rng(7).normal(size=1000), "n_sites": 16, "beta": 0.4} | change
    with pytest.raises(ValueError, match=says):
        heat_capacity(**arguments)
