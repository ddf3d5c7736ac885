"""Checks of lesson 04, KL divergence and NLL.

An answer is put together in stages: energies, their mean, log Z. A slip is one stage done in another way; slips are
known alone and two at a time, see `composed`. Where none fits, `localised` says where the answer is still right.

>>> verdict = kl(lambda p, q: divergence.kl(q, p))  # doctest: +ELLIPSIS
Not yet: for a fair coin p, and q = (0.9, 0.1) you give 0.368064, exact is 0.510826. That is kl(q, p): ...
"""

from itertools import chain

import numpy as np

from course_lib import divergence, exact, ising
from course_lib.classroom.checks import Case, Exercise, Mistake, agree
from course_lib.classroom.checks.composed import composed, localised

SEED = 4  # the same systems each time, so that a student who runs a check again sees the same example
TWO_SPINS = 0.3 * ising.chain(2, periodic=False), np.array([0.0, 0.4])
FROM_0, RANGE_ENDS = "Python counts from 0", "range(n) ends at n - 1"


def _samples(rng, m, n):
    """A single one has spins of both signs: all alike they would hide slips in the products."""
    data = rng.choice([-1, 1], (m, n))
    if m == 1:
        data[:, 0] = -data[:, -1]
    return data


def _random_data(*sizes, J_scale=1.0, h_scale=1.0, without=""):
    rng = np.random.default_rng(SEED)
    return [
        Case(
            f"{n} random spins{without}, {m} sample{'s' if m > 1 else ''}",
            (_samples(rng, m, n), J_scale * ising.random_couplings(n, rng), h_scale * rng.normal(size=n)),
        )
        for n, m in sizes
    ]


def _missed(given, right):
    return np.all(np.isfinite(given)) and not agree(given, right)


# ---------------------------------------------------------------- KL


def _laws():
    rng = np.random.default_rng(SEED)
    fair, loaded, heads = np.array([0.5, 0.5]), np.array([0.9, 0.1]), np.array([1.0, 0.0])
    some, late = rng.dirichlet(np.ones(8)), np.array([0, 0.5, 0.5])
    return [
        Case("a fair coin p, and q = (0.9, 0.1)", (fair, loaded)),
        Case("p = (0.9, 0.1), and a fair coin q", (loaded, fair)),
        Case("two random laws of 8 states", (rng.dirichlet(np.ones(8)), some)),
        Case("p and q the same law", (some, some.copy())),
        Case("p = (1, 0), and a fair coin q", (heads, fair)),
        Case("a fair coin p, and q = (1, 0)", (fair, heads)),
        Case("p = (0, 0.5, 0.5) and q = (0, 0.25, 0.75)", (late, np.array([0, 0.25, 0.75]))),
        Case("p = (0, 0.5, 0.5) and q = (0.5, 0.5, 0)", (late, late[::-1].copy())),
    ]


def _no_zeros(p, q):
    """A wrong formula is known by these cases, however the student treats zeros."""
    return np.all(p > 0) and np.all(q > 0)


def _infinite(p, q):
    return np.any((q == 0) & (p > 0))


def _jensen_shannon(p, q):
    return (p * np.log(2 * p / (p + q)) + q * np.log(2 * q / (p + q))) / 2


_TERMS = (
    lambda p, q: p * np.log(p / q),
    ("wrong way round", lambda p, q: q * np.log(q / p), "That is kl(q, p): the average is over p, the first law."),
    ("ratio and weights exchanged", lambda p, q: q * np.log(p / q), "The weights are q: they, too, are p."),
    ("entropy not subtracted", lambda p, q: -p * np.log(q), "That is the whole surprise, -sum p log q: H(p) must go."),
    ("entropy alone", lambda p, q: -p * np.log(p), "That is H(p), the entropy of p: q must enter."),
    ("entropy alone", lambda p, q: -q * np.log(q), "That is H(q), the entropy of q: p must enter."),
    ("entropy not subtracted", lambda p, q: -q * np.log(p), "That is -sum q log p: p weighs, and H(p) must go."),
    ("difference of entropies", lambda p, q: p * np.log(p) - q * np.log(q), "That is H(q) - H(p): p weighs both logs."),
    ("log of the ratio", lambda p, q: p * np.log(p * q), "The logs are added: log(p / q) is log p minus log q."),
    ("log of the ratio", lambda p, q: p * np.log(p) / np.log(q), "That is log p / log q: log(p / q) is log p - log q."),
    ("log of the ratio", lambda p, q: p * np.log(abs(p - q)), "That is the log of p - q: of p / q is wanted."),
    ("log of the ratio", lambda p, q: p * np.log1p(p / q), "np.log1p(x) is log(1 + x): take np.log."),
    ("logarithm forgotten", lambda p, q: p * p / q, "The logarithm of the ratio is missing."),
    ("logarithm forgotten", lambda p, q: p * (p - q), "It holds p - q: the difference of the *logs* is wanted."),
    ("squares", lambda p, q: p * np.log(p / q) ** 2, "The logarithm is squared: it enters as it is, sign and all."),
    ("squares", lambda p, q: (p - q) ** 2, "That is a sum of squared differences: log(p / q) belongs there."),
    ("squares", lambda p, q: (p - q) ** 2 / q, "That is chi-squared: log(p / q) belongs there."),
    ("absolute values", lambda p, q: abs(p * np.log(p / q)), "Absolute values: terms with p < q must be negative."),
    ("weights forgotten", lambda p, q: np.log(p / q), "The weights are missing: state k counts with p_k."),
    ("two weights", lambda p, q: p * q * np.log(p / q), "Each term has two weights, p and q: p alone."),
    ("two weights", lambda p, q: p * p * np.log(p / q), "The weight p stands there twice."),
    ("two weights", lambda p, q: p / q * np.log(p / q), "The weight is p / q: p alone."),
    ("log of the ratio", lambda p, q: p * np.log(p) * np.log(q), "The logs are multiplied: subtract them."),
    ("both ways averaged", lambda p, q: (p - q) * np.log(p / q) / 2, "That is the mean of both directions."),
    ("both ways added", lambda p, q: (p - q) * np.log(p / q), "That is the sum of both directions: p alone weighs."),
    ("mean law", lambda p, q: p * np.log(2 * p / (p + q)), "It compares p with (p + q) / 2: compare with q itself."),
    (
        "mean law",
        _jensen_shannon,
        "That is the Jensen-Shannon divergence, by way of (p + q) / 2: compare p with q itself.",
    ),
    ("total variation", lambda p, q: abs(p - q) / 2, "That is the total variation of lesson 03: no log in it."),
    ("total variation", lambda p, q: abs(p - q), "That is twice the total variation of lesson 03: no log in it."),
)
_SUMS = (
    np.sum,
    ("mean instead of sum", np.mean, "The terms were averaged: sum them, p is their weight."),
    ("one state only", lambda terms: terms[0], "Only the first state is in it: does return stand inside the loop?"),
    ("one state only", lambda terms: terms[-1], "Only the last state is in it: add up, with +=."),
    ("one state only", np.max, "That is the largest term: sum them all."),
    ("states left out", lambda terms: terms[1:].sum(), f"The first state is left out: {FROM_0}."),
    ("states left out", lambda terms: terms[:-1].sum(), f"The last state is left out: {RANGE_ENDS}."),
    ("states left out", lambda terms: terms[:2].sum(), "Only two states are in it: sum over all that there are."),
)
_UNITS = (
    1,
    ("ratio turned round", -1, "The sign is turned round: the log is that of p / q, and no divergence is below 0."),
    ("base 2", 1 / np.log(2), "The logarithm is to base 2: nats need np.log."),
    ("base 2", np.log(2), "It is multiplied by log 2: np.log gives nats already."),
    ("base 10", 1 / np.log(10), "The logarithm is to base 10: nats need np.log."),
)


def _divergence(laws, term, total, unit):
    return unit * total(term(*laws))


def _over(keep, terms=lambda p, q: p * np.log(p / q)):
    """The sum over some of the states, whatever the computer makes of zeros there."""

    def over(p, q):
        with np.errstate(all="ignore"):
            return np.sum(terms(p[keep(p, q)], q[keep(p, q)]))

    return over


_over_all = _over(lambda p, q: slice(None))


def _of_sum_1(p, q):
    p, q = p / p.sum(), q / q.sum()
    return p * np.log(p / q)


_ZEROS = (
    Mistake("zero times log of zero", _over_all, "Where p is 0 you get 0 times infinity, NaN: leave such states out."),
    Mistake(
        "every zero of q",
        (
            lambda p, q: np.inf if np.any(q == 0) else divergence.kl(p, q),
            lambda p, q: np.inf if np.any(q == 0) else _over_all(p, q),
        ),
        "Any q of 0 gives infinity here: it matters only where p > 0. Keep those states, then look at their q.",
    ),
    Mistake(
        "zeros of q left out",
        (_over(lambda p, q: (p > 0) & (q > 0)), _over(lambda p, q: q > 0)),
        "States with q = 0 were left out: leave out those with p = 0 only. What happens at q = 0 costs infinity.",
    ),
    Mistake(
        "infinity made a number",
        _over(lambda p, q: slice(None), lambda p, q: np.nan_to_num(p * np.log(p / q))),
        "np.nan_to_num makes infinity a number, too, 1.8e308: leave out the states with p = 0 instead.",
    ),
    Mistake(
        "zeros exchanged",
        lambda p, q: np.inf if np.any((p == 0) & (q > 0)) else _over(lambda p, q: q > 0)(p, q),
        "The zeros are exchanged: p = 0 costs nothing, whatever q is, and q = 0 < p costs infinity.",
    ),
    Mistake(
        "made to add up to 1",
        (
            lambda p, q: np.inf if _infinite(p, q) else _over(lambda p, q: p > 0, _of_sum_1)(p, q),
            _over(lambda p, q: (p > 0) & (q > 0), _of_sum_1),
        ),
        "What is kept of a law was made to add up to 1: take p and q as they are.",
    ),
    Mistake(
        "ends at a zero",
        lambda p, q: 0.0 if p[0] == 0 else divergence.kl(p, q),
        "The sum ends at the first p of 0: go on with the next state, with continue.",
    ),
    Mistake(
        "a small number added",
        seen=lambda given, p, q: 3 < given < 400 if _infinite(p, q) else agree(given, divergence.kl(p, q), 0.01),
        says="A small number stands in the place of zeros: leave out states with p = 0, q = 0 < p gives infinity.",
    ),
    localised(
        "zeros of q",
        lambda p, q: not _infinite(p, q),
        divergence.kl,
        "Only where q = 0 < p are you wrong: such a state happens and was called impossible, which costs np.inf.",
    ),
    localised(
        "zeros of p",
        lambda p, q: np.all(p > 0),
        divergence.kl,
        "Only where some p is 0 are you wrong: such a state costs nothing, whatever its q is; leave it out.",
    ),
    localised(
        "zeros",
        _no_zeros,
        divergence.kl,
        "Without zeros you are right: a state with p = 0 costs nothing, one with q = 0 < p costs np.inf.",
    ),
)

kl = Exercise(
    "1, ``my_kl(p (K,), q (K,)) -> float``: the divergence of q from p, zeros included",
    cases=_laws,
    truth=divergence.kl,
    mistakes=(
        *chain(*composed(_divergence, _TERMS, _SUMS, _UNITS, where=_no_zeros)),
        Mistake(
            "log of the mean",
            (lambda p, q: np.log(np.sum(p * p / q)), lambda p, q: np.log(np.sum(p / q))),
            "The log is taken of the sum: take it of each ratio first, then average.",
            where=_no_zeros,
        ),
        *_ZEROS,
        Mistake(
            "rounded",
            seen=lambda given, p, q: _infinite(p, q) or abs(given - divergence.kl(p, q)) < 0.006,
            says="You are right to two digits or so: is the number rounded, or something small added?",
        ),
        localised(
            "more than two states",
            lambda p, q: len(p) == 2 and _no_zeros(p, q),
            divergence.kl,
            "With two states you are right, with more not: every state has its term, and p_k goes with q_k.",
        ),
        Mistake(
            "below 0",
            seen=lambda given, p, q: given < 0,
            says="You give a number below 0, and no divergence is: is it each log(p / q) that p weighs?",
            where=lambda p, q: len(p) == 2 and np.ptp(p) == 0 and _no_zeros(p, q),
        ),
        Mistake(
            "not 0 for equal laws",
            seen=lambda given, p, q: _missed(given, 0),
            says="Where p and q are the same law you do not give 0: there p / q is 1 everywhere. Try that by hand.",
            where=np.array_equal,
        ),
    ),
    tested_on="8 pairs of laws, some with zeros, to 9 digits",
    expected="one number",
)


# ---------------------------------------------------------------- NLL


def _nothing_acts(data, J, h):
    return not np.any(J) and not np.any(h)


def _data_and_models():
    three = np.array([[1, 1], [1, -1], [1, 1]])
    return [
        Case("two spins with J = h = 0, three samples", (three, np.zeros((2, 2)), np.zeros(2))),
        Case("one spin in a field of 0.5, once up", (np.array([[1]]), np.zeros((1, 1)), np.array([0.5]))),
        Case("two spins with J_01 = 0.3, h = (0, 0.4), three samples", (three, *TWO_SPINS)),
        *_random_data((3, 1), (4, 10), (5, 3)),
        *_random_data((3, 4), h_scale=0.0, without=" without fields"),
        *_random_data((3, 5), J_scale=0.0, without=" without couplings"),
    ]


def _log_Z(data, J, h):
    return exact.log_partition(J, h)


def _log_Z_of_data(data, J, h):
    return np.log(np.sum(np.exp(-ising.energy(data, J, h))))


_LOGS = (
    _log_Z,
    ("log Z dropped", lambda data, J, h: 0, "log Z is missing: without it the parameters could grow for ever."),
    ("sign of log Z", lambda *a: -_log_Z(*a), "The sign of log Z is turned round: -log p = E + log Z."),
    ("Z instead of log Z", lambda *a: np.exp(_log_Z(*a)), "Z itself was added: its logarithm belongs there."),
    ("log of log Z", lambda *a: np.log(_log_Z(*a)), "exact.log_partition gives log Z already: one log is too many."),
    (
        "one log Z for all samples",
        lambda data, J, h: _log_Z(data, J, h) / len(data),
        "Each sample brings its own 1/Z: the mean has a whole log Z.",
    ),
    ("M log Z", lambda data, J, h: len(data) * _log_Z(data, J, h), "There are M log Z: the mean has one whole log Z."),
    ("log Z per spin", lambda data, J, h: _log_Z(data, J, h) / len(h), "log Z is divided by N: it enters whole."),
    ("base 2", lambda *a: _log_Z(*a) / np.log(2), "The logarithm of Z is to base 2: the course counts in nats."),
    ("Z of the data only", _log_Z_of_data, "Z is summed over the samples: sum over all 2^N states, seen or not."),
    ("Z of another model", lambda data, J, h: len(h) * np.log(2), "log Z is that of J = h = 0: pass J and h."),
    (
        "states averaged",
        lambda data, J, h: _log_Z(data, J, h) - len(h) * np.log(2),
        "The states are averaged: Z is a sum.",
    ),
    ("Z of another model", lambda data, J, h: exact.log_partition(J, 0 * h), "The fields are missing from log Z."),
    ("Z of another model", lambda data, J, h: exact.log_partition(0 * J, h), "The couplings are missing from log Z."),
    ("Z of another model", lambda data, J, h: exact.log_partition(-J, -h), "log Z is that of -J and -h: exp(-E)."),
)


def _energy(by_pairs, by_fields):
    return lambda data, J, h: ising.energy(data, by_pairs * J, by_fields(h))


def _neighbours(n):
    return np.eye(n, k=1) + np.eye(n, k=-1)


def _misses_first(data, J, h):
    return ising.energy(data[:, 1:], J[1:, 1:], h[1:]) if len(h) > 1 else np.zeros(len(data))


_IN_LOOP = "The fields stand inside the loop over pairs: each spin has its field once."
_ENERGIES = (
    ising.energy,
    ("sign of the energy", _energy(-1, lambda h: -h), "The sign of the energy is turned round: -log p = E + log Z."),
    ("sign of the couplings", _energy(-1, lambda h: h), "The sign of the pairs is turned round: E has a minus there."),
    ("sign of the fields", _energy(1, lambda h: -h), "The sign of the fields is turned round: E has a minus there."),
    ("pairs counted twice", _energy(2, lambda h: h), "Each pair is counted twice: i < j, or half of all i and j."),
    ("half a pair", _energy(0.5, lambda h: h), "Each pair is counted half: over i < j there is no factor 1/2."),
    ("half the fields", _energy(1, lambda h: h / 2), "The fields enter by half: the 1/2 belongs to the pairs only."),
    ("field forgotten", _energy(1, lambda h: 0 * h), "The fields are missing from the energy."),
    ("couplings forgotten", _energy(0, lambda h: h), "The couplings are missing from the energy."),
    ("fields in the pair loop", _energy(1, lambda h: np.arange(len(h))[::-1] * h), _IN_LOOP),
    ("fields in the pair loop", _energy(1, lambda h: np.arange(len(h)) * h), _IN_LOOP),
    ("spins left out", _energy(1, lambda h: np.append(h[:-1], 0)), f"The last field is left out: {RANGE_ENDS}."),
    ("spins left out", _misses_first, f"The first spin is left out: {FROM_0}."),
    (
        "neighbours only",
        lambda data, J, h: ising.energy(data, J * _neighbours(len(h)), h),
        "Only the pairs i, i + 1 are in it: take all.",
    ),
    ("weight instead of energy", lambda *a: np.exp(-ising.energy(*a)), "That averages exp(-E): average E itself."),
)


def _each_state_once(energies, data):
    return energies[np.unique(data, axis=0, return_index=True)[1]].mean()


_MEANS = (
    lambda E, data: E.mean(),
    (
        "one log Z for all samples",
        lambda E, data: E.sum(),
        "The energies are summed, and log Z enters once: take means.",
    ),
    ("energy dropped", lambda E, data: 0, "The data are missing: their mean energy belongs there."),
    ("one sample only", lambda E, data: E[0], "Only the first sample is in it: average over all."),
    ("one sample only", lambda E, data: E[-1], "Only the last sample is in it: add up, with +=."),
    ("one sample only", lambda E, data: E[-1] / len(data), "Only the last sample is in it: add up, with +=."),
    ("samples left out", lambda E, data: E[1:].sum() / len(data), f"The first sample is left out: {FROM_0}."),
    ("samples left out", lambda E, data: E[:-1].sum() / len(data), f"The last sample is left out: {RANGE_ENDS}."),
    (
        "M - 1 samples",
        lambda E, data: E.sum() / np.subtract(len(data), 1),
        "The energies are divided by M - 1, not M.",
    ),
    (
        "mean over the wrong axis",
        lambda E, data: E.sum() / data.shape[1],
        "It is divided by N, or a mean over the wrong axis: average over M.",
    ),
    ("per spin", lambda E, data: E.mean() / data.shape[1], "The energies are divided by N: per sample is asked for."),
    ("divided by M twice", lambda E, data: E.mean() / len(data), "The energies are divided by M twice."),
    ("median", lambda E, data: np.median(E), "That is the median of the energies: take their mean."),
    ("each state once", _each_state_once, "Each state that was seen counts once: count it as often as it was seen."),
)
_WHOLES = (
    lambda nll, data: nll,
    ("sign", lambda nll, data: -nll, "That is the log-likelihood: the *negative* one was asked for."),
    ("sum instead of mean", lambda nll, data: len(data) * nll, "That is the sum over the samples: take the mean."),
    ("divided by M twice", lambda nll, data: nll / len(data), "It is divided by M once too often."),
    ("per spin", lambda nll, data: nll / data.shape[1], "It is divided by N: per sample is asked for."),
    ("per spin", lambda nll, data: nll * len(data) / data.shape[1], "The sum is divided by N: divide it by M."),
    ("base 2", lambda nll, data: nll / np.log(2), "The logarithm is to base 2: the course counts in nats, np.log."),
    ("base 10", lambda nll, data: nll / np.log(10), "The logarithm is to base 10: the course counts in nats, np.log."),
    ("a factor 2", lambda nll, data: 2 * nll, "It is twice what it should be."),
    ("a factor 2", lambda nll, data: nll / 2, "It is half of what it should be."),
)


def _nll(arguments, log_Z, energies, mean, whole):
    return whole(mean(energies(*arguments), arguments[0]) + log_Z(*arguments), arguments[0])


def _nll_by_one_energy(arguments, energies, mean, whole):
    """As `_nll`; the student enumerates log Z with the same energies."""
    _, J, h = arguments
    log_Z = np.log(np.sum(np.exp(-energies(exact.states(len(h)).astype(int), J, h))))
    return whole(mean(energies(*arguments), arguments[0]) + log_Z, arguments[0])


def _of_mean_spins(data, J, h):
    m = data.mean(axis=0)
    return -m @ J @ m / 2 - h @ m + exact.log_partition(J, h)


def _mean_probability(data, J, h):
    return np.mean(np.exp(-ising.energy(data, J, h) - exact.log_partition(J, h)))


_OTHER_NUMBERS = (
    Mistake(
        "plug-in entropy",
        lambda data, J, h: divergence.plug_in_entropy(data),
        "That is the entropy of the data's frequencies: J and h do not enter, so it says nothing about the model.",
    ),
    Mistake(
        "KL instead of NLL",
        lambda data, J, h: divergence.nll(data, J, h) - divergence.plug_in_entropy(data),
        "That is D(data || model): the NLL also holds the entropy of the data.",
    ),
    Mistake(
        "entropy of the model",
        lambda data, J, h: divergence.entropy(exact.distribution(J, h)),
        "That is the entropy of the model: the mean of -log p is over the *data*.",
    ),
    Mistake(
        "log of the mean",
        (lambda *a: -np.log(_mean_probability(*a)), lambda *a: np.log(_mean_probability(*a))),
        "That is the log of the mean probability: probabilities of samples are multiplied, so average the logs.",
    ),
    Mistake(
        "mean probability",
        (_mean_probability, lambda *a: -_mean_probability(*a)),
        "That is a mean of probabilities: take the logarithm of each first.",
    ),
    Mistake(
        "energy of the mean spins",
        _of_mean_spins,
        "That is the energy of the mean spins: take the energy of each sample first, then the mean.",
    ),
    Mistake(
        "energy of the mean spins",
        lambda data, J, h: np.sum(data @ J @ data.T) / -2 / len(data) - np.mean(data @ h) + exact.log_partition(J, h),
        "data @ J @ data.T pairs each sample with every other: only its diagonal holds energies.",
    ),
    Mistake(
        "energy and log Z multiplied",
        (
            lambda *a: ising.energy(*a).mean() / _log_Z(*a),
            lambda *a: -ising.energy(*a).mean() / _log_Z(*a),
            lambda *a: ising.energy(*a).mean() * _log_Z(*a),
        ),
        "Energy and log Z were divided or multiplied: -log(exp(-E) / Z) is a sum, E + log Z.",
    ),
)

_ONE_SLIP, _TWO_SLIPS = composed(_nll, _LOGS, _ENERGIES, _MEANS, _WHOLES)
_ONE_SLIP_TWICE, _TWO_SLIPS_TWICE = composed(_nll_by_one_energy, _ENERGIES, _MEANS, _WHOLES)
nll = Exercise(
    "2, ``my_nll(data (M, N), J (N, N), h (N,)) -> float``: the negative log-likelihood per sample",
    cases=_data_and_models,
    truth=divergence.nll,
    mistakes=(
        *_OTHER_NUMBERS,
        *_ONE_SLIP,
        *_ONE_SLIP_TWICE,
        *_TWO_SLIPS_TWICE,
        *_TWO_SLIPS,
        Mistake(
            "N log 2 missed",
            seen=lambda given, data, J, h: _missed(given, len(h) * np.log(2)),
            says="Begin with J = h = 0, where every state has p = 1 / 2^N, and -log p is N log 2 for any data.",
            where=_nothing_acts,
        ),
        localised(
            "fields",
            lambda data, J, h: not np.any(h),
            divergence.nll,
            "Without fields you are right, with them not: each sample has sum h_i s_i in -E.",
        ),
        localised(
            "couplings",
            lambda data, J, h: not np.any(J),
            divergence.nll,
            "Without couplings you are right, with them not: each sample has J_ij s_i s_j in -E, each pair once.",
        ),
        localised(
            "average over the samples",
            lambda data, J, h: len(data) == 1,
            divergence.nll,
            "With one sample you are right, with several not: how do they enter the mean?",
        ),
        localised(
            "energy",
            _nothing_acts,
            divergence.nll,
            "At J = h = 0 you are right, elsewhere not: look at the energies, and at their mean.",
        ),
    ),
    tested_on="8 models of 1 to 5 spins with 1 to 10 samples, to 9 digits",
    expected="one number",
)


# ---------------------------------------------------------------- gradient


def _as_many_samples_as_spins():
    """Or one: a mean over the wrong axis then still gives numbers, and no error about shapes, which says nothing."""
    two = np.array([[1, 1], [1, -1]])
    return [
        *_random_data((3, 3), J_scale=0.0, h_scale=0.0, without=" with J = h = 0"),
        Case("two spins with J_01 = 0.3, h = (0, 0.4), two samples", (two, *TWO_SPINS)),
        *_random_data((3, 1), (4, 4), (5, 5), (4, 1)),
    ]


def _mean(each):
    return each.mean(axis=0)


def _averaged(of_products, of_spins=_mean):
    """The data's averages, (products, spins), each taken in its own way from one entry a sample."""
    return lambda data: (of_products(data[:, :, None] * data[:, None, :]), of_spins(data))


def _products_by(way):
    return lambda data: (way(data), data.mean(axis=0))


def _spins_by(way):
    return lambda data: (data.T @ data / len(data), way(data))


def _covariance(data, less=0):
    centred = data - data.mean(axis=0)
    return centred.T @ centred / np.subtract(len(data), less)


def _corrcoef(data):
    return _covariance(data) / np.outer(data.std(axis=0), data.std(axis=0))


_WRONG_AXIS = "A mean is over the wrong axis, or divided by the number of spins: average over the samples, axis 0."
_COVARIANCE = "In the data's part of dJ the products of the means were taken off: it holds <s_i s_j> itself."
_MEANS_IN_dJ = "dJ stands <s_i><s_j>: the mean of the product, <s_i s_j>, belongs there."
_AVERAGES = (
    ("data summed, model not", lambda x: x.sum(axis=0), "the data are summed, the model averaged: divide by M."),
    (
        "mean over the wrong axis",
        lambda x: x.sum(axis=0) / x.shape[1],
        "the data's sum is divided by N: divide it by M.",
    ),
    (
        "M - 1 samples",
        lambda x: x.sum(axis=0) / np.subtract(len(x), 1),
        "the data's sum is divided by M - 1: divide it by M.",
    ),
    ("divided by M twice", lambda x: x.mean(axis=0) / len(x), "the data's part is divided by M twice."),
    ("one sample only", lambda x: x[-1], "only the last sample is in it: add up, with +=."),
    ("one sample only", lambda x: x[-1] / len(x), "only the last sample is in it: add up, with +=."),
    ("divided by M and N", lambda x: x.mean(axis=0) / x.shape[1], "the data's part is divided by N, too."),
    ("one sample only", lambda x: x[0], "only the first sample is in it: average over all."),
    ("samples left out", lambda x: x[1:].sum(axis=0) / len(x), f"the first sample is left out: {FROM_0}."),
    ("samples left out", lambda x: x[:-1].sum(axis=0) / len(x), f"the last sample is left out: {RANGE_ENDS}."),
)
_DATA = (
    _averaged(_mean),
    *((name, _averaged(average, average), says[0].upper() + says[1:]) for name, average, says in _AVERAGES),
    *((name, _averaged(average), f"In dJ {says}") for name, average, says in _AVERAGES[:3]),
    *((name, _averaged(_mean, average), f"In dh {says}") for name, average, says in _AVERAGES[:3]),
    ("mean over the wrong axis", lambda data: (data @ data.T / len(data), data.mean(axis=1)), _WRONG_AXIS),
    ("mean over the wrong axis", lambda data: (data @ data.T / data.shape[1], data.mean(axis=1)), _WRONG_AXIS),
    ("mean over the wrong axis", _spins_by(lambda data: data.mean(axis=1)), _WRONG_AXIS),
    ("mean over the wrong axis", _products_by(lambda data: data @ data.T / data.shape[1]), _WRONG_AXIS),
    ("mean over the wrong axis", _products_by(lambda data: data @ data.T / len(data)), _WRONG_AXIS),
    (
        "mean over everything",
        _spins_by(lambda data: data.mean() + 0 * data[0]),
        "In dh the mean is over the spins, too: axis=0.",
    ),
    ("covariance instead of correlation", _products_by(_covariance), _COVARIANCE),
    ("covariance instead of correlation", _products_by(lambda data: _covariance(data, less=1)), _COVARIANCE),
    ("covariance instead of correlation", _products_by(_corrcoef), _COVARIANCE),
    (
        "product of the means",
        _products_by(lambda data: np.outer(_mean(data), _mean(data))),
        f"In the data's part of {_MEANS_IN_dJ}",
    ),
)


def _model(J, h):
    mean, correlation = exact.moments(J, h)
    return correlation, mean


def _model_by(change):
    """The model's averages of products and of spins, changed."""
    return lambda J, h: change(*_model(J, h))


_MODEL = (
    _model,
    ("sign of the energy", lambda J, h: _model(-J, -h), "These are averages at -J and -h: E has its own minus."),
    ("sign of the energy", lambda J, h: _model(-J, h), "The model's averages are those of -J: E has its own minus."),
    ("sign of the energy", lambda J, h: _model(J, -h), "The model's averages are those of -h: E has its own minus."),
    ("model without couplings", lambda J, h: _model(0 * J, h), "The model's averages are those of free spins: pass J."),
    ("model without fields", lambda J, h: _model(J, 0 * h), "The model's averages are those without fields: pass h."),
    ("another temperature", lambda J, h: _model(2 * J, 2 * h), "The model's averages are those of 2 J and 2 h."),
    ("another temperature", lambda J, h: _model(J / 2, h / 2), "The model's averages are those of J / 2 and h / 2."),
    (
        "Z forgotten",
        lambda J, h: [np.exp(exact.log_partition(J, h)) * x for x in _model(J, h)],
        "The model's sums over the states are not divided by Z.",
    ),
    ("another coupling", lambda J, h: _model(2 * J, h), "The model's averages are those of 2 J: J is enough."),
    ("another coupling", lambda J, h: _model(J / 2, h), "The model's averages are those of J / 2: J is enough."),
    (
        "covariance instead of correlation",
        _model_by(lambda C, m: (C - np.outer(m, m), m)),
        _COVARIANCE.replace("data", "model"),
    ),
    ("product of the means", _model_by(lambda C, m: (np.outer(m, m), m)), f"In the model's part of {_MEANS_IN_dJ}"),
    ("log Z itself", lambda J, h: [exact.log_partition(J, h) + 0 * x for x in (J, h)], "log Z itself was taken off."),
)


def _minus(of_data, of_model):
    return of_data - of_model


def _data_alone(of_data, of_model):
    return of_data


_TOGETHER = (  # data and model in dJ, and in dh
    (_minus, _minus),
    (
        "log Z dropped",
        (_data_alone, _data_alone),
        "The model's averages are missing (or 0): they are the slopes of log Z.",
    ),
    ("log Z dropped", (_data_alone, _minus), "dJ lacks the model's average: log Z was dropped, whose slope it is."),
    ("log Z dropped", (_minus, _data_alone), "dh lacks the model's average: log Z was dropped, whose slope it is."),
    ("data forgotten", 2 * (lambda of_data, of_model: -of_model,), "The data's averages are missing."),
    ("not a difference", 2 * (np.add,), "The two averages were added: data *minus* model."),
    ("not a difference", 2 * (np.divide,), "The two averages were divided: data *minus* model."),
    ("not a difference", 2 * (np.multiply,), "The two averages were multiplied: data *minus* model."),
)
_SIGNS = (
    (1, 1),
    ("sign", (-1, -1), "The sign is turned round: that is the slope of the NLL, not of the log-likelihood."),
    ("sign", (-1, 1), "The sign of dJ is turned round: both slopes are data minus model."),
    ("sign", (1, -1), "The sign of dh is turned round: both slopes are data minus model."),
)


def _only(kept):
    """The slopes with some rows and columns of dJ, and entries of dh, left at 0."""

    def only(dJ, dh, *_):
        keep = np.isin(np.arange(len(dh)), np.arange(len(dh))[kept])
        return dJ * np.outer(keep, keep), dh * keep

    return only


_CHANGES = (
    lambda dJ, dh, *_: (dJ, dh),
    ("pairs counted twice", lambda dJ, dh, *_: (2 * dJ, dh), "dJ is twice too large: J_01 and J_10 are one parameter."),
    ("half a pair", lambda dJ, dh, *_: (dJ / 2, dh), "dJ is half of what it should be: each pair stands in E once."),
    ("sum instead of mean", lambda dJ, dh, data, *_: (len(data) * dJ, len(data) * dh), "It is summed over the data."),
    ("divided by M twice", lambda dJ, dh, data, *_: (dJ / len(data), dh / len(data)), "It is divided by M too often."),
    ("divided by N", lambda dJ, dh, *_: (dJ / len(dh), dh / len(dh)), "It is divided by the number of spins."),
    ("one triangle only", lambda dJ, dh, *_: (dJ * np.tri(len(dh)).T, dh), "Only the upper triangle of dJ is filled."),
    ("one triangle only", lambda dJ, dh, *_: (dJ * np.tri(len(dh)), dh), "Only the lower triangle of dJ is filled."),
    ("neighbours only", lambda dJ, dh, *_: (dJ * _neighbours(len(dh)), dh), "dJ is filled for pairs i, i + 1 only."),
    ("spins left out", _only(slice(None, -1)), f"The last spin is left out: {RANGE_ENDS}."),
    ("spins left out", _only(slice(1, None)), f"The first spin is left out: {FROM_0}."),
    ("left at 0", lambda dJ, dh, *_: (dJ, 0 * dh), "dh is 0 everywhere: is it computed, and returned?"),
    ("left at 0", lambda dJ, dh, *_: (0 * dJ, dh), "dJ is 0 everywhere: is it computed, and returned?"),
    ("times the parameters", lambda dJ, dh, data, J, h: (J * dJ, h * dh), "J and h stand before the averages still."),
    ("absolute values", lambda dJ, dh, *_: (abs(dJ), abs(dh)), "Absolute values were taken: a slope may be negative."),
    ("signs only", lambda dJ, dh, *_: (np.sign(dJ), np.sign(dh)), "Only the signs are left: the sizes are lost."),
    ("cut to integers", lambda dJ, dh, *_: (np.trunc(dJ), dh), "The fractions of dJ are cut off: np.zeros of floats."),
    ("squares", lambda dJ, dh, *_: (dJ**2, dh**2), "The differences are squared: take them as they are."),
)


def _slopes(arguments, of_data, of_model, together, signs, change):
    """The diagonal of dJ is masked: what stands there is a mistake of its own."""
    data, J, h = arguments
    (products, spins), (model_products, model_spins) = of_data(data), of_model(J, h)
    dJ = signs[0] * together[0](products, model_products) + 0 * J  # of one sample, a wrong axis leaves one number
    dh = signs[1] * together[1](spins, model_spins) + 0 * h
    return change(np.ma.array(dJ, mask=np.eye(len(h))), dh, data, J, h)


def _masked_slopes(*arguments):
    return _slopes(arguments, *(right for right, *_ in (_DATA, _MODEL, _TOGETHER, _SIGNS, _CHANGES)))


def _right_slopes(*arguments):
    dJ, dh = _masked_slopes(*arguments)
    return dJ.filled(0), dh


def _along(shift_J, shift_h, data, J, h):
    """Whether a pair points along the right slopes, longer or shorter."""
    dJ, dh = _right_slopes(data, J, h)
    size = shift_h @ dh / (dh @ dh)
    return size > 0 and agree(shift_h, size * dh, 1e-7) and agree(np.tril(shift_J, -1), np.tril(size * dJ, -1), 1e-7)


def _many_samples(function):
    """On more samples than a sum of int8 holds."""
    (case,) = _random_data((3, 300))
    right = map(agree, function(*case.arguments), _right_slopes(*case.arguments), (1e-7, 1e-7))
    says = "With few samples you are right, with 300 not: sums of int8 wrap round at 127, .astype(float) first."
    return None if all(right) else Mistake("bytes", says=says)


gradient = Exercise(
    "3, ``my_gradient(data (M, N), J (N, N), h (N,)) -> (dJ, dh)``: both slopes of the log-likelihood per sample",
    cases=_as_many_samples_as_spins,
    truth=_right_slopes,
    outputs=("dJ", "dh"),
    mistakes=(
        *chain(*composed(_slopes, _DATA, _MODEL, _TOGETHER, _SIGNS, _CHANGES)),
        Mistake("diagonal", _masked_slopes, "The diagonal of dJ must be 0: s_i s_i is always 1."),
        Mistake(
            "new parameters",
            seen=lambda given, data, J, h: _along(given[0] - J, given[1] - h, data, J, h),
            says="These are J and h after a step along the slopes: return the slopes themselves.",
        ),
        Mistake(
            "a factor",
            seen=lambda given, *arguments: _along(*given, *arguments),
            says="Your slopes point the right way, and are too long or too short: data minus model, with no factor.",
        ),
        localised(
            "average over the samples",
            lambda data, J, h: len(data) == 1,
            _right_slopes,
            "With one sample you are right, with several not: how is the data's mean taken?",
        ),
        Mistake(
            "dJ",
            lambda *arguments: (None, _masked_slopes(*arguments)[1]),
            "Only dJ is wrong: entry (i, j) is the mean of data[:, i] * data[:, j], minus the model's correlation.",
        ),
        Mistake(
            "dh",
            lambda *arguments: (_masked_slopes(*arguments)[0], None),
            "Only dh is wrong: entry i is the mean of data[:, i], minus the model's mean.",
        ),
        localised(
            "the model's averages",
            _nothing_acts,
            _right_slopes,
            "At J = h = 0, where the model's averages are 0, you are right: take off exact.moments(J, h) elsewhere.",
        ),
        Mistake(
            "the data's averages",
            seen=lambda given, *arguments: any(map(_missed, given, _right_slopes(*arguments))),
            says="Begin with J = h = 0, where the model's averages are 0: the slopes are then the data's averages.",
            where=_nothing_acts,
        ),
    ),
    tested_on="7 models of 2 to 5 spins with 1 to 300 samples, to 7 digits",
    expected="a pair (dJ, dh) of shapes (N, N) and (N,)",
    last_looks=(_many_samples,),
    tolerance=1e-7,  # finite differences of the exact NLL are a right answer as well
)


# ---------------------------------------------------------------- standard errors


def _models_and_sample_sizes():
    rng = np.random.default_rng(SEED)
    models = [
        ("two free spins", ising.Ising(np.zeros((2, 2)), np.zeros(2)), 100),
        *(("two spins with J_01 = 0.3, h = (0, 0.4)", ising.Ising(*TWO_SPINS), m) for m in (100, 2500)),
        *(
            (f"{n} random spins", ising.Ising(ising.random_couplings(n, rng), rng.normal(0, 0.5, n)), m)
            for n, m in ((3, 50), (4, 1000))
        ),
    ]
    return [
        Case(
            f"{name}, {m} samples",
            (model.statistics(exact.states(len(model.h))), exact.distribution(model.J, model.h), m),
        )
        for name, model, m in models
    ]


def _free(statistics, p, n_samples):
    return np.ptp(p) == 0


def _weighted(rows, p):
    return rows.T @ (p[:, None] * rows)


def _correlations(rows, p):
    deviations = np.sqrt(np.diag(_weighted(rows, p)))
    return _weighted(rows, p) / np.outer(deviations, deviations)


_ALIKE = "All states count alike: each counts with its p."
_CENTRES = (
    lambda s, p: p @ s,
    ("means not taken off", lambda s, p: 0, "The matrix holds <phi_a phi_b>: take <phi_a><phi_b> off."),
    ("other means", lambda s, p: s.mean(axis=0), "The means count all states alike: take p @ statistics."),
    ("other means", lambda s, p: s.mean(axis=1, keepdims=True), "The means are over a row: take p @ statistics."),
    ("other means", lambda s, p: np.mean(p @ s), "One mean is taken off all: each statistic has its own."),
)
_INFORMATION = (
    _weighted,
    ("all states alike", lambda rows, p: rows.T @ rows / len(p), _ALIKE),
    ("all states alike", lambda rows, p: rows.T @ rows, f"{_ALIKE} (Here they are summed.)"),
    ("all states alike", lambda rows, p: np.cov(rows, rowvar=False), _ALIKE),
    ("all states alike", lambda rows, p: np.cov(rows, rowvar=False, ddof=0), _ALIKE),
    (
        "weights taken for a sample",
        lambda rows, p: _weighted(rows, p) / (1 - p @ p),
        "np.cov with weights divides by less than 1: pass ddof=0.",
    ),
    ("other weights", lambda rows, p: _weighted(rows, p**2), "Each state counts with the square of p: p once."),
    ("other weights", lambda rows, p: _weighted(rows, np.sqrt(p)), "Each state counts with the root of p: p itself."),
    ("divided by the states", lambda rows, p: _weighted(rows, p) / len(p), "F is divided by 2^N: p adds up to 1."),
    ("correlations", _correlations, "The matrix holds correlations: a covariance is not divided by the deviations."),
)
_INVERSES = (
    np.linalg.pinv,
    ("errors of the averages", lambda F: F, "F is not inverted: these are errors of the *averages*."),
    (
        "other parameters taken as known",
        lambda F: np.diag(1 / np.diag(F)),
        "F_aa alone is inverted: invert the whole matrix.",
    ),
)
_ENTRIES = (
    np.diag,
    ("upside down", lambda V: 1 / np.diag(V), "It is turned upside down: the error grows with (F^-1)_aa."),
    ("not the diagonal", lambda V: V.sum(axis=1), "Rows of the inverse are summed: take its diagonal, np.diag."),
    ("not the diagonal", lambda V: V[0], "That is the first row of the inverse: take its diagonal, np.diag."),
    ("not the diagonal", np.linalg.eigvalsh, "Those are eigenvalues of the inverse: take its diagonal, np.diag."),
)
_SIZES = (
    lambda V, m, K: V / m,
    ("M forgotten", lambda V, m, K: V, "That is the error from one sample: divide by sqrt(M)."),
    ("times M", lambda V, m, K: V * m, "The error grows with the number of samples: divide by M."),
    ("M - 1 samples", lambda V, m, K: V / (m - 1), "Divided by M - 1: the information is M F."),
    ("M outside the root", lambda V, m, K: V / m**2, "The error is divided by M: divide it by sqrt(M)."),
    ("root of M inside", lambda V, m, K: V / np.sqrt(m), "The variance is divided by sqrt(M): divide it by M."),
    ("states for samples", lambda V, m, K: V / K, "Divided by the number of states: divide by that of samples."),
    ("states for samples", lambda V, m, K: V / m / K, "Divided by the number of states as well: by M only."),
)
_ROOTS = (
    np.sqrt,
    ("variances", lambda V: V, "These are variances: take the square root."),
    ("one sign too many", lambda V: -np.sqrt(V), "The sign is turned round: an error is above 0."),
    ("95 percent", lambda V: 1.96 * np.sqrt(V), "That is 1.96 standard errors: one was asked for."),
)


def _errors(arguments, centre, information, invert, entries, size, root):
    statistics, p, m = arguments
    return root(size(entries(invert(information(statistics - centre(statistics, p), p))), m, len(p)))


def _right_errors(*arguments):
    return _errors(arguments, *(right for right, *_ in (_CENTRES, _INFORMATION, _INVERSES, _ENTRIES, _SIZES, _ROOTS)))


standard_errors = Exercise(
    "4, ``my_standard_errors(statistics (K, P), p (K,), n_samples) -> (P,)``: error bars from the Fisher information",
    cases=_models_and_sample_sizes,
    truth=_right_errors,
    mistakes=(
        Mistake(
            "the same for every model",
            seen=lambda given, statistics, p, m: agree(given * np.sqrt(m), np.ones(len(given))),
            says="That is 1 / sqrt(M) for every model: phi_a^2 is always 1, so take the means off, and weigh with p.",
        ),
        *chain(*composed(_errors, _CENTRES, _INFORMATION, _INVERSES, _ENTRIES, _SIZES, _ROOTS)),
        Mistake(
            "a common factor",
            seen=lambda given, *arguments: np.ptp(given / _right_errors(*arguments)) < 1e-9 and given[0] > 0,
            says="In each system all your error bars are off by one common factor: look at M, and at the root.",
        ),
        Mistake(
            "free spins missed",
            seen=lambda given, statistics, p, m: _missed(given * np.sqrt(m), np.ones(len(given))),
            says="Begin with the free spins, where F is the unit matrix: every error is 1 / sqrt(M).",
            where=_free,
        ),
        localised(
            "means, weights or inverse",
            _free,
            _right_errors,
            "For free spins you are right, where F is the unit matrix: look at the means, the weights, the inverse.",
        ),
    ),
    tested_on="5 models of 2 to 4 spins, to 9 digits",
    expected="one number for each statistic",
)
