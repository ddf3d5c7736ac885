"""Every mistake a check of lesson 05 knows, written as a student would write it, gets its own diagnosis."""

from itertools import product

import numpy as np
import pytest
from checking import assert_accepted, assert_diagnosed, each_mistake, each_right_answer, mistakes_known_to

from course_lib import exact, ising, learning
from course_lib.classroom.checks import lesson_05 as check

# ---------------------------------------------------------------- the three lines


def by_listing(J, h):
    """Moments, state by state, unlike the library; a diagonal of J shifts all energies alike."""
    states = np.array(list(product([-1, 1], repeat=len(h))))
    w = np.exp([s @ J @ s / 2 + h @ s for s in states])
    w = w / w.sum()
    return w @ states, np.einsum("k,ki,kj->ij", w, states, states)


def learn(
    data,
    eta,
    steps,
    *,
    sign=1,
    target=lambda x: (x.mean(axis=0), x.T @ x / len(x)),
    moments=exact.moments,
    start=(0, 0),
    shape=lambda g: g - np.diag(np.diag(g)),
    to_h=1,
    to_J=1,
    order="both",
):
    n = data.shape[1]
    J, h = np.full((n, n), start[0]) * (1 - np.eye(n)), np.full(n, 1.0 * start[1])
    mean, C = target(data.astype(float))
    for _ in range(steps):
        m, c = moments(J, h)
        if order == "h first":
            h = h + eta * (mean - m)
            c = moments(J, h)[1]
        J_before, J = J, J + sign * eta * to_J * shape(C - c)
        if order == "J first":
            m = moments(J, h)[0]
        if order != "h first":
            h = h + sign * eta * to_h * (mean - m)
        assert J_before is not J
    return J, h


def covariance(x):
    m = x.mean(axis=0)
    return m, x.T @ x / len(x) - np.outer(m, m)


def all_centred(J, h):
    m, c = exact.moments(J, h)
    return m, c - np.outer(m, m)


def with_models(data, eta, steps):
    """The same three lines on the library's model."""
    n = data.shape[1]
    model = ising.Ising(np.zeros((n, n)), np.zeros(n))
    for _ in range(steps):
        target, now = model.moments(data), learning.exact_moments(model)
        model = model.step(eta * (target - now.mean))
    return model.J, model.h


def pair_by_pair(data, eta, steps):
    n = data.shape[1]
    J, h = np.zeros((n, n)), np.zeros(n)
    for _ in range(steps):
        m, c = exact.moments(J, h)
        for i in range(n):
            for j in range(i + 1, n):
                J[i, j] += eta * (np.mean(data[:, i] * data[:, j]) - c[i, j])
                J[j, i] = J[i, j]
            h[i] += eta * (np.mean(data[:, i]) - m[i])
    return J, h


def each_pair_from_both_sides(data, eta, steps):
    """J_ij is stepped when i has its turn, and again when j has."""
    n = data.shape[1]
    J, h = np.zeros((n, n)), np.zeros(n)
    for _ in range(steps):
        m, c = exact.moments(J, h)
        for i in range(n):
            for j in range(n):
                if i != j:
                    step = eta * (np.mean(data[:, i] * data[:, j]) - c[i, j])
                    J[i, j] += step
                    J[j, i] += step
            h[i] += eta * (np.mean(data[:, i]) - m[i])
    return J, h


def early_return(data, eta, steps):
    return learn(data, eta, min(steps, 1))


def other_target(mean=None, pairs=None):
    """A target of which one part is another function of the data."""

    def target(x):
        return (
            x.mean(axis=0) if mean is None else mean(x),
            x.T @ x / len(x) if pairs is None else pairs(x),
        )

    return target


def last_gap(data, eta, steps, times=1.0):
    J, h = learn(data, eta, steps - 1)
    m, c = exact.moments(J, h)
    x = data.astype(float)
    return times * (x.T @ x / len(x) - c), times * (x.mean(axis=0) - m)


def in_turn(data, eta, steps, which=lambda k: k):
    """One sample a step."""
    n = data.shape[1]
    J, h = np.zeros((n, n)), np.zeros(n)
    for k in range(steps):
        s = data[which(k)]
        m, c = exact.moments(J, h)
        J, h = J + eta * (np.outer(s, s) - c), h + eta * (s - m)
    return J, h


def put_in_place(data, eta, steps, kept=(0, 0)):
    n = data.shape[1]
    J, h = np.zeros((n, n)), np.zeros(n)
    x = data.astype(float)
    for _ in range(steps):
        m, c = exact.moments(J, h)
        J, h = kept[0] * J + eta * (x.T @ x / len(x) - c), kept[1] * h + eta * (x.mean(axis=0) - m)
    return J, h


def lower_triangle(data, eta, steps):
    n = data.shape[1]
    J, h = np.zeros((n, n)), np.zeros(n)
    for _ in range(steps):
        m, c = exact.moments(J + J.T, h)
        for i in range(n):
            for j in range(i):
                J[i, j] += eta * (np.mean(data[:, i] * data[:, j]) - c[i, j])
        h += eta * (data.mean(axis=0) - m)
    return J, h


def neighbours_only(data, eta, steps):
    n = data.shape[1]
    J, h = learn(data, eta, steps)
    return J * (np.abs(np.subtract.outer(range(n), range(n))) == 1), h


def slower_and_slower(data, eta, steps):
    n = data.shape[1]
    J, h = np.zeros((n, n)), np.zeros(n)
    x = data.astype(float)
    for k in range(steps):
        m, c = exact.moments(J, h)
        J, h = J + eta / (k + 1) * (x.T @ x / len(x) - c), h + eta / (k + 1) * (x.mean(axis=0) - m)
    return J, h


def best(data, eta, steps):
    fitted = learning.fit_ising(data)
    return fitted.J, fitted.h


# ---------------------------------------------------------------- errors


def one(F):
    """Variances from one independent sample."""
    return np.linalg.inv(F).diagonal()


# ---------------------------------------------------------------- lattices


def gaps(bonds, spins=lambda x: x.sum(axis=(1, 2)), mean=np.mean):
    return lambda data, samples: (mean(bonds(data)) - mean(bonds(samples)), mean(spins(data)) - mean(spins(samples)))


def B(x):
    return (x * np.roll(x, 1, 1)).sum((1, 2)) + (x * np.roll(x, 1, 2)).sum((1, 2))


def S(x):
    return x.sum((1, 2))


def four_neighbours(x):
    return (x * sum(np.roll(x, k, a) for k in (1, -1) for a in (1, 2))).sum((1, 2))


def no_wrap(x):
    return (x[:, 1:] * x[:, :-1]).sum((1, 2)) + (x[:, :, 1:] * x[:, :, :-1]).sum((1, 2))


def sites(x):
    return x.shape[1] * x.shape[2]


def whole(*axes):
    """Sums over everything, divided by the number of images."""
    return lambda x: sum(np.sum(x * np.roll(x, 1, axis=a)) for a in axes) / len(x)


def mean_per_bond(x):
    return ((x * np.roll(x, 1, 1)).mean((1, 2)) + (x * np.roll(x, 1, 2)).mean((1, 2))) / 2


def gaps_squared(data, eta, steps):
    n = data.shape[1]
    J, h = np.zeros((n, n)), np.zeros(n)
    x = data.astype(float)
    for _ in range(steps):
        m, c = exact.moments(J, h)
        J, h = J + eta * (x.T @ x / len(x) - c) ** 2, h + eta * (x.mean(axis=0) - m) ** 2
    return J, h


def stops_early(data, eta, steps):
    n = data.shape[1]
    J, h = np.zeros((n, n)), np.zeros(n)
    x = data.astype(float)
    for _ in range(steps):
        m, c = exact.moments(J, h)
        gap_J, gap_h = x.T @ x / len(x) - c, x.mean(axis=0) - m
        if max(np.abs(gap_J).max(), np.abs(gap_h).max()) < 1e-3:
            break
        J, h = J + eta * gap_J, h + eta * gap_h
    return J, h


def one_half_too_small(data, eta, steps):
    J, h = learn(data, eta, steps)
    return np.triu(J) + np.tril(J) / 2, h


KNOWN = [
    (check.learn, lambda d, e, n: learn(d, e, 0), "nothing moves"),
    (check.learn, lambda d, e, n: learn(d, e, n, sign=-1), "descends"),
    (check.learn, lambda d, e, n: learn(d, 1.0, n, sign=-1), "descends"),
    (check.learn, each_pair_from_both_sides, "pairs counted twice"),
    (check.learn, lambda d, e, n: learn(d, e, n, to_J=0.5), "half a step for pairs"),
    (
        check.learn,
        lambda d, e, n: learn(d, e, n, target=lambda x: (x.sum(0), x.T @ x)),
        "sum instead of mean",
    ),
    (
        check.learn,
        lambda d, e, n: learn(d, e, n, target=lambda x: (x.mean(0), x.T @ x)),
        "sum instead of mean",
    ),
    (
        check.learn,  # whose diagonal the library refuses at the second step
        lambda d, e, n: learn(d, e, n, target=lambda x: (x.mean(0), x.T @ x), shape=lambda g: g),
        "sum instead of mean",
    ),
    (check.learn, lambda d, e, n: learn(d, e, n, target=covariance, moments=all_centred_in(d)), "means taken off"),
    (check.learn, lambda d, e, n: learn(d, e, n, target=covariance), "only the data's means taken off"),
    (
        check.learn,
        lambda d, e, n: learn(d, e, n, target=lambda x: (x.mean(0), np.cov(x.T))),
        "only the data's means taken off",
    ),
    *(
        (  # refused by the library from the second step on
            check.learn,
            lambda d, e, n, ddof=ddof: learn(
                d, e, n, target=lambda x: (x.mean(0), np.cov(x.T, ddof=ddof)), shape=lambda g: g
            ),
            "only the data's means taken off",
        )
        for ddof in (0, 1)
    ),
    (check.learn, lambda d, e, n: learn(d, e, n, to_h=0), "step not applied to h"),
    (check.learn, lambda d, e, n: learn(d, e, n, to_J=0), "step not applied to J"),
    (check.learn, lambda d, e, n: learn(d, 1.0, n), "eta forgotten"),
    (check.learn, lambda d, e, n: learn(d, e, n, shape=lambda g: np.triu(g, 1)), "J not kept symmetric"),
    (check.learn, lambda d, e, n: learn(d, e, n, shape=lambda g: np.tril(g, -1)), "J not kept symmetric"),
    (
        check.learn,  # refused by the library from the second step on
        lambda d, e, n: learn(
            d, e, n, target=lambda x: (x.mean(0), x.T @ x / len(x) - np.eye(x.shape[1])), shape=lambda g: g
        ),
        "diagonal updated",
    ),
    (
        check.learn,  # with moments of the student's own, which take any diagonal
        lambda d, e, n: learn(
            d,
            e,
            n,
            target=lambda x: (x.mean(0), x.T @ x / (len(x)) * (1 - np.eye(x.shape[1]))),
            moments=by_listing,
            shape=lambda g: g,
        ),
        "diagonal updated",
    ),
    (check.learn, lambda d, e, n: frozen(d, e, n), "model's moments of the start"),
    (check.learn, early_return, "one step only"),
    (check.learn, lambda d, e, n: learn(d, e, n + 1), "one step too many"),
    (check.learn, lambda d, e, n: learn(d, e, n - 1), "one step too few"),
    (check.learn, lambda d, e, n: learn(d, e, n, order="h first"), "h stepped first"),
    (check.learn, lambda d, e, n: learn(d, e, n, order="J first"), "J stepped first"),
    *((check.learn, lambda d, e, n, t=t: last_gap(d, e, n, t or e), "gap returned") for t in (1, 0)),
    (check.learn, lambda d, e, n: learn(d, e, n, to_J=-1), "one of two descends"),
    (check.learn, lambda d, e, n: learn(d, e, n, to_h=-1), "one of two descends"),
    (check.learn, lambda d, e, n: (learn(d, e, n)[0], learn(d, e, n, to_h=1 / e)[1]), "eta forgotten"),
    (check.learn, lambda d, e, n: learn(d, e, n, target=other_target(lambda x: x.sum(0))), "sum instead of mean"),
    *(
        (check.learn, lambda d, e, n, f=f: learn(d, e, n, target=other_target(None, f)), "not divided by M")
        for f in (
            lambda x: x.T @ x / x.shape[1],
            lambda x: x.T @ x / (len(x) - 1),
        )
    ),
    *(
        (check.learn, lambda d, e, n, f=f: learn(d, e, n, target=other_target(None, f)), "divided once too often")
        for f in (lambda x: x.T @ x / len(x) ** 2, lambda x: x.T @ x / x.size)
    ),
    (check.learn, lambda d, e, n: learn(d, e / len(d), n), "divided once too often"),
    (check.learn, gaps_squared, "gap squared"),
    (check.learn, lambda d, e, n: learn(d, e, n, sign=-1, to_J=2), "descends"),
    (check.learn, lambda d, e, n: learn(d, e, n, to_J=-1, to_h=3), "one of two descends"),
    (check.learn, lambda d, e, n: learn(d, e, n, to_J=3, to_h=0.2), "step of another length"),
    (check.learn, lambda d, e, n: learn((d + 1) / 2, e, n), "spins made 0 and 1"),
    (check.learn, one_half_too_small, "wrong after one step"),
    (check.lattice_gradient, gaps(B, S, mean=np.median), "wrong for images of 3 x 4"),
    (check.learn, lambda d, e, n: [np.round(part, 3) for part in learn(d, e, n)], "rounded"),
    (check.learn, lambda d, e, n: learn(d, e * (1 + 2e-5), n), "nearly right"),
    (check.standard_errors, lambda F, m, t: np.round(np.sqrt(one(F) * 2 * t / m), 4), "rounded"),
    (check.standard_errors, lambda F, m, t: np.sqrt(one(F) * 2 * t / m) + 5e-6, "nearly right"),
    (check.lattice_gradient, lambda d, s: np.round(gaps(B)(d, s), 2), "rounded"),
    (check.lattice_gradient, gaps(lambda x: B(x) * (1 + 5e-6), lambda x: S(x) * (1 + 5e-6)), "nearly right"),
    (
        check.learn,
        lambda d, e, n: learn(d, e, n, target=other_target(None, lambda x: np.corrcoef(x.T))),
        "correlation coefficients",
    ),
    (
        check.learn,
        lambda d, e, n: learn(d, e, n, target=other_target(None, lambda x: np.outer(x.mean(0), x.mean(0)))),
        "products of means",
    ),
    (check.learn, in_turn, "one sample"),
    (check.learn, lambda d, e, n: in_turn(d, e, n, lambda k: -1 - k), "one sample"),
    (check.learn, lambda d, e, n: [np.abs(part) for part in learn(d, e, n)], "sign lost"),
    (
        check.learn,
        lambda d, e, n: learn(d, e, n, target=other_target(lambda x: np.full(x.shape[1], x.mean()))),
        "one number for all",
    ),
    (check.learn, lower_triangle, "J not kept symmetric"),
    (
        check.learn,  # the diagonal moves by 2 eta, and the library refuses it
        lambda d, e, n: learn(d, e, n, moments=lambda J, h: [-part for part in exact.moments(J, h)], shape=np.array),
        "model added",
    ),
    (
        check.learn,
        lambda d, e, n: learn(d, e, n, moments=lambda J, h: [-part for part in exact.moments(J, h)]),
        "model added",
    ),
    (check.learn, lambda d, e, n: learn(d, e**2, n), "step of another length"),
    (check.learn, lambda d, e, n: learn(d, e, n, to_h=2), "step of another length"),
    (check.learn, lambda d, e, n: learn(d, e, n, moments=all_centred), "model's pairs not exact"),
    (
        check.learn,
        lambda d, e, n: learn(d, e, n, moments=lambda J, h: (exact.moments(J, h)[0], mean_field(J, h))),
        "model's pairs not exact",
    ),
    *((check.learn, lambda d, e, n, k=k: put_in_place(d, e, n, k), "step replaces") for k in ((0, 0), (0, 1), (1, 0))),
    (check.learn, best, "the maximum"),
    (check.learn, lambda d, e, n: learn(d, e, n, start=(0, 1)), "starts elsewhere"),
    (check.learn, lambda d, e, n: learn(d, e, n, start=(0.5, 0)), "starts elsewhere"),
    (check.learn, neighbours_only, "J's moment"),
    (check.learn, lambda d, e, n: learn(d, e, n, target=other_target(lambda x: np.median(x, 0))), "h's moment"),
    (check.learn, slower_and_slower, "later steps"),
    (
        check.learn,
        lambda d, e, n: learn(d, e, n, moments=lambda J, h: exact.moments(J, 0 * h)),
        "later steps",
    ),
    (check.standard_errors, lambda F, m, t: 2 * t * one(F) / m, "variance instead of deviation"),
    (check.standard_errors, lambda F, m, t: one(F) ** 0.5, "M forgotten"),
    (check.standard_errors, lambda F, m, t: (2 * t * one(F)) ** 0.5, "M forgotten"),
    (check.standard_errors, lambda F, m, t: one(F) ** 0.5 / (m / (2 * t)), "divided by M, not by its root"),
    (check.standard_errors, lambda F, m, t: one(F * m) ** 0.5, "tau forgotten"),
    (check.standard_errors, lambda F, m, t: np.sqrt(one(F) / (m / (1 + 2 * t))), "1 + 2 tau"),
    (check.standard_errors, lambda F, m, t: np.sqrt(one(F) / (m / t)), "factor 2 of tau forgotten"),
    (check.standard_errors, lambda F, m, t: 2 * t * np.sqrt(one(F) / m), "2 tau outside the root"),
    (check.standard_errors, lambda F, m, t: np.sqrt(one(F) / (2 * t) / m), "2 tau upside down"),
    (check.standard_errors, lambda F, m, t: np.sqrt(one(F) * (m / (2 * t))), "multiplied by M"),
    (check.standard_errors, lambda F, m, t: 1 / np.sqrt(m / (2 * t) * np.diagonal(F)), "inverse of the diagonal"),
    (check.standard_errors, lambda F, m, t: np.diagonal(F * 2 * t / m) ** 0.5, "not inverted"),
    (
        check.standard_errors,
        lambda F, m, t: np.sqrt(2 * t / np.linalg.eigvalsh(F)[::-1] / m),
        "root of the eigenvalues",
    ),
    (check.standard_errors, lambda F, m, t: np.sqrt(np.abs(np.linalg.inv(F)) * 2 * t / m), "whole matrix"),
    (check.standard_errors, lambda F, m, t: np.sqrt(one(F).mean() * 2 * t / m), "one number for all"),
    (check.standard_errors, lambda F, m, t: np.full(len(F), np.sqrt(one(F).max() * 2 * t / m)), "one number for all"),
    (check.standard_errors, lambda F, m, t: np.sqrt(one(F) / (m / 2 * t)), "n / 2 * tau"),
    (check.standard_errors, lambda F, m, t: np.sqrt(one(F) / int(m / (2 * t))), "whole draws"),
    (check.standard_errors, lambda F, m, t: np.sqrt(one(F) / (m / (2 * t) - 1)), "one draw taken off"),
    (check.standard_errors, lambda F, m, t: 2 * np.sqrt(one(F) * 2 * t / m), "95 per cent"),
    (check.standard_errors, lambda F, m, t: np.sqrt(np.sqrt(one(F))) * 2 * t / m, "root twice"),
    (check.standard_errors, lambda F, m, t: np.sqrt(one(F) * 2 * (t + 1) / m), "another number of draws"),
    (
        check.standard_errors,
        lambda F, m, t: np.sqrt(np.abs(np.linalg.inv(F)[0]) * 2 * t / m),
        "not from the diagonal of the inverse",
    ),
    (check.lattice_gradient, gaps(B, lambda x: -S(x)), "one sign"),
    (check.lattice_gradient, lambda d, s: np.abs(gaps(B)(d, s)), "sign lost"),
    (check.lattice_gradient, lambda d, s: (B(d).mean(), S(d).mean()), "model not taken off"),
    (
        check.lattice_gradient,
        lambda d, s: (B(d).mean() + B(s).mean(), S(d).mean() + S(s).mean()),
        "model not taken off",
    ),
    (
        check.lattice_gradient,
        lambda d, s: ((B(d).sum() - B(s).sum()) / len(d), (S(d).sum() - S(s).sum()) / len(d)),
        "one count for both",
    ),
    (check.lattice_gradient, lambda d, s: gaps(B)(d[: len(s)], s[: len(d)]), "images left out"),
    (check.lattice_gradient, lambda d, s: gaps(B)(d[-1:], s[-1:]), "images left out"),
    (check.lattice_gradient, lambda d, s: 0.01 * np.array(gaps(B)(d, s)), "one factor for both"),
    (check.lattice_gradient, gaps(B, lambda x: x.sum(axis=1).mean(axis=1)), "one axis averaged"),
    (check.lattice_gradient, gaps(lambda x: B(x) / x.shape[1]), "one axis averaged"),
    (check.lattice_gradient, gaps(lambda x: S(x[:, :-1, :-1] * (x[:, 1:, :-1] + x[:, :-1, 1:]))), "wrap-around lost"),
    (
        check.lattice_gradient,
        gaps(lambda x: S(x * np.roll(x, 1, 1)) + S(x[:, :, 1:] * x[:, :, :-1])),
        "wrap-around lost",
    ),
    (check.lattice_gradient, gaps(lambda x: 2 * S(x * np.roll(x, 1, 2))), "one direction twice"),
    (check.lattice_gradient, gaps(lambda x: S(x * np.roll(x, (1, 1), (1, 2)))), "diagonal neighbours"),
    (check.lattice_gradient, gaps(lambda x: S(np.roll(x, 1, 1) * np.roll(x, 1, 2))), "diagonal neighbours"),
    (check.lattice_gradient, gaps(lambda x: B(x.mean(axis=0)[None])), "mean image"),
    (check.lattice_gradient, gaps(lambda x: S(np.roll(x, 1, 1) + np.roll(x, 1, 2))), "no product of two spins"),
    (check.lattice_gradient, gaps(lambda x: S(x * np.roll(x, 1, 1) * np.roll(x, 1, 2))), "no product of two spins"),
    (check.lattice_gradient, gaps(lambda x: S(x * x)), "bonds forgotten"),
    (check.lattice_gradient, gaps(B, lambda x: S(x > 0)), "up spins counted"),
    (check.lattice_gradient, gaps(B, lambda x: abs(S(x))), "size of S"),
    (check.lattice_gradient, gaps(lambda x: S(x * np.roll(x, 2, 1)) + S(x * np.roll(x, 2, 2))), "bond sum"),
    (check.lattice_gradient, gaps(B, lambda x: 1.0 * (S(x) > 0)), "spin sum"),
    (check.lattice_gradient, lambda d, s: gaps(B)(s, d), "data and model swapped"),
    (check.lattice_gradient, lambda d, s: gaps(S, B)(d, s), "J and h swapped"),
    (check.lattice_gradient, gaps(B, mean=np.sum), "sum over images instead of mean"),
    (check.lattice_gradient, gaps(mean_per_bond, lambda x: x.mean((1, 2))), "per bond and per site"),
    (check.lattice_gradient, gaps(lambda x: B(x) / sites(x), lambda x: x.mean((1, 2))), "divided by the sites"),
    (check.lattice_gradient, gaps(B, lambda x: x.mean((1, 2))), "h divided by the sites"),
    (check.lattice_gradient, gaps(mean_per_bond), "J per bond"),
    (check.lattice_gradient, gaps(four_neighbours), "bonds counted twice"),
    (check.lattice_gradient, gaps(lambda x: B(x) / 2), "bonds halved"),
    (check.lattice_gradient, gaps(lambda x: B(x) / 4), "bonds divided by 4"),
    (check.lattice_gradient, gaps(no_wrap), "wrap-around lost"),
    (check.lattice_gradient, gaps(lambda x: (x * np.roll(x, 1, 2)).sum((1, 2))), "right neighbours only"),
    (check.lattice_gradient, gaps(lambda x: (x * np.roll(x, 1, 1)).sum((1, 2))), "down neighbours only"),
    (check.lattice_gradient, gaps(whole(0, 1)), "rolled over the images"),
    (check.lattice_gradient, gaps(whole(0, 2)), "rolled over the images"),
    (check.lattice_gradient, gaps(whole(None)), "axis of np.roll forgotten"),
    (check.lattice_gradient, gaps(B, lambda x: 0 * x[:, 0, 0]), "field forgotten"),
]


def frozen(data, eta, steps):
    n = data.shape[1]
    C = data.T @ data / len(data)
    return steps * eta * (C - np.eye(n)), steps * eta * data.mean(axis=0)


def all_centred_in(data):
    return all_centred


def mean_field(J, h):
    m = exact.moments(J, h)[0]
    return np.outer(m, m)


@each_mistake(KNOWN)
def test_each_mistake_gets_its_own_diagnosis(checked, mistaken, name):
    assert_diagnosed(checked, mistaken, name)


CHECKS = (check.learn, check.standard_errors, check.lattice_gradient)


@pytest.mark.parametrize("checked", CHECKS)
def test_every_mistake_that_a_check_knows_is_tested(checked):
    assert mistakes_known_to(checked) == {name for function, _, name in KNOWN if function is checked}


def in_single_precision(data, eta, steps):
    x, J, h = data.astype(np.float32), np.zeros((data.shape[1],) * 2), np.zeros(data.shape[1])
    for _ in range(steps):
        m, c = exact.moments(J, h)
        J, h = J + eta * (x.T @ x / len(x) - c), h + eta * (x.mean(axis=0) - m)
        np.fill_diagonal(J, 0)
    return J, h


def by_the_library(data, eta, steps):
    n = data.shape[1]
    start = ising.Ising(np.zeros((n, n)), np.zeros(n))
    fitted = learning.fit(start, data, learning.exact_moments, step_size=eta, plain=True, max_steps=steps)
    return fitted.J, fitted.h


RIGHT = [
    (check.learn, learn),
    (check.learn, with_models),
    (check.learn, pair_by_pair),
    (check.learn, lambda d, e, n: learn(d, e, n, moments=by_listing)),
    (check.learn, lambda d, e, n: learn(d, e, n, shape=lambda g: g)),  # both diagonals are 1
    (check.learn, by_the_library),
    (check.learn, lambda d, e, n: learn(d.astype(np.int64), e, n)),
    (check.learn, in_single_precision),
    (check.standard_errors, lambda F, m, t: np.sqrt(one(F.astype(np.float32)) * 2 * t / m)),
    (check.lattice_gradient, lambda d, s: gaps(B)(d.astype(np.float32), s.astype(np.float32))),
    (check.standard_errors, lambda F, m, t: learning.fisher_errors(F, m / (2 * t))),
    (check.standard_errors, lambda F, m, t: learning.fisher_errors(F, m) * np.sqrt(2 * t)),
    (check.lattice_gradient, gaps(B)),
    (check.lattice_gradient, lambda d, s: np.array(gaps(lambda x: four_neighbours(x) / 2)(d, s))),
    (
        check.lattice_gradient,
        lambda d, s: (
            ising.LatticeIsing(0, 0, d.shape[1:]).moments(d) - ising.LatticeIsing(0, 0, d.shape[1:]).moments(s)
        ),
    ),
]


@each_right_answer(RIGHT)
def test_right_answers_are_accepted(checked, function):
    assert_accepted(checked, function)


@pytest.mark.parametrize("checked", CHECKS)
def test_a_stub_has_its_turn(checked):
    def stub(*arguments):
        raise NotImplementedError("your turn: the gap")

    assert checked(stub).status == "your turn"


def test_what_is_not_a_pair_is_told():
    assert "did not return 2 values, J and h" in check.learn(lambda d, e, n: [learn(d, e, n)[0]]).message
    assert "did not return 2 values, J and h" in check.learn(lambda d, e, n: learn(d, e, n)[0]).message
    assert "returned (h, J)" in check.learn(lambda d, e, n: learn(d, e, n)[::-1]).message
    assert "J of shape (2,), not (2, 2)" in check.learn(lambda d, e, n: (learn(d, e, n)[1],) * 2).message
    assert "did not return 2 values, dJ and dh" in check.lattice_gradient(lambda d, s: 1.0).message


def pairs_in_bytes(data, eta, steps):
    n = data.shape[1]
    J, h = np.zeros((n, n)), np.zeros(n)
    for _ in range(steps):
        m, c = exact.moments(J, h)
        J, h = J + eta * (data.T @ data / len(data) - c), h + eta * (data.mean(axis=0) - m)
    return J, h


def means_in_bytes(data, eta, steps):
    return learn(data, eta, steps, target=lambda x: (sum(data) / len(data), x.T @ x / len(x)))


def bonds_in_bytes(data, samples):
    def bonds(x):
        return sum(np.einsum("krc,krc->k", x, np.roll(x, 1, axis)) for axis in (1, 2))

    return gaps(bonds)(data, samples)


@pytest.mark.parametrize(
    ("checked", "function"),
    [
        (check.learn, pairs_in_bytes),
        (check.learn, means_in_bytes),
        (check.lattice_gradient, bonds_in_bytes),
        (check.lattice_gradient, gaps(B, lambda x: x.sum(axis=(1, 2), dtype=x.dtype))),
    ],
)
def test_sums_that_wrap_round_in_int8_are_found(checked, function):
    assert_diagnosed(checked, function, "bytes")


def test_a_loop_that_stops_before_its_last_step_is_found():
    assert_diagnosed(check.learn, stops_early, "stops early")


def test_an_error_that_the_first_step_does_not_explain_is_shown():
    def fails_later(data, eta, steps):
        if steps > 1:
            raise ValueError("something else")
        return learn(data, eta, steps)

    assert "something else" in check.learn(fails_later).message
