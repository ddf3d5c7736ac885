"""Every mistake a check of lesson 04 knows, written as a student would write it, gets its own diagnosis."""

import time
from math import log

import numpy as np
import pytest
from checking import assert_accepted, assert_diagnosed, each_mistake, each_right_answer, mistakes_known_to

from course_lib import divergence, exact, ising, learning
from course_lib.classroom.checks import lesson_04 as check

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # log of 0 and 0/0, which are the mistakes

# ---------------------------------------------------------------- KL


def with_mask(p, q):
    seen = p > 0
    return np.sum(p[seen] * np.log(p[seen] / q[seen]))


def with_loop(p, q):
    total = 0
    for a, b in zip(p, q, strict=True):
        if a > 0 and b == 0:
            return float("inf")
        if a > 0:
            total += a * (log(a) - log(b))
    return total


def with_where(p, q):
    return np.where(p > 0, p * np.log(np.where(p > 0, p, 1) / np.where(p > 0, q, 1)), 0).sum()


def with_nansum(p, q):
    return np.nansum(p * np.log(p / q))


def naive(p, q):
    return np.sum(p * np.log(p / q))


def cleaned(formula):
    """Of states with p > 0 only."""
    return lambda p, q: formula(p[p > 0], q[p > 0])


def both_cleaned(formula):
    return lambda p, q: formula(p[(p > 0) & (q > 0)], q[(p > 0) & (q > 0)])


def as_hinted(formula):
    """A formula for states with p > 0 only, and infinity where one of them has q = 0, as the hints say."""

    def answer(p, q):
        happens = p > 0
        p, q = p[happens], q[happens]
        if np.any(q == 0):
            return np.inf
        return formula(p, q)

    return answer


def term_by_term(term, impossible=np.inf):
    """Zeros handled one by one, in a loop."""

    def answer(p, q):
        total = 0.0
        for a, b in zip(p, q, strict=True):
            if a == 0:
                continue
            total += term(a, b) if b > 0 else impossible
        return total

    return answer


def surprise(p, q):
    return -np.sum(p[p > 0] * np.log(q[p > 0]))


def roles_exchanged(p, q):
    p, q = p[q > 0], q[q > 0]
    if np.any(p == 0):
        return np.inf
    return np.sum(p * np.log(p / q))


def ends_at_a_zero(p, q):
    total = 0
    for a, b in zip(p, q, strict=True):
        if a == 0:
            break
        if b == 0:
            return np.inf
        total += a * log(a / b)
    return total


def renormalised(p, q):
    both = (p > 0) & (q > 0)
    return naive(p[both] / p[both].sum(), q[both] / q[both].sum())


def in_a_loop(states, add=True):
    """With a slip of the loop: over some of the states, or keeping the last term only."""

    def answer(p, q):
        total = 0
        for k in states(len(p)):
            if p[k] > 0:
                if q[k] == 0:
                    return np.inf
                term = p[k] * log(p[k] / q[k])
                total = total + term if add else term
        return total

    return answer


KL = [
    (check.kl, lambda p, q: with_mask(q, p), "wrong way round"),
    (check.kl, lambda p, q: naive(q, p), "wrong way round"),
    (check.kl, lambda p, q: sum(q * np.log(q / p)), "wrong way round"),
    (check.kl, lambda p, q: np.sum(p * np.log(q / p)), "ratio turned round"),
    (check.kl, cleaned(lambda p, q: np.sum(p * np.log(q / p))), "ratio turned round"),
    (check.kl, lambda p, q: np.sum(q * np.log(p / q)), "ratio and weights exchanged"),
    (check.kl, lambda p, q: np.sum(p * np.log2(p / q)), "base 2"),
    (check.kl, cleaned(lambda p, q: np.sum(p * np.log2(p / q))), "base 2"),
    (check.kl, lambda p, q: np.sum(p * np.log10(p / q)), "base 10"),
    (check.kl, surprise, "entropy not subtracted"),
    (check.kl, lambda p, q: -np.sum(p * np.log(q)), "entropy not subtracted"),
    (check.kl, lambda p, q: -np.sum(p * np.log(p)), "entropy alone"),
    (check.kl, lambda p, q: np.mean(p * np.log(p / q)), "mean instead of sum"),
    (check.kl, lambda p, q: 0.5 * (with_mask(p, q) + with_mask(q, p)), "both ways averaged"),
    (check.kl, lambda p, q: naive(p, q) + naive(q, p), "both ways added"),
    (check.kl, lambda p, q: np.log(p / q).sum(), "weights forgotten"),
    (check.kl, lambda p, q: 0.5 * np.sum(abs(p - q)), "total variation"),
    (check.kl, naive, "zero times log of zero"),
    (check.kl, lambda p, q: p @ (np.log(p) - np.log(q)), "zero times log of zero"),
    (check.kl, lambda p, q: np.inf if np.any(q == 0) else with_mask(p, q), "every zero of q"),
    (check.kl, lambda p, q: np.inf if np.any(q == 0) else naive(p, q), "every zero of q"),
    (check.kl, lambda p, q: np.inf if 0 in q else np.nansum(p * np.log(p / q)), "every zero of q"),
    (check.kl, both_cleaned(naive), "zeros of q left out"),
    (check.kl, lambda p, q: naive(p + 1e-12, q + 1e-12), "a small number added"),
    (check.kl, lambda p, q: naive(np.clip(p, 1e-300, 1), np.clip(q, 1e-300, 1)), "a small number added"),
    (check.kl, cleaned(lambda p, q: naive(p, np.maximum(q, 1e-6))), "a small number added"),
    (check.kl, lambda p, q: np.sum(np.nan_to_num(p * np.log(p / q))), "infinity made a number"),
    (check.kl, lambda p, q: naive(p[q > 0], q[q > 0]), "zeros of q left out"),
    (check.kl, roles_exchanged, "zeros exchanged"),
    (check.kl, ends_at_a_zero, "ends at a zero"),
    (check.kl, lambda p, q: -np.inf if np.any(q[p > 0] == 0) else with_mask(p, q), "zeros of q"),
    (check.kl, term_by_term(lambda a, b: a * log(a / b), impossible=0), "zeros of q left out"),
    (check.kl, lambda p, q: 0.0 if np.any(p == 0) else with_mask(p, q), "zeros of p"),
    (check.kl, renormalised, "made to add up to 1"),
    (check.kl, as_hinted(lambda p, q: naive(p, q / q.sum())), "made to add up to 1"),
    (check.kl, lambda p, q: min(as_hinted(naive)(p, q), 1000.0), "zeros of q"),
    (check.kl, lambda p, q: np.nan_to_num(naive(p[q > 0], q[q > 0])), "zeros"),
]
KL_WITH_ZEROS_HANDLED = [
    (check.kl, as_hinted(lambda p, q: np.sum(q * np.log(q / p))), "wrong way round"),
    (check.kl, term_by_term(lambda a, b: b * log(b / a)), "wrong way round"),
    (check.kl, as_hinted(lambda p, q: np.sum(p * np.log(q / p))), "ratio turned round"),
    (check.kl, term_by_term(lambda a, b: a * (log(b) - log(a))), "ratio turned round"),
    (check.kl, as_hinted(lambda p, q: np.sum(q * np.log(p / q))), "ratio and weights exchanged"),
    (check.kl, as_hinted(lambda p, q: np.sum(p * np.log2(p / q))), "base 2"),
    (check.kl, as_hinted(lambda p, q: np.sum(p * np.log10(p / q))), "base 10"),
    (check.kl, term_by_term(lambda a, b: a * np.log10(a / b)), "base 10"),
    (check.kl, as_hinted(lambda p, q: -np.sum(p * np.log(q))), "entropy not subtracted"),
    (check.kl, as_hinted(lambda p, q: -p @ np.log(p)), "entropy alone"),
    (check.kl, as_hinted(lambda p, q: np.mean(p * np.log(p / q))), "mean instead of sum"),
    (check.kl, as_hinted(lambda p, q: (naive(p, q) + naive(q, p)) / 2), "both ways averaged"),
    (check.kl, as_hinted(lambda p, q: naive(p, q) + naive(q, p)), "both ways added"),
    (check.kl, as_hinted(lambda p, q: np.sum(np.log(p / q))), "weights forgotten"),
    (check.kl, term_by_term(lambda a, b: log(a / b)), "weights forgotten"),
    (check.kl, as_hinted(lambda p, q: 0.5 * np.sum(abs(p - q))), "total variation"),
    (check.kl, as_hinted(lambda p, q: np.sum(p * np.log(p)) - np.sum(q * np.log(q))), "difference of entropies"),
    (check.kl, as_hinted(lambda p, q: np.sum(p * (np.log(p) + np.log(q)))), "log of the ratio"),
    (check.kl, as_hinted(lambda p, q: np.sum(p * np.log(p) / np.log(q))), "log of the ratio"),
    (check.kl, as_hinted(lambda p, q: np.sum(p * np.log(abs(p - q)))), "log of the ratio"),
    (check.kl, as_hinted(lambda p, q: np.sum(p * p / q)), "logarithm forgotten"),
    (check.kl, as_hinted(lambda p, q: np.log(np.sum(p * p / q))), "log of the mean"),
    (check.kl, as_hinted(lambda p, q: np.sum(p * np.log(p / q) ** 2)), "squares"),
    (check.kl, as_hinted(lambda p, q: np.sum(abs(p * np.log(p / q)))), "absolute values"),
    (check.kl, as_hinted(lambda p, q: np.sum(p * q * np.log(p / q))), "two weights"),
    (check.kl, lambda p, q: (with_mask(p, (p + q) / 2) + with_mask(q, (p + q) / 2)) / 2, "mean law"),
    (check.kl, in_a_loop(lambda n: range(n - 1)), "states left out"),
    (check.kl, in_a_loop(lambda n: range(1, n)), "states left out"),
    (check.kl, in_a_loop(lambda n: range(1)), "one state only"),
    (check.kl, in_a_loop(range, add=False), "one state only"),
    (check.kl, as_hinted(lambda p, q: np.mean(q * np.log(q / p))), "wrong way round"),  # and the mean
    (check.kl, as_hinted(lambda p, q: round(np.sum(p * np.log(p / q)), 4)), "rounded"),
    (
        check.kl,
        lambda p, q: with_mask(np.sort(p), np.sort(q)) if len(p) > 3 else divergence.kl(p, q),
        "more than two states",
    ),
    (check.kl, as_hinted(lambda p, q: np.sum(p * np.log(p) - q)), "below 0"),
    (check.kl, as_hinted(lambda p, q: np.sum(np.sqrt(p * q))), "not 0 for equal laws"),
]
KL_RIGHT = [
    (check.kl, f)
    for f in (
        as_hinted(naive),
        term_by_term(lambda a, b: a * log(a / b)),
        with_mask,
        with_loop,
        with_where,
        with_nansum,
        divergence.kl,
    )
]
KL_UNKNOWN = [
    (check.kl, lambda p, q: 0.0),
    (check.kl, lambda p, q: np.nan),
    (check.kl, lambda p, q: 1.3 * with_mask(p, q)),
    (check.kl, as_hinted(lambda p, q: np.sum((1 - p) * np.log(p / q)))),
]

# ---------------------------------------------------------------- NLL


def by_hand(data, J, h):
    """One sample after the other."""
    total = 0
    for s in data:
        for i in range(len(s)):
            total -= h[i] * s[i]
            for j in range(i):
                total -= J[i, j] * s[i] * s[j]
    return total / len(data) + exact.log_partition(J, h)


def through_moments(data, J, h):
    return -0.5 * np.sum(J * (data.T @ data)) / len(data) - h @ data.mean(0) + exact.log_partition(J, h)


def through_entropy(data, J, h):
    f, p = divergence.empirical_distribution(data), exact.distribution(J, h)
    return divergence.entropy(f) + divergence.kl(f, p)


def through_probabilities(data, J, h):
    k = (data > 0) @ (1 << np.arange(data.shape[1]))
    return -np.mean(np.log(exact.distribution(J, h)[k]))


def pairs_twice(data, J, h):
    E = -np.einsum("mi,ij,mj->m", data, J, data) - data @ h
    return E.mean() + exact.log_partition(J, h)


def all_pairs_twice(data, J, h):
    def energy(s):
        return -((s @ J) * s).sum(axis=1) - s @ h

    return energy(data).mean() + np.log(np.exp(-energy(exact.states(len(h)).astype(float))).sum())


def blog(data, J, h):
    """What a popular text prints as the NLL, fed with the data."""
    _, counts = np.unique(data, axis=0, return_counts=True)
    f = counts / counts.sum()
    return -np.sum(f * np.log(f))


def E(data, J, h):
    return ising.energy(data, J, h)


def Z(J, h):
    return np.exp(-exact.energies(J, h)).sum()


def energy_by_loops(spins, partners=lambda i, n: range(i + 1, n), fields_in_pair_loop=False):
    """With a slip of the loops; log Z is right."""

    def answer(data, J, h):
        total, n = 0, len(h)
        for s in data:
            for i in spins(n):
                if not fields_in_pair_loop:
                    total -= h[i] * s[i]
                for j in partners(i, n):
                    total -= J[i, j] * s[i] * s[j] + (h[i] * s[i] if fields_in_pair_loop else 0)
        return total / len(data) + exact.log_partition(J, h)

    return answer


def one_by_one(average):
    """The energy of each sample in a list, and something made of it."""
    return lambda data, J, h: average([ising.energy(s, J, h) for s in data]) + exact.log_partition(J, h)


NLL = [
    (check.nll, lambda d, J, h: np.mean(E(d, J, h)), "log Z dropped"),
    (check.nll, lambda d, J, h: -np.mean(E(d, J, h)), "log Z dropped"),
    (check.nll, lambda d, J, h: np.mean(-E(d, J, h) - np.log(Z(J, h))), "sign"),
    (check.nll, lambda d, J, h: np.mean(E(d, J, h) - np.log(Z(J, h))), "sign of log Z"),
    (check.nll, lambda d, J, h: np.mean(-E(d, J, h) + np.log(Z(J, h))), "sign of the energy"),
    (check.nll, lambda d, J, h: np.mean(E(d, J, h)) + Z(J, h), "Z instead of log Z"),
    (check.nll, lambda d, J, h: np.sum(E(d, J, h) + np.log(Z(J, h))), "sum instead of mean"),
    (check.nll, lambda d, J, h: np.sum(E(d, J, h)) + np.log(Z(J, h)), "one log Z for all samples"),
    (check.nll, lambda d, J, h: (np.sum(E(d, J, h)) + np.log(Z(J, h))) / len(d), "one log Z for all samples"),
    (check.nll, pairs_twice, "pairs counted twice"),
    (check.nll, all_pairs_twice, "pairs counted twice"),
    (check.nll, lambda d, J, h: np.mean(-((d @ J) * d).sum(1) / 2) + np.log(Z(J, h)), "field forgotten"),
    (check.nll, lambda d, J, h: np.mean(E(d, J, 0 * h)) + np.log(Z(J, 0 * h)), "field forgotten"),
    (
        check.nll,
        lambda d, J, h: np.mean(-((d @ J) * d / 2 + d * h).sum(axis=0)) + np.log(Z(J, h)),
        "mean over the wrong axis",
    ),
    (check.nll, lambda d, J, h: E(d, J, h).sum() / d.shape[1] + np.log(Z(J, h)), "mean over the wrong axis"),
    (check.nll, blog, "plug-in entropy"),
    (
        check.nll,
        lambda d, J, h: divergence.kl(divergence.empirical_distribution(d), exact.distribution(J, h)),
        "KL instead of NLL",
    ),
    (check.nll, lambda d, J, h: divergence.entropy(exact.distribution(J, h)), "entropy of the model"),
    (check.nll, lambda d, J, h: np.mean(E(d, J, h) + np.log(Z(J, h))) / np.log(2), "base 2"),
    (check.nll, lambda d, J, h: np.mean(E(d, J, h)) + np.log2(Z(J, h)), "base 2"),
    (check.nll, lambda d, J, h: -np.log(np.mean(np.exp(-E(d, J, h)) / Z(J, h))), "log of the mean"),
    (
        check.nll,
        lambda d, J, h: -0.5 * d.mean(0) @ J @ d.mean(0) - h @ d.mean(0) + np.log(Z(J, h)),
        "energy of the mean spins",
    ),
    (check.nll, lambda d, J, h: np.mean(E(d, J, h)) + np.log(np.log(Z(J, h))), "log of log Z"),
    (check.nll, lambda d, J, h: np.mean(E(d, J, h)) + len(d) * np.log(Z(J, h)), "M log Z"),
    (check.nll, lambda d, J, h: np.mean(E(d, J, h)) + np.log(Z(J, h)) / len(h), "log Z per spin"),
    (check.nll, lambda d, J, h: np.mean(E(d, J, h)) + np.log(np.sum(np.exp(-E(d, J, h)))), "Z of the data only"),
    (check.nll, lambda d, J, h: np.mean(E(d, J, h)) + np.log(np.exp(exact.energies(J, h)).sum()), "Z of another model"),
    (check.nll, lambda d, J, h: np.mean(E(d, J, h)) + len(h) * np.log(2), "Z of another model"),
    (check.nll, lambda d, J, h: np.mean(E(d, J, h)) + np.log(np.exp(-exact.energies(J, h)).mean()), "states averaged"),
    (check.nll, lambda d, J, h: divergence.nll(d, -J, h), "sign of the couplings"),
    (check.nll, lambda d, J, h: np.mean(E(d, J, -h)) + np.log(Z(J, h)), "sign of the fields"),
    (check.nll, lambda d, J, h: np.mean(E(d, J / 2, h)) + np.log(Z(J, h)), "half a pair"),
    (check.nll, lambda d, J, h: -((d @ J) * d + d * h).sum(1).mean() / 2 + np.log(Z(J, h)), "half the fields"),
    (check.nll, lambda d, J, h: -np.mean(d @ h) + np.log(Z(J, h)), "couplings forgotten"),
    (check.nll, energy_by_loops(lambda n: range(n), fields_in_pair_loop=True), "fields in the pair loop"),
    (check.nll, energy_by_loops(lambda n: range(n - 1)), "spins left out"),
    (check.nll, energy_by_loops(lambda n: range(1, n)), "spins left out"),
    (check.nll, energy_by_loops(range, partners=lambda i, n: range(i + 1, min(i + 2, n))), "neighbours only"),
    (check.nll, lambda d, J, h: np.mean(np.exp(-E(d, J, h))) + np.log(Z(J, h)), "weight instead of energy"),
    (check.nll, lambda d, J, h: np.log(Z(J, h)), "energy dropped"),
    (check.nll, one_by_one(lambda energies: energies[0]), "one sample only"),
    (check.nll, one_by_one(lambda energies: energies[-1]), "one sample only"),
    (check.nll, one_by_one(lambda energies: sum(energies[1:]) / len(energies)), "samples left out"),
    (check.nll, lambda d, J, h: E(d, J, h).sum() / (len(d) - 1) + np.log(Z(J, h)), "M - 1 samples"),
    (check.nll, lambda d, J, h: np.mean(E(d, J, h) + np.log(Z(J, h))) / len(h), "per spin"),
    (check.nll, lambda d, J, h: np.sum(E(d, J, h) + np.log(Z(J, h))) / len(d) ** 2, "divided by M twice"),
    (check.nll, lambda d, J, h: E(np.unique(d, axis=0), J, h).mean() + np.log(Z(J, h)), "each state once"),
    (check.nll, lambda d, J, h: np.median(E(d, J, h)) + np.log(Z(J, h)), "median"),
    (check.nll, lambda d, J, h: np.mean(np.exp(-E(d, J, h)) / Z(J, h)), "mean probability"),
    (check.nll, lambda d, J, h: np.mean(E(d, J, h)) / np.log(Z(J, h)), "energy and log Z multiplied"),
    (check.nll, lambda d, J, h: -np.mean(np.log10(np.exp(-E(d, J, h)) / Z(J, h))), "base 10"),
    (check.nll, lambda d, J, h: 2 * divergence.nll(d, J, h), "a factor 2"),
    (check.nll, lambda d, J, h: -pairs_twice(d, J, h), "pairs counted twice"),  # and the sign
    (check.nll, lambda d, J, h: len(d) * np.mean(E(d, J, h)) - np.log(Z(J, h)), "sign of log Z"),  # and the sum
    (check.nll, lambda d, J, h: np.mean(E(d, J, h)) + np.log(Z(J, h)) / 2, "N log 2 missed"),
    (check.nll, lambda d, J, h: -0.5 * np.sum(J * (d.T @ d)) / len(d) - h.sum() + np.log(Z(J, h)), "fields"),
    (check.nll, lambda d, J, h: -np.mean(d @ h + (d @ J).sum(1) / 2) + np.log(Z(J, h)), "couplings"),
    (check.nll, lambda d, J, h: E(d, J, h).sum() / np.sqrt(len(d)) + np.log(Z(J, h)), "average over the samples"),
    (check.nll, lambda d, J, h: abs(E(d, J, h)).mean() + np.log(Z(J, h)), "energy"),
]
NLL_RIGHT = [(check.nll, f) for f in (by_hand, through_moments, through_entropy, through_probabilities, divergence.nll)]
NLL_UNKNOWN = [(check.nll, lambda d, J, h: np.nan)]

# ---------------------------------------------------------------- gradient


def gradient(data_J=None, data_h=None, model=None, combine=lambda d, m: d - m):
    """A student's gradient, with one part exchanged."""

    def answer(data, J, h):
        mean, correlation = (model or exact.moments)(J, h)
        from_data_J = data_J(data) if data_J else data.T @ data / len(data)
        from_data_h = data_h(data) if data_h else data.mean(axis=0)
        return combine(from_data_J, correlation), combine(from_data_h, mean)

    return answer


def by_loops(data, J, h):
    n = len(h)
    mean, correlation = exact.moments(J, h)
    dJ, dh = np.zeros((n, n)), []
    for i in range(n):
        dh.append(sum(s[i] for s in data) / len(data) - mean[i])
        for j in range(i):
            dJ[i, j] = dJ[j, i] = sum(s[i] * s[j] for s in data) / len(data) - correlation[i, j]
    return [dJ, dh]


def by_finite_differences(data, J, h):
    def slope(delta_J, delta_h, size=1e-5):
        up, down = (divergence.nll(data, J + x * delta_J, h + x * delta_h) for x in (size, -size))
        return -(up - down) / (2 * size)

    n = len(h)
    dJ, dh = np.zeros((n, n)), np.zeros(n)
    for i in range(n):
        dh[i] = slope(0 * J, np.eye(n)[i])
        for j in range(i):
            pair = np.zeros((n, n))
            pair[i, j] = pair[j, i] = 1
            dJ[i, j] = dJ[j, i] = slope(pair, 0 * h)
    return dJ, dh


def by_enumeration(data, J, h):
    s, p = exact.states(len(h)), exact.distribution(J, h)
    return data.T @ data / len(data) - s.T @ (p[:, None] * s), data.mean(0) - p @ s


def unpacked(data, J, h):
    """From the library's packed moments."""
    model = ising.Ising(J, h)
    gap = model.moments(data) - learning.exact_moments(model).mean
    moved = model.step(gap)
    return moved.J - J, moved.h - h


def then(change):
    """A right gradient, changed at the end."""
    return lambda data, J, h: change(*gradient()(data, J, h))


def connected(data, J, h, keep_diagonal=True):
    mean, correlation = exact.moments(J, h)
    mine = data.mean(axis=0)
    dJ = (data.T @ data / len(data) - np.outer(mine, mine)) - (correlation - np.outer(mean, mean))
    if not keep_diagonal:
        np.fill_diagonal(dJ, 0)
    return dJ, mine - mean


def with_np_cov(data, J, h):
    mean, correlation = exact.moments(J, h)
    mine = data.mean(axis=0)
    centred = data - mine
    return centred.T @ centred / len(data) - correlation + np.outer(mean, mean), mine - mean


def outer_means(data, J, h):
    mean, _ = exact.moments(J, h)
    mine = data.mean(axis=0)
    return np.outer(mine, mine) - np.outer(mean, mean), mine - mean


def doubled_sum(data, J, h):
    """The sum over the patterns stands twice in front of the data's part, as in a printed derivation."""
    mean, correlation = exact.moments(J, h)
    return sum(np.outer(s, s) for s in data) - correlation, sum(data) - mean


def all_alike(J, h):
    s = exact.states(len(h))
    return s.mean(axis=0), s.T.astype(int) @ s / len(s)


def without_Z(J, h):
    s, weights = exact.states(len(h)), np.exp(-exact.energies(J, h))
    return weights @ s, s.T @ (weights[:, None] * s)


GRADIENT = [
    (check.gradient, gradient(combine=lambda d, m: m - d), "sign"),
    (check.gradient, then(lambda dJ, dh: (2 * dJ, dh)), "pairs counted twice"),
    (check.gradient, then(lambda dJ, dh: (dJ + dJ.T, dh)), "pairs counted twice"),
    (check.gradient, then(lambda dJ, dh: (dJ / 2, dh)), "half a pair"),
    (check.gradient, gradient(combine=lambda d, m: d), "log Z dropped"),
    (check.gradient, gradient(combine=lambda d, m: -d), "log Z dropped"),
    (check.gradient, gradient(combine=lambda d, m: -m), "data forgotten"),
    (check.gradient, gradient(combine=lambda d, m: m), "data forgotten"),
    (check.gradient, gradient(combine=lambda d, m: d + m), "not a difference"),
    (check.gradient, lambda d, J, h: [len(d) * x for x in gradient()(d, J, h)], "sum instead of mean"),
    (check.gradient, doubled_sum, "data summed, model not"),
    (check.gradient, gradient(lambda d: d.T @ d), "data summed, model not"),
    (
        check.gradient,
        gradient(lambda d: d @ d.T / d.shape[1], lambda d: d.mean(axis=1)),
        "mean over the wrong axis",
    ),
    (check.gradient, gradient(lambda d: d @ d.T / len(d), lambda d: d.mean(axis=1)), "mean over the wrong axis"),
    (check.gradient, gradient(data_h=lambda d: d.mean(axis=1)), "mean over the wrong axis"),
    (check.gradient, gradient(lambda d: d @ d.T / d.shape[1]), "mean over the wrong axis"),
    (
        check.gradient,
        gradient(lambda d: d.T @ d / d.shape[1], lambda d: d.sum(axis=0) / d.shape[1]),
        "mean over the wrong axis",
    ),
    (check.gradient, connected, "covariance instead of correlation"),
    (check.gradient, lambda d, J, h: connected(d, J, h, False), "covariance instead of correlation"),
    (check.gradient, with_np_cov, "covariance instead of correlation"),
    (check.gradient, outer_means, "product of the means"),
    (check.gradient, then(lambda dJ, dh: (np.triu(dJ, 1), dh)), "one triangle only"),
    (check.gradient, gradient(model=lambda J, h: exact.moments(-J, -h)), "sign of the energy"),
    (check.gradient, gradient(model=lambda J, h: exact.moments(0 * J, h)), "model without couplings"),
    (check.gradient, gradient(model=all_alike), "log Z dropped"),
    (check.gradient, then(lambda dJ, dh: (dJ + np.eye(len(dh)), dh)), "diagonal"),
    (check.gradient, gradient(combine=np.divide), "not a difference"),
    (check.gradient, then(lambda dJ, dh: (dJ, -dh)), "sign"),
    (check.gradient, then(lambda dJ, dh: (-2 * dJ, -dh)), "sign"),  # and pairs counted twice
    (check.gradient, then(lambda dJ, dh: (np.tril(dJ), dh)), "one triangle only"),
    (check.gradient, gradient(data_h=lambda d: d.sum(axis=0)), "data summed, model not"),
    (check.gradient, gradient(lambda d: d.T @ d / (len(d) - 1)), "M - 1 samples"),
    (check.gradient, lambda d, J, h: [x / len(d) for x in gradient()(d, J, h)], "divided by M twice"),
    (check.gradient, gradient(lambda d: d.T @ d / d.size, lambda d: d.sum(axis=0) / d.size), "divided by M and N"),
    (check.gradient, lambda d, J, h: [x / len(h) for x in gradient()(d, J, h)], "divided by N"),
    (check.gradient, gradient(lambda d: np.outer(d[-1], d[-1]), lambda d: d[-1]), "one sample only"),
    (check.gradient, gradient(lambda d: d[1:].T @ d[1:] / len(d), lambda d: d[1:].sum(0) / len(d)), "samples left out"),
    (check.gradient, gradient(data_h=lambda d: d.mean()), "mean over everything"),
    (check.gradient, gradient(lambda d: np.cov(d.T)), "covariance instead of correlation"),
    (check.gradient, gradient(lambda d: np.cov(d.T, ddof=0)), "covariance instead of correlation"),
    (check.gradient, gradient(lambda d: np.outer(d.mean(0), d.mean(0))), "product of the means"),
    (check.gradient, gradient(model=lambda J, h: exact.moments(J, 0 * h)), "model without fields"),
    (check.gradient, gradient(model=lambda J, h: exact.moments(2 * J, h)), "another coupling"),
    (check.gradient, gradient(model=lambda J, h: exact.moments(J, h, beta=2.0)), "another temperature"),
    (check.gradient, gradient(model=without_Z), "Z forgotten"),
    (check.gradient, gradient(model=lambda J, h: (np.log(Z(J, h)), np.log(Z(J, h)))), "log Z itself"),
    (check.gradient, then(lambda dJ, dh: (np.pad(dJ[:-1, :-1], (0, 1)), np.append(dh[:-1], 0))), "spins left out"),
    (check.gradient, then(lambda dJ, dh: (np.triu(np.tril(dJ, 1), -1), dh)), "neighbours only"),
    (check.gradient, then(lambda dJ, dh: (dJ, 0 * dh)), "left at 0"),
    (
        check.gradient,
        lambda d, J, h: [x + 0.3 * dx for x, dx in zip((J, h), gradient()(d, J, h), strict=True)],
        "new parameters",
    ),
    (
        check.gradient,
        lambda d, J, h: [x * dx for x, dx in zip((J, h), gradient()(d, J, h), strict=True)],
        "times the parameters",
    ),
    (check.gradient, then(lambda dJ, dh: (abs(dJ), abs(dh))), "absolute values"),
    (check.gradient, then(lambda dJ, dh: (np.sign(dJ), np.sign(dh))), "signs only"),
    (check.gradient, then(lambda dJ, dh: (dJ.astype(int), dh)), "cut to integers"),
    (check.gradient, then(lambda dJ, dh: (dJ**2, dh**2)), "squares"),
    (check.gradient, then(lambda dJ, dh: (0.3 * dJ, 0.3 * dh)), "a factor"),
    (check.gradient, gradient(data_h=lambda d: np.median(d, axis=0)), "average over the samples"),
    (check.gradient, then(lambda dJ, dh: (dJ, 2 * dh)), "dh"),
    (check.gradient, gradient(lambda d: (d.T @ d / len(d)).mean()), "dJ"),
    (check.gradient, gradient(lambda d: (d + 1).T @ (d + 1) / 4 / len(d)), "dJ"),
    (check.gradient, lambda d, J, h: ((d - h).T @ (d - h), gradient()(d, J, h)[1]), "dJ"),
    (check.gradient, gradient(model=lambda J, h: exact.moments(3 * J, h)), "the model's averages"),
    (check.gradient, gradient(combine=lambda d, m: 2 * d - m), "the data's averages"),
]
GRADIENT_RIGHT = [(check.gradient, f) for f in (gradient(), by_loops, by_finite_differences, by_enumeration, unpacked)]
GRADIENT_UNKNOWN = [(check.gradient, lambda d, J, h: (np.nan * J, np.nan * h))]

# ---------------------------------------------------------------- standard errors


def covariance(statistics, p):
    mean = p @ statistics
    return statistics.T @ (p[:, None] * statistics) - np.outer(mean, mean)


def errors(statistics, p, m):
    return np.sqrt(np.diag(np.linalg.inv(covariance(statistics, p))) / m)


def errors_by_np_cov(statistics, p, m):
    F = np.atleast_2d(np.cov(statistics.T, aweights=p, ddof=0))
    return np.sqrt(np.linalg.inv(m * F).diagonal())


def errors_by_loops(statistics, p, m):
    n = statistics.shape[1]
    mean = [sum(p * statistics[:, a]) for a in range(n)]
    F = np.array(
        [[sum(p * (statistics[:, a] - mean[a]) * (statistics[:, b] - mean[b])) for b in range(n)] for a in range(n)]
    )
    return [np.linalg.solve(F, np.eye(n)[a])[a] ** 0.5 / m**0.5 for a in range(n)]


def by_matrix(information):
    """Error bars from another matrix of the centred statistics."""
    return lambda s, p, m: np.sqrt(np.diag(np.linalg.inv(information(s - p @ s, p))) / m)


def by_inverse(error):
    return lambda s, p, m: error(np.linalg.inv(covariance(s, p)), m)


def correlations(c, p):
    F = c.T @ (p[:, None] * c)
    return F / np.sqrt(np.outer(np.diag(F), np.diag(F)))


def means_added(s, p, m):
    F = s.T @ (p[:, None] * s) + np.outer(p @ s, p @ s)
    return np.sqrt(np.diag(np.linalg.inv(F)) / m)


def mean_of_rows(s, p, m):
    c = s - s.mean(axis=1, keepdims=True)
    return np.sqrt(np.diag(np.linalg.pinv(c.T @ (p[:, None] * c))) / m)


ERRORS = [
    (
        check.standard_errors,
        lambda s, p, m: 1 / np.sqrt(m * np.diag(covariance(s, p))),
        "other parameters taken as known",
    ),
    (
        check.standard_errors,
        lambda s, p, m: np.sqrt(1 / (p @ s**2 - (p @ s) ** 2) / m),
        "other parameters taken as known",
    ),
    (check.standard_errors, lambda s, p, m: np.sqrt(np.diag(covariance(s, p)) / m), "errors of the averages"),
    (check.standard_errors, lambda s, p, m: np.diag(np.linalg.inv(covariance(s, p))) / m, "variances"),
    (
        check.standard_errors,
        lambda s, p, m: np.sqrt(np.diag(np.linalg.inv(covariance(s, p)))) / m,
        "M outside the root",
    ),
    (check.standard_errors, lambda s, p, m: np.sqrt(np.diag(np.linalg.inv(covariance(s, p)))), "M forgotten"),
    (check.standard_errors, lambda s, p, m: np.sqrt(m * np.diag(np.linalg.inv(covariance(s, p)))), "times M"),
    (check.standard_errors, lambda s, p, m: errors(s, p, m - 1), "M - 1 samples"),
    (
        check.standard_errors,
        lambda s, p, m: np.sqrt(np.diag(np.linalg.inv(s.T @ (p[:, None] * s))) / m),
        "means not taken off",
    ),
    (
        check.standard_errors,
        lambda s, p, m: np.sqrt(np.diag(np.linalg.inv(np.atleast_2d(np.cov(s.T)))) / m),
        "all states alike",
    ),
    (check.standard_errors, lambda s, p, m: errors(s, np.full(len(p), 1 / len(p)), m), "the same for every model"),
    (check.standard_errors, lambda s, p, m: s.std(axis=0) / np.sqrt(m), "the same for every model"),
    (check.standard_errors, by_matrix(lambda c, p: c.T @ c), "all states alike"),
    (check.standard_errors, by_matrix(lambda c, p: c.T @ (p[:, None] ** 2 * c)), "other weights"),
    (check.standard_errors, by_matrix(lambda c, p: c.T @ (p[:, None] * c) / len(p)), "divided by the states"),
    (check.standard_errors, by_matrix(correlations), "correlations"),
    (check.standard_errors, means_added, "means, weights or inverse"),
    (check.standard_errors, mean_of_rows, "other means"),
    (check.standard_errors, by_inverse(lambda V, m: 1 / np.sqrt(m * np.diag(V))), "upside down"),
    (check.standard_errors, by_inverse(lambda V, m: np.sqrt(V.sum(axis=1) / m)), "not the diagonal"),
    (check.standard_errors, by_inverse(lambda V, m: np.diag(V) / np.sqrt(m)), "root of M inside"),  # and no root
    (check.standard_errors, lambda s, p, m: errors(s, p, len(p)), "states for samples"),
    (check.standard_errors, lambda s, p, m: 1.96 * errors(s, p, m), "95 percent"),
    (check.standard_errors, lambda s, p, m: 2 * errors(s, p, m), "a common factor"),
    (check.standard_errors, lambda s, p, m: errors(s, p, m - s.shape[1]), "a common factor"),
    (check.standard_errors, lambda s, p, m: p @ s, "free spins missed"),
    (
        check.standard_errors,
        lambda s, p, m: np.sqrt(np.diag(np.linalg.inv(np.atleast_2d(np.cov(s.T, aweights=p)))) / m),
        "weights taken for a sample",
    ),
    (check.standard_errors, lambda s, p, m: -errors(s, p, m), "one sign too many"),
]
ERRORS_RIGHT = [(check.standard_errors, f) for f in (errors, errors_by_np_cov, errors_by_loops)]
ERRORS_UNKNOWN = [(check.standard_errors, lambda s, p, m: np.full(s.shape[1], np.nan))]

KNOWN = KL + KL_WITH_ZEROS_HANDLED + NLL + GRADIENT + ERRORS


@each_mistake(KNOWN)
def test_each_mistake_gets_its_own_diagnosis(checked, mistaken, name):
    assert_diagnosed(checked, mistaken, name)


CHECKS = [check.kl, check.nll, check.gradient, check.standard_errors]


@pytest.mark.parametrize("checked", CHECKS)
def test_each_diagnosis_is_tried(checked):
    assert {name for asked, _, name in KNOWN if asked is checked} == mistakes_known_to(checked)


@each_right_answer(KL_RIGHT + NLL_RIGHT + GRADIENT_RIGHT + ERRORS_RIGHT)
def test_right_answers_are_accepted(checked, function):
    assert_accepted(checked, function)


@pytest.mark.parametrize(("checked", "mistaken"), KL_UNKNOWN + NLL_UNKNOWN + GRADIENT_UNKNOWN + ERRORS_UNKNOWN)
def test_a_mistake_that_is_not_listed_gets_no_name(checked, mistaken):
    verdict = checked(mistaken)
    assert not verdict
    assert verdict.diagnosis not in mistakes_known_to(checked), verdict.message


def test_sums_that_wrap_round_in_int8_are_found():
    assert_diagnosed(check.gradient, lambda d, J, h: gradient()(d.astype(np.int8), J, h), "bytes")


def test_answers_that_are_no_answer():
    assert "did not return 2 values, dJ and dh" in check.gradient(lambda d, J, h: d.mean(axis=0)).message
    assert (
        "returned (dh, dJ), expected a pair (dJ, dh)"
        in check.gradient(lambda d, J, h: gradient()(d, J, h)[::-1]).message
    )
    assert "returned None" in check.nll(lambda d, J, h: None).message
    assert "shape (3,)" in check.nll(lambda d, J, h: E(d, J, h)).message
    assert "shape (2,)" in check.kl(lambda p, q: p * np.log(p / q)).message
    assert "shape (3, 3)" in check.standard_errors(lambda s, p, m: covariance(s, p)).message

    def stub(data, J, h):
        raise NotImplementedError("your turn: both slopes")

    assert check.gradient(stub).status == "your turn"


def test_the_message_names_the_entry_that_differs():
    message = check.gradient(then(lambda dJ, dh: (np.triu(dJ, 1), dh))).message
    assert "dJ[1, 0]" in message
    message = check.gradient(then(lambda dJ, dh: (2 * dJ, dh))).message
    assert "dJ[0, 1]" in message


def test_the_gradient_of_the_check_is_that_of_the_nll():
    """The check's truth, against central differences: their error is the third derivative times 1e-10 / 6."""
    rng = np.random.default_rng(1)
    data, J, h = rng.choice([-1, 1], size=(9, 4)), ising.random_couplings(4, rng), rng.normal(size=4)
    for mine, slope in zip(check.gradient.truth(data, J, h), by_finite_differences(data, J, h), strict=True):
        assert np.allclose(mine, slope, rtol=0, atol=1e-9)


@pytest.mark.parametrize("checked", CHECKS)
def test_every_way_can_be_computed(checked):
    """Pairs of slips, too: a check must not fail where an answer is compared with one of them."""
    for case in checked.cases():
        right = checked.truth(*case.arguments)
        for mistake in checked.mistakes:
            if mistake.returns:
                for way in mistake.ways:
                    given = way(*case.arguments)
                    for one, other in zip(given, right, strict=True) if checked.outputs else [(given, right)]:
                        assert one is None or np.shape(one) == np.shape(other), (mistake.name, case.name)


@pytest.mark.parametrize(
    ("checked", "answer"),
    [
        (check.kl, lambda p, q: 0.123),
        (check.nll, lambda data, J, h: np.nan),
        (check.gradient, lambda data, J, h: (np.nan * J, np.nan * h)),
        (check.standard_errors, lambda s, p, m: np.full(s.shape[1], np.nan)),
    ],
)
def test_a_check_is_quick_when_no_mistake_fits(checked, answer):
    start = time.process_time()
    assert not checked(answer)
    assert time.process_time() - start < 2
