"""The fast heat bath: bit for bit against a plain one, and in distribution against exact laws."""

from math import erf, log, sqrt

import numpy as np
import pytest
from sampled import assert_law, assert_sampled, heat_bath_law, state_index

from course_lib import exact, ising, sampling
from course_lib.ising import Ising
from course_lib.kernels import dense

N_CHAINS = 20_000


def random_model(n, scale=1.0, field=0.3, seed=7):
    rng = np.random.default_rng(seed)
    return Ising(ising.random_couplings(n, rng, scale), rng.normal(0, field, n))


def law(model, beta):
    return dense.single_precision(model.J, model.h, beta)


def move(model, states, sweeps, beta=1.0, rng=1, threads=1):
    rng, beta = np.random.default_rng(rng), np.broadcast_to(np.asarray(beta, float), len(states))
    streams = dense.new_streams(len(states), rng)
    return dense.record(states, *law(model, beta), 1, sweeps, streams, threads)[:, 0]


# ---------------------------------------------------------------- one decision


def decide(field, beta, bits):
    """New spins for a field, one beta and 31 random bits each, at most WIDTH of them."""
    n = len(bits)
    padded = np.zeros((2, dense.WIDTH), np.float32)
    padded[0, :n], padded[1, :n] = field, beta
    spins, random = np.ones(dense.WIDTH, np.float32), np.zeros(dense.WIDTH, np.int32)
    random[:n] = bits
    dense._decide(padded[0], spins, padded[1], random, np.empty(dense.WIDTH, np.float32), dense.WIDTH)
    return spins[:n]


@pytest.mark.parametrize("beta", [0.0, 0.3, 1.0, 3.0])
def test_probability_of_a_decision(beta):
    """Over all 2^31 values of the random bits: those below a threshold, found by bisection, go against the field."""
    field = np.concatenate([np.linspace(-12, 12, 120), [0, -1e-3, 1e-9, 1, -1, 3e4, -1e30]]).astype(np.float32)
    side = np.where(field >= 0, 1, -1)
    low, high = np.zeros(len(field), np.int64), np.full(len(field), 2**31, np.int64)
    while np.any(low < high):
        middle = (low + high) // 2
        against = decide(field, beta, np.minimum(middle, 2**31 - 1)) == -side
        low, high = np.where(against & (low < high), middle + 1, low), np.where(against, high, middle)
    up = np.where(side > 0, 1 - low / 2**31, low / 2**31)
    with np.errstate(over="ignore"):
        expected = 1 / (1 + np.exp(-2 * beta * field.astype(float)))
    assert np.abs(up - expected).max() < 2e-7
    assert np.all(low[np.abs(beta * field) > 20] == 0)


@pytest.mark.parametrize("n", [1, 3, 4, 5, 18, 101, 401])
def test_decision_by_decision(n):
    """The same random bits through double precision and one site after the other: lost or doubled couplings show."""
    model, sweeps, n_chains = random_model(n), 3, dense.WIDTH + 37
    rng = np.random.default_rng(5)
    states = np.where(rng.random((n_chains, n)) < 0.5, 1, -1).astype(np.int8)
    beta = rng.uniform(0.3, 3, n_chains)
    moved = dense.record(states, *law(model, beta), 1, sweeps, dense.new_streams(n_chains, rng), 1)[:, 0]
    rng = np.random.default_rng(5)
    rng.random((n_chains, n))
    rng.uniform(0.3, 3, n_chains)
    streams = dense.new_streams(n_chains, rng)
    spins = states.astype(float)
    for bank, stream in enumerate(streams):
        chains = slice(bank * dense.WIDTH, (bank + 1) * dense.WIDTH)
        here = spins[chains]
        lanes = -(-len(here) // 16) * 8
        a, b, c, d = stream[:, :lanes].copy()
        for _ in range(sweeps):
            for i in range(n):
                # xoshiro256++ as printed by its authors
                word = a + d
                word = ((word << 23) | (word >> 41)) + a
                t = b << 17
                c ^= a
                d ^= b
                b ^= c
                a ^= d
                c ^= t
                d = (d << 45) | (d >> 19)
                bits = np.concatenate([word >> 33, word & 0x7FFFFFFF])[: len(here)]
                field = here @ model.J[i] + model.h[i]
                against = (bits | 1) / 2**31 < 1 / (1 + np.exp(2 * beta[chains] * np.abs(field)))
                here[:, i] = np.where(against, -1, 1) * np.where(field >= 0, 1, -1)
        spins[chains] = here
    assert np.array_equal(moved, spins)


# ---------------------------------------------------------------- laws


CASES = {
    "one spin": Ising([[0.0]], [0.7]),
    "one free spin": Ising([[0.0]], [0.0]),
    "two": Ising([[0, 0.9], [0.9, 0]], [0.3, -0.1]),
    "two opposed": Ising([[0, -0.8], [-0.8, 0]], [0.0, 0.2]),
    "nothing": Ising(np.zeros((5, 5)), np.zeros(5)),
    "strong fields": Ising(ising.chain(5, 0.5), [4.0, -3.0, 3.5, -4.0, 2.5]),
    "frustrated": Ising(ising.chain(5, -0.6), np.zeros(5)),
    "random 5": random_model(5),
    "random 10": random_model(10),
    "opposed 10": Ising(-ising.chain(10, 0.7), np.full(10, 0.1)),
}


@pytest.mark.parametrize("beta", [0.3, 1.0, 3.0])
@pytest.mark.parametrize("name", CASES)
def test_exact_law_after_a_few_sweeps(name, beta):
    """From all up, so that nothing rests on having reached equilibrium."""
    model = CASES[name]
    n = len(model.h)
    start = np.eye(2**n)[-1]
    for sweeps in (1, 4):
        spins = move(model, np.ones((N_CHAINS, n), np.int8), sweeps, beta, rng=sweeps)
        assert_law(heat_bath_law(model, start, beta, sweeps), spins)


@pytest.mark.parametrize("name", CASES)
def test_boltzmann_law_is_stationary(name):
    """The exact law of one sweep, which the kernel was just seen to follow, leaves exp(-beta E) as it is."""
    model = CASES[name]
    for beta in (0.3, 1.0, 3.0):
        boltzmann = exact.distribution(model.J, model.h, beta)
        assert np.abs(heat_bath_law(model, boltzmann, beta, 1) - boltzmann).max() < 1e-12


def test_twenty_spins():
    model = random_model(20)
    spins = move(model, np.ones((N_CHAINS, 20), np.int8), 60, beta=0.8)
    states = exact.states(20)
    weights = exact.distribution(model.J, model.h, beta=0.8)
    blocks = np.array_split(np.arange(model.parameters.size), 10)
    drawn = model.statistics(spins).astype(np.float32)
    i, j = np.triu_indices(20, 1)
    for block in blocks:
        values = [states[:, i[k]] * states[:, j[k]] if k < len(i) else states[:, k - len(i)] for k in block]
        assert_sampled(np.stack(values, axis=1).astype(np.float32), weights, drawn[:, block])


def test_many_small_systems_scattered_over_a_large_one():
    """401 spins: 80 independent copies of five, their sites far apart and in other blocks of four; and one alone."""
    five = random_model(5)
    place = np.sort(np.random.default_rng(3).permutation(400).reshape(80, 5), axis=1)  # keeps the order of a sweep
    J, h = np.zeros((401, 401)), np.zeros(401)
    for sites in place:
        J[np.ix_(sites, sites)], h[sites] = five.J, five.h
    spins = move(Ising(J, h), np.ones((512, 401), np.int8), 2)
    law = heat_bath_law(five, np.eye(32)[-1], 1.0, 2)
    assert_law(law, spins[:, place].reshape(-1, 5))
    assert_law(np.array([0.5, 0.5]), spins[:, 400:])


def test_each_chain_at_its_own_beta():
    model = random_model(5)
    betas = np.tile([0.0, 0.4, 2.5], N_CHAINS)
    spins = sampling.advance(model, np.ones((3 * N_CHAINS, 5)), 2, beta=betas, rng=3)
    for k, beta in enumerate(betas[:3]):
        assert_law(heat_bath_law(model, np.eye(32)[-1], beta, 2), spins[k::3])
    same = sampling.advance(model, np.ones((100, 5)), 2, beta=np.full(100, 0.4), rng=3)
    assert np.array_equal(same, sampling.advance(model, np.ones((100, 5)), 2, beta=0.4, rng=3))
    slow = sampling.advance(model, np.ones((900, 5)), 20, beta=betas[:900], method="metropolis", rng=3)
    assert_law(exact.distribution(model.J, model.h, 2.5), slow[2::3])


@pytest.mark.parametrize("apart", [1, 16, 64, 128, 4096])
def test_chains_are_independent(apart):
    """Chains that share random bits come to agree: neighbours, the two that share a word, the next bank."""
    model = Ising([[0, 0.3], [0.3, 0]], [0.2, 0.1])
    spins = move(model, np.ones((N_CHAINS, 2), np.int8), 10)
    p = exact.distribution(model.J, model.h)
    first = np.arange(0, N_CHAINS - apart).reshape(-1)
    first = first[(first // apart) % 2 == 0]
    assert_law(np.outer(p, p).ravel(), np.hstack([spins[first + apart], spins[first]]))


def test_sweeps_of_one_chain_take_fresh_bits():
    """Successive states of one free spin: all eight histories of three sweeps."""
    model = Ising([[0.0]], [0.3])
    streams = dense.new_streams(N_CHAINS, np.random.default_rng(1))
    draws = dense.record(np.ones((N_CHAINS, 1), np.int8), *law(model, np.ones(N_CHAINS)), 3, 1, streams)[..., 0]
    p = exact.distribution(model.J, model.h)
    assert_law(np.kron(p, np.kron(p, p)), draws)


def test_z_scores_are_normal():
    """Over 400 seeds: Kolmogorov's distance, with Massart's constant for a false-alarm rate of 1e-7."""
    model, n_chains, z = random_model(6), 1500, []
    law = heat_bath_law(model, np.eye(64)[-1], 0.8, 3)
    energies = model.energy(exact.states(6))
    mean = law @ energies
    error = sqrt(law @ (energies - mean) ** 2 / n_chains)
    for seed in range(400):
        spins = move(model, np.ones((n_chains, 6), np.int8), 3, 0.8, rng=seed)
        z.append((model.energy(spins).mean() - mean) / error)
    z = np.sort(z)
    normal = np.array([0.5 * (1 + erf(v / sqrt(2))) for v in z])
    ranks = np.arange(401) / 400
    distance = max((ranks[1:] - normal).max(), (normal - ranks[:-1]).max())
    # Means of 1500 energies are themselves normal only to 0.01 (Berry and Esseen).
    assert distance < sqrt(log(2 / 1e-7) / 800) + 0.01


# ---------------------------------------------------------------- moments


@pytest.mark.parametrize(("n", "n_chains"), [(1, 1), (2, 63), (5, 64), (6, 65), (7, 128), (9, 200)])
def test_counts_are_those_of_the_recorded_states(n, n_chains):
    model, beta = random_model(n), np.full(n_chains, 0.7)
    start = np.ones((n_chains, n), np.int8)
    draws = dense.record(start, *law(model, beta), 30, 1, dense.new_streams(n_chains, np.random.default_rng(1)))
    streams = dense.new_streams(n_chains, np.random.default_rng(1))
    moved, ups, unlike = dense.count(start, *law(model, beta), 30, streams)
    assert np.array_equal(moved, draws[:, -1])
    assert np.array_equal(ups.sum(axis=0), (draws > 0).sum(axis=(0, 1)))
    differ = (draws[..., :, None] != draws[..., None, :]).sum(axis=(0, 1))
    assert np.array_equal(unlike.sum(axis=0), np.triu(differ, 1))
    again, mean = sampling.average_moments(model, start, 30, beta=0.7, rng=1)
    assert np.array_equal(again, moved) and np.allclose(mean, model.moments(draws), atol=1e-12)


def test_average_moments_of_a_lattice():
    model = ising.LatticeIsing(0.3, 0.1, (3, 3))
    start = sampling.random_states(model, 500, rng=1)
    states, mean = sampling.average_moments(model, start, 5, rng=2)
    rng, slow, means = np.random.default_rng(2), start, []
    for _ in range(5):
        slow = sampling.advance(model, slow, 1, rng=rng)
        means.append(model.moments(slow))
    assert np.array_equal(states, slow) and np.allclose(mean, np.mean(means, axis=0))


# ---------------------------------------------------------------- robustness


@pytest.mark.parametrize("n_chains", [1, 15, 17, 127, 129, 300])
def test_threads_change_nothing(n_chains, monkeypatch):
    monkeypatch.setattr(dense, "_THREADS_PAY", 0)
    model, start = random_model(9), np.ones((n_chains, 9), np.int8)
    one = move(model, start, 5, threads=1)
    assert one.shape == start.shape and set(np.unique(one)) <= {-1, 1}
    assert np.array_equal(one, move(model, start, 5, threads=2)) and np.array_equal(
        one, move(model, start, 5, threads=7)
    )
    betas, counts = np.ones(n_chains), []
    for threads in (1, 3):
        streams = dense.new_streams(n_chains, np.random.default_rng(1))
        counts.append(dense.count(start, *law(model, betas), 5, streams, threads))
    assert all(np.array_equal(a, b) for a, b in zip(*counts, strict=True))
    assert np.all(start == 1)


def test_streams_go_on():
    model, start, beta = random_model(5), np.ones((200, 5), np.int8), np.ones(200)
    at_once = dense.record(start, *law(model, beta), 6, 2, dense.new_streams(200, np.random.default_rng(4)))
    streams = dense.new_streams(200, np.random.default_rng(4))
    first = dense.record(start, *law(model, beta), 2, 2, streams)
    rest = dense.record(first[:, -1], *law(model, beta), 4, 2, streams)
    assert np.array_equal(at_once, np.concatenate([first, rest], axis=1))


def test_pieces_change_nothing(monkeypatch):
    """Long runs are made in pieces, for the sake of Ctrl-C."""
    model, start = random_model(5), np.ones((200, 5), np.int8)
    moved = sampling.advance(model, start, 13, rng=1)
    again, mean = sampling.average_moments(model, start, 13, rng=1)
    monkeypatch.setattr(dense, "UPDATES_AT_A_TIME", 4000)
    assert np.array_equal(moved, sampling.advance(model, start, 13, rng=1)) and np.array_equal(moved, again)
    in_pieces = sampling.average_moments(model, start, 13, rng=1)
    assert np.array_equal(in_pieces[0], moved) and np.allclose(in_pieces[1], mean, atol=1e-12)
    assert np.array_equal(sampling.advance(model, start, 0, rng=1), start)


@pytest.mark.parametrize("scale", [1e-300, 1e-30, 1e4, 1e30, 1e300])
def test_any_scale(scale):
    """Couplings far outside of float32; beta J is what counts."""
    model = CASES["random 5"]
    scaled = Ising(model.J * scale, model.h * scale)
    law = heat_bath_law(model, np.eye(32)[-1], 0.8, 2)
    with np.errstate(all="raise"):
        spins = move(scaled, np.ones((N_CHAINS, 5), np.int8), 2, 0.8 / scale)
    assert_law(law, spins)
    if scale > 1:  # cold: every spin follows its field, and a sweep from all up ends where plain rules say
        spins, expected = move(scaled, np.ones((5, 5), np.int8), 1), np.ones(5)
        for i in range(5):
            expected[i] = np.sign(model.J[i] @ expected + model.h[i])
        assert np.all(spins == expected)


def test_beta_zero_and_no_couplings_are_fair_coins():
    for model, beta in [(Ising(np.zeros((3, 3)), np.zeros(3)), 1.0), (random_model(3), 0.0)]:
        assert_law(np.full(8, 1 / 8), move(model, np.ones((N_CHAINS, 3), np.int8), 1, beta))


def test_refuses_betas_of_the_wrong_shape():
    with pytest.raises(ValueError, match="one for each of the 4 chains, got shape"):
        sampling.advance(CASES["two"], np.ones((4, 2)), 1, beta=[1.0, 2.0], rng=1)
    with pytest.raises(ValueError, match="beta"):
        sampling.advance(CASES["two"], np.ones((2, 2)), 1, beta=[1.0, np.nan], rng=1)
    with pytest.raises(ValueError, match="beta"):
        sampling.advance(CASES["two"], np.ones((2, 2)), 1, beta=[1.0, -1.0], rng=1)


def test_agrees_with_the_readable_kernel():
    """The mean of a large sample of either; their standard errors from the exact law."""
    from course_lib.kernels import readable

    model = random_model(8)
    slow = np.ones((N_CHAINS, 8), np.int8)
    readable.heat_bath(slow, model.J, model.h, 1.0, 3, np.random.default_rng(1))
    law = heat_bath_law(model, np.eye(256)[-1], 1.0, 3)
    values = model.statistics(exact.states(8)).astype(float)
    for spins in (slow, move(model, np.ones((N_CHAINS, 8), np.int8), 3)):
        assert_sampled(values, law, model.statistics(spins))
    assert state_index(slow).max() < 256
