"""Checks of lesson 02, Boltzmann distribution.

>>> verdict = moments(lambda J, h, beta: exact.moments(J, h))  # doctest: +ELLIPSIS
Not yet: for two spins with J_01 = 0.3, h = (0, 0.4) at beta = 2 your mean[0] is ... beta is not used.
"""

import numpy as np

from course_lib import exact, ising
from course_lib.classroom.checks import Case, Exercise, Mistake, agree
from course_lib.classroom.checks.answers import show

SEED = 2  # the same systems each time, so that a student who runs a check again sees the same example
LOW_ENERGIES_WIN = "The sign of the exponent is turned round: low energies have the large weights, exp(-beta E)."
ALL_ALIKE = "All states got the same weight: each counts with its probability exp(-beta E) / Z."


# ---------------------------------------------------------------- 1: the law of largest entropy with a given mean


def _values_and_means():
    die, energies = np.arange(1.0, 7.0), np.array([-2.0, 0.0, 0.0, 1.0, 5.0])
    return [
        Case("a die with mean 4.5", (die, 4.5)),
        Case("a die with mean 3.5", (die, 3.5)),
        Case("a die with mean 2", (die, 2.0)),
        Case("the values -2, 0, 0, 1, 5 with mean -0.5", (energies, -0.5)),
        Case("the values -1, 1 with mean 0.8", (np.array([-1.0, 1.0]), 0.8)),
    ]


def _tilted(values, multiplier):
    exponents = multiplier * values
    weights = np.exp(exponents - exponents.max())
    return weights / weights.sum()


def _multiplier(values, mean):
    """By bisection: the mean of the tilted law rises with the multiplier."""
    low, high = -50.0, 50.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if _tilted(values, middle) @ values < mean else (low, middle)
    return low


def _maxent(values, mean):
    return _tilted(values, _multiplier(values, mean))


def _straight_line(values, mean):
    deviation = values - values.mean()
    return 1 / len(values) + deviation * (mean - values.mean()) / np.sum(deviation**2)


def _is_unnormalised(given, values, mean):
    total = given.sum()
    return np.all(given > 0) and not agree(total, 1.0) and np.allclose(given / total, _maxent(values, mean), atol=1e-7)


maximum_entropy = Exercise(
    "1, ``my_maximum_entropy(values (K,), mean) -> (K,)``: the law of largest entropy with a given mean",
    cases=_values_and_means,
    truth=_maxent,
    mistakes=(
        Mistake(
            "uniform law",
            lambda values, mean: np.full(len(values), 1 / len(values)),
            "That is the uniform law: the largest entropy of all, but not the mean that was asked for.",
        ),
        Mistake(
            "linear instead of exponential",
            _straight_line,
            "The mean is right, but p is a straight line in the value: the *logarithm* of p should be.",
        ),
        Mistake(
            "probability not normalised",
            seen=_is_unnormalised,
            says="The shape is right, but the probabilities do not sum to 1: divide by their sum.",
        ),
        Mistake(
            "sign of the multiplier",
            lambda values, mean: _tilted(values, -_multiplier(values, mean)),
            "The tilt has the wrong sign: a mean above the middle needs larger weights for larger values.",
        ),
        Mistake(
            "search runs the wrong way",
            seen=lambda given, values, mean: given.max() > 0.999,
            says="All weight ends up on one value. The mean grows with theta: one too small asks for a larger theta.",
        ),
        Mistake(
            "all weight on the nearest values",
            seen=lambda given, values, mean: np.count_nonzero(given > 1e-9) <= 2 and agree(given @ values, mean),
            says="The mean is right, but only two values are used: that is nearly the *least* entropy.",
        ),
    ),
    tested_on="a die with three different means and two other sets of values, to 6 digits",
    expected="one probability for each value",
    describe=lambda given, exact, values, mean: (
        f"your probabilities have sum {given.sum():.6g} and mean {given @ values:.6g}; right are {show(exact)}"
    ),
    tolerance=1e-6,  # a student's own search for the multiplier may stop a little early
)


# ---------------------------------------------------------------- 2: log Z, without overflow


def _energies_and_betas():
    rng = np.random.default_rng(SEED)
    return [
        Case("energies 0 and 1 at beta = 1", (np.array([0.0, 1.0]), 1.0)),
        Case("energies 0 and 1 at beta = 2", (np.array([0.0, 1.0]), 2.0)),
        Case("8 random energies at beta = 0.5", (rng.normal(size=8) * 3, 0.5)),
        Case("9 random energies at beta = 3", (rng.normal(size=9) * 3, 3.0)),
        Case("energies 0 and -1000 at beta = 1", (np.array([0.0, -1000.0]), 1.0)),
        Case("energies 0 and -2000 at beta = 1", (np.array([0.0, -2000.0]), 1.0)),
        Case("energies 1000 and 1001 at beta = 1", (np.array([1000.0, 1001.0]), 1.0)),
        Case("one energy, 5, at beta = 0.1", (np.array([5.0]), 0.1)),
    ]


def _log_partition(E, beta):
    return np.logaddexp.reduce(-beta * E)


@np.errstate(all="ignore")
def _overflowing_log_partition(E, beta):
    return np.log(np.sum(np.exp(-beta * E)))


def _mean_taken_out(E, beta):
    x = -beta * E
    return x.mean() + _overflowing_log_partition(x.mean() - x, 1.0)


log_partition = Exercise(
    "2, ``my_log_partition(energies (K,), beta) -> float``: log Z, without overflow",
    cases=_energies_and_betas,
    truth=_log_partition,
    mistakes=(
        Mistake(
            "overflow",
            _overflowing_log_partition,
            "exp(1000) is infinite, exp(-1000) is zero: take the largest exponent out of the sum first.",
        ),
        Mistake("beta forgotten", lambda E, beta: _log_partition(E, 1.0), "beta is not used: the exponent is -beta E."),
        Mistake("beta squared", lambda E, beta: _log_partition(E, beta**2), "beta comes in twice."),
        Mistake("divided by beta", lambda E, beta: _log_partition(E, 1 / beta), "The exponent is -beta E, or -E / T."),
        Mistake(
            "free energy instead of log Z",
            lambda E, beta: -_log_partition(E, beta) / beta,
            "That is the free energy, -T log Z.",
        ),
        Mistake(
            "mean taken out instead of the largest",
            _mean_taken_out,
            "The mean was taken out: the sum still overflows when energies are far apart. Take out the largest.",
        ),
        Mistake(
            "largest energy taken out",
            lambda E, beta: _overflowing_log_partition(E - E.max(), beta) - beta * E.max(),
            "The largest *energy* was taken out: the largest exponent, -beta E, has the lowest one.",
        ),
        Mistake(
            "largest exponent subtracted again",
            lambda E, beta: _log_partition(E, beta) - 2 * np.max(-beta * E),
            "The largest exponent must be added back after the logarithm, not subtracted.",
        ),
        Mistake("sign of the exponent", lambda E, beta: _log_partition(E, -beta), LOW_ENERGIES_WIN),
        Mistake(
            "largest exponent not put back",
            lambda E, beta: _log_partition(E, beta) - np.max(-beta * E),
            "The largest exponent was taken out of the sum: add it again after the logarithm.",
        ),
        Mistake(
            "lowest energy put back without beta",
            lambda E, beta: _log_partition(E - E.min(), beta) - E.min(),
            "Put -beta * E_min back, not -E_min.",
        ),
        Mistake(
            "mean instead of sum",
            lambda E, beta: _log_partition(E, beta) - np.log(len(E)),
            "That is the log of the *mean* weight: Z is the sum.",
        ),
    ),
    tested_on="8 sets of energies, some near -1000 and 1000, to 9 digits",
    expected="one number",
)


# ---------------------------------------------------------------- 3: moments by enumeration


def _small_systems():
    rng = np.random.default_rng(SEED)
    pair = 0.3 * ising.chain(2, periodic=False)
    return [
        Case("one spin in a field of 0.5", (np.zeros((1, 1)), np.array([0.5]), 1.0)),
        Case("two spins with J_01 = 0.3, h = (0, 0.4)", (pair, np.array([0.0, 0.4]), 1.0)),
        Case("two spins with J_01 = 0.3, h = (0, 0.4) at beta = 2", (pair, np.array([0.0, 0.4]), 2.0)),
        *(
            Case(f"{n} random spins at beta = {beta}", (ising.random_couplings(n, rng), rng.normal(size=n), beta))
            for n, beta in ((3, 1.0), (5, 0.5), (6, 2.0))
        ),
    ]


def _are_unnormalised(given, J, h, beta):
    scale = given[1][0, 0]  # <s_0 s_0>, which is 1
    right = exact.moments(J, h, beta)
    return scale > 0 and not agree(scale, 1.0) and all(agree(a / scale, b) for a, b in zip(given, right, strict=True))


def _independent(J, h, beta):
    mean = exact.moments(J, h, beta)[0]
    return mean, np.outer(mean, mean)


def _covariance(J, h, beta):
    mean, correlation = exact.moments(J, h, beta)
    return mean, correlation - np.outer(mean, mean)


moments = Exercise(
    "3, ``my_moments(J (N, N), h (N,), beta) -> (mean (N,), correlation (N, N))``: all <s_i> and <s_i s_j> by "
    "enumeration",
    cases=_small_systems,
    truth=exact.moments,
    mistakes=(
        Mistake(
            "probability not normalised",
            seen=_are_unnormalised,
            says="The weights exp(-beta E) were not divided by their sum Z.",
        ),
        Mistake(
            "product of means",
            _independent,
            "The second array is the product of the means: coupled spins do not vary independently.",
        ),
        Mistake("all states equally likely", lambda J, h, beta: exact.moments(J, h, 0.0), ALL_ALIKE),
        Mistake("beta forgotten", lambda J, h, beta: exact.moments(J, h, 1.0), "beta is not used."),
        Mistake("beta squared", lambda J, h, beta: exact.moments(J, h, beta**2), "beta comes in twice."),
        Mistake("sign of the exponent", lambda J, h, beta: exact.moments(-J, -h, beta), LOW_ENERGIES_WIN),
        Mistake(
            "pair counted twice",
            lambda J, h, beta: exact.moments(2 * J, h, beta),
            "These are the moments of couplings twice as large: each pair counts once in the energy.",
        ),
        Mistake(
            "covariance instead of correlation",
            _covariance,
            "The second array is the covariance: <s_i s_j> has no product of means taken off.",
        ),
    ),
    tested_on="6 systems of 1 to 6 spins at three temperatures, to 9 digits",
    expected="a pair (mean, correlation) of shapes (N,) and (N, N)",
    outputs=("mean", "correlation"),
)


# ---------------------------------------------------------------- 4: the heat capacity from fluctuations


def _energies_and_temperatures():
    rng = np.random.default_rng(SEED)
    glass = exact.energies(ising.random_couplings(6, rng), rng.normal(size=6))
    return [
        Case("two states, E = 0 and 1, at T = 1", (np.array([0.0, 1.0]), 1.0)),
        Case("two states, E = 0 and 1, at T = 0.5", (np.array([0.0, 1.0]), 0.5)),
        Case("two states, E = 10 and 11, at T = 0.5", (np.array([10.0, 11.0]), 0.5)),
        Case("6 random spins at T = 2", (glass, 2.0)),
        Case("6 random spins at T = 0.7", (glass, 0.7)),
    ]


def _averages(E, T):
    weights = np.exp(-(E - E.min()) / T)
    p = weights / weights.sum()
    return p @ E, p @ E**2


def _variance(E, T):
    mean, square = _averages(E, T)
    return square - mean**2


def _heat_capacity(E, T):
    return _variance(E, T) / T**2


heat_capacity = Exercise(
    "4, ``my_heat_capacity(energies (K,), T) -> float``: d<E>/dT, from the fluctuations of the energy",
    cases=_energies_and_temperatures,
    truth=_heat_capacity,
    mistakes=(
        Mistake(
            "beta forgotten",
            _variance,
            "That is the variance of the energy: the chain rule from beta to T brings a factor 1/T^2.",
        ),
        Mistake(
            "one power of T too few",
            lambda E, T: _variance(E, T) / T,
            "The variance is divided by T: d(beta)/dT = -1/T^2 asks for T^2.",
        ),
        Mistake(
            "covariance without the product of means",
            lambda E, T: _averages(E, T)[1] / T**2,
            "That is <E^2> / T^2: take the square of the mean, <E>^2, off.",
        ),
        Mistake(
            "sign",
            lambda E, T: -_heat_capacity(E, T),
            "The sign is turned round: the minus of exp(-beta E) and that of d(beta)/dT = -1/T^2 cancel.",
        ),
        Mistake("sign of the exponent", lambda E, T: _heat_capacity(-E, T), LOW_ENERGIES_WIN),
        Mistake(
            "law at T = 1",
            lambda E, T: _variance(E, 1.0) / T**2,
            "The probabilities are those of T = 1: the weights are exp(-E/T).",
        ),
        Mistake("derivative by beta", lambda E, T: -_variance(E, T), "That is d<E>/d(beta), not d<E>/dT."),
        Mistake("T and beta exchanged", lambda E, T: _heat_capacity(E, 1 / T), "beta = 1/T, not T."),
        Mistake("all states equally likely", lambda E, T: np.var(E) / T**2, ALL_ALIKE),
    ),
    tested_on="5 systems at four temperatures, to 6 digits",
    expected="one number",
    tolerance=1e-6,  # a difference quotient of <E> is a right answer as well
)


# ---------------------------------------------------------------- 5: log Z of a ring by transfer matrix


def _rings():
    return [
        Case(f"a ring of {n} spins with J = {J}, h = {h}", (n, J, h))
        for n, J, h in (
            (3, 0.5, 0.0),
            (3, 0.5, 0.2),
            (4, -0.4, 0.1),
            (5, -0.4, 0.1),
            (10, 1.0, -0.3),
            (50, 0.3, 0.05),
            (4000, 1.0, 0.5),
        )
    ]


def _matrix(J, h, share=0.5):
    s = np.array([1, -1])
    return np.exp(J * np.outer(s, s) + share * h * (s[:, None] + s))


def _log_of_power(T, n, reduce=np.trace):
    # Scaled by its largest eigenvalue, so that the power of 4000 keeps within the range of numbers.
    largest = np.abs(np.linalg.eigvals(T)).max()
    return n * np.log(largest) + np.log(reduce(np.linalg.matrix_power(T / largest, n)))


@np.errstate(all="ignore")
def _overflowing_power(n, J, h):
    return np.log(np.trace(np.linalg.matrix_power(_matrix(J, h), n)))


@np.errstate(all="ignore")
def _smaller_taken_out(n, J, h):
    small, large = np.linalg.eigvalsh(_matrix(J, h))
    return n * np.log(small) + np.log1p((large / small) ** n)


def _field_on_one_end(n, J, h):
    T = np.exp([[J + h, -J - h], [-J - h, J - h]])  # what eigvalsh makes of it: the lower triangle
    return _log_of_power(T, n)


def _open_chain(n, J, h):
    ends = np.exp(0.5 * h * np.array([1, -1]))
    return _log_of_power(_matrix(J, h), n - 1, lambda power: ends @ power @ ends)


ring = Exercise(
    "5, ``my_ring_log_partition(n, J, h) -> float``: log Z of a ring of n spins by transfer matrix",
    cases=_rings,
    truth=lambda n, J, h: exact.ring(n, J, h)[0],
    mistakes=(
        Mistake(
            "field counted twice",
            lambda n, J, h: _log_of_power(_matrix(J, h, share=1.0), n),
            "The field counts twice: every spin stands in two factors, so each carries h (s + s') / 2.",
        ),
        Mistake(
            "field forgotten",
            lambda n, J, h: _log_of_power(_matrix(J, 0.0), n),
            "The field is missing from the matrix.",
        ),
        Mistake(
            "sign of J",
            lambda n, J, h: _log_of_power(_matrix(-J, h), n),
            "The sign of J is turned round: equal neighbours have the weight exp(+J).",
        ),
        Mistake(
            "open chain",
            _open_chain,
            "That is a chain with free ends: in a ring the last spin meets the first, and the sum is a trace.",
        ),
        Mistake(
            "all entries summed",
            lambda n, J, h: _log_of_power(_matrix(J, h), n, np.sum),
            "All four entries of the power were added: first and last spin are the same one, so take the trace.",
        ),
        Mistake(
            "one matrix too few",
            lambda n, J, h: _log_of_power(_matrix(J, h), n - 1),
            "A ring of n spins has n bonds: the matrix stands n times in the product.",
        ),
        Mistake(
            "overflow",
            _overflowing_power,
            "The power overflows for long rings: log Z = n log(l1) + log(1 + (l2/l1)^n), l1 the larger eigenvalue.",
        ),
        Mistake(
            "smaller eigenvalue taken out",
            _smaller_taken_out,
            "The *smaller* eigenvalue was taken out: the power of the ratio overflows. Take out the larger.",
        ),
        Mistake(
            "modulus of the eigenvalues",
            lambda n, J, h: np.logaddexp.reduce(n * np.log(np.abs(np.linalg.eigvalsh(_matrix(J, h))))),
            "For J < 0 the smaller eigenvalue is negative: its odd powers are subtracted, keep its sign.",
        ),
        Mistake(
            "field on one end",
            _field_on_one_end,
            "The field stands on one end of the bond only, and eigvalsh reads just one triangle: share it.",
        ),
        Mistake(
            "larger eigenvalue only",
            lambda n, J, h: n * np.log(np.linalg.eigvalsh(_matrix(J, h))[-1]),
            "That is n times the log of the larger eigenvalue: for n spins the smaller one counts, too.",
        ),
    ),
    tested_on="rings of 3 to 4000 spins, against all their states where these can be listed, to 9 digits",
    expected="one number",
)
