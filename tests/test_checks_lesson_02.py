"""Every mistake a check of lesson 02 knows, written as a student would write it, gets its own diagnosis."""

from itertools import product
from math import exp, log

import numpy as np
import pytest
from checking import assert_accepted, assert_diagnosed, each_mistake, each_right_answer, mistakes_known_to

from course_lib import exact
from course_lib.classroom.checks import lesson_02 as check

pytestmark = [
    pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore:divide by zero encountered:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning"),
]

# ---------------------------------------------------------------- maximum entropy


def tilt(values, mean, sign=1, normalise=True):
    """Newton's method, unlike the bisection of the check."""
    x = 0.0
    for _ in range(100):
        w = np.exp(x * values)
        p = w / w.sum()
        x += np.clip((mean - p @ values) / (p @ values**2 - (p @ values) ** 2), -0.5, 0.5)
    w = np.exp(sign * x * values)
    return w / w.sum() if normalise else w


def straight_line(values, mean):
    a = np.array([np.ones_like(values), values])
    slope = np.linalg.solve(a @ a.T, [1, mean])
    return slope @ a


def search_backwards(values, mean):
    low, high = -50.0, 50.0
    for _ in range(100):
        middle = (low + high) / 2
        p = np.exp(middle * values - np.max(middle * values))
        p /= p.sum()
        low, high = (low, middle) if p @ values < mean else (middle, high)
    return p


def two_nearest(values, mean):
    p = np.zeros(len(values))
    order = np.argsort(values)
    k = max(np.searchsorted(values[order], mean), 1)
    low, high = order[k - 1], order[k]
    p[high] = (mean - values[low]) / (values[high] - values[low])
    p[low] = 1 - p[high]
    return p


# ---------------------------------------------------------------- log Z


def lse(E, b, shift=True, put_back=True):
    x = -b * np.asarray(E)
    top = x.max() if shift else 0
    return log(np.sum(np.exp(x - top))) + (top if put_back else 0)


def mean_out(E, b):
    x = -b * E
    m = x.mean()
    return m + np.log(np.exp(x - m).sum())


def forgot_beta_outside(E, b):
    return -E.min() + log(sum(exp(-b * (e - E.min())) for e in E))


# ---------------------------------------------------------------- moments


def averages(J, h, b=1.0, normalise=True, sign=-1, pairs=1):
    states = np.array(list(product([-1, 1], repeat=len(h))))
    E = np.array([-pairs * np.sum(np.triu(J, 1) * np.outer(s, s)) - h @ s for s in states])
    w = np.exp(sign * b * E)
    if normalise:
        w = w / w.sum()
    return sum(w[:, None] * states), sum(w[k] * np.outer(s, s) for k, s in enumerate(states))


def shifted_only(J, h, b):
    states = np.array(list(product([-1, 1], repeat=len(h))))
    E = np.array([-np.sum(np.triu(J, 1) * np.outer(s, s)) - h @ s for s in states])
    w = np.exp(-b * (E - E.min()))
    return w @ states, states.T @ (w[:, None] * states)


def as_product(J, h, b):
    m = averages(J, h, b)[0]
    return m, np.outer(m, m)


def as_covariance(J, h, b):
    m, c = averages(J, h, b)
    return m, c - np.outer(m, m)


# ---------------------------------------------------------------- heat capacity


def energy_moments(E, b):
    p = np.exp(-b * E) / np.sum(np.exp(-b * E))
    return np.sum(p * E), np.sum(p * E * E)


def variance(E, b):
    m, m2 = energy_moments(E, b)
    return m2 - m * m


# ---------------------------------------------------------------- ring


def eigenvalues(J, h, share=0.5):
    T = np.array([[exp(J * s * t + share * h * (s + t)) for t in (1, -1)] for s in (1, -1)])
    return sorted(np.linalg.eigvalsh(T), key=abs)


def ring_right(n, J, h, share=0.5):
    small, large = eigenvalues(J, h, share)
    return n * log(large) + log(1 + (small / large) ** n)


def matrix(J, h):
    return np.array([[exp(J + h), exp(-J)], [exp(-J), exp(J - h)]])


def power_naively(n, J, h):
    return np.log(np.trace(np.linalg.matrix_power(matrix(J, h), n)))


def scaled_power(n, J, h, m, reduce):
    T = matrix(J, h)
    top = np.abs(np.linalg.eigvals(T)).max()
    return m * log(top) + log(reduce(np.linalg.matrix_power(T / top, m)))


def small_first(n, J, h):
    a, b = np.linalg.eigvalsh(matrix(J, h))
    return n * np.log(a) + np.log1p((b / a) ** n)


def moduli(n, J, h):
    a, b = np.abs(np.linalg.eigvalsh(matrix(J, h)))
    return np.logaddexp(n * np.log(a), n * np.log(b))


def whole_field_on_the_left(n, J, h):
    T = np.array([[exp(J * s * t + h * s) for t in (1, -1)] for s in (1, -1)])
    small, large = sorted(np.linalg.eigvalsh(T), key=abs)
    return n * log(large) + log(1 + (small / large) ** n)


def free_ends(n, J, h):
    ends = np.array([exp(h / 2), exp(-h / 2)])
    return scaled_power(n, J, h, n - 1, lambda P: ends @ P @ ends)


KNOWN = [
    (check.maximum_entropy, lambda v, m: np.ones(len(v)) / len(v), "uniform law"),
    (check.maximum_entropy, straight_line, "linear instead of exponential"),
    (check.maximum_entropy, lambda v, m: tilt(v, m, normalise=False), "probability not normalised"),
    (check.maximum_entropy, lambda v, m: tilt(v, m, sign=-1), "sign of the multiplier"),
    (check.maximum_entropy, search_backwards, "search runs the wrong way"),
    (check.log_partition, lambda E, b: lse(E, np.divide(1, b)), "divided by beta"),
    (check.log_partition, lambda E, b: np.divide(-lse(E, b), b), "free energy instead of log Z"),
    (check.log_partition, mean_out, "mean taken out instead of the largest"),
    (check.log_partition, lambda E, b: lse(E, b, put_back=False) - np.max(-b * E), "largest exponent subtracted again"),
    (
        check.log_partition,
        lambda E, b: np.log(np.sum(np.exp(-b * (E - E.max())))) - b * E.max(),
        "largest energy taken out",
    ),
    (check.heat_capacity, lambda E, T: variance(-E, 1 / T) / T**2, "sign of the exponent"),
    (check.moments, shifted_only, "probability not normalised"),
    (check.moments, as_product, "product of means"),
    (check.heat_capacity, lambda E, T: -variance(E, 1 / T) / T**2, "sign"),
    (check.heat_capacity, lambda E, T: variance(E, 1.0) / T**2, "law at T = 1"),
    (check.ring, small_first, "smaller eigenvalue taken out"),
    (check.ring, moduli, "modulus of the eigenvalues"),
    (check.ring, whole_field_on_the_left, "field on one end"),
    (check.maximum_entropy, two_nearest, "all weight on the nearest values"),
    (check.log_partition, lambda E, b: np.log(np.sum(np.exp(-b * E))), "overflow"),
    (check.log_partition, lambda E, b: lse(E, 1.0), "beta forgotten"),
    (check.log_partition, lambda E, b: lse(E, b * b), "beta squared"),
    (check.log_partition, lambda E, b: lse(-E, b), "sign of the exponent"),
    (check.log_partition, lambda E, b: lse(E, b, put_back=False), "largest exponent not put back"),
    (check.log_partition, forgot_beta_outside, "lowest energy put back without beta"),
    (check.log_partition, lambda E, b: lse(E, b) - log(len(E)), "mean instead of sum"),
    (check.moments, lambda J, h, b: averages(J, h, b, normalise=False), "probability not normalised"),
    (check.moments, lambda J, h, b: averages(J, h, 0.0), "all states equally likely"),
    (check.moments, lambda J, h, b: averages(J, h), "beta forgotten"),
    (check.moments, lambda J, h, b: averages(J, h, b * b), "beta squared"),
    (check.moments, lambda J, h, b: averages(J, h, b, sign=1), "sign of the exponent"),
    (check.moments, lambda J, h, b: averages(J, h, b, pairs=2), "pair counted twice"),
    (check.moments, as_covariance, "covariance instead of correlation"),
    (check.heat_capacity, lambda E, T: variance(E, 1 / T), "beta forgotten"),
    (check.heat_capacity, lambda E, T: variance(E, 1 / T) / T, "one power of T too few"),
    (
        check.heat_capacity,
        lambda E, T: energy_moments(E, 1 / T)[1] / T**2,
        "covariance without the product of means",
    ),
    (check.heat_capacity, lambda E, T: -variance(E, 1 / T), "derivative by beta"),
    (check.heat_capacity, lambda E, T: variance(E, T) * T**2, "T and beta exchanged"),
    (check.heat_capacity, lambda E, T: (np.mean(E**2) - np.mean(E) ** 2) / T**2, "all states equally likely"),
    (check.ring, lambda n, J, h: ring_right(n, J, h, share=1.0), "field counted twice"),
    (check.ring, lambda n, J, h: ring_right(n, J, 0.0), "field forgotten"),
    (check.ring, lambda n, J, h: ring_right(n, -J, h), "sign of J"),
    (check.ring, free_ends, "open chain"),
    (check.ring, lambda n, J, h: scaled_power(n, J, h, n, np.sum), "all entries summed"),
    (check.ring, lambda n, J, h: ring_right(n - 1, J, h), "one matrix too few"),
    (check.ring, power_naively, "overflow"),
    (check.ring, lambda n, J, h: n * log(eigenvalues(J, h)[1]), "larger eigenvalue only"),
]


@each_mistake(KNOWN)
def test_each_mistake_gets_its_own_diagnosis(checked, mistaken, name):
    assert_diagnosed(checked, mistaken, name)


@pytest.mark.parametrize("checked", dict.fromkeys(checked for checked, _, _ in KNOWN))
def test_every_mistake_that_a_check_knows_is_tested(checked):
    assert mistakes_known_to(checked) == {name for function, _, name in KNOWN if function is checked}


RIGHT = [
    (check.maximum_entropy, tilt),
    (check.log_partition, lse),
    (check.moments, averages),
    (check.heat_capacity, lambda E, T: variance(E - E.min(), 1 / T) / T**2),
    (
        check.heat_capacity,
        lambda E, T: (energy_moments(E, 1 / (T + 1e-4))[0] - energy_moments(E, 1 / (T - 1e-4))[0]) / 2e-4,
    ),
    (check.ring, ring_right),
    (check.ring, lambda n, J, h: scaled_power(n, J, h, n, np.trace)),
]


@each_right_answer(RIGHT)
def test_right_answers_are_accepted(checked, function):
    assert_accepted(checked, function)


def test_the_bisection_of_the_check_finds_the_mean_that_was_asked_for():
    for values, mean in ((np.arange(1.0, 7.0), 4.5), (np.array([-2.0, 0.0, 5.0]), -1.9)):
        assert check._maxent(values, mean) @ values == pytest.approx(mean, abs=1e-12)


def test_a_pair_is_asked_for():
    assert "did not return 2 values" in check.moments(lambda J, h, b: exact.moments(J, h, b)[0]).message
    assert "correlation of shape (1,), not (1, 1)" in check.moments(lambda J, h, b: (h, h)).message
