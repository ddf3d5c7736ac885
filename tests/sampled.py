"""Bounds for means of samples, and exact laws to compare them with. Shared by the tests of the samplers.

A mean of n independent numbers of variance v, none further than b from their expectation, misses it by more than t with
probability at most 2 exp(-n t^2 / (2 v + 2 b t / 3)): Bernstein's inequality, for any n. Each mean may fail by chance
once in 2e10, so that the 20 000 means of a file share a false-alarm rate of 1e-6.
"""

import numpy as np
import pytest

from course_lib import exact

LOG_RATE = np.log(2 * 20_000 / 1e-6)


def counted(most):
    """A fixture that counts the comparisons of a file, and holds it to its share of false alarms."""

    @pytest.fixture(scope="module")
    def comparisons():
        made = []
        yield made
        assert sum(made) <= most

    return comparisons


def assert_sampled(values, weights, drawn):
    """Means over the rows of ``drawn`` are those of the law that gives ``values`` (K, P) the ``weights`` (K,)."""
    mean = weights @ values
    variance = weights @ (values - mean) ** 2
    furthest = np.abs(values - mean).max(axis=0)
    linear = furthest * LOG_RATE / (3 * len(drawn))
    tolerance = linear + np.sqrt(linear**2 + 2 * variance * LOG_RATE / len(drawn)) + 1e-12
    miss = np.abs(drawn.mean(axis=0) - mean)
    assert np.all(miss <= tolerance), f"off by up to {(miss / tolerance).max():.3g} tolerances"


def assert_law(law, spins):
    """Every state is as frequent as the law (2**N,) says."""
    assert_sampled(np.eye(len(law)), law, np.eye(len(law))[state_index(spins)])


def state_index(spins):
    return ((np.asarray(spins) > 0) << np.arange(np.shape(spins)[-1])).sum(axis=-1)


def heat_bath_law(model, law, beta, sweeps):
    """The law (2**N,) after sweeps in the order of the sites, from the law before; exact, without a matrix."""
    energies = model.energy(exact.states(len(model.h)))
    index = np.arange(len(law))
    for _ in range(sweeps):
        for i in range(len(model.h)):
            flipped = index ^ (1 << i)
            law = (law + law[flipped]) / (1 + np.exp(beta * (energies - energies[flipped])))
    return law
