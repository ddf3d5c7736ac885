"""Every mistake a check of lesson 09 knows, written as a student would write it, gets its own diagnosis."""

import time

import numpy as np
import pytest
from checking import assert_accepted, assert_diagnosed, each_mistake, each_right_answer

from course_lib import vmc
from course_lib.classroom.checks import lesson_09 as check

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # overflow, which is the mistakes'

# ---------------------------------------------------------------- local energy


def local(x, a, w):
    r2 = (x**2).sum(axis=1)
    return -0.5 * (-a * w * x.shape[1] + (a * w) ** 2 * r2) + 0.5 * w**2 * r2


def local_in_a_loop(x, a, w):
    out = []
    for row in x:
        r2 = sum(v * v for v in row)
        out.append(a * w * len(row) / 2 + (1 - a**2) * w**2 * r2 / 2)
    return out


def local_by_the_library(x, a, w):
    dot = vmc.QuantumDot(1, x.shape[1], w)
    return vmc.local_energy(vmc.Gaussian(w, a), dot, x[:, None, :])


def with_r2(formula):
    return lambda x, a, w: formula((x**2).sum(axis=1), x.shape[1], a, w)


LOCAL = [
    (with_r2(lambda r2, d, a, w: -0.5 * (a * w) ** 2 * r2 + 0.5 * w**2 * r2), "Laplacian forgotten"),
    (with_r2(lambda r2, d, a, w: 0.5 * a * w + 0.5 * (1 - a**2) * w**2 * r2), "one axis only"),
    (with_r2(lambda r2, d, a, w: -0.5 * (a * w * d + (a * w) ** 2 * r2) + w**2 * r2 / 2), "sign of the Laplacian"),
    (with_r2(lambda r2, d, a, w: 0.5 * w * d + 0.5 * (1 - a**2) * w**2 * r2), "alpha lost in the Laplacian"),
    (with_r2(lambda r2, d, a, w: 0.5 * a * d + 0.5 * (1 - a**2) * w**2 * r2), "omega lost in the Laplacian"),
    (with_r2(lambda r2, d, a, w: 0.5 * a * w * d + 0.5 * w**2 * r2), "slope forgotten"),
    (with_r2(lambda r2, d, a, w: 0.5 * a * w * d + 0.5 * (1 + a**2) * w**2 * r2), "sign of the slope"),
    (with_r2(lambda r2, d, a, w: 0.5 * a * w * d + 0.5 * (1 - a) * w**2 * r2), "alpha not squared"),
    (with_r2(lambda r2, d, a, w: 0.5 * a * w * d + 0.5 * (w**2 - a**2 * w) * r2), "omega not squared"),
    (with_r2(lambda r2, d, a, w: 0.5 * a * w * d + 0 * r2), "r^2 cancels"),  # alpha lost in the slope
    (with_r2(lambda r2, d, a, w: 0.5 * a * w * d + 0.5 * (a**2 - a**2) * w**2 * r2), "r^2 cancels"),  # or in the trap
    (with_r2(lambda r2, d, a, w: a * w * d + 0.5 * (1 - 4 * a**2) * w**2 * r2), "another exponent"),
    (with_r2(lambda r2, d, a, w: a * w * d / 4 + 0.5 * (1 - a**2 / 4) * w**2 * r2), "another exponent"),
    (with_r2(lambda r2, d, a, w: a * w * d / 2 + 0.5 * (1 - a**2 / 4) * w**2 * r2), "gradient halved"),
    (with_r2(lambda r2, d, a, w: a * w * r2 / 2 + 0.5 * (1 - a**2) * w**2 * r2), "r^2 in the Laplacian"),
    (with_r2(lambda r2, d, a, w: -(-a * w * d + (a * w) ** 2 * r2) + 0.5 * w**2 * r2), "half forgotten"),
    (
        with_r2(lambda r2, d, a, w: 0.5 * (-a * w * d + (a * w) ** 2 * r2) + 0.5 * w**2 * r2),
        "sign of the kinetic energy",
    ),
    (with_r2(lambda r2, d, a, w: 0.5 * w**2 * r2), "kinetic energy forgotten"),
    (with_r2(lambda r2, d, a, w: 0.5 * (a * w * d - (a * w) ** 2 * r2)), "trap forgotten"),
    (
        with_r2(lambda r2, d, a, w: 0.5 * (a * w * d - (a * w) ** 2 * r2) + 0.5 * w * r2),
        "omega not squared in the trap",
    ),
    (with_r2(lambda r2, d, a, w: 0.5 * (a * w * d - (a * w) ** 2 * r2) + w**2 * r2), "half lost in the trap"),
    (with_r2(lambda r2, d, a, w: 0.5 * (a * w * d - (a * w) ** 2 * r2) - 0.5 * w**2 * r2), "sign of the trap"),
    (with_r2(lambda r2, d, a, w: 0.5 * (a * w * d - (a * w) ** 2 * r2) + 0.5 * r2), "omega lost in the trap"),
    (lambda x, a, w: 0.5 * (a * w * x.shape[1] + (1 - a**2) * w**2 * x.sum(axis=1) ** 2), "square of the sum"),
    (lambda x, a, w: 0.5 * (a * w * len(x) + (1 - a**2) * w**2 * (x**2).sum(axis=1)), "samples for axes"),
    (lambda x, a, w: local(x, a, w) * np.exp(-a * w * (x**2).sum(axis=1) / 2), "not divided by Psi"),
    (with_r2(lambda r2, d, a, w: 0.5 * w * d + 0 * r2), "alpha lost in the Laplacian"),  # and in the slope
    (lambda x, a, w: 2 * local(x, a, w), "half forgotten"),
    (lambda x, a, w: -local(x, a, w), "sign of the kinetic energy"),
    (with_r2(lambda r2, d, a, w: 0.5 * a * w * d - 0.5 * (2 * a * w) ** 2 * r2 + 0.5 * w**2 * r2), "slope of Psi^2"),
]

# ---------------------------------------------------------------- quantum force


def sigmoid(u):
    return 1 / (1 + np.exp(-u))


def force(x, a, b, W, s):
    return 2 * (a - x + sigmoid(b + x @ W / s**2) @ W.T) / s**2


def force_in_loops(x, a, b, W, s):
    out = np.zeros_like(x)
    for m in range(len(x)):
        for i in range(len(a)):
            total = a[i] - x[m, i]
            for j in range(len(b)):
                total += W[i, j] / (1 + np.exp(-b[j] - x[m] @ W[:, j] / s**2))
            out[m, i] = 2 * total / s**2
    return out


def force_by_the_library(x, a, b, W, s):
    return 2 * vmc.RBMState(a, b, W, s).gradient(x[:, None, :])[:, 0]


FORCE = [
    (lambda *m: force(*m) / 2, "gradient only"),
    (lambda *m: -force(*m), "downhill"),
    (lambda *m: 2 * force(*m), "four times"),
    (lambda x, a, b, W, s: 2 * (x - a + sigmoid(b + x @ W / s**2) @ W.T) / s**2, "sign of the pull"),
    (lambda x, a, b, W, s: 2 * (-x + sigmoid(b + x @ W / s**2) @ W.T) / s**2, "a forgotten"),
    (lambda x, a, b, W, s: 2 * (sigmoid(b + x @ W / s**2) @ W.T) / s**2, "Gaussian forgotten"),
    (lambda x, a, b, W, s: 2 * (a - x) / s**2, "hidden part forgotten"),
    (lambda x, a, b, W, s: 2 * (a - x - sigmoid(b + x @ W / s**2) @ W.T) / s**2, "sign of the hidden part"),
    (lambda x, a, b, W, s: 2 * (a - x + sigmoid(b + x @ W / s) @ W.T) / s**2, "sigma in the sigmoid"),
    (lambda x, a, b, W, s: 2 * (a - x + sigmoid(b + x @ W) @ W.T) / s**2, "sigma in the sigmoid"),
    (lambda x, a, b, W, s: 2 * (a - x + sigmoid(x @ W / s**2) @ W.T) / s**2, "b forgotten"),
    (lambda x, a, b, W, s: 2 * (a - x + sigmoid(-(b + x @ W / s**2)) @ W.T) / s**2, "sign in the sigmoid"),
    (lambda x, a, b, W, s: 2 * (a - x + (b + x @ W / s**2) @ W.T) / s**2, "sigmoid forgotten"),
    (lambda x, a, b, W, s: 2 * (a - x + np.tanh(b + x @ W / s**2) @ W.T) / s**2, "tanh"),
    (lambda x, a, b, W, s: 2 * (a - x + np.exp(b + x @ W / s**2) @ W.T) / s**2, "exponential"),
    (lambda x, a, b, W, s: 2 * (a - x + np.log1p(np.exp(b + x @ W / s**2)) @ W.T) / s**2, "softplus"),
    (lambda x, a, b, W, s: 2 * (a - x + sigmoid(b + x @ W / s**2) @ W.T) / s, "sigma not squared"),
    (lambda x, a, b, W, s: 2 * (a - x + sigmoid(b + x @ W / s**2) @ W.T), "sigma forgotten"),
    (lambda x, a, b, W, s: 2 * ((a - x) / s**2 + sigmoid(b + x @ W / s**2) @ W.T), "hidden part without sigma"),
    (lambda x, a, b, W, s: 2 * ((a - x) / s**2 + sigmoid(b + x @ W / s**2) @ W.T / s), "hidden part with sigma"),
    (lambda x, a, b, W, s: (a - x) / s**2 + 2 * sigmoid(b + x @ W / s**2) @ W.T / s**2, "Gaussian halved"),
    (lambda x, a, b, W, s: (2 * (a - x) + sigmoid(b + x @ W / s**2) @ W.T) / s**2, "hidden part halved"),
    (lambda x, a, b, W, s: 2 * (a - x + 2 * sigmoid(b + x @ W / s**2) @ W.T) / s**2, "hidden part doubled"),
    (lambda *m: force(*m).mean(axis=0), "averaged"),
    (lambda *m: force(*m).sum(axis=1), "summed"),
    (lambda x, a, b, W, s: 2 * (a - x + sigmoid(b + (x - a) @ W / s**2) @ W.T) / s**2, "a in the sigmoid"),
    (lambda x, a, b, W, s: 2 * (a - x + sigmoid((b + x @ W) / s**2) @ W.T) / s**2, "sigma in the sigmoid"),
]

# ---------------------------------------------------------------- gradient


def by_means(s, e):
    return 2 * ((s.T @ e) / len(e) - s.mean(axis=0) * e.mean())


def by_cov(s, e):
    return [2 * np.cov(column, e, ddof=0)[0, 1] for column in s.T]


def by_data_minus_model(s, e):
    weights = vmc.imaginary_time_weights(e, 0.5)
    return (s.mean(axis=0) - weights @ s / len(e)) / 0.5


GRADIENT = [
    (lambda s, e: by_means(s, e) / 2, "factor 2 missing"),
    (lambda s, e: -by_means(s, e), "downhill"),
    (lambda s, e: -by_means(s, e) / 2, "downhill"),
    (lambda s, e: 2 * (s * e[:, None]).mean(axis=0), "mean not removed"),
    (lambda s, e: (s * e[:, None]).mean(axis=0), "mean not removed"),
    (lambda s, e: 2 * ((s * e[:, None]).mean(axis=0) + s.mean(axis=0) * e.mean()), "mean added"),
    (lambda s, e: 2 * s.mean(axis=0) * e.mean(), "product of the means"),
    (lambda s, e: by_means(s, e) * len(e), "summed"),
    (lambda s, e: by_means(s, e) * len(e) / (len(e) - 1), "M - 1"),
    (lambda s, e: [2 * np.cov(column, e)[0, 1] for column in s.T], "M - 1"),
    (lambda s, e: 2 * (s * e[:, None]).mean(axis=0) - s.mean(axis=0) * e.mean(), "factor on one term"),
    (lambda s, e: (s * e[:, None]).mean(axis=0) - 2 * s.mean(axis=0) * e.mean(), "factor on one term"),
    (lambda s, e: 2 * ((s * e[:, None]).mean(axis=0) - s.mean() * e.mean()), "one mean for all parameters"),
    (lambda s, e: 2 * np.mean(s * ((e - e.mean()) / e.std())[:, None], axis=0), "standardised"),
    (lambda s, e: 2 * np.mean(s * ((e - e.mean()) ** 2)[:, None], axis=0), "energies squared"),
    (lambda s, e: 2 * np.mean(s * abs(e - e.mean())[:, None], axis=0), "absolute values"),
    (lambda s, e: 2 * np.mean(s * (e - e[0])[:, None], axis=0), "other centre"),
    (lambda s, e: 4 * np.mean(s * (e - e.mean())[:, None], axis=0), "factor 4"),
    (lambda s, e: 2 * np.mean(s**2 * (e - e.mean())[:, None], axis=0), "O squared"),
    (lambda s, e: 0 * s[0], "O averaged first"),
    (lambda s, e: by_means(s, e) / e.var(), "per variance of E_L"),
    (lambda s, e: by_means(s, e) / e.std(), "standardised"),
    (lambda s, e: by_means(s, e) / e.std() / s.std(axis=0), "standardised"),
    (lambda s, e: 2 * np.median(s * (e - e.mean())[:, None], axis=0), "median"),
    (lambda s, e: 2 * ((s.T @ e) / len(e) - s.sum(axis=0) * e.sum() / len(e)), "sum removed"),
    (lambda s, e: 2 * (s - s.mean(axis=0)) * (e - e.mean())[:, None], "not averaged"),
]

# ---------------------------------------------------------------- blocking


def blocks(x, length):
    n = len(x) // length
    return x[: n * length].reshape(n, length)


def error(means):
    return means.std(ddof=1) / np.sqrt(len(means))


def block_in_a_loop(x, length):
    means, k = [], 0
    while k + length <= len(x):
        means.append(sum(x[k : k + length]) / length)
        k += length
    centre = sum(means) / len(means)
    return (sum((m - centre) ** 2 for m in means) / (len(means) - 1) / len(means)) ** 0.5


def rest_kept(x, length):
    return error(np.array([x[k : k + length].mean() for k in range(0, len(x), length)]))


BLOCKS = [
    (lambda x, length: x.std(ddof=1) / np.sqrt(len(x)), "blocks ignored"),
    (lambda x, length: x.std() / np.sqrt(len(x)), "blocks ignored"),
    (lambda x, length: blocks(x, length).mean(axis=1).std() / np.sqrt(len(x) // length), "ddof"),
    (lambda x, length: blocks(x, length).mean(axis=1).std(ddof=1), "deviation"),
    (lambda x, length: blocks(x, length).mean(axis=1).std(ddof=1) / np.sqrt(len(x)), "samples for blocks"),
    (lambda x, length: blocks(x, length).mean(axis=1).std(ddof=1) / (len(x) // length), "root forgotten"),
    (lambda x, length: blocks(x, length).mean(axis=1).var(ddof=1) / (len(x) // length), "variance"),
    (lambda x, length: error(blocks(x, length).sum(axis=1)), "block sums"),
    (lambda x, length: error(blocks(x, length)[:, 0]), "first of each block"),
    (lambda x, length: error(x[::length]), "thinned"),
    (lambda x, length: error(x[len(x) % length :].reshape(-1, length).mean(axis=1)), "end kept"),
    (lambda x, length: error(x[: len(x) // length * length].reshape(length, -1).mean(axis=0)), "every so many-th"),
    (rest_kept, "rest kept"),
    (lambda x, length: error(np.convolve(x, np.ones(length) / length, "valid")), "blocks overlap"),
    (lambda x, length: 1.96 * error(blocks(x, length).mean(axis=1)), "95 percent"),
    (lambda x, length: error(np.median(blocks(x, length), axis=1)), "medians"),
    (lambda x, length: blocks(x, length).std(axis=1).mean() / np.sqrt(len(x) // length), "within the blocks"),
    (lambda x, length: x.mean(), "mean of the numbers"),
    (lambda x, length: blocks(x, length).mean(axis=1).std(ddof=1) / np.sqrt(len(x) // length - 1), "blocks minus 1"),
    (lambda x, length: blocks(x, length).mean(axis=1).std(ddof=1) / np.sqrt(length), "length for number"),
    (lambda x, length: error(blocks(x, length)[:-1].mean(axis=1)), "last block left out"),
    (lambda x, length: error(np.array([b.mean() for b in np.array_split(x, length)])), "number for length"),
    (lambda x, length: (blocks(x, length).std(axis=1) / length**0.5).mean(), "within the blocks"),
    (lambda x, length: error(blocks(x, length).mean(axis=1)) / length**0.5, "samples for blocks"),
]

KNOWN = [
    (checked, function, name)
    for checked, rows in (
        (check.local_energy, LOCAL),
        (check.quantum_force, FORCE),
        (check.gradient, GRADIENT),
        (check.block_error, BLOCKS),
    )
    for function, name in rows
]
RIGHT = [
    (check.local_energy, local),
    (check.local_energy, local_in_a_loop),
    (check.local_energy, local_by_the_library),
    (check.quantum_force, force),
    (check.quantum_force, force_in_loops),
    (check.quantum_force, force_by_the_library),
    (check.gradient, by_means),
    (check.gradient, by_cov),
    (check.gradient, by_data_minus_model),
    (check.block_error, lambda x, length: error(blocks(x, length).mean(axis=1))),
    (check.block_error, block_in_a_loop),
    (check.block_error, lambda x, length: np.float32(0) + error(blocks(x, length).mean(axis=1))),
]


@each_mistake(KNOWN)
def test_each_mistake_is_named(checked, mistaken, name):
    assert_diagnosed(checked, mistaken, name)


@pytest.mark.parametrize("reduced", [lambda g: g.mean(), lambda g: g[0], lambda g: g.sum()])
def test_one_number_for_all_parameters_is_not_to_be_reshaped(reduced):
    """The first case has one parameter: there all of these are right, but for the shape."""
    verdict = check.gradient(lambda s, e: reduced(by_means(s, e)))
    assert "too many" in verdict.message
    assert "reshape" not in verdict.message


@each_right_answer(RIGHT)
def test_right_answers_are_accepted(checked, function):
    start = time.perf_counter()
    assert_accepted(checked, function)
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize("checked", [check.local_energy, check.quantum_force, check.gradient, check.block_error])
@pytest.mark.filterwarnings("error")
def test_the_library_s_own_mistakes_warn_nobody(checked):
    """An answer that nothing explains is held against all known mistakes, some of which divide by zero."""
    assert not checked(lambda *arguments: checked.truth(*arguments) + 0.1 * np.sin(np.sum(arguments[0])))


# ---------------------------------------------------------------- what the lesson says of other texts


def test_the_wrong_distance_lies_below_the_exact_energy():
    x = np.random.default_rng(9).normal(0, 0.5**0.5, (400_000, 2, 2))
    wrong = 1 / np.sqrt((x**2).sum(axis=(1, 2)))
    assert abs(2 + wrong.mean() - 2.8862) < 5 * wrong.std() / len(x) ** 0.5
    assert 2 + wrong.mean() < 3


def test_the_root_of_the_machine_is_stuck():
    """Psi = exp(-x^2 / 4): four coordinates at alpha = 1/2."""
    x = np.random.default_rng(9).normal(0, 1, (100_000, 4))
    e = local(x, 0.5, 1.0)
    assert abs(e.mean() - 2.5) < 5 * e.std() / len(x) ** 0.5


def test_the_mean_slope_of_the_local_energy_is_zero():
    r2 = (np.random.default_rng(9).normal(0, np.sqrt(1 / 1.2), (100_000, 4)) ** 2).sum(axis=1)
    slope = by_means(-r2[:, None] / 2, 2 * 0.6 + 0.5 * (1 - 0.36) * r2)[0]
    assert abs(slope + 16 / 9) < 0.04
    assert abs(np.mean(2 - 0.6 * r2)) < 5 * 0.6 * r2.std() / len(r2) ** 0.5
