"""The benchmark's own arithmetic, and its rivals: a rival that samples something else would be no rival."""

import numpy as np
import pytest
from sampled import assert_law, assert_sampled

from benchmarks import peers
from benchmarks.race import Job, Peer, race
from benchmarks.table import quantity, table
from course_lib import diagnostics, exact, hopfield, ising

LATTICE = ising.LatticeIsing(J=0.3, h=0.1, shape=(4, 4))
NOISES = 5  # standard errors a mean may be off; by chance once in 2 million


def costs(*values):
    """A contender that was warmed up once and then costs so much, round by round."""
    return lambda: iter([99.0, *values]).__next__


def not_there():
    raise ModuleNotFoundError


def cells(*jobs):
    """What stands in each line of the table after three rounds, below the head."""
    lines = table(race(jobs, 3)).splitlines()[1:]
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in lines]


def test_ratio_is_the_median_of_the_rounds_own_ratios():
    slow = Peer("slow", costs(6, 30, 20), at_least=9)
    too_good = Peer("good", costs(1, 5, 10), at_least=2)
    first, second = cells(Job("a job", costs(2, 3, 4), (slow, too_good)))  # ratios 3, 10, 5 and 0.5, 1.67, 2.5
    assert first == ["a job", "3 s", "slow", "20 s", "5x", "3 - 10", ">= 9x", "NO"]
    assert second == ["good", "5 s", "1.67x", "0.5 - 2.5", ">= 2x", "NO"]


def test_best_pair_counts_where_the_job_says_so():
    (line,) = cells(Job("threads", costs(1, 1, 1), (Peer("one", costs(1.1, 1.9, 1.2), at_least=1.6, judge=max),)))
    assert line[-4:] == ["1.9x", "1.1 - 1.9", ">= 1.6x", "yes"]


def test_limit_and_peer_without_target():
    line, peer = cells(Job("quick", costs(0.1, 0.3, 0.2), (Peer("rival", costs(1, 1, 1)),), at_most=0.2))
    assert line == ["quick", "200 ms", "100 ms - 300 ms", "<= 200 ms", "yes"]
    assert peer == ["rival", "1 s", "5x", "3.33 - 10"]


def test_missing_peer_is_shown_and_the_others_race_on():
    missing, there = cells(Job("job", costs(1, 1, 1), (Peer("gone", not_there, 3), Peer("there", costs(4, 4, 4), 3))))
    assert missing == ["job", "1 s", "gone", "not installed", ">= 3x"]
    assert there == ["there", "4 s", "4x", "4 - 4", ">= 3x", "yes"]


def test_contenders_take_turns():
    called = []

    def contender(name):
        return lambda: lambda: called.append(name) or 1.0

    race([Job("a", contender("a"), (Peer("b", contender("b")),)), Job("c", contender("c"))], 2)
    assert "".join(called) == "abc" + 2 * "abc"  # the first time to warm up


@pytest.mark.parametrize(
    ("value", "text"), [(2, "2 s"), (0.0603, "60.3 ms"), (2.1e-4, "210 µs"), (1.4e-10, "140 ps"), (2e-13, "0.2 ps")]
)
def test_quantity(value, text):
    assert quantity(value, "s") == text


@pytest.mark.parametrize("kernel", [peers.naive_numba, peers.numpy_checkerboard, peers.scalar_checkerboard])
def test_lattice_peers_sample_boltzmanns_law(kernel):
    states = exact.states(16)
    law = exact.distribution(ising.square_lattice(4, 4, LATTICE.J), np.full(16, LATTICE.h))
    images = random_images(20_000)
    kernel(images, LATTICE.J, LATTICE.h, 60)  # some ten times the slowest time of so small a lattice
    assert_sampled(with_squares(states.reshape(-1, 4, 4)), law, with_squares(images))


def random_images(n_images):
    return 2 * np.random.default_rng(1).integers(2, size=(n_images, 4, 4), dtype=np.int8) - 1


def with_squares(images):
    sums = LATTICE.statistics(images)
    return np.concatenate([sums, sums**2, sums.prod(axis=1, keepdims=True)], axis=1)


def test_blogs_loop_samples_boltzmanns_law():
    rng = np.random.default_rng(1)
    J, h = ising.random_couplings(5, rng), 0.5 * rng.normal(size=5)
    mean, correlation, states = peers.blog_experiment(J, h, 10_000)
    states, pairs = np.array(states), np.triu_indices(5, 1)
    assert np.allclose(mean, states.mean(axis=0)) and np.allclose(correlation, states.T @ states / len(states))
    exact_mean, exact_correlation = exact.moments(J, h)
    for record, expected in zip(states.T, exact_mean, strict=True):
        assert_chain_mean(record, expected)
    for i, j in zip(*pairs, strict=True):
        assert_chain_mean(states[:, i] * states[:, j], exact_correlation[i, j])


def assert_chain_mean(record, expected):
    error = record.std() / np.sqrt(diagnostics.effective_sample_size(record))
    assert abs(record.mean() - expected) < NOISES * error


# The packages are installed by `--group bench` only; their conventions of sign and temperature are ours to get right.


@pytest.mark.parametrize(("algorithm", "h"), [("metropolis", LATTICE.h), ("wolff", 0.0)])
def test_mcising_is_asked_for_the_same_law(algorithm, h):
    pytest.importorskip("mcising")
    advance = peers.mcising(4, LATTICE.J, h, algorithm)
    energies = np.array([advance(1) for _ in range(20_000)])
    assert_chain_mean(energies, -np.array([LATTICE.J, h]) @ exact.lattice(LATTICE.shape, LATTICE.J, h)[1] / 16)


def test_peapods_is_asked_for_the_same_law():
    pytest.importorskip("peapods")
    advance = peers.peapods(4, LATTICE.J, measured=0.9)
    means = np.array([advance(2000) for _ in range(100)])
    expected = -LATTICE.J * exact.lattice(LATTICE.shape, LATTICE.J, 0)[1][0] / 16
    assert abs(means.mean() - expected) < NOISES * means.std(ddof=1) / np.sqrt(len(means))


@pytest.mark.parametrize("rule", ["Gibbs", "Metropolis"])
def test_dwave_is_asked_for_the_same_law(rule):
    pytest.importorskip("dwave.samplers")
    rng = np.random.default_rng(1)
    J, h = ising.random_couplings(5, rng), 0.5 * rng.normal(size=5)
    advance = peers.dwave(J, h, 2 * rng.integers(2, size=(20_000, 5)) - 1, rule)
    assert advance(50) > 0
    assert_law(exact.distribution(J, h), advance.spins)


def test_numpy_recalls_what_we_recall():
    patterns = np.random.default_rng(1).choice([-1, 1], size=(5, 101))
    model, cues = hopfield.hebb(patterns), hopfield.corrupt(patterns, 0.1, rng=2)
    assert np.array_equal(peers.numpy_recall(model.J, cues), patterns)
    assert np.array_equal(hopfield.recall(model, cues, rng=3).states, patterns)
