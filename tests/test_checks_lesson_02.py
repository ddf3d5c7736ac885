"""Every mistake a check of lesson 02 knows, written as a student would write it, gets its own diagnosis."""

from itertools import product
from math import exp, log

import numpy as np
import pytest
from checking import assert_accepted, assert_diagnosed, each_mistake, each_right_answer, mistakes_known_to

from course_lib import exact, ising
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


def searched(features, low, high, halvings=60, compared=lambda p, v: p @ v, up=True):
    """Bisection for theta in p ~ exp(theta * feature), with a range, a length and a comparison of the student's own."""

    def answer(values, mean):
        x = features(values)
        a, b = low, high
        for _ in range(halvings):
            middle = (a + b) / 2
            p = np.exp(middle * x - np.max(middle * x))
            p /= p.sum()
            if (compared(p, values) < mean) == up:
                a = middle
            else:
                b = middle
        return p

    return answer


def bell(values, mean):
    w = np.exp(-((values - mean) ** 2) / (2 * np.var(values)))
    return w / w.sum()


def top_and_rest(values, mean):
    share = (mean - values.mean()) / (values.max() - values.mean())
    p = np.full(len(values), (1 - share) / len(values))
    p[np.argmax(values)] += share
    return p


def cut_line(values, mean):
    p = np.clip(straight_line(values, mean), 0.01, None)
    return p / p.sum()


# ---------------------------------------------------------------- log Z


def lse(E, b, shift=True, put_back=True):
    x = -b * np.asarray(E)
    top = x.max() if shift else 0
    return log(np.sum(np.exp(x - top))) + (top if put_back else 0)


def mean_out(E, b):
    x = -b * E
    m = x.mean()
    return m + np.log(np.exp(x - m).sum())


def top_and_sum(combine):
    def answer(E, b):
        x = -b * E
        return combine(x, x.max(), np.sum(np.exp(x - x.max())))

    return answer


def two_largest(E, b):
    x = np.sort(-b * E)[::-1]
    return np.logaddexp(x[0], x[1]) if len(x) > 1 else x[0]


def last_of_the_loop(E, b):
    for e in E:
        w = -b * e
    return w


def forgot_beta_outside(E, b):
    return -E.min() + log(sum(exp(-b * (e - E.min())) for e in E))


# ---------------------------------------------------------------- moments


def averages(J, h, b=1.0, normalise=True, sign=-1, pairs=1):
    states = np.array(list(product([-1, 1], repeat=len(h))))
    E = np.array([-pairs * np.sum(np.triu(J, 1) * np.outer(s, s)) - h @ s for s in states])
    w = np.exp(sign * b * E)
    if normalise:
        w = np.exp(sign * b * E - np.max(sign * b * E))
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


def by_numpy(change):
    """States as numpy lists them, with p, changed by a student: ``change(s, p, mean, pairs)``."""

    def answer(J, h, b):
        s = exact.states(len(h)).astype(float)
        p = exact.distribution(J, h, b)
        return change(s, p, p @ s, s.T @ (p[:, None] * s))

    return answer


def of_product_states(J, h, b):
    s = np.array(list(product([-1, 1], repeat=len(h))))
    p = exact.distribution(J, h, b)
    return p @ s, s.T @ (p[:, None] * s)


def with_energy(energy, states=(-1, 1)):
    def answer(J, h, b):
        s = np.array(list(product(states, repeat=len(h))))
        w = np.array([np.exp(-b * energy(c, J, h, range(len(h)))) for c in s])
        return w @ s / w.sum(), s.T @ (w[:, None] * s) / w.sum()

    return answer


def ising_energy(c, J, h, sites):
    return -sum(J[i, j] * c[i] * c[j] for i in sites for j in sites if i < j) - h @ c


def field_in_the_loop(c, J, h, sites):
    return -sum(J[i, j] * c[i] * c[j] + h[i] * c[i] for i in sites for j in sites if i < j)


def next_neighbours_only(c, J, h, sites):
    return -sum(J[i, i + 1] * c[i] * c[i + 1] for i in sites[:-1]) - h @ c


def from_samples(J, h, b):
    s = exact.states(len(h))[np.random.default_rng(1).choice(2 ** len(h), 40_000, p=exact.distribution(J, h, b))]
    return s.mean(axis=0), s.T.astype(float) @ s / len(s)


# ---------------------------------------------------------------- heat capacity


def energy_moments(E, b):
    w = np.exp(-b * (E - E.min()))
    return np.sum(w * E) / w.sum(), np.sum(w * E * E) / w.sum()


def variance(E, b):
    m, m2 = energy_moments(E, b)
    return m2 - m * m


def with_law(change):
    """``change(p, E, T)`` with the right p."""

    def answer(E, T):
        w = np.exp(-(E - E.min()) / T)
        return change(w / w.sum(), E, T)

    return answer


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


def with_matrix(*entries):
    """Two by two, as formulas of J and h: up-up, up-down, down-up, down-down."""

    def answer(n, J, h):
        T = np.array([entry(J, h) for entry in entries]).reshape(2, 2)
        small, large = sorted(np.linalg.eigvalsh(T), key=abs)
        return n * np.log(large) + log(1 + (small / large) ** n)

    return answer


def of_eigenvalues(combine):
    return lambda n, J, h: combine(*eigenvalues(J, h), n)


def without_square(n, J, h):
    root = np.sqrt(exp(2 * J) * np.sinh(h) + exp(-2 * J))
    large, small = exp(J) * np.cosh(h) + root, exp(J) * np.cosh(h) - root
    return n * np.log(large) + np.log1p((small / large) ** n)


def free_ends(n, J, h):
    ends = np.array([exp(h / 2), exp(-h / 2)])
    return scaled_power(n, J, h, n - 1, lambda P: ends @ P @ ends)


KNOWN = [
    (check.ring, lambda n, J, h: ring_right(n, J / 2, h), "coupling halved or doubled"),
    (check.heat_capacity, lambda E, T: -T * lse(E, 1 / T), "another quantity"),
    (check.maximum_entropy, lambda v, m: tilt(np.arange(1.0, len(v) + 1), m), "place instead of value"),
    (check.maximum_entropy, lambda v, m: v * np.nan if m == 2 else tilt(v, m), "overflow"),
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
    # found with batches of students' answers
    (check.maximum_entropy, lambda v, m: np.exp(m * v) / np.sum(np.exp(m * v)), "multiplier not searched for"),
    (check.maximum_entropy, lambda v, m: np.exp(v / m) / np.sum(np.exp(v / m)), "multiplier not searched for"),
    (check.maximum_entropy, searched(lambda v: v, 0, 50), "search on one side only"),
    (check.maximum_entropy, searched(lambda v: v, -50, 0), "search on one side only"),
    (check.maximum_entropy, searched(lambda v: v, -1, 1), "another multiplier"),
    (check.maximum_entropy, searched(lambda v: v, -50, 50, halvings=10), "another multiplier"),
    (
        check.maximum_entropy,
        searched(lambda v: v, -50, 50, compared=lambda p, v: np.mean(p * v)),
        "average without probabilities",
    ),
    (check.maximum_entropy, searched(lambda v: v, -50, 50, compared=lambda p, v: p.sum()), "all weight on one value"),
    (check.maximum_entropy, searched(lambda v: np.arange(len(v)), -50, 50), "place instead of value"),
    (check.maximum_entropy, lambda v, m: v / v.sum(), "proportional to the value"),
    (check.maximum_entropy, lambda v, m: np.sort(tilt(v, m)), "right numbers in another order"),
    (check.maximum_entropy, bell, "peak at the mean"),
    (check.maximum_entropy, lambda v, m: tilt(v, m).round(3), "rounded"),
    (check.maximum_entropy, lambda v, m: tilt(v, m + 1e-5), "nearly right"),
    (check.maximum_entropy, top_and_rest, "right mean, less entropy"),
    (check.maximum_entropy, cut_line, "not exponential"),
    (check.maximum_entropy, lambda v, m: np.cumsum(tilt(v, m)), "sum is not 1"),
    (check.log_partition, lambda E, b: np.nan_to_num(np.log(np.sum(np.exp(-b * E)))), "overflow"),
    (check.log_partition, lambda E, b: b * lse(E, 1.0), "beta outside the logarithm"),
    (check.log_partition, lambda E, b: np.divide(lse(E, b), b), "beta outside the logarithm"),
    (check.log_partition, top_and_sum(lambda x, top, total: top * log(total)), "largest exponent put back wrongly"),
    (check.log_partition, top_and_sum(lambda x, top, total: np.log(top + total)), "largest exponent put back wrongly"),
    (
        check.log_partition,
        top_and_sum(lambda x, top, total: top + np.log(np.sum(np.exp(x)))),
        "largest exponent put back wrongly",
    ),
    (check.log_partition, top_and_sum(lambda x, top, total: top + total), "logarithm forgotten"),
    (check.log_partition, top_and_sum(lambda x, top, total: top), "largest exponent only"),
    (check.log_partition, top_and_sum(lambda x, top, total: top + np.log1p(total)), "largest term miscounted"),
    (check.log_partition, top_and_sum(lambda x, top, total: top + np.log(total - 1)), "largest term miscounted"),
    (check.log_partition, top_and_sum(lambda x, top, total: top + np.log10(total)), "logarithm to another base"),
    (check.log_partition, lambda E, b: np.divide(lse(E, b), log(10)), "logarithm to another base"),
    (
        check.log_partition,
        top_and_sum(lambda x, top, total: top + np.log(np.sum(np.exp(top - x)))),
        "sign of the shift",
    ),
    (check.log_partition, lambda E, b: np.sum(np.log(np.exp(-b * E))), "logarithm of each term"),
    (check.log_partition, lambda E, b: -b * E.sum(), "logarithm of each term"),
    (
        check.log_partition,
        lambda E, b: -E.min() + np.log(np.sum(np.exp(-b * E + E.min()))),
        "lowest energy taken out without beta",
    ),
    (check.log_partition, lambda E, b: lse(E / 2, b), "energies halved or doubled"),
    (
        check.log_partition,
        top_and_sum(lambda x, top, total: log(total) - np.exp(x - top) @ (x - top) / total),
        "another average",
    ),
    (check.log_partition, lambda E, b: round(lse(E, b), 2), "rounded"),
    (check.log_partition, lambda E, b: lse(E, b) + 1e-6 * len(E), "nearly right"),
    (
        check.log_partition,
        lambda E, b: np.log(np.sum(np.exp(np.clip(-b * E, -700, 700)))),
        "right while exponents are small only",
    ),
    (check.log_partition, lambda E, b: lse(E, b) + np.log(b), "right where beta = 1 only"),
    (check.log_partition, two_largest, "right for two energies only"),
    (check.log_partition, last_of_the_loop, "right for one energy only"),
    (check.log_partition, lambda E, b: lse(E**2, b), "wrong for one energy"),
    (check.moments, by_numpy(lambda s, p, m, C: (m / len(s), C / len(s))), "divided by the number of states"),
    (check.moments, by_numpy(lambda s, p, m, C: (m, s.T @ s)), "one array without probabilities"),
    (check.moments, by_numpy(lambda s, p, m, C: (s.mean(axis=0), C)), "one array without probabilities"),
    (check.moments, lambda J, h, b: averages(J, h, np.divide(1, b)), "divided by beta"),
    (check.moments, lambda J, h, b: averages(b * J, h), "beta on one part only"),
    (check.moments, lambda J, h, b: averages(J, b * h), "beta on one part only"),
    (check.moments, lambda J, h, b: averages(J, -h, b), "sign of h"),
    (check.moments, lambda J, h, b: averages(-J, h, b), "sign of J"),
    (check.moments, lambda J, h, b: averages(J, 0 * h, b), "field forgotten"),
    (check.moments, lambda J, h, b: averages(0 * J, h, b), "couplings forgotten"),
    (check.moments, lambda J, h, b: averages(J, h, b, pairs=0.5), "couplings halved"),
    (check.moments, with_energy(field_in_the_loop), "field inside the pair loop"),
    (check.moments, with_energy(ising_energy, states=(0, 1)), "pixels of 0 and 1"),
    (check.moments, of_product_states, "states in another order"),
    (
        check.moments,
        by_numpy(lambda s, p, m, C: (m, (C - np.outer(m, m)) / np.sqrt(np.outer(1 - m**2, 1 - m**2)))),
        "correlation coefficient",
    ),
    (check.moments, by_numpy(lambda s, p, m, C: (m, (s.T * p) @ (s.T * p).T)), "probability squared"),
    (check.moments, by_numpy(lambda s, p, m, C: (m, np.triu(C, 1))), "one triangle only"),
    (check.moments, by_numpy(lambda s, p, m, C: (m, C - np.diag(np.diag(C)))), "diagonal left out"),
    (
        check.moments,
        by_numpy(lambda s, p, m, C: (p[-1] * s[-1], p[-1] * np.outer(s[-1], s[-1]))),
        "last configuration only",
    ),
    (
        check.moments,
        by_numpy(lambda s, p, m, C: (p[:-1] @ s[:-1], s[:-1].T @ (p[:-1, None] * s[:-1]))),
        "last configuration left out",
    ),
    (
        check.moments,
        by_numpy(lambda s, p, m, C: (s[p.argmax()], np.outer(s[p.argmax()], s[p.argmax()]))),
        "lowest energy only",
    ),
    (check.moments, by_numpy(lambda s, p, m, C: (m.round(3), C.round(3))), "rounded"),
    (check.moments, from_samples, "nearly right"),
    (check.moments, lambda J, h, b: averages(J, h * np.sqrt(b), b), "right where beta = 1 only"),
    (check.moments, with_energy(next_neighbours_only), "right for two spins only"),
    (check.moments, by_numpy(lambda s, p, m, C: (m, C + C.T)), "pairs"),
    (check.moments, by_numpy(lambda s, p, m, C: (np.abs(m), C)), "means"),
    (
        check.moments,
        lambda J, h, b: tuple(x / exact.log_partition(J, h, b) for x in averages(J, h, b)),
        "diagonal is not 1",
    ),
    (check.moments, lambda J, h, b: averages(J / 2, h / 2, b), "wrong for one spin"),
    (check.heat_capacity, lambda E, T: variance(E, 1 / T) * T**2, "wrong power of T"),
    (check.heat_capacity, lambda E, T: variance(E, 1 / T) / T**2 / log(len(E), 2), "per spin"),
    (check.heat_capacity, lambda E, T: variance(E, 1 / T) / T / 2, "another factor"),
    (check.heat_capacity, lambda E, T: variance(E, 1 / T) / T**2 / len(E), "another factor"),
    (check.heat_capacity, with_law(lambda p, E, T: (p @ E**2 - p @ E) / T**2), "mean not squared"),
    (check.heat_capacity, with_law(lambda p, E, T: p @ E**2 - (p @ E) ** 2 / T**2), "only one term over T^2"),
    (check.heat_capacity, lambda E, T: variance(E, 1 / T) ** 0.5 / T, "standard deviation"),
    (check.heat_capacity, lambda E, T: np.var(E, ddof=1) / T**2, "numpy's variance of the list"),
    (check.heat_capacity, with_law(lambda p, E, T: np.mean((E - p @ E) ** 2) / T**2), "squares without probabilities"),
    (check.heat_capacity, with_law(lambda p, E, T: p @ (E - E.mean()) ** 2 / T**2), "deviation from another mean"),
    (check.heat_capacity, with_law(lambda p, E, T: p @ (E - p @ E) / T**2), "deviations not squared"),
    (
        check.heat_capacity,
        with_law(lambda p, E, T: (np.sum((p * E) ** 2) - (p @ E) ** 2) / T**2),
        "probability squared",
    ),
    (check.heat_capacity, with_law(lambda p, E, T: np.var(p * E) / T**2), "numpy's mean or variance of p E"),
    (
        check.heat_capacity,
        lambda E, T: (np.exp(-E / T) @ E**2 - (np.exp(-E / T) @ E) ** 2) / T**2,
        "probability not normalised",
    ),
    (check.heat_capacity, with_law(lambda p, E, T: p @ E / T), "mean energy"),
    (
        check.heat_capacity,
        lambda E, T: 10 * (energy_moments(E, 1 / (T + 0.1))[0] - energy_moments(E, 1 / T)[0]),
        "wide difference quotient",
    ),
    (check.heat_capacity, lambda E, T: round(variance(E, 1 / T) / T**2, 3), "rounded"),
    (check.heat_capacity, lambda E, T: variance(E, 1 / T) / T**2 + 1e-5, "nearly right"),
    (check.heat_capacity, lambda E, T: variance(E, 1 / T) / T**2.5, "right where T = 1 only"),
    (check.heat_capacity, with_law(lambda p, E, T: (p @ E - (p @ E) ** 2) / T**2), "right for E = 0 and 1 only"),
    (check.heat_capacity, lambda E, T: variance(E[:2], 1 / T) / T**2, "right for two states only"),
    (check.heat_capacity, with_law(lambda p, E, T: -p @ np.log(p)), "another quantity"),
    (check.heat_capacity, lambda E, T: np.exp(-E.max() / T) / T, "wrong for two states"),
    (check.ring, lambda n, J, h: ring_right(n, J, h / 2), "field halved"),
    (check.ring, lambda n, J, h: ring_right(n, 0.0, h), "coupling forgotten"),
    (
        check.ring,
        with_matrix(lambda J, h: exp(J + h), lambda J, h: exp(J), lambda J, h: exp(J), lambda J, h: exp(J - h)),
        "off-diagonal exp(+J), or power of the trace",
    ),
    (
        check.ring,
        lambda n, J, h: n * np.log(np.trace(matrix(J, h))),
        "off-diagonal exp(+J), or power of the trace",
    ),
    (
        check.ring,
        with_matrix(lambda J, h: exp(J + h), lambda J, h: 1, lambda J, h: 1, lambda J, h: exp(J - h)),
        "off-diagonal 1",
    ),
    (check.ring, lambda n, J, h: np.log(np.trace(matrix(J, h) ** n)), "off-diagonal entries lost"),
    (
        check.ring,
        with_matrix(lambda J, h: exp(J + h), lambda J, h: exp(-J), lambda J, h: exp(-J), lambda J, h: exp(J + h)),
        "field in the wrong place",
    ),
    (
        check.ring,
        with_matrix(lambda J, h: J + h, lambda J, h: -J, lambda J, h: -J, lambda J, h: J - h),
        "exponential forgotten",
    ),
    (check.ring, lambda n, J, h: scaled_power(n, J, h, n, lambda P: P[0, 0]), "one entry of the diagonal"),
    (check.ring, lambda n, J, h: scaled_power(n, J, h, n + 1, np.trace), "one matrix too many"),
    (check.ring, lambda n, J, h: ring_right(n, J, h) / n, "n missing"),
    (check.ring, of_eigenvalues(lambda small, large, n: log(large) + log(1 + (small / large) ** n)), "n missing"),
    (
        check.ring,
        of_eigenvalues(lambda small, large, n: n * (log(large) + log(1 + (small / large) ** n))),
        "n before both terms",
    ),
    (check.ring, lambda n, J, h: ring_right(n, J, h) - n * np.log(matrix(J, h).max()), "scale not put back"),
    (
        check.ring,
        of_eigenvalues(lambda small, large, n: n * log(large) + np.log1p(np.power(large / small, n))),
        "ratio turned round",
    ),
    (
        check.ring,
        of_eigenvalues(lambda small, large, n: n * log(large) + log(1 + small / large)),
        "power of the ratio missing",
    ),
    (
        check.ring,
        of_eigenvalues(lambda small, large, n: n * log(large) + np.log(1 - (small / large) ** n)),
        "not the sum of the powers",
    ),
    (
        check.ring,
        of_eigenvalues(lambda small, large, n: n * np.log(large) + n * np.log(small)),
        "not the sum of the powers",
    ),
    (
        check.ring,
        of_eigenvalues(lambda small, large, n: n * log(large) + (small / large) ** n),
        "second logarithm forgotten",
    ),
    (check.ring, without_square, "eigenvalues miscopied"),
    (check.ring, lambda n, J, h: round(ring_right(n, J, h), 3), "rounded"),
    (check.ring, lambda n, J, h: ring_right(n, J, h) + 1e-7 * n**2 / (n + 1), "nearly right"),
    (check.ring, lambda n, J, h: min(ring_right(n, J, h), 709.0), "right for short rings only"),
    (check.ring, lambda n, J, h: ring_right(n, J, 3 * h), "right without field only"),
    (check.ring, lambda n, J, h: ring_right(n, abs(J), h), "right for J > 0 only"),
    (
        check.ring,
        of_eigenvalues(lambda small, large, n: n * log(large + (small / large) ** n)),
        "wrong without field",
    ),
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
    (check.log_partition, lambda E, b: np.logaddexp.reduce(-b * E)),
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


def test_the_largest_exponent_must_be_taken_out_wherever_it_stands():
    for taken in (lambda x: x[0], lambda x: x[-1], lambda x: x.min()):
        assert not check.log_partition(lambda E, b, of=taken: of(-b * E) + np.log(np.sum(np.exp(-b * E - of(-b * E)))))


def naive_weights(E, beta):
    with np.errstate(all="ignore"):
        w = np.exp(-beta * E)
        return w / w.sum()


def naive_moments(J, h, beta):
    states = np.array(list(product([-1, 1], repeat=len(h))))
    p = naive_weights(ising.energy(states, J, h), beta)
    return p @ states, states.T @ np.diag(p) @ states


def naive_heat_capacity(E, T):
    p = naive_weights(E, 1 / T)
    return (p @ E**2 - (p @ E) ** 2) / T**2


@pytest.mark.parametrize(
    ("checked", "mistaken", "name"),
    [
        (check.moments, naive_moments, "overflow"),
        (check.heat_capacity, naive_heat_capacity, "overflow"),
        (
            check.heat_capacity,
            lambda E, T: naive_heat_capacity(np.unique(E - E.min()), T),
            "equal energies counted once",
        ),
        (check.log_partition, lambda E, b: lse(np.unique(E), b), "equal energies counted once"),
    ],
)
def test_what_only_one_more_case_shows(checked, mistaken, name):
    assert_diagnosed(checked, mistaken, name)


def smaller_eigenvalue_first(n, J, h):
    small, large = np.linalg.eigvalsh(np.exp([[J + h, -J], [-J, J - h]]))
    with np.errstate(all="ignore"):
        return n * np.log(abs(small)) + np.log1p((large / small) ** n)


def test_not_a_number_is_not_blamed_on_the_field():
    """Right at h = 0, and the logarithm of a negative number elsewhere: the field is in its place."""
    assert check.ring(smaller_eigenvalue_first).diagnosis == "smaller eigenvalue taken out"
    assert "returned NaN" in check.ring(lambda n, J, h: np.nan if h else ring_right(n, J, h)).message


def test_a_pair_is_asked_for():
    assert "did not return 2 values" in check.moments(lambda J, h, b: exact.moments(J, h, b)[0]).message
    assert "correlation of shape (1,), not (1, 1)" in check.moments(lambda J, h, b: (h, h)).message
