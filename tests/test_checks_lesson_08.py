"""Every mistake a check of lesson 08 knows, written as a student would write it, gets its own diagnosis."""

import time
from math import exp, log

import numpy as np
import pytest
from checking import assert_accepted, assert_diagnosed, each_mistake, each_right_answer, mistakes_known_to

from course_lib.classroom.checks import lesson_08 as check
from course_lib.rbm import RBM

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # overflow and 0/0, which are the mistakes


def sigmoid(f):
    return 1 / (1 + np.exp(-f))


def ramp(f):
    return np.logaddexp(0, f)


# ---------------------------------------------------------------- 1: free energy


def energy_by_loops(x, a, b, W):
    total = 0.0
    for i in range(len(a)):
        total -= a[i] * x[i]
    for j in range(len(b)):
        f = b[j]
        for i in range(len(a)):
            f += x[i] * W[i, j]
        total -= max(f, 0) + log(1 + exp(-abs(f)))
    return total


def energy_by_states(x, a, b, W):
    exponents = [a @ x]
    for j in range(len(b)):
        exponents = [e + h * (b[j] + x @ W[:, j]) for e in exponents for h in (0, 1)]
    return -np.logaddexp.reduce(exponents)


def early_return(x, a, b, W):
    for j in range(len(b)):
        return -a @ x - ramp(b[j] + x @ W[:, j])


def overwritten(x, a, b, W):
    for j in range(len(b)):
        hidden = ramp(b[j] + x @ W[:, j])
    return -a @ x - hidden


def a_inside_loop(x, a, b, W):
    total = 0
    for j in range(len(b)):
        total -= a @ x + ramp(b[j] + x @ W[:, j])
    return total


def a_in_loop_minus(x, a, b, W):
    return -a @ x - ramp(b + x @ W).sum() - x @ a


def best_state(x, a, b, W):
    f = b + x @ W
    h = f > 0
    return -a @ x - b @ h - x @ W @ h


def energy_by_matrices(x, a, b, W):
    return -a @ x - ramp(b + x @ W).sum()


ENERGY_RIGHT = [
    energy_by_matrices,
    lambda x, a, b, W: -(x @ a) - np.sum(np.logaddexp(0, b + W.T @ x)),
    lambda x, a, b, W: np.float32(0) - np.dot(a, x) - np.logaddexp(b + x @ W, 0).sum(),
    lambda x, a, b, W: RBM(a, b, W).energy(x),
    energy_by_loops,
    energy_by_states,
    lambda *layers: energy_by_matrices(*(np.float32(one) for one in layers)),
]

ENERGY = [
    (lambda x, a, b, W: -a @ x - ramp(b + (x @ W).sum()).sum(), "more than one hidden unit"),
    (lambda x, a, b, W: -a @ x - ramp(b + x @ np.tanh(W)).sum(), "couplings"),
    (lambda x, a, b, W: -a @ x - ramp(b + x[0] * W[0]).sum(), "more than one visible unit"),
    (a_in_loop_minus, "visible biases twice"),
    (lambda x, a, b, W: -a @ x - ramp(b.sum() + x @ W).sum(), "biases everywhere"),
    (lambda x, a, b, W: -a @ x - ((b + x @ W) / 2).sum(), "mean in the field"),
    (lambda x, a, b, W: -a @ x - ramp(b + x @ W + a @ x).sum(), "a in the fields"),
    (lambda x, a, b, W: -a @ x - ramp(b + x @ W).max(), "largest term only"),
    (lambda x, a, b, W: -a @ x - np.log((1 + np.exp(b + x @ W)) / 2).sum(), "log of the mean"),
    (lambda x, a, b, W: np.float16(RBM(a, b, W).energy(x)), "nearly right"),
    (lambda x, a, b, W: 2.5 + x.sum(), "one unit off"),
    (lambda x, a, b, W: a @ x + ramp(b + x @ W).sum(), "sign"),
    (lambda x, a, b, W: -a @ x + ramp(b + x @ W).sum(), "sign of the hidden part"),
    (lambda x, a, b, W: a @ x - ramp(b + x @ W).sum(), "sign of a"),
    (lambda x, a, b, W: -ramp(b + x @ W).sum(), "visible biases forgotten"),
    (lambda x, a, b, W: -a.sum() - ramp(b + x @ W).sum(), "all visible biases"),
    (lambda x, a, b, W: -a @ x - ramp(x @ W).sum(), "hidden biases forgotten"),
    (lambda x, a, b, W: -a @ x - ramp(b).sum(), "couplings forgotten"),
    (lambda x, a, b, W: -a @ x - ramp(b - x @ W).sum(), "sign of W"),
    (lambda x, a, b, W: -a @ x - ramp(x @ W - b).sum(), "sign of b"),
    (lambda x, a, b, W: -a @ x - ramp(-(b + x @ W)).sum(), "sign of the field"),
    (lambda x, a, b, W: -a @ x - np.log(np.exp(b + x @ W)).sum(), "1 + forgotten"),
    (lambda x, a, b, W: -a @ x - (b + x @ W).sum(), "1 + forgotten"),
    (lambda x, a, b, W: -a @ x - np.log(1 + b + x @ W).sum(), "log of 1 + f"),
    (lambda x, a, b, W: -a @ x - (1 + np.exp(b + x @ W)).sum(), "logarithm forgotten"),
    (lambda x, a, b, W: -a @ x - np.exp(b + x @ W).sum(), "logarithm forgotten"),
    (lambda x, a, b, W: -a @ x - np.prod(1 + np.exp(b + x @ W)), "logarithm forgotten"),
    (lambda x, a, b, W: -a @ x - np.log(2 * np.cosh(b + x @ W)).sum(), "hidden units of +-1"),
    (lambda x, a, b, W: -a @ x - np.log(np.cosh((b + x @ W) / 2) * 2).sum(), "half a field"),
    (best_state, "likeliest state only"),
    (lambda x, a, b, W: -a @ x - sigmoid(b + x @ W).sum(), "mean of h"),
    (lambda x, a, b, W: -a @ x - (b + x @ W) @ sigmoid(b + x @ W), "mean energy"),
    (lambda x, a, b, W: -a @ x - np.log2(1 + np.exp(b + x @ W)).sum(), "base 2"),
    (lambda x, a, b, W: -a @ x - np.log10(1 + np.exp(b + x @ W)).sum(), "base 10"),
    (lambda x, a, b, W: -a @ x - ramp(b + x @ W).mean(), "mean instead of sum"),
    (lambda x, a, b, W: -a @ x - ramp(b + x @ W).prod(), "product instead of sum"),
    (lambda x, a, b, W: -a @ x - np.log((1 + np.exp(b + x @ W)).sum()), "log of a sum"),
    (early_return, "first unit only"),
    (overwritten, "last unit only"),
    (a_inside_loop, "more than one hidden unit"),
    (lambda x, a, b, W: -a @ x - sum(ramp(b[j] + x @ W[:, j]) for j in range(1, len(b))), "unit left out"),
    (lambda x, a, b, W: -a @ x - sum(ramp(b[j] + x @ W[:, j]) for j in range(len(b) - 1)), "unit left out"),
    (lambda x, a, b, W: np.exp(a @ x) * np.prod(1 + np.exp(b + x @ W)), "weight"),
    (lambda x, a, b, W: RBM(a, b, W).energy(x) + RBM(a, b, W).log_partition(), "log Z added"),
    (lambda x, a, b, W: -a @ x - ramp(b + (2 * x - 1) @ W).sum(), "units for spins"),
    (lambda x, a, b, W: -a @ x - ramp(b + W.sum(axis=0)).sum(), "all visible units"),
    (lambda x, a, b, W: -a @ x, "hidden part forgotten"),
    (lambda x, a, b, W: -a @ x - ramp(b + x @ W), "another shape"),
    (lambda x, a, b, W: -a @ x - np.log(1 + np.exp(b + x @ W)).sum(), "overflow"),
    (lambda x, a, b, W: round(float(RBM(a, b, W).energy(x)), 2), "rounded"),
    (lambda x, a, b, W: -a @ x - np.log(1 + np.exp(b + x @ W).sum()), "more than one hidden unit"),
    (lambda x, a, b, W: -a * x - ramp(b + x @ W).sum(), "another shape"),
    (lambda x, a, b, W: -a @ x - ramp(b + W @ x).sum(), "raises"),
    (lambda x, a, b, W: -a @ x - b @ sigmoid(b + x @ W) - x @ W @ sigmoid(b + x @ W), "mean energy"),
]

# ---------------------------------------------------------------- 2: the three-body term


def by_pairs(b, w):
    def pair(b):
        return ramp(b + w[0] + w[1]) - ramp(b + w[0]) - ramp(b + w[1]) + ramp(b)

    return pair(b + w[2]) - pair(b)


def by_states(b, w):
    total = 0.0
    for k in range(8):
        x = [k >> i & 1 for i in range(3)]
        total += (-1) ** (3 - sum(x)) * log(1 + exp(b + sum(u * v for u, v in zip(x, w, strict=True))))
    return total


def by_a_machine(b, w):
    x = (np.arange(8)[:, None] >> np.arange(3)) & 1
    log_p = -RBM(np.zeros(3), [b], w[:, None]).energy(x)
    return np.prod(2 * x - 1, axis=1) @ log_p


def eight(b, w, f=ramp, none=-1, one=1, two=-1, three=1):
    pairs = (w[0] + w[1], w[0] + w[2], w[1] + w[2])
    return three * f(b + w.sum()) + two * sum(f(b + v) for v in pairs) + one * sum(f(b + v) for v in w) + none * f(b)


TRIPLE_RIGHT = [
    by_pairs,
    by_states,
    by_a_machine,
    eight,
    lambda b, w: eight(b, w, f=lambda f: np.log(np.cosh(f / 2))),  # straight lines cancel
    lambda b, w: eight(b, w, f=lambda f: ramp(-f)),
    lambda b, w: by_pairs(np.float32(b), np.float32(w)),
]

TRIPLE = [
    (lambda b, w: by_pairs(b, np.full(3, w[0])), "one weight for all"),
    (lambda b, w: by_pairs(b, np.full(3, w.mean())), "one weight for all"),
    (lambda b, w: 3 * by_pairs(b, w) + 0.0, "times 3"),
    (lambda b, w: by_pairs(b, w) / 2, "half"),
    (lambda b, w: by_pairs(b, w) / 3, "averaged"),
    (lambda b, w: eight(3 * b, w), "bias many times"),
    (lambda b, w: eight(b, w, f=lambda f: np.log10(1 + np.exp(f))), "base 10"),
    (lambda b, w: by_pairs(b, w) * (1 + 1e-5 * b), "nearly right"),
    (lambda b, w: w.prod() * sigmoid(b), "not 0 where it must vanish"),
    (lambda b, w: -by_pairs(b, w), "sign"),
    (lambda b, w: eight(b, w, none=1, two=1), "signs"),
    (lambda b, w: eight(b, w, one=-1), "signs"),
    (lambda b, w: eight(b, w, none=1), "signs"),
    (lambda b, w: eight(b, w, two=1), "signs"),
    (lambda b, w: eight(b, w, none=0), "empty state forgotten"),
    (lambda b, w: eight(b, w, one=0), "single units forgotten"),
    (lambda b, w: eight(b, w, two=0), "pairs forgotten"),
    (lambda b, w: eight(b, w, none=2, one=-1, two=0), "pairs not taken off"),
    (lambda b, w: eight(b, w, one=0, two=0), "all on and all off"),
    (lambda b, w: eight(b, w, none=0, one=0, two=0), "all on only"),
    (lambda b, w: eight(b, w, three=0), "full state forgotten"),
    (lambda b, w: ramp(b + w[0] + w[1]) - ramp(b + w[0]) - ramp(b + w[1]) + ramp(b), "a pair"),
    (
        lambda b, w: ramp(b + w.sum()) - ramp(b + w[0] + w[2]) - ramp(b + w[1] + w[2]) + ramp(b + w[2]),
        "pair with the third on",
    ),
    (lambda b, w: eight(b, w, none=3, one=-2, two=1, three=0), "sum of the pairs"),
    (lambda b, w: by_pairs(b, w) / 8, "of spins"),
    (lambda b, w: by_pairs(b, w) / 4, "divided by 4"),
    (lambda b, w: eight(b, w, f=sigmoid), "mean of h"),
    (lambda b, w: eight(b, w, f=np.exp), "1 + forgotten"),
    (lambda b, w: eight(b, w, f=lambda f: f), "no function"),
    (lambda b, w: eight(b, w, f=lambda f: 1 + np.exp(f)), "1 + forgotten"),
    (lambda b, w: eight(b, w, f=lambda f: np.log2(1 + np.exp(f))), "base 2"),
    (lambda b, w: eight(b, w, f=lambda f: np.log(2 * np.cosh(f))), "hidden units of +-1"),
    (lambda b, w: eight(0, w), "bias forgotten"),
    (lambda b, w: eight(-b, w), "signs of b and w"),
    (lambda b, w: eight(b, -w), "signs of b and w"),
    (lambda b, w: np.exp(by_pairs(b, w)), "logarithm at the end forgotten"),
    (lambda b, w: w.prod(), "product of the weights"),
    (
        lambda b, w: ramp(b + w.sum()) - ramp(b + w[0]) - ramp(b + w[1]) - ramp(b + w[2]) + ramp(b),
        "not 0 for a unit without coupling",
    ),
    (lambda b, w: ramp(b + w.sum()) - sum(ramp(b + v) for v in w) + 2 * ramp(b), "pairs not taken off"),
    (lambda b, w: by_pairs(b, w) * 2, "twice the answer"),
    (lambda b, w: [by_pairs(b, w)], "another shape"),
    (lambda b, w: round(by_pairs(b, w), 3), "rounded"),
    (lambda b, w: abs(by_pairs(b, w)), "sign lost"),
    (lambda b, w: ramp(b + w.prod()), "not 0 for a unit without coupling"),
]

# ---------------------------------------------------------------- 3: block Gibbs


def coins(p, rng):
    return (rng.random(p.shape) < p).astype(int)


def gibbs(x, a, b, W, rng):
    h = coins(sigmoid(b + x @ W), rng)
    return coins(sigmoid(a + h @ W.T), rng)


def gibbs_by_loops(x, a, b, W, rng):
    new = np.zeros_like(x)
    for r in range(len(x)):
        h = np.zeros(len(b))
        for j in range(len(b)):
            h[j] = rng.random() < 1 / (1 + exp(-(b[j] + x[r] @ W[:, j])))
        for i in range(len(a)):
            new[r, i] = rng.random() < 1 / (1 + exp(-(a[i] + W[i] @ h)))
    return new


def gibbs_binomial(x, a, b, W, rng):
    h = rng.binomial(1, sigmoid(b + x @ W))
    return rng.binomial(1, sigmoid(a + h @ W.T))


def gibbs_by_where(x, a, b, W, rng):
    f = b + x @ W
    h = np.where(rng.random(f.shape) > 1 / (1 + np.exp(f)), 1.0, 0.0)
    f = a + h @ W.T
    return np.where(rng.random(f.shape) > 1 / (1 + np.exp(f)), 1.0, 0.0)


def gibbs_hidden_only(x, a, b, W, rng):
    return coins(sigmoid(b + x @ W), rng)


def one_number(p, rng):
    return (rng.random((len(p), 1)) < p).astype(int)


def for_all_rows(p, rng):
    return (rng.random(p.shape[1]) < p).astype(int)


def gibbs_numbers_shared(x, a, b, W, rng):
    u = rng.random((len(x), max(W.shape)))
    h = (u[:, : len(b)] < sigmoid(b + x @ W)).astype(int)
    return (u[:, : len(a)] < sigmoid(a + h @ W.T)).astype(int)


def gibbs_first_row(x, a, b, W, rng):
    x = x.copy()
    x[0] = gibbs(x[:1], a, b, W, rng)[0]
    return x


def with_ways(hidden=lambda x, b, W: b + x @ W, draw_h=coins, visible=lambda h, a, W: a + h @ W.T, draw_v=coins):
    def step(x, a, b, W, rng):
        h = draw_h(sigmoid(hidden(x, b, W)), rng)
        return draw_v(sigmoid(visible(h, a, W)), rng)

    return step


GIBBS_RIGHT = [gibbs, gibbs_by_loops, gibbs_binomial, gibbs_by_where, lambda *args: gibbs(*args).astype(bool)]

GIBBS = [
    (gibbs_numbers_shared, "one number for both layers"),
    (gibbs_first_row, "nothing moves"),
    (with_ways(visible=lambda h, a, W: h @ W.T - a), "sign of a"),
    (with_ways(visible=lambda h, a, W: a + np.cumsum(h @ W.T, axis=1)), "more than one visible unit"),
    (with_ways(hidden=lambda x, b, W: b + np.cumsum(x @ W, axis=1)), "more than one hidden unit"),
    (lambda x, a, b, W, rng: coins(np.full(x.shape, 0.6), rng), "start forgotten"),
    (with_ways(hidden=lambda x, b, W: x @ W), "hidden biases forgotten"),
    (with_ways(hidden=lambda x, b, W: -b - x @ W), "hidden units turned round"),
    (with_ways(hidden=lambda x, b, W: b + 0 * (x @ W)), "visible units do not pull"),
    (with_ways(hidden=lambda x, b, W: b + (2 * x - 1) @ W), "units for spins"),
    (with_ways(hidden=lambda x, b, W: 2 * (b + x @ W)), "hidden units of +-1"),
    (with_ways(visible=lambda h, a, W: h @ W.T), "visible biases forgotten"),
    (with_ways(visible=lambda h, a, W: -a - h @ W.T), "visible units turned round"),
    (with_ways(visible=lambda h, a, W: a + 0 * (h @ W.T)), "hidden units do not pull"),
    (with_ways(visible=lambda h, a, W: a + (2 * h - 1) @ W.T), "units for spins"),
    (with_ways(visible=lambda h, a, W: 2 * (a + h @ W.T)), "visible units of +-1"),
    (with_ways(draw_h=lambda p, rng: p), "hidden units not drawn"),
    (with_ways(draw_h=lambda p, rng: p > 0.5), "hidden units at their likelier state"),
    (with_ways(draw_v=lambda p, rng: p > 0.5), "visible units at their likelier state"),
    (with_ways(draw_v=lambda p, rng: p), "not drawn"),
    (with_ways(draw_v=lambda p, rng: p.round()), "visible units at their likelier state"),
    (with_ways(draw_h=lambda p, rng: coins(1 - p, rng)), "hidden units turned round"),
    (with_ways(draw_v=lambda p, rng: coins(1 - p, rng)), "visible units turned round"),
    (
        with_ways(draw_h=lambda p, rng: coins(1 - p, rng), draw_v=lambda p, rng: coins(1 - p, rng)),
        "hidden units turned round",
    ),
    (with_ways(draw_h=one_number), "one number for all hidden units"),
    (with_ways(draw_v=one_number), "one number for all visible units"),
    (with_ways(draw_h=one_number, draw_v=one_number), "one number for all hidden units"),
    (with_ways(draw_v=for_all_rows), "one visible state for all rows"),
    (with_ways(draw_h=for_all_rows), "one hidden state for all rows"),
    (
        with_ways(draw_h=lambda p, rng: (rng.random() < p) * 1, draw_v=lambda p, rng: (rng.random() < p) * 1),
        "rng decides nothing",
    ),
    (with_ways(draw_h=lambda p, rng: rng.integers(2, size=p.shape)), "hidden units by coins"),
    (with_ways(draw_v=lambda p, rng: rng.integers(2, size=p.shape)), "visible units by coins"),
    (gibbs_hidden_only, "hidden units"),
    (lambda x, a, b, W, rng: (gibbs(x, a, b, W, rng), 0), "more than asked"),
    (lambda x, a, b, W, rng: x, "nothing moves"),
    (lambda x, a, b, W, rng: gibbs(gibbs(x, a, b, W, rng), a, b, W, rng), "several steps"),
    (lambda x, a, b, W, rng: 2 * gibbs(x, a, b, W, rng) - 1, "not 0 and 1"),
    (lambda x, a, b, W, rng: gibbs(x, a, b, W, np.random.default_rng()), "own random numbers"),
    (lambda x, a, b, W, rng: gibbs(x, a, b, W, np.random.default_rng(1)), "rng decides nothing"),
    (with_ways(hidden=lambda x, b, W: b - x @ W), "sign of W"),
    (with_ways(visible=lambda h, a, W: a - h @ W.T), "sign of W"),
    (with_ways(hidden=lambda x, b, W: x @ W - b), "sign of b"),
    (with_ways(draw_h=lambda p, rng: rng.normal(size=p.shape) < p), "one unit of each"),
    (with_ways(draw_h=lambda p, rng: (rng.random(p.shape) < p) * p), "one unit of each"),
    (lambda x, a, b, W, rng: coins(sigmoid(a + x @ W @ W.T), rng), "one unit of each"),
    (lambda x, a, b, W, rng: gibbs(x, a, b, W, rng)[0], "wrong kind of answer"),
    (with_ways(hidden=lambda x, b, W: W.T @ x), "raises"),
]

# ---------------------------------------------------------------- 4: gradient


def parts(x, b, W, q=lambda x, b, W: sigmoid(b + x @ W)):
    q = q(x, b, W)
    return x.mean(axis=0), q.mean(axis=0), x.T @ q / len(x)


def slopes(data, samples, b, W):
    return tuple(d - m for d, m in zip(parts(data, b, W), parts(samples, b, W), strict=True))


def slopes_by_loops(data, samples, b, W):
    n, m = W.shape
    da, db, dW = np.zeros(n), np.zeros(m), np.zeros((n, m))
    for rows, sign in ((data, 1 / len(data)), (samples, -1 / len(samples))):
        for x in rows:
            q = sigmoid(b + x @ W)
            da += sign * x
            db += sign * q
            dW += sign * np.outer(x, q)
    return da, db, dW


def slopes_by_differences(data, samples, b, W):
    def height(p):
        n, m = len(W), len(b)
        model = RBM(p[:n], p[n : n + m], p[n + m :].reshape(n, m))
        return model.energy(samples).mean() - model.energy(data).mean()

    p = np.concatenate([np.zeros(len(W)), b, W.ravel()])
    g = np.array([(height(p + d) - height(p - d)) / 2e-5 for d in 1e-5 * np.eye(len(p))])
    n, m = W.shape
    return g[:n], g[n : n + m], g[n + m :].reshape(n, m)


def with_q(q):
    return lambda data, samples, b, W: tuple(
        d - m for d, m in zip(parts(data, b, W, q), parts(samples, b, W, q), strict=True)
    )


def with_products(product):
    def answer(data, samples, b, W):
        da, db, _ = slopes(data, samples, b, W)
        return da, db, product(data, sigmoid(b + data @ W)) - product(samples, sigmoid(b + samples @ W))

    return answer


def changed(change):
    return lambda *arguments: change(*slopes(*arguments))


GRADIENT_RIGHT = [
    slopes,
    slopes_by_loops,
    slopes_by_differences,
    lambda *args: list(slopes(*args)),
    lambda *args: slopes(*(np.float32(one) for one in args)),
    lambda data, samples, b, W: tuple(np.array(x) for x in slopes(data.astype(float), samples.astype(np.int8), b, W)),
]


def q_of_the_data(data, samples, b, W):
    q = sigmoid(b + data @ W)
    if len(data) != len(samples):
        return slopes(data, samples, b, W)
    return data.mean(axis=0) - samples.mean(axis=0), 0 * b, (data - samples).T @ q / len(data)


GRADIENT = [
    (with_q(lambda x, b, W: sigmoid(b + x @ np.tanh(W))), "hidden means"),
    (with_products(lambda x, q: (2 * x - 1).T @ q / len(x)), "units for spins"),
    (with_q(lambda x, b, W: sigmoid(b + (2 * x - 1) @ W)), "units for spins"),
    (lambda data, samples, b, W: tuple(x / len(W) for x in slopes(data, samples, b, W)), "divided by the units"),
    (with_products(lambda x, q: np.ones((x.shape[1], 1)) * q.mean(axis=0)), "x forgotten"),
    (with_products(lambda x, q: x.mean(axis=0)[:, None] * np.ones(q.shape[1])), "q forgotten"),
    (
        lambda data, samples, b, W: tuple(
            d / len(data) - m / len(samples) for d, m in zip(parts(data, b, W), parts(samples, b, W), strict=True)
        ),
        "divided twice",
    ),
    (
        lambda data, samples, b, W: tuple(
            (len(data) * d - len(samples) * m) / len(data)
            for d, m in zip(parts(data, b, W), parts(samples, b, W), strict=True)
        ),
        "number of samples",
    ),
    (lambda data, samples, b, W: tuple(-x for x in parts(samples, b, W)), "data forgotten"),
    (lambda data, samples, b, W: (*slopes(data, samples, b, W)[:2], W * slopes(data, samples, b, W)[2]), "times W"),
    (with_q(lambda x, b, W: sigmoid(b + np.zeros((len(x), 1)))), "visible units do not pull"),
    (q_of_the_data, "hidden means of the data on both sides"),
    (changed(lambda da, db, dW: tuple(np.sign(x) for x in (da, db, dW))), "signs only"),
    (changed(lambda da, db, dW: (-da, -db, -dW)), "sign"),
    (changed(lambda da, db, dW: (-da, db, dW)), "sign of da"),
    (changed(lambda da, db, dW: (da, -db, dW)), "sign of db"),
    (changed(lambda da, db, dW: (da, db, -dW)), "sign of dW"),
    (changed(lambda da, db, dW: (da, db, dW / 2)), "dW"),
    (changed(lambda da, db, dW: (da / 2, db / 2, dW / 2)), "half"),
    (changed(lambda da, db, dW: (da, db, dW.T)), "wrong kind of answer"),
    (changed(lambda da, db, dW: (db, da, dW)), "wrong kind of answer"),
    (changed(lambda da, db, dW: (da, db)), "wrong kind of answer"),
    (changed(lambda da, db, dW: (da, db, 0 * dW)), "left at 0"),
    (changed(lambda da, db, dW: tuple(np.abs(x) for x in (da, db, dW))), "absolute values"),
    (changed(lambda da, db, dW: tuple(x**2 for x in (da, db, dW))), "squares"),
    (with_q(lambda x, b, W: sigmoid(x @ W)), "hidden biases forgotten"),
    (with_q(lambda x, b, W: b + x @ W), "field itself"),
    (with_q(lambda x, b, W: ramp(b + x @ W)), "log instead of mean"),
    (with_q(lambda x, b, W: np.exp(b + x @ W)), "exp instead of mean"),
    (with_q(lambda x, b, W: np.tanh(b + x @ W)), "hidden units of +-1"),
    (with_q(lambda x, b, W: (sigmoid(b + x @ W) > 0.5) * 1), "hidden units decided"),
    (with_q(lambda x, b, W: sigmoid(-b - x @ W)), "sign of the field"),
    (with_q(lambda x, b, W: sigmoid(b - x @ W)), "sign of W"),
    (with_q(lambda x, b, W: coins(sigmoid(b + x @ W), np.random.default_rng(1))), "hidden units drawn"),
    (with_q(lambda x, b, W: sigmoid(b + x @ W) * (1 - sigmoid(b + x @ W))), "no sigmoid slope"),
    (with_products(lambda x, q: np.outer(x.mean(axis=0), q.mean(axis=0))), "product of the means"),
    (with_products(lambda x, q: x.T @ q / len(x) - np.outer(x.mean(axis=0), q.mean(axis=0))), "covariance"),
    (with_products(lambda x, q: x.T @ q), "dW"),
    (
        lambda data, samples, b, W: tuple(
            len(data) * d - len(samples) * m for d, m in zip(parts(data, b, W), parts(samples, b, W), strict=True)
        ),
        "sum instead of mean",
    ),
    (lambda data, samples, b, W: parts(data, b, W), "model forgotten"),
    (lambda data, samples, b, W: parts(samples, b, W), "model alone"),
    (
        lambda data, samples, b, W: tuple(d + m for d, m in zip(parts(data, b, W), parts(samples, b, W), strict=True)),
        "not a difference",
    ),
    (
        lambda data, samples, b, W: (data.mean() - samples.mean() + np.zeros(len(W)), *slopes(data, samples, b, W)[1:]),
        "da",
    ),
    (lambda data, samples, b, W: (slopes(data, samples, b, W)[0], data.mean() + 0 * b, 0 * W), "hidden means first"),
    (changed(lambda da, db, dW: (da, db, np.outer(da, db))), "dW"),
    (changed(lambda da, db, dW: (0.1 * da, 0.1 * db, 0.1 * dW)), "a factor"),
    (lambda data, samples, b, W: (data.sum(axis=0) - samples.sum(axis=0), *slopes(data, samples, b, W)[1:]), "da"),
    (changed(lambda da, db, dW: (da, da.mean() + 0 * db, dW)), "db"),
    (
        lambda data, samples, b, W: tuple(
            d / len(data) - m / len(data) for d, m in zip(parts(data, b, W), parts(samples, b, W), strict=True)
        ),
        "a factor",
    ),
    (changed(lambda da, db, dW: np.concatenate([da, db, dW.ravel()])), "wrong kind of answer"),
    (lambda data, samples, b, W: slopes(2 * data - 1, 2 * samples - 1, b, W), "da first"),
    (lambda data, samples, b, W: slopes(data, samples, b, -W), "sign of W"),
]

# ---------------------------------------------------------------- all of them

RIGHT = [
    (checked, function)
    for checked, functions in (
        (check.energy, ENERGY_RIGHT),
        (check.triple, TRIPLE_RIGHT),
        (check.gibbs_step, GIBBS_RIGHT),
        (check.gradient, GRADIENT_RIGHT),
    )
    for function in functions
]
KNOWN = [
    (checked, function, name)
    for checked, functions in (
        (check.energy, ENERGY),
        (check.triple, TRIPLE),
        (check.gibbs_step, GIBBS),
        (check.gradient, GRADIENT),
    )
    for function, name in functions
]
CHECKS = [check.energy, check.triple, check.gibbs_step, check.gradient]


@each_mistake(KNOWN)
def test_each_mistake_gets_its_own_diagnosis(checked, mistaken, name):
    assert_diagnosed(checked, mistaken, name)


@pytest.mark.parametrize("checked", CHECKS)
def test_each_diagnosis_is_tried(checked):
    assert mistakes_known_to(checked) <= {name for asked, _, name in KNOWN if asked is checked}


@each_right_answer(RIGHT)
def test_right_answers_are_accepted(checked, function):
    assert_accepted(checked, function)


@pytest.mark.parametrize("seed", range(20))
def test_a_right_step_is_accepted_whatever_its_random_numbers(seed):
    """Its shares are off by more than is forgiven with probability below 1e-6."""
    own = np.random.default_rng(seed)
    verdict = check.gibbs_step(lambda x, a, b, W, rng: gibbs(x, a, b, W, own))
    assert verdict.diagnosis == "own random numbers"  # found last, when all shares are right


def test_the_laws_of_the_slips_differ_from_the_right_one():
    """By more than what is forgiven and noise, in one of the cases: none is taken for right."""
    for mistake in check.gibbs_step.mistakes:
        for way in mistake.ways if mistake.returns else ():
            off = [
                np.abs(way(*case.arguments) - check.gibbs_step.truth(*case.arguments)).max()
                for case in check.gibbs_step.cases()
            ]
            assert max(off) > check.SHARES_OFF + 5 * 0.01, mistake.name  # five standard errors


def test_the_gradient_of_the_check_is_that_of_the_likelihood():
    for case in check.gradient.cases():
        pairs = zip(check.gradient.truth(*case.arguments), slopes_by_differences(*case.arguments), strict=True)
        assert all(np.allclose(mine, slope, rtol=0, atol=1e-8) for mine, slope in pairs)


def test_stubs_are_the_student_s_turn():
    def stub(*_):
        raise NotImplementedError("your turn: minus the log of the summed weight")

    assert [checked(stub).status for checked in CHECKS] == ["your turn"] * 4


@pytest.mark.parametrize(
    ("checked", "answer"),
    [
        (check.energy, lambda x, a, b, W: 0.123 + W.sum() ** 2),
        (check.triple, lambda b, w: 0.123 + b**2),
        (check.gibbs_step, lambda x, a, b, W, rng: rng.integers(2, size=x.shape) * x),
        (check.gradient, lambda data, samples, b, W: (np.nan * W[:, 0], np.nan * b, np.nan * W)),
    ],
)
def test_a_check_is_quick_when_no_mistake_fits(checked, answer):
    start = time.process_time()
    assert not checked(answer)
    assert time.process_time() - start < 2
