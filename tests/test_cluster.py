"""Wolff's clusters against the exact law of one cluster, enumeration, and Kaufman's finite lattices."""

from itertools import product

import numpy as np
import pytest
from sampled import assert_law, assert_sampled

from course_lib import exact, ising, sampling
from course_lib.ising import LatticeIsing
from course_lib.kernels import readable

N_IMAGES = 20_000
CRITICAL = 2 / np.log(1 + np.sqrt(2))


def bonds(rows, cols):
    """Pairs of sites with a bond, right and down of each; at side 2 the same pair comes twice."""
    site = np.arange(rows * cols).reshape(rows, cols)
    return [
        (a, b)
        for shift, axis in ((-1, 1), (-1, 0))
        for a, b in zip(site.ravel(), np.roll(site, shift, axis).ravel(), strict=True)
    ]


def one_cluster(shape, coupling):
    """Transition matrix of one cluster flip: every set of open bonds, and the sites they tie to each seed."""
    n, pairs = shape[0] * shape[1], bonds(*shape)
    p = 1 - np.exp(-2 * coupling)
    states = exact.states(n)
    matrix = np.zeros((2**n, 2**n))
    for is_open in product([False, True], repeat=len(pairs)):
        for k, spins in enumerate(states):
            weight, label = 1.0, list(range(n))
            for (a, b), opened in zip(pairs, is_open, strict=True):
                equal = spins[a] == spins[b]
                weight *= (p if opened else 1 - p) if equal else (not opened)
                if opened:
                    label = [label[a] if x == label[b] else x for x in label]
            if weight:
                for seed in range(n):
                    flipped = sum(1 << i for i in range(n) if label[i] == label[seed])
                    matrix[k, k ^ flipped] += weight / n
    return matrix


@pytest.fixture(scope="module")
def two_by_two():
    return one_cluster((2, 2), 0.3)


def test_boltzmann_law_is_stationary_and_balanced(two_by_two):
    model = LatticeIsing(0.3, 0, (2, 2))
    weights = np.exp(-model.energy(exact.states(4).reshape(-1, 2, 2)))
    flow = (weights / weights.sum())[:, None] * two_by_two
    assert np.abs(two_by_two.sum(axis=1) - 1).max() < 1e-12
    assert np.abs(flow - flow.T).max() < 1e-12


def test_one_cluster_from_every_state(two_by_two):
    """With double bonds between the same two sites, as side 2 has."""
    model = LatticeIsing(0.6, 0, (2, 2))
    for k, start in enumerate(exact.states(4)):
        images = np.tile(start.reshape(2, 2), (N_IMAGES, 1, 1))
        moved, sizes = sampling.wolff(model, images, 1, beta=0.5, rng=k)
        assert_law(two_by_two[k], moved.reshape(-1, 4))
        assert np.array_equal(sizes[:, 0], (moved != images).sum(axis=(1, 2)))


def test_several_clusters_from_all_up(two_by_two):
    moved, sizes = sampling.wolff(LatticeIsing(0.3, 0, (2, 2)), np.ones((N_IMAGES, 2, 2)), 3, rng=1)
    assert_law(np.linalg.matrix_power(two_by_two, 3)[-1], moved.reshape(-1, 4))
    assert sizes.shape == (N_IMAGES, 3)


@pytest.mark.parametrize("shape", [(2, 2), (2, 3), (3, 2), (3, 3), (3, 4), (4, 4)])
@pytest.mark.parametrize("coupling", [0.15, 0.44, 0.8])
def test_agrees_with_enumeration(shape, coupling):
    """Bonds and magnetisation, their squares, and for small lattices every correlation."""
    n_sites = shape[0] * shape[1]
    model = LatticeIsing(coupling / 2, 0, shape)
    as_dense = ising.Ising(ising.square_lattice(*shape, coupling), np.zeros(n_sites))

    def values(spins):
        sums = model.statistics(spins.reshape(-1, *shape)).astype(float)
        means = as_dense.statistics(spins) if n_sites <= 9 else spins
        return np.hstack([means, sums, sums**2, np.abs(sums[:, 1:])]).astype(float)

    images, _ = sampling.wolff(model, sampling.random_states(model, N_IMAGES, rng=1), 60, beta=2.0, rng=2)
    states = exact.states(n_sites)
    assert_sampled(values(states), exact.distribution(as_dense.J, as_dense.h), values(images.reshape(-1, n_sites)))


@pytest.mark.parametrize(("size", "temperature"), [(8, 2.0), (8, CRITICAL), (8, 3.0), (32, CRITICAL), (32, 2.6)])
def test_energy_agrees_with_kaufman(size, temperature):
    """Many independent lattices: six standard errors, from the exact heat capacity; 2e-9 by chance."""
    n_images = 3000 if size == 8 else 1000
    model = LatticeIsing(1.0, 0, (size, size))
    start = np.ones((n_images, size, size))
    images, sizes = sampling.wolff(model, start, 150 if temperature < 2.5 else 400, beta=1 / temperature, rng=5)
    energy, heat_capacity = exact.kaufman(size, temperature)
    error = np.sqrt(heat_capacity * temperature**2 / size**2 / n_images)
    assert abs(model.energy(images).mean() / size**2 - energy) < 6 * error
    # The mean size of the cluster at a random site is the susceptibility (Wolff 1989): another estimate of <M^2> / N.
    ends = sizes[:, -20:].mean(axis=1)
    squares = ising.spin_sum(images) ** 2 / size**2
    spread = np.sqrt((ends.var() + squares.var()) / n_images)
    assert abs(ends.mean() - squares.mean()) < 6 * spread


def test_images_are_independent_and_streams_fresh():
    model = LatticeIsing(0.44, 0, (4, 4))
    images, _ = sampling.wolff(model, np.ones((N_IMAGES, 4, 4)), 40, rng=3)
    spins = images[:, 0, 0]
    assert_law(np.full(4, 0.25), np.stack([spins[::2], spins[1::2]], axis=1))


def test_leaves_its_input_and_repeats_itself():
    model = LatticeIsing(0.44, 0, (5, 6))
    start = np.ones((20, 5, 6), np.int8)
    images, sizes = sampling.wolff(model, start, 5, rng=1)
    assert np.all(start == 1) and images.dtype == np.int8
    again = sampling.wolff(model, start, 5, rng=np.random.default_rng(1))
    assert np.array_equal(images, again[0]) and np.array_equal(sizes, again[1])
    assert not np.array_equal(images, sampling.wolff(model, start, 5, rng=2)[0])
    assert np.array_equal(sampling.wolff(model, start, 0, rng=1)[0], start)
    assert sizes.min() >= 1 and sizes.max() <= 30


def test_very_cold_flips_everything():
    images, sizes = sampling.wolff(LatticeIsing(1e4, 0, (3, 5)), np.ones((10, 3, 5)), 3, rng=1)
    assert np.all(images == -1) and np.all(sizes == 15)


@pytest.mark.parametrize(
    ("J", "h", "beta", "says"),
    [
        (0.4, 0.1, 1.0, "need h = 0, got h = 0.1.*sampling.advance"),
        (-0.4, 0.0, 1.0, "need beta J > 0, got beta = 1 and J = -0.4.*sampling.advance"),
        (0.0, 0.0, 1.0, "need beta J > 0"),
        (0.4, 0.0, 0.0, "need beta J > 0, got beta = 0"),
        (0.4, 0.0, -1.0, "beta must be"),
    ],
)
def test_refuses(J, h, beta, says):
    with pytest.raises(ValueError, match=says):
        sampling.wolff(LatticeIsing(J, h, (3, 3)), np.ones((2, 3, 3)), 1, beta=beta, rng=1)


def test_refuses_other_models_and_shapes():
    with pytest.raises(TypeError, match=r"LatticeIsing, got a Ising: use sampling\.advance"):
        sampling.wolff(ising.Ising([[0]], [0]), np.ones((2, 1)), 1, rng=1)
    with pytest.raises(ValueError, match="got images of shape"):
        sampling.wolff(LatticeIsing(0.4, 0, (3, 3)), np.ones((2, 3, 4)), 1, rng=1)
    with pytest.raises(ValueError, match="clusters must be a whole number"):
        sampling.wolff(LatticeIsing(0.4, 0, (3, 3)), np.ones((2, 3, 3)), -1, rng=1)


def test_the_readable_cluster_has_the_exact_law():
    """From a fixed site: how often each set of sites is the cluster, against every set of open bonds."""
    rng, p, start = np.random.default_rng(5), 0.5, (1, 0)
    spins = np.array([[1, 1, -1], [1, 1, 1]])
    law, pairs = np.zeros(2**6), bonds(2, 3)
    for is_open in product([False, True], repeat=len(pairs)):
        label = list(range(6))
        for (a, b), opened in zip(pairs, is_open, strict=True):
            if opened and spins.flat[a] == spins.flat[b]:
                label = [label[a] if x == label[b] else x for x in label]
        law[sum(1 << i for i in range(6) if label[i] == label[3])] += 0.5 ** len(pairs)
    masks = np.array([readable.cluster(spins, start, p, rng).ravel() for _ in range(N_IMAGES)])
    assert_law(law, np.where(masks, 1, -1))
