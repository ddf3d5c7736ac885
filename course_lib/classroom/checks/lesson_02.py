"""Checks of lesson 02, Boltzmann distribution.

>>> verdict = moments(lambda J, h, beta: exact.moments(J, h))  # doctest: +ELLIPSIS
Not yet: for two spins with J_01 = 0.3, h = (0, 0.4) at beta = 2 your mean[0] is ... beta is not used.
"""

from itertools import product

import numpy as np

from course_lib import exact, ising
from course_lib.classroom.checks import Case, Exercise, Mistake, agree
from course_lib.classroom.checks.answers import show
from course_lib.classroom.checks.kinds import SILENT, equal, inexact, last_look, right_where, ways, wrong_where

SEED = 2  # the same systems each time, so that a student who runs a check again sees the same example
LOW_ENERGIES_WIN = "The sign of the exponent is turned round: low energies have the large weights, exp(-beta E)."
ALL_ALIKE = "All states got the same weight: each counts with its probability exp(-beta E) / Z."
NOT_NORMALISED = "The weights exp(-beta E) must be divided by their sum Z, everywhere."


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


def _multiplier(values, mean, features=None):
    """By bisection: the mean of the law exp(multiplier * features) rises with the multiplier."""
    features = values if features is None else features
    low, high = -50.0, 50.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if _tilted(features, middle) @ values < mean else (low, middle)
    return low


def _maxent(values, mean):
    return _tilted(values, _multiplier(values, mean))


def _by_place(values, mean):
    places = np.arange(len(values))
    return _tilted(places, _multiplier(values, mean, places))


def _without_values(first, values, mean):
    places = np.arange(len(values)) + first
    return _tilted(places, _multiplier(places, mean))


def _uniform(values, mean):
    return np.full(len(values), 1 / len(values))


def _straight_line(values, mean):
    deviation = values - values.mean()
    return 1 / len(values) + deviation * (mean - values.mean()) / np.sum(deviation**2)


def _one_sided(side, values, mean):
    """A search that knows multipliers of one sign only, and ends at 0 where the other is asked for."""
    return (_maxent if side * (mean - values.mean()) >= 0 else _uniform)(values, mean)


@SILENT
def _has_another_sum(given, values, mean):
    return abs(given.sum() - 1) > 1e-9 and not agree(np.exp(given), _maxent(values, mean))  # of log p the engine knows


@SILENT
def _has_right_shape(given, values, mean):
    return np.all(given > 0) and np.allclose(given / given.sum(), _maxent(values, mean), atol=1e-7)


def _is_a_peak(given, values, mean):
    """Whether log p is a parabola with its top up, or falls off evenly on both sides of the mean."""
    if not np.all((given > 0) & np.isfinite(given)):
        return False
    parabola, misfit = np.polyfit(values, np.log(given), 2, full=True)[:2]
    return (parabola[0] < -1e-6 and np.sum(misfit) < 1e-9) or agree(given, _tilted(-np.abs(values - mean), 1.0))


def _is_another_multiplier(given, values, mean):
    return np.all(given >= 0) and agree(given.sum(), 1.0) and agree(given, _maxent(values, given @ values), 1e-6)


def _is_tilted(values, mean):
    return mean != values.mean()  # else the multiplier is 0, and many mistakes do not show


def _is_at_the_wrong_end(given, values, mean):
    return given.max() > 0.999 and (given @ values - values.mean()) * (mean - values.mean()) < 0


maximum_entropy = Exercise(
    "1, ``my_maximum_entropy(values (K,), mean) -> (K,)``: the law of largest entropy with a given mean",
    cases=_values_and_means,
    truth=_maxent,
    mistakes=(
        Mistake("uniform law", _uniform, "That is the uniform law: it has not the mean that was asked for."),
        Mistake(
            "linear instead of exponential",
            _straight_line,
            "The mean is right, but p is a straight line in the value: the *logarithm* of p should be.",
        ),
        Mistake(
            "probability not normalised",
            seen=lambda given, *case: not agree(given.sum(), 1.0) and _has_right_shape(given, *case),
            says="The shape is right, but the probabilities do not sum to 1: divide by their sum.",
        ),
        Mistake(
            "sign of the multiplier",
            lambda values, mean: _tilted(values, -_multiplier(values, mean)),
            "The tilt has the wrong sign: a mean above the middle needs larger weights for larger values.",
        ),
        Mistake(
            "multiplier not searched for",
            ways(
                lambda of, values, mean: _tilted(values, of(values, mean)),
                (
                    lambda v, m: m,
                    lambda v, m: -m,
                    lambda v, m: 1 / m,
                    lambda v, m: m - v.mean(),
                    lambda v, m: (m - v.mean()) / v.var(),
                    lambda v, m: 1.0,
                ),
            ),
            "That is exp(theta v) with a theta written down: search for the one that gives the mean asked for.",
        ),
        Mistake(
            "average without probabilities",
            lambda values, mean: _tilted(values, _multiplier(values, len(values) * mean)),
            "All weight ends up on one value, as when np.mean(p * v) is compared with the mean: take the sum of p * v.",
        ),
        Mistake(
            "search on one side only",
            ways(_one_sided, (1, -1)),
            "theta is searched for on one side of 0: a mean below the middle needs theta < 0, one above theta > 0.",
        ),
        Mistake(
            "search runs the wrong way",
            seen=_is_at_the_wrong_end,
            says="All weight ends up on one value. The mean grows with theta: one too small asks for a larger theta.",
            where=_is_tilted,
        ),
        Mistake(
            "all weight on one value",
            seen=lambda given, values, mean: given.max() > 0.999 and agree(given.sum(), 1.0),
            says="All weight is on one value, so the mean is that value: compare sum(p * v) with the mean asked for.",
            where=_is_tilted,
        ),
        Mistake(
            "all weight on the nearest values",
            seen=lambda given, values, mean: np.count_nonzero(given > 1e-9) <= 2 and agree(given @ values, mean),
            says="The mean is right, but only two values are used: entropy asks for some weight on all of them.",
        ),
        Mistake(
            "place instead of value",
            (_by_place, *ways(_without_values, (0, 1))),
            "The exponent is theta times the *value* v_k, not its place k.",
        ),
        Mistake(
            "overflow",
            seen=lambda given, *case: np.all(np.isnan(given)) or equal(given, _maxent(*case)),
            says="exp(theta v) gets infinite on the way: take the largest exponent off before you exponentiate.",
        ),
        Mistake("proportional to the value", SILENT(lambda v, m: v / v.sum()), "p is proportional to v, not to exp."),
        Mistake(
            "right numbers in another order",
            seen=lambda given, *case: agree(np.sort(given), np.sort(_maxent(*case)), 1e-6),
            says="These are the right probabilities in another order: p_k belongs to the k-th value.",
        ),
        Mistake(
            "peak at the mean",
            seen=_is_a_peak,
            says="p has a peak, but no spread was measured: log p is a straight line, theta v + constant.",
            where=lambda values, mean: len(values) > 3,
        ),
        *inexact(_maxent, 1e-3),
        Mistake(
            "another multiplier",
            seen=_is_another_multiplier,
            says="The form is right, p ~ exp(theta v), theta is not: what does the search compare, how far, how long?",
        ),
        Mistake(
            "right mean, less entropy",
            seen=lambda given, values, mean: agree(given.sum(), 1.0) and agree(given @ values, mean, 1e-6),
            says="Sum and mean are right, but the entropy is not the largest: log p must be theta v + constant.",
        ),
        Mistake(
            "not exponential",
            seen=lambda given, values, mean: (
                agree(given.sum(), 1.0) and not _is_another_multiplier(given, values, mean)
            ),
            says="p is not of the form exp(theta v): its logarithm must be a straight line in the value.",
            where=lambda values, mean: len(values) > 2 and _is_tilted(values, mean),
        ),
        Mistake(
            "sum is not 1",
            seen=_has_another_sum,
            says="The probabilities do not sum to 1: divide the weights exp(theta v) by their sum.",
            where=_is_tilted,
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


EQUAL = np.array([0.0, 0.0, 1.0])
COUNTED_ONCE = "equal energies counted once", "States with equal energies count one by one: np.unique loses some."


def _energies_and_betas():
    rng = np.random.default_rng(SEED)
    return [
        Case("energies 0 and 1 at beta = 1", (np.array([0.0, 1.0]), 1.0)),
        Case("energies 0 and 1 at beta = 2", (np.array([0.0, 1.0]), 2.0)),
        Case("7 random energies at beta = 1", (rng.normal(size=7) * 3, 1.0)),
        Case("8 random energies at beta = 0.5", (rng.normal(size=8) * 3, 0.5)),
        Case("9 random energies at beta = 3", (rng.normal(size=9) * 3, 3.0)),
        Case("energies 0 and -1000 at beta = 1", (np.array([0.0, -1000.0]), 1.0)),
        Case("energies 0 and -2000 at beta = 1", (np.array([0.0, -2000.0]), 1.0)),
        Case("energies 1000 and 1001 at beta = 1", (np.array([1000.0, 1001.0]), 1.0)),
        Case("energies 0, -1000 and 300 at beta = 2", (np.array([0.0, -1000.0, 300.0]), 2.0)),
        Case("one energy, 5, at beta = 0.1", (np.array([5.0]), 0.1)),
    ]


def _log_partition(E, beta):
    return np.logaddexp.reduce(-beta * E)


def _shifted(*formulas):
    """The log of the sum with one number taken out of the exponents, another put back: formulas of E and beta."""

    def log_sum(formula, E, beta):
        out, back = formula(E, beta)
        return np.log(np.sum(np.exp(-beta * E - out))) + back

    return ways(log_sum, formulas)


def _from_largest(*formulas):
    """Formulas of the largest exponent, and of the log of the sum without it."""
    return ways(
        lambda formula, E, beta: formula(np.max(-beta * E), _log_partition(E, beta) - np.max(-beta * E)), formulas
    )


_naive = _shifted(lambda E, beta: (0, 0))[0]


@SILENT
def _log_of_product(E, beta):
    return np.log(np.prod(np.exp(-beta * E)))


@SILENT
def _turned_inside(E, beta):
    top = np.max(-beta * E)
    return top + np.log(np.sum(np.exp(top + beta * E)))


@SILENT
def _without_the_largest(E, beta):
    x = np.sort(-beta * E)
    return x[-1] + np.log(np.sum(np.exp(x[:-1] - x[-1])))


def _mean_energy(E, beta):
    return _tilted(E, -beta) @ E


BETAS = (lambda beta: beta, lambda beta: -beta, lambda beta: 1 / beta)

log_partition = Exercise(
    "2, ``my_log_partition(energies (K,), beta) -> float``: log Z, without overflow",
    cases=_energies_and_betas,
    truth=_log_partition,
    mistakes=(
        Mistake(
            "overflow",
            (_naive, lambda E, beta: np.nan_to_num(_naive(E, beta))),
            "exp(1000) is infinite, exp(-1000) is zero: take the largest exponent out of the sum first.",
        ),
        Mistake("beta forgotten", lambda E, beta: _log_partition(E, 1.0), "beta is not used: the exponent is -beta E."),
        Mistake("beta squared", lambda E, beta: _log_partition(E, beta**2), "beta comes in twice."),
        Mistake("divided by beta", lambda E, beta: _log_partition(E, 1 / beta), "The exponent is -beta E, or -E / T."),
        Mistake(
            "beta outside the logarithm",
            (
                lambda E, beta: beta * _log_partition(E, 1.0),
                *ways(lambda factor, E, beta: factor(beta) * _log_partition(E, beta), BETAS),
            ),
            "beta stands outside the logarithm: it belongs into each exponent, and nowhere else.",
        ),
        Mistake("free energy instead of log Z", lambda E, beta: -_log_partition(E, beta) / beta, "That is -T log Z."),
        Mistake("sign of the exponent", lambda E, beta: _log_partition(E, -beta), LOW_ENERGIES_WIN),
        Mistake(
            "mean taken out instead of the largest",
            _shifted(lambda E, beta: (-beta * E.mean(), -beta * E.mean())),
            "The mean was taken out: the sum still overflows when energies are far apart. Take out the largest.",
        ),
        Mistake(
            "largest energy taken out",
            _shifted(lambda E, beta: (-beta * E.max(), -beta * E.max())),
            "The largest *energy* was taken out: the largest exponent, -beta E, has the lowest one.",
        ),
        Mistake(
            "lowest energy put back without beta",
            _shifted(lambda E, beta: (-beta * E.min(), -E.min())),
            "Put -beta * E_min back, not -E_min.",
        ),
        Mistake(
            "lowest energy taken out without beta",
            _shifted(lambda E, beta: (-E.min(), -beta * E.min()), lambda E, beta: (-E.min(), -E.min())),
            "Take the largest *exponent* out, -beta * E_min: beta is missing.",
        ),
        Mistake(
            "sign of the shift",
            (
                *_shifted(lambda E, beta: (beta * E.min(), -beta * E.min())),
                _turned_inside,
                lambda E, beta: _log_partition(E + E.min(), -beta),
            ),
            "Exponentiate x_k - x_max: none of these is above 0.",
        ),
        Mistake(
            "largest exponent subtracted again",
            _from_largest(lambda top, rest: rest - top),
            "The largest exponent must be added back after the logarithm, not subtracted.",
        ),
        Mistake(
            "largest exponent not put back",
            _from_largest(lambda top, rest: rest),
            "The largest exponent was taken out of the sum: add it again after the logarithm.",
        ),
        Mistake(
            "largest exponent put back wrongly",
            _from_largest(
                lambda top, rest: rest + 2 * top,
                lambda top, rest: rest * top,
                lambda top, rest: np.exp(rest) * top,
                lambda top, rest: rest + np.log(top),
                lambda top, rest: rest + np.exp(top),
                lambda top, rest: np.log(top + np.exp(rest)),
            )
            + _shifted(
                lambda E, beta: (0, -beta * E.min()),
                lambda E, beta: (-beta * E.min(), -beta * E.max()),
                lambda E, beta: (-beta * E.min(), -E.max()),
                lambda E, beta: (-beta * E.min(), E.min()),
                lambda E, beta: (-beta * E.min(), E.max()),
                lambda E, beta: (-beta * E.min(), -(beta**2) * E.min()),
            ),
            "exp(x_max) was a factor of the sum: x_max is added after the logarithm, once.",
        ),
        Mistake(
            "logarithm forgotten",
            _from_largest(lambda top, rest: top + np.exp(rest)),
            "Take the logarithm of the sum before you add the largest exponent.",
        ),
        Mistake(
            "largest exponent only",
            _from_largest(lambda top, rest: top),
            "That is the largest exponent alone: add the logarithm of the sum that is left.",
        ),
        Mistake(
            "largest term miscounted",
            (*_from_largest(lambda top, rest: top + np.log1p(np.exp(rest))), _without_the_largest),
            "The largest term, exp(0) = 1, must be in the sum once: log1p adds another 1.",
        ),
        Mistake(
            "logarithm to another base",
            ways(lambda base, E, beta: _log_partition(E, beta) / np.log(base), (2, 10))
            + _from_largest(lambda top, rest: top + rest / np.log(2), lambda top, rest: top + rest / np.log(10)),
            "log here is the natural one, np.log.",
        ),
        Mistake(
            "mean instead of sum",
            lambda E, beta: _log_partition(E, beta) - np.log(len(E)),
            "That is the log of the *mean* weight: Z is the sum.",
        ),
        Mistake(
            "logarithm of each term",
            (
                _log_of_product,
                lambda E, beta: np.sum(-beta * E),
                lambda E, beta: np.sum(-beta * E) - (len(E) - 1) * np.max(-beta * E),
            ),
            "That is the log of the *product* of the weights: add them first, then take one logarithm.",
        ),
        Mistake(
            "another average",
            (_mean_energy, lambda E, beta: beta * _mean_energy(E, beta) + _log_partition(E, beta)),
            "That is the mean energy, or the entropy: log Z was asked for.",
        ),
        Mistake(
            "energies halved or doubled",
            ways(lambda factor, E, beta: _log_partition(factor * E, beta), (0.5, 2)),
            "That is log Z at half, or twice, these energies: each counts once.",
        ),
        *inexact(_log_partition, 1e-4),
        right_where(
            lambda E, beta: np.abs(beta * E).max() < 500,
            _log_partition,
            "Right while exponents are small: take the largest of all out, -beta * E_min, and nothing else.",
        ),
        right_where(lambda E, beta: len(E) <= 2, _log_partition, "Right for two energies: are all of them in the sum?"),
        right_where(lambda E, beta: beta == 1, _log_partition, "Right where beta = 1: look at every place of beta."),
        right_where(lambda E, beta: len(E) == 1, _log_partition, "Right for one energy: how do the terms add up?"),
        wrong_where(
            lambda E, beta: len(E) == 1,
            _log_partition,
            "Wrong for one energy: then log Z is -beta E. Does what was taken out come back, with its sign and beta?",
        ),
    ),
    tested_on="10 sets of energies, some near -1000 and 1000, and one with equal energies, to 9 digits",
    expected="one number",
    last_looks=(last_look(Case("energies 0, 0 and 1 at beta = 1", (EQUAL, 1.0)), _log_partition, *COUNTED_ONCE),),
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


def _with_model(*formulas):
    """Right moments of another model: formulas of J, h and beta."""
    return ways(lambda formula, J, h, beta: exact.moments(*formula(J, h, beta)), formulas)


def _with_law(*formulas):
    """Moments of other states with other probabilities: formulas of states (K, N) and p (K,)."""

    def averages(formula, J, h, beta):
        states, p = formula(exact.states(len(h)).astype(float), exact.distribution(J, h, beta))
        return p @ states, states.T @ (p[:, None] * states)

    return ways(averages, formulas)


def _with_pairs(*formulas):
    """Right means, and formulas of states s (K, N), p (K, 1), means m and right pair averages C in place of these."""

    def moments(formula, J, h, beta):
        mean, correlation = exact.moments(J, h, beta)
        return mean, formula(exact.states(len(h)), exact.distribution(J, h, beta)[:, None], mean, correlation)

    return ways(moments, formulas)


def _scaled(*formulas):
    """Right moments times two numbers, formulas of 2^N."""

    def moments(formula, J, h, beta):
        return tuple(np.multiply(*pair) for pair in zip(formula(2 ** len(h)), exact.moments(J, h, beta), strict=True))

    return ways(moments, formulas)


def _as_pixels(J, h, beta):
    pixels = (exact.states(len(h)) + 1) / 2
    p = _tilted(ising.energy(2 * pixels - 1, J / 4, (h + J.sum(axis=0) / 2) / 2), -beta)
    return p @ pixels, pixels.T @ (p[:, None] * pixels)


def _are_unnormalised(given, J, h, beta):
    """Whether one array or both are too large by the sum of the weights, whatever was taken out of these."""
    Z = np.exp(exact.log_partition(J, h, beta))
    from_lowest = Z * np.exp(beta * exact.energies(J, h).min())
    scales = 1.0, Z, from_lowest, Z / 2 ** len(h), from_lowest / 2 ** len(h)
    right = exact.moments(J, h, beta)
    return all(any(agree(a, scale * b) for scale in scales) for a, b in zip(given, right, strict=True))


@SILENT
def _are_products(given, J, h, beta):
    unequal = ~np.eye(len(h), dtype=bool)
    return np.all(np.isfinite(given[0])) and agree(given[1][unequal], np.outer(given[0], given[0])[unequal])


moments = Exercise(
    "3, ``my_moments(J (N, N), h (N,), beta) -> (mean (N,), correlation (N, N))``: all <s_i> and <s_i s_j> by "
    "enumeration",
    cases=_small_systems,
    truth=exact.moments,
    mistakes=(
        Mistake(
            "divided by the number of states",
            _scaled(lambda K: (1 / K, 1 / K), lambda K: (1, 1 / K), lambda K: (1 / K, 1)),
            "The probabilities sum to 1 already: *sum* over the states, do not take the mean over them.",
        ),
        Mistake("probability not normalised", seen=_are_unnormalised, says=NOT_NORMALISED),
        Mistake(
            "all states equally likely",
            (*_with_model(lambda J, h, beta: (J, h, 0.0)), lambda J, h, beta: (0 * h, 2 ** len(h) * np.eye(len(h)))),
            ALL_ALIKE,
        ),
        Mistake(
            "one array without probabilities",
            (
                *_with_pairs(lambda s, p, m, C: s.T @ s / len(s), lambda s, p, m, C: len(s) * np.eye(len(m))),
                lambda J, h, beta: (0 * h, exact.moments(J, h, beta)[1]),
            ),
            "One of your arrays is right, in the other all states count alike: put p into both sums.",
        ),
        Mistake("beta forgotten", _with_model(lambda J, h, beta: (J, h, 1.0)), "beta is not used."),
        Mistake("beta squared", _with_model(lambda J, h, beta: (J, h, beta**2)), "beta comes in twice."),
        Mistake("divided by beta", _with_model(lambda J, h, beta: (J, h, 1 / beta)), "It is exp(-beta E), or -E / T."),
        Mistake(
            "beta on one part only",
            _with_model(lambda J, h, beta: (beta * J, h), lambda J, h, beta: (J, beta * h)),
            "beta multiplies the whole energy, couplings and fields.",
        ),
        Mistake("sign of the exponent", _with_model(lambda J, h, beta: (-J, -h, beta)), LOW_ENERGIES_WIN),
        Mistake(
            "sign of h", _with_model(lambda J, h, beta: (J, -h, beta)), "The means have the wrong sign, as with -h."
        ),
        Mistake("sign of J", _with_model(lambda J, h, beta: (-J, h, beta)), "These are the moments with -J."),
        Mistake("field forgotten", _with_model(lambda J, h, beta: (J, 0 * h, beta)), "h does not enter."),
        Mistake("couplings forgotten", _with_model(lambda J, h, beta: (0 * J, h, beta)), "J does not enter."),
        Mistake(
            "pair counted twice",
            _with_model(lambda J, h, beta: (2 * J, h, beta)),
            "These are the moments of couplings twice as large: each pair counts once in the energy.",
        ),
        Mistake(
            "couplings halved",
            _with_model(lambda J, h, beta: (J / 2, h, beta)),
            "These are the moments of couplings half as large: each pair counts once in the energy.",
        ),
        Mistake(
            "field inside the pair loop",
            _with_model(
                lambda J, h, beta: (J, h * np.arange(len(h))[::-1], beta),
                lambda J, h, beta: (J, h * np.arange(len(h)), beta),
                lambda J, h, beta: (J, h * (len(h) - 1), beta),
                lambda J, h, beta: (2 * J, h * len(h), beta),
            ),
            "The field of a spin counts once for every pair: take it out of the loop over pairs.",
        ),
        Mistake("pixels of 0 and 1", _as_pixels, "The states are 0 and 1 in place of -1 and +1: see exact.states."),
        Mistake(
            "states in another order",
            _with_law(lambda s, p: (s[:, ::-1], p), lambda s, p: (-s[:, ::-1], p)),
            "States and probabilities are in different orders: exact.distribution goes with exact.states.",
        ),
        Mistake(
            "covariance instead of correlation",
            _with_pairs(lambda s, p, m, C: C - np.outer(m, m), lambda s, p, m, C: np.cov(s.T, aweights=p[:, 0])),
            "The second array is the covariance: <s_i s_j> has no product of means taken off.",
        ),
        Mistake(
            "correlation coefficient",
            _with_pairs(lambda s, p, m, C: (C - np.outer(m, m)) / np.sqrt(np.outer(1 - m**2, 1 - m**2))),
            "The second array is the covariance over the two spreads: <s_i s_j> itself was asked for.",
        ),
        Mistake(
            "probability squared",
            _with_pairs(lambda s, p, m, C: (p * s).T @ (p * s)),
            "For the pairs p comes in twice: give it to one of the two factors only.",
        ),
        Mistake(
            "one triangle only",
            _with_pairs(
                lambda s, p, m, C: np.triu(C, 1),
                lambda s, p, m, C: np.tril(C, -1),
                lambda s, p, m, C: np.triu(C),
                lambda s, p, m, C: np.tril(C),
            ),
            "Fill in both triangles, and the diagonal: <s_j s_i> is <s_i s_j>, and <s_i s_i> is 1.",
            where=lambda J, h, beta: len(h) > 1,
        ),
        Mistake("diagonal left out", _with_pairs(lambda s, p, m, C: C - np.eye(len(C))), "<s_i s_i> is 1."),
        Mistake(
            "last configuration only",
            (*_with_law(lambda s, p: (s[-1:], p[-1:])), *_with_pairs(lambda s, p, m, C: p[-1] * np.ones(C.shape))),
            "Only the last configuration counts: add to the sum with +=.",
        ),
        Mistake(
            "last configuration left out",
            _with_law(lambda s, p: (s[:-1], p[:-1])),
            "The last configuration, all up, is not in the sum: where does the loop end?",
        ),
        Mistake(
            "lowest energy only",
            _with_law(lambda s, p: (s[[p.argmax()]], np.ones(1))),
            "That is the configuration of lowest energy: average over all, each with its p.",
        ),
        Mistake(
            "product of means",
            seen=_are_products,
            says="The second array is the product of the means: coupled spins do not vary independently.",
            where=lambda J, h, beta: len(h) > 1,
        ),
        *inexact(exact.moments, 0.05),
        right_where(lambda J, h, beta: beta == 1, exact.moments, "Right where beta = 1: look at every place of beta."),
        Mistake(
            "pairs",
            seen=lambda given, J, h, beta: agree(given[0], exact.moments(J, h, beta)[0]),
            says="Only the pairs are wrong: each entry is the sum of p s_i s_j over all states.",
        ),
        Mistake(
            "means",
            seen=lambda given, J, h, beta: agree(given[1], exact.moments(J, h, beta)[1]),
            says="Only the means are wrong: each is the sum of p s_i over all states.",
        ),
        right_where(
            lambda J, h, beta: len(h) <= 2,
            exact.moments,
            "Right for two spins: are all pairs i < j in the energy, and all 2^N states in the sums?",
        ),
        Mistake(
            "diagonal is not 1",
            seen=lambda given, J, h, beta: not agree(np.diag(given[1]), np.ones(len(h))),
            says="<s_i s_i> is 1 whatever the law, and yours is not: do the probabilities sum to 1?",
        ),
        wrong_where(
            lambda J, h, beta: len(h) == 1,
            exact.moments,
            "Wrong for one spin: its mean is tanh(beta h). Begin there.",
        ),
    ),
    tested_on="6 systems of 1 to 6 spins at three temperatures, to 9 digits",
    expected="a pair (mean, correlation) of shapes (N,) and (N, N)",
    outputs=("mean", "correlation"),
    last_looks=(
        last_look(
            Case("one spin in a field of 0.5 at beta = 2000", (np.zeros((1, 1)), np.array([0.5]), 2000.0)),
            exact.moments,
            "overflow",
            "exp(1000) is infinite: take the lowest energy off before you exponentiate, it cancels.",
        ),
    ),
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
        Case("6 random spins at T = 1", (glass, 1.0)),
        Case("6 random spins at T = 0.7", (glass, 0.7)),
    ]


def _variance(E, T):
    p = _tilted(E, -1 / T)
    return p @ (E - p @ E) ** 2


def _heat_capacity(E, T):
    return _variance(E, T) / T**2


def _from_averages(*formulas):
    """Formulas of m = <E>, q = <E^2> and T."""
    return ways(lambda formula, E, T: formula(_tilted(E, -1 / T) @ E, _tilted(E, -1 / T) @ E**2, T), formulas)


def _from_law(*formulas):
    """Formulas of the probabilities p and the energies E, divided by T^2."""
    return ways(lambda formula, E, T: formula(_tilted(E, -1 / T), E) / T**2, formulas)


def _from_weights(*formulas):
    """Formulas of weights w that have yet to be divided by their sum, and of E, divided by T^2."""
    plain = ways(lambda formula, E, T: formula(np.exp(-E / T), E) / T**2, formulas)
    return plain + ways(lambda formula, E, T: formula(np.exp((E.min() - E) / T), E) / T**2, formulas)


def _difference_quotient(steps, E, T):
    forward, backward = steps
    after, before = (_tilted(E, -1 / t) @ E for t in (T + forward, T - backward))
    return (after - before) / (forward + backward)


FACTORS = (  # that depend on the number of states
    lambda K: 0.5,
    lambda K: 2,
    lambda K: 1 / K,
    lambda K: 1 / np.log2(K),
    lambda K: K / (K - 1),
    lambda K: -1 / K,
)
STEPS = [(1.0, 0), *((a * d, b * d) for d in (0.1, 0.05, 0.01, 5e-3, 1e-3, 1e-4) for a, b in ((1, 0), (0, 1), (1, 1)))]

heat_capacity = Exercise(
    "4, ``my_heat_capacity(energies (K,), T) -> float``: d<E>/dT, from the fluctuations of the energy",
    cases=_energies_and_temperatures,
    truth=_heat_capacity,
    mistakes=(
        Mistake("beta forgotten", _variance, "That is the variance: the chain rule from beta to T brings 1/T^2."),
        Mistake(
            "one power of T too few",
            lambda E, T: _variance(E, T) / T,
            "The variance is divided by T: d(beta)/dT = -1/T^2 asks for T^2.",
        ),
        Mistake(
            "wrong power of T",
            ways(lambda power, E, T: _variance(E, T) * T**power, (1, 2, -3, -4)),
            "The variance is right, the power of T is not: d(beta)/dT = -1/T^2.",
        ),
        Mistake("per spin", lambda E, T: _heat_capacity(E, T) / np.log2(len(E)), "That is C per spin: give all of C."),
        Mistake(
            "another factor",
            ways(lambda one, E, T: _variance(E, T) * T ** one[0] * one[1](len(E)), product(range(-4, 3), FACTORS)),
            "That is the variance of the energy times another factor: it should be 1/T^2.",
        ),
        Mistake(
            "covariance without the product of means",
            _from_averages(lambda m, q, T: q / T**2, lambda m, q, T: q / T, lambda m, q, T: q),
            "The square of the mean, <E>^2, must be taken off <E^2>.",
        ),
        Mistake(
            "mean not squared",
            _from_averages(
                lambda m, q, T: (q - m) / T**2,
                lambda m, q, T: (q - m) / T,
                lambda m, q, T: q - m,
                lambda m, q, T: (q - m) ** 2 / T**2,
            ),
            "<E> was taken off <E^2> without its square.",
        ),
        Mistake(
            "only one term over T^2",
            _from_averages(lambda m, q, T: q - m**2 / T**2, lambda m, q, T: q / T**2 - m**2),
            "Only one of the two terms is divided by T^2: put brackets around the difference.",
        ),
        Mistake(
            "standard deviation",
            ways(lambda power, E, T: np.sqrt(_variance(E, T)) / T**power, (0, 1, 2)),
            "That has the standard deviation in it: the variance was asked for, without a root.",
        ),
        Mistake(
            "sign",
            lambda E, T: -_heat_capacity(E, T),
            "The sign is turned round: the minus of exp(-beta E) and that of d(beta)/dT = -1/T^2 cancel.",
        ),
        Mistake("derivative by beta", lambda E, T: -_variance(E, T), "That is d<E>/d(beta), not d<E>/dT."),
        Mistake(
            "sign of the exponent",
            ways(lambda power, E, T: _variance(-E, T) * T**power, range(-4, 3)),
            LOW_ENERGIES_WIN,
        ),
        Mistake(
            "law at T = 1",
            ways(lambda power, E, T: _variance(E, 1.0) * T**power, range(-4, 3)),
            "The probabilities are those of T = 1: the weights are exp(-E/T).",
        ),
        Mistake(
            "T and beta exchanged",
            ways(lambda power, E, T: _variance(E, 1 / T) * T**power, range(-4, 3)),
            "beta = 1/T, not T: the weights are exp(-E/T).",
        ),
        Mistake("all states equally likely", lambda E, T: np.var(E) / T**2, ALL_ALIKE),
        Mistake(
            "numpy's variance of the list",
            ways(
                lambda one, E, T: one[0](E) / T ** one[1],
                product((np.var, np.std, lambda E: np.var(E, ddof=1), lambda E: np.std(E, ddof=1)), (0, 1, 2)),
            ),
            "That is the spread of the list of energies: each must count with its p = exp(-E/T) / Z.",
        ),
        Mistake(
            "squares without probabilities",
            _from_law(lambda p, E: np.mean((E - p @ E) ** 2), lambda p, E: np.sum((E - p @ E) ** 2)),
            "The squares of the deviations count alike: weigh each with its p.",
        ),
        Mistake(
            "deviation from another mean",
            _from_law(lambda p, E: p @ (E - E.mean()) ** 2),
            "The deviations are from the plain mean of the energies: take them from <E>.",
        ),
        Mistake(
            "deviations not squared",
            _from_law(lambda p, E: 0.0, lambda p, E: p @ np.abs(E - p @ E)),
            "Deviations from <E> cancel, unless each is squared before you average.",
        ),
        Mistake(
            "probability squared",
            (
                *_from_law(lambda p, E: np.sum((p * E) ** 2) - (p @ E) ** 2),
                lambda E, T: np.sum((_tilted(E, -1 / T) * E) ** 2) - (_tilted(E, -1 / T) @ E) ** 2,
            ),
            "In <E^2> only the energy is squared, not p.",
        ),
        Mistake(
            "numpy's mean or variance of p E",
            _from_law(lambda p, E: np.mean(p * E**2) - np.mean(p * E) ** 2, lambda p, E: np.var(p * E))
            + _from_weights(lambda w, E: np.mean(w * E**2) - np.mean(w * E) ** 2, lambda w, E: np.var(w * E)),
            "An average is the *sum* of p times the quantity: np.mean and np.var divide by the number of states.",
        ),
        Mistake(
            "probability not normalised",
            _from_weights(
                lambda w, E: w @ E**2 - (w @ E) ** 2,
                lambda w, E: w @ E**2 / w.sum() - (w @ E) ** 2,
                lambda w, E: (w @ E**2 - (w @ E) ** 2) / w.sum(),
                lambda w, E: w @ E**2 - (w @ E / w.sum()) ** 2,
            ),
            NOT_NORMALISED,
        ),
        Mistake(
            "mean energy",
            ways(lambda one, E, T: _mean_energy(E, 1 / T) ** one[0] / T ** one[1], product((1, 2), (0, 1, 2))),
            "That has only <E> in it: C is made of its fluctuations.",
        ),
        Mistake(
            "another quantity",
            (
                lambda E, T: -T * _log_partition(E, 1 / T),
                lambda E, T: _log_partition(E, 1 / T),
                lambda E, T: _mean_energy(E, 1 / T) / T + _log_partition(E, 1 / T),
                *_from_law(lambda p, E: p @ (E - p @ E) ** 3),
            ),
            "That is log Z, the free energy, the entropy or a third moment: C is the variance of E over T^2.",
        ),
        Mistake(
            "wide difference quotient",
            ways(_difference_quotient, STEPS),
            "That is a difference quotient with a wide step. The fluctuations need no step at all.",
        ),
        *inexact(_heat_capacity, 1e-3),
        right_where(lambda E, T: len(E) == 2, _heat_capacity, "Right for two states: how do you sum over more?"),
        right_where(lambda E, T: E[0] == 0, _heat_capacity, "Right for E = 0 and 1: with 10 and 11, C is the same."),
        right_where(lambda E, T: T == 1, _heat_capacity, "Right where T = 1: look at every place of T."),
        wrong_where(
            lambda E, T: len(E) == 2 and E[0] == 0,
            _heat_capacity,
            "Wrong for two states: with E = 0 and 1, and p = 1 / (1 + e^(1/T)) of the upper, C is p (1 - p) / T^2.",
        ),
    ),
    tested_on="5 systems at four temperatures, to 6 digits",
    expected="one number",
    last_looks=(
        last_look(Case("energies 0, 0 and 1 at T = 1", (EQUAL, 1.0)), _heat_capacity, *COUNTED_ONCE),
        last_look(
            Case("energies -1000 and -999 at T = 1", (np.array([-1000.0, -999.0]), 1.0)),
            _heat_capacity,
            "overflow",
            "exp(1000) is infinite: take the lowest energy off before you exponentiate, it cancels.",
        ),
    ),
    tolerance=1e-6,  # a difference quotient of <E> is a right answer as well
)


# ---------------------------------------------------------------- 5: log Z of a ring by transfer matrix


def _rings():
    sizes = ((3, 0.5, 0.0), (3, 0.5, 0.2), (4, -0.4, 0.1), (5, -0.4, 0.1), (10, 1.0, -0.3), (50, 0.3, 0.05))
    return [Case(f"a ring of {n} spins with J = {J}, h = {h}", (n, J, h)) for n, J, h in (*sizes, (4000, 1.0, 0.5))]


def _ring(n, J, h):
    return exact.ring(n, J, h)[0]


def _log_of_power(V, n, reduce=np.trace):
    # Scaled by its largest eigenvalue, so that the power of 4000 keeps within the range of numbers.
    largest = np.abs(np.linalg.eigvals(V)).max()
    return n * np.log(largest) + np.log(reduce(np.linalg.matrix_power(V / largest, n)))


def _bond(J, h):
    return np.exp([[J + h, -J], [-J, J - h]])


def _with_entries(*formulas):
    """Log Z from other exponents in the three places of the matrix: up and up, unequal, down and down."""

    def log_Z(formula, n, J, h):
        up, off, down = formula(J, h)
        return _log_of_power(np.exp([[up, off], [off, down]]), n)

    return ways(log_Z, formulas)


def _from_power(*formulas):
    """The log of formulas of the n-th power of the matrix, all entries of which are below 2 thanks to a scale."""
    return ways(lambda formula, n, J, h: _log_of_power(_bond(J, h), n, formula), formulas)


def _log_of_sum(large, small, n):
    return n * np.log(large) + np.log1p((small / large) ** n)


def _from_eigenvalues(*formulas, of=_bond):
    """Formulas of the larger and the smaller eigenvalue, by modulus, and of n."""

    def log_Z(formula, n, J, h):
        small, large = sorted(np.linalg.eigvalsh(of(J, h)), key=abs)
        return formula(large, small, n)

    return ways(log_Z, formulas)


def _with_root(*formulas):
    """Log Z from eigenvalues e^J cosh h plus and minus a formula of J and h."""

    def log_Z(formula, n, J, h):
        half, root = np.exp(J) * np.cosh(h), formula(J, h)
        return _log_of_sum(half + root, half - root, n)

    return ways(log_Z, formulas)


def _field_on_one_end(n, J, h):
    return _log_of_power(np.exp([[J + h, -J - h], [-J - h, J - h]]), n)  # what eigvalsh makes of it: one triangle


def _open_chain(n, J, h):
    ends = np.exp(0.5 * h * np.array([1, -1]))
    return _log_of_power(_bond(J, h), n - 1, lambda power: ends @ power @ ends)


ring = Exercise(
    "5, ``my_ring_log_partition(n, J, h) -> float``: log Z of a ring of n spins by transfer matrix",
    cases=_rings,
    truth=_ring,
    mistakes=(
        Mistake(
            "field counted twice",
            lambda n, J, h: _ring(n, J, 2 * h),
            "The field counts twice: every spin stands in two factors, so each carries h (s + s') / 2.",
        ),
        Mistake(
            "field halved",
            lambda n, J, h: _ring(n, J, h / 2),
            "The field counts half: half of h from *each* end makes exp(J + h) and exp(J - h) on the diagonal.",
        ),
        Mistake(
            "field forgotten",
            (
                lambda n, J, h: _ring(n, J, 0.0),
                lambda n, J, h: n * np.log(2 * np.cosh(J)),
                lambda n, J, h: _ring(n, J, 0.0) / n,
            ),
            "The field is missing from the matrix.",
        ),
        Mistake(
            "coupling halved or doubled",
            ways(lambda one, n, J, h: _ring(n, one[0] * J, one[1] * h), ((0.5, 1), (0.5, 0.5), (2, 1), (2, 2))),
            "J counts half, or twice: each bond has one factor exp(J s s').",
        ),
        Mistake("coupling forgotten", lambda n, J, h: _ring(n, 0.0, h), "The coupling is missing from the matrix."),
        Mistake("sign of J", lambda n, J, h: _ring(n, -J, h), "Equal neighbours have the weight exp(+J), not exp(-J)."),
        Mistake(
            "off-diagonal exp(+J), or power of the trace",  # the same number
            _from_eigenvalues(lambda large, small, n: n * np.log(large + small)),
            "Either exp(+J) stands off the diagonal, where exp(-J) belongs, or the trace came before the power.",
        ),
        Mistake(
            "off-diagonal 1",
            _with_entries(lambda J, h: (J + h, 0, J - h)),
            "Off the diagonal the neighbours differ: their weight is exp(-J), not 1.",
        ),
        Mistake(
            "off-diagonal entries lost",
            (
                *_with_entries(lambda J, h: (J + h, -np.inf, J - h)),
                SILENT(lambda n, *Jh: np.log(sum(np.diag(_bond(*Jh)) ** n))),
            ),
            "Only the diagonal counts, as in V ** n, which goes entry by entry: take the power of the *matrix*.",
        ),
        Mistake(
            "field in the wrong place",
            _with_entries(
                lambda J, h: (J + h, -J, J + h),
                lambda J, h: (J + h, -J, J),
                lambda J, h: (J, -J + h, J),
                lambda J, h: (J + h, -J + h, J + h),
                lambda J, h: (J + h, -J + h, J - h),
            ),
            "h (s + s') / 2 is h for two spins up, -h for two spins down, and 0 where they differ.",
        ),
        Mistake(
            "field on one end",
            _field_on_one_end,
            "Unequal spins still feel the field: on one end only, V is not symmetric, and eigvalsh reads half of it.",
        ),
        Mistake(
            "exponential forgotten",
            _from_eigenvalues(_log_of_sum, of=lambda J, h: np.array([[J + h, -J], [-J, J - h]])),
            "The entries of V are exponentials: exp(J + h), exp(-J), exp(J - h).",
        ),
        Mistake(
            "open chain",
            (_open_chain, lambda n, J, h: np.log(2) + (n - 1) * np.log(2 * np.cosh(J))),
            "That is a chain with free ends: in a ring the last spin meets the first, and the sum is a trace.",
        ),
        Mistake(
            "all entries summed",
            _from_power(np.sum),
            "All four entries of the power were added: first and last spin are the same one, so take the trace.",
        ),
        Mistake(
            "one entry of the diagonal",
            _from_power(lambda power: power[0, 0], lambda power: power[1, 1]),
            "That is one entry of the power: the trace is the sum of both on the diagonal.",
        ),
        Mistake(
            "one matrix too few",
            lambda n, J, h: _log_of_power(_bond(J, h), n - 1),
            "A ring of n spins has n bonds: the matrix stands n times in the product.",
        ),
        Mistake(
            "one matrix too many",
            lambda n, J, h: _log_of_power(_bond(J, h), n + 1),
            "A ring of n spins has n bonds: the matrix stands n times in the product, not n + 1 times.",
        ),
        Mistake(
            "overflow",
            SILENT(lambda n, J, h: np.log(np.trace(np.linalg.matrix_power(_bond(J, h), n)))),
            "The power overflows for long rings: log Z = n log(l1) + log(1 + (l2/l1)^n), l1 the larger eigenvalue.",
        ),
        Mistake(
            "smaller eigenvalue taken out",
            _from_eigenvalues(
                lambda large, small, n: n * np.log(small) + np.log1p((large / small) ** n),
                lambda large, small, n: n * np.log(np.abs(small)) + np.log1p((large / small) ** n),
            ),
            "The *smaller* eigenvalue was taken out: the power of the ratio overflows. Take out the larger.",
        ),
        Mistake(
            "modulus of the eigenvalues",
            _from_eigenvalues(lambda large, small, n: n * np.log(large) + np.log1p(np.abs(small / large) ** n)),
            "For J < 0 the smaller eigenvalue is negative: its odd powers are subtracted, keep its sign.",
        ),
        Mistake(
            "larger eigenvalue only",
            _from_eigenvalues(lambda large, small, n: n * np.log(large)),
            "That is n times the log of the larger eigenvalue: for n spins the smaller one counts, too.",
        ),
        Mistake(
            "n missing",
            (
                lambda n, J, h: _ring(n, J, h) / n,
                *_from_eigenvalues(
                    lambda large, small, n: np.log(large),
                    lambda large, small, n: np.log(large) + np.log1p((small / large) ** n),
                    lambda large, small, n: n * np.log(large) + np.log1p((small / large) ** n) / n,
                ),
            ),
            "An n is missing: log Z = n log(l1) + log(1 + (l2/l1)^n). The text's formula is for log Z / n.",
        ),
        Mistake(
            "n before both terms",
            _from_eigenvalues(lambda large, small, n: n * (np.log(large) + np.log1p((small / large) ** n))),
            "n stands before the first term only: log Z = n log(l1) + log(1 + (l2/l1)^n).",
        ),
        Mistake(
            "scale not put back",
            (
                *_from_eigenvalues(lambda large, small, n: np.log1p((small / large) ** n)),
                lambda n, J, h: _ring(n, J, h) - n * np.log(_bond(J, h).max()),
                lambda n, J, h: _ring(n, J, h) - (n - 1) * np.log(_bond(J, h).max()),
            ),
            "What was taken out of each matrix must come back n times: n log(l1), or n log of the scale.",
        ),
        Mistake(
            "ratio turned round",
            _from_eigenvalues(lambda large, small, n: n * np.log(large) + np.log1p((large / small) ** n)),
            "The ratio is turned round: (l2/l1)^n, smaller over larger.",
        ),
        Mistake(
            "power of the ratio missing",
            _from_eigenvalues(
                lambda large, small, n: n * np.log(large) + np.log1p(small / large),
                lambda large, small, n: n * np.log(large) + np.log1p(n * small / large),
            ),
            "The ratio of the eigenvalues must be raised to the power n.",
        ),
        Mistake(
            "not the sum of the powers",
            _from_eigenvalues(
                lambda large, small, n: n * np.log(large) + n * np.log(small),
                lambda large, small, n: n * np.log(large) + np.log((small / large) ** n),
                lambda large, small, n: n * np.log(large) + np.log1p(-((small / large) ** n)),
            ),
            "The trace is the *sum* of the powers, l1^n + l2^n: no product, no difference.",
        ),
        Mistake(
            "second logarithm forgotten",
            _from_eigenvalues(
                lambda large, small, n: n * np.log(large) + (small / large) ** n,
                lambda large, small, n: n * np.log(large) + 1 + (small / large) ** n,
            ),
            "The second term is log(1 + (l2/l1)^n), with its logarithm.",
        ),
        Mistake(
            "eigenvalues miscopied",
            _with_root(
                lambda J, h: np.sqrt(np.exp(2 * J) * np.sinh(h) + np.exp(-2 * J)),
                lambda J, h: np.sqrt(np.exp(2 * J) * np.sinh(abs(h)) + np.exp(-2 * J)),
                lambda J, h: np.exp(2 * J) * np.sinh(h) ** 2 + np.exp(-2 * J),
                lambda J, h: np.sqrt(np.exp(2 * J) * np.sinh(h) ** 2 + np.exp(2 * J)),
                lambda J, h: np.sqrt(np.exp(2 * J) * np.cosh(h) ** 2 + np.exp(-2 * J)),
            ),
            "The eigenvalues are e^J cosh h plus and minus the root of e^(2J) sinh^2 h + e^(-2J): compare.",
        ),
        *inexact(_ring, 1e-4),
        right_where(
            lambda n, J, h: n < 1000,
            _ring,
            "Right for short rings: for 4000 spins use log Z = n log(l1) + log(1 + (l2/l1)^n).",
        ),
        right_where(lambda n, J, h: J > 0, _ring, "Right for J > 0: else the smaller eigenvalue is below 0."),
        right_where(
            lambda n, J, h: h == 0, _ring, "Right without field: exp(J + h) and exp(J - h) stand on the diagonal."
        ),
        wrong_where(
            lambda n, J, h: h == 0,
            _ring,
            "Wrong without field: then Z is (2 cosh J)^n + (2 sinh J)^n. Begin there.",
        ),
    ),
    tested_on="rings of 3 to 4000 spins, against all their states where these can be listed, to 9 digits",
    expected="one number",
)
