"""Checks of lesson 05, Boltzmann learning.

>>> verdict = learn(lambda data, eta, steps: (np.zeros((data.shape[1],) * 2), np.zeros(data.shape[1])))
Not yet: for one step of 0.1 on 8 samples of 2 spins your J[0, 1] is 0, exact is 0.025. The parameters never move: is \
the step added, inside the loop?
"""

import numpy as np

from course_lib import exact, ising
from course_lib.classroom.checks import Case, Exercise, Mistake, agree

SEED = 5  # the same systems each time, so that a student who runs a check again sees the same example


# ---------------------------------------------------------------- 1: the three lines, and what can go wrong in them


def _data_sets():
    rng = np.random.default_rng(SEED)
    pairs = np.array([[1, 1]] * 4 + [[-1, -1]] + [[1, -1]] * 2 + [[-1, 1]])

    def samples(n, m):
        law = exact.distribution(ising.random_couplings(n, rng), rng.normal(0, 0.5, n))
        return rng.choice(exact.states(n), m, p=law)

    return [
        Case("one step of 0.1 on 8 samples of 2 spins", (pairs, 0.1, 1)),
        Case("one step of 0.3 on 50 samples of 3 spins", (samples(3, 50), 0.3, 1)),
        Case("two steps of 0.3 on 40 samples of 3 spins", (samples(3, 40), 0.3, 2)),
        Case("25 steps of 0.2 on 60 samples of 4 spins", (samples(4, 60), 0.2, 25)),
    ]


def _one_step(data, eta, steps):
    """The cases that show a J the library refuses at the second step."""
    return steps == 1


def _let_the_first_step_show_why(function, data, eta, steps):
    """The library refuses a J that the first step left lopsided: then NaN, for a mistake seen after one step."""
    try:
        return function(data, eta, steps)
    except ValueError:
        first = np.asarray(function(data, eta, 1)[0])
        if steps == 1 or (agree(first, first.T) and not np.any(np.diag(first))):
            raise
        return np.full(first.shape, np.nan), np.full(len(first), np.nan)


def _gaps(data, J, h, centred=False):
    """Data minus model, of the pairs (N, N), with an empty diagonal, and of the spins (N,)."""
    (mean, C), (now, now_C) = (data.mean(axis=0), data.T @ data / len(data)), exact.moments(J, h)
    gap = C - now_C - centred * (np.outer(mean, mean) - np.outer(now, now))
    np.fill_diagonal(gap, 0)
    return gap, mean - now


def _learned(data, eta, steps, *, to_J=1.0, to_h=1.0, centred=False, first=None):
    """J and h after plain steps from 0; each switch is a mistake."""
    n = data.shape[1]
    J, h = np.zeros((n, n)), np.zeros(n)
    for _ in range(steps):
        gap_J, gap_h = _gaps(data, J, h, centred)
        if first == "h":
            gap_J, _ = _gaps(data, J, h + eta * gap_h)
        if first == "J":
            _, gap_h = _gaps(data, J + eta * gap_J, h)
        J, h = J + to_J * eta * gap_J, h + to_h * eta * gap_h
    return J, h


def _with(**switches):
    return lambda data, eta, steps: _learned(data, eta, steps, **switches)


def _taking(steps):
    """The right learner, which takes another number of steps."""
    return lambda data, eta, n: _learned(data, eta, steps(n))


def _pairs(J):
    return J[np.triu_indices(len(J), 1)]


def _sums(given, data, eta, steps):
    """The diagonal may be M steps of eta, or stay 0."""
    return agree(_pairs(given[0]), eta * _pairs(data.T @ data))


def _covariances(given, data, eta, steps):
    """Of np.cov, whose diagonal moves; it divides by M - 1 unless told."""
    return any(agree(_pairs(given[0]), eta * _pairs(np.cov(data.T, ddof=ddof))) for ddof in (0, 1))


def _one_triangle(given, data, eta, steps):
    (J, h), right = given, _learned(data, eta, steps)
    halves = any(agree(_pairs(half), _pairs(right[0])) and not np.any(np.tril(half)) for half in (J, J.T))
    return halves and agree(h, right[1])


def _diagonal(given, data, eta, steps):
    (J, h), right = given, _learned(data, eta, steps)
    diagonal = np.diag(np.diag(J))
    return np.any(diagonal) and agree(J - diagonal, right[0]) and agree(h, right[1])


learn = Exercise(
    "1, ``my_learn(data (M, N), eta, steps) -> (J (N, N), h (N,))``: the three lines, in a loop, from J = 0 and h = 0",
    cases=_data_sets,
    truth=_learned,
    mistakes=(
        Mistake(
            "nothing moves", _taking(lambda n: 0), "The parameters never move: is the step added, inside the loop?"
        ),
        Mistake(
            "descends",
            _with(to_J=-1, to_h=-1),
            "The steps go downhill: add eta * (data - model). Either the two are swapped, or the step is subtracted.",
        ),
        Mistake(
            "pairs counted twice",
            _with(to_J=2),
            "Every coupling moves twice as far as it should: J_ij and J_ji are *one* parameter, and get its step once.",
        ),
        Mistake(
            "half a step for pairs", _with(to_J=0.5), "Couplings move half as far as they should: no 1/2 belongs here."
        ),
        Mistake(
            "sum instead of mean",
            seen=_sums,
            says="The data's moments are sums: divide by the number of samples, or the step grows with it.",
            where=_one_step,
        ),
        Mistake(
            "means taken off",
            _with(centred=True),
            "The products of the means were taken off: pairs have <s_i s_j>, not covariances.",
        ),
        Mistake(
            "only the data's means taken off",
            seen=_covariances,
            says="The data's pairs are covariances: the target is the mean of s_i s_j (data.T @ data / M, not np.cov).",
            where=_one_step,
        ),
        Mistake("step not applied to h", _with(to_h=0), "J learns and h stays 0: step both."),
        Mistake("step not applied to J", _with(to_J=0), "h learns and J stays 0: step both."),
        Mistake(
            "eta forgotten",
            lambda data, eta, n: _learned(data, 1.0, n),
            "eta is not used: the step is eta times the gap.",
        ),
        Mistake(
            "J not kept symmetric",
            seen=_one_triangle,
            says="One triangle of J stays 0: J_ij and J_ji are one parameter, so write the step into both entries.",
            where=_one_step,
        ),
        Mistake(
            "diagonal updated",
            seen=_diagonal,
            says="The diagonal of J moves: s_i s_i is 1 in data and model. np.fill_diagonal(J, 0) keeps it at 0.",
            where=_one_step,
        ),
        Mistake(
            "model's moments of the start",
            lambda data, eta, steps: _learned(data, steps * eta, 1),
            "The model's moments stay those of the start: compute them inside the loop, for the present J and h.",
        ),
        Mistake("one step only", _taking(lambda n: 1), "That is one step: does the return stand inside the loop?"),
        Mistake("one step too many", _taking(lambda n: n + 1), "That is one step too many."),
        Mistake("one step too few", _taking(lambda n: n - 1), "That is one step too few."),
        Mistake(
            "h stepped first",
            _with(first="h"),
            "h is stepped before the moments for J are computed: ask for them once a step, then step both.",
        ),
        Mistake(
            "J stepped first",
            _with(first="J"),
            "J is stepped before the moments for h are computed: ask for them once a step, then step both.",
        ),
    ),
    tested_on="4 data sets of 2 to 4 spins and up to 25 steps, to 9 digits",
    expected="a pair (J, h) of shapes (N, N) and (N,)",
    outputs=("J", "h"),
    call=_let_the_first_step_show_why,
)


# ---------------------------------------------------------------- 2: error bars


def _covariances_of_random_systems():
    rng = np.random.default_rng(SEED)
    return [
        Case(
            f"{n} spins, {m} sweeps and tau = {tau:g}",
            (exact.statistics_moments(ising.random_couplings(n, rng), rng.normal(0, 0.5, n))[1], m, tau),
        )
        for n, m, tau in ((2, 100, 0.5), (3, 400, 0.8), (4, 10_000, 12.5))
    ]


def _inverse(F):
    return np.diag(np.linalg.inv(F))


def _errors(draws, variances=_inverse):
    """The root of these variances of one sample over this number of draws."""
    return lambda F, m, tau: np.sqrt(variances(F) / draws(m, tau))


def _worth(m, tau):
    return m / (2 * tau)


standard_errors = Exercise(
    "2, ``my_standard_errors(covariance (P, P), n_sweeps, tau) -> (P,)``: ``sqrt(diag(F^-1) 2 tau / M)``",
    cases=_covariances_of_random_systems,
    truth=_errors(_worth),
    mistakes=(
        Mistake(
            "variance instead of deviation",
            lambda F, m, tau: _inverse(F) / _worth(m, tau),
            "These are variances: an error bar is the root.",
        ),
        Mistake(
            "M forgotten",
            (_errors(lambda m, tau: 1), _errors(lambda m, tau: 1 / (2 * tau))),
            "n_sweeps is not used: divide the variance by n_sweeps / (2 tau).",
        ),
        Mistake(
            "divided by M, not by its root",
            lambda F, m, tau: np.sqrt(_inverse(F)) / _worth(m, tau),
            "The errors fall as 1 / M: it is the variance that is divided by the draws, inside the root.",
        ),
        Mistake(
            "tau forgotten",
            _errors(lambda m, tau: m),
            "These are errors of independent samples: M is n_sweeps / (2 tau).",
        ),
        Mistake(
            "1 + 2 tau",
            _errors(lambda m, tau: m / (1 + 2 * tau)),
            "1 + 2 tau is for a tau without its 1/2. Here tau = 1/2 + sum of rho, and the factor is 2 tau.",
        ),
        Mistake(
            "factor 2 of tau forgotten", _errors(lambda m, tau: m / tau), "A sweep is worth 1/(2 tau) draws, not 1/tau."
        ),
        Mistake(
            "2 tau outside the root",
            lambda F, m, tau: np.sqrt(_inverse(F) / m) * 2 * tau,
            "2 tau belongs to the variance, inside the root.",
        ),
        Mistake(
            "2 tau upside down",
            _errors(lambda m, tau: m * 2 * tau),
            "Correlated sweeps know *less*: M / (2 tau) draws.",
        ),
        Mistake(
            "multiplied by M",
            _errors(lambda m, tau: 1 / _worth(m, tau)),
            "These errors grow with M: divide by the draws.",
        ),
        Mistake(
            "inverse of the diagonal",
            _errors(_worth, lambda F: 1 / np.diag(F)),
            "That is the error of a parameter if all others were known. They are learned too: invert the whole matrix "
            "(np.linalg.inv, not 1 / F), then take the diagonal.",
        ),
        Mistake(
            "not inverted",
            _errors(_worth, np.diag),
            "These are the errors of the *moments*; those of the parameters need F inverted.",
        ),
        Mistake(
            "root of the eigenvalues",
            _errors(_worth, lambda F: np.linalg.eigvalsh(np.linalg.inv(F))),
            "These are the errors of independent combinations of the parameters: take the diagonal of the inverse.",
        ),
    ),
    tested_on="3 systems of 2 to 4 spins, to 9 digits",
    expected="one error for each parameter",
)


# ---------------------------------------------------------------- 3: the gradient of a lattice


def _images_and_samples():
    rng = np.random.default_rng(SEED)

    def images(n, rows, cols, up):
        return np.where(rng.random((n, rows, cols)) < up, 1, -1)

    return [
        Case(f"{m} images and {n} samples of {rows} x {cols}", (images(m, rows, cols, 0.8), images(n, rows, cols, 0.6)))
        for m, n, rows, cols in ((3, 2, 3, 4), (5, 9, 4, 4), (10, 40, 6, 5))
    ]


def _gradient(bonds=ising.bond_sum, spins=ising.spin_sum, mean=np.mean):
    """With these in the places of B, of S and of the mean over images."""
    return lambda data, samples: tuple(mean(f(data)) - mean(f(samples)) for f in (bonds, spins))


def _times(factor):
    """B, times a number."""
    return lambda x: factor * ising.bond_sum(x)


def _per_bond(x):
    return ising.bond_sum(x) / (2 * x[0].size)


def _per_site(x):
    return ising.spin_sum(x) / x[0].size


def _along(axis):
    return lambda x: (x * np.roll(x, -1, axis)).sum(axis=(1, 2))


def _inner_bonds(x):
    across, down = x[:, :, :-1] * x[:, :, 1:], x[:, :-1] * x[:, 1:]
    return across.sum(axis=(1, 2)) + down.sum(axis=(1, 2))


def _rolled(*axes):
    return lambda x: sum(np.sum(x * np.roll(x, 1, axis)) for axis in axes) / len(x)


lattice_gradient = Exercise(
    "3, ``my_lattice_gradient(data (M, rows, cols), samples (n, rows, cols)) -> (dJ, dh)``: gaps of the bond sum and "
    "of the spin sum",
    cases=_images_and_samples,
    truth=_gradient(),
    mistakes=(
        Mistake(
            "data and model swapped",
            lambda data, samples: _gradient()(samples, data),
            "Data and samples are swapped, so the steps would go downhill: data minus model.",
        ),
        Mistake(
            "J and h swapped",
            _gradient(ising.spin_sum, ising.bond_sum),
            "The order is wrong: first the gap of B, then that of S.",
        ),
        Mistake(
            "sum over images instead of mean",
            _gradient(mean=np.sum),
            "These are sums over the images; data and samples differ in number, so take the mean over each.",
        ),
        Mistake(
            "per bond and per site",
            _gradient(_per_bond, _per_site),
            "These are gaps per bond and per site: the log-likelihood of an *image* has the sums B and S as they are.",
        ),
        Mistake(
            "divided by the sites",
            _gradient(lambda x: 2 * _per_bond(x), _per_site),
            "Both sums are divided by the number of sites: the gradient is the gap of the sums themselves. (Divide the "
            "step size by it, if you like.)",
        ),
        Mistake(
            "h divided by the sites",
            _gradient(spins=_per_site),
            "The gap of S is that of the mean spin: one h acts on all sites, so its moment is the sum of all spins.",
        ),
        Mistake(
            "J per bond",
            _gradient(_per_bond),
            "The gap of B is divided by the number of bonds: one J acts on all, so its moment is the sum over all.",
        ),
        Mistake(
            "bonds counted twice",
            _gradient(_times(2)),
            "B is twice what it should be: each bond is counted from both of its ends. Right and down neighbours only.",
        ),
        Mistake("bonds halved", _gradient(_times(1 / 2)), "B is half of what it should be: no bond was counted twice."),
        Mistake(
            "bonds divided by 4",
            _gradient(_times(1 / 4)),
            "B is a quarter of what it should be: each bond counts once.",
        ),
        Mistake("wrap-around lost", _gradient(_inner_bonds), "The bonds over the edge are missing; np.roll has them."),
        Mistake("right neighbours only", _gradient(_along(2)), "The bonds to the neighbours below are missing."),
        Mistake("down neighbours only", _gradient(_along(1)), "The bonds to the neighbours on the right are missing."),
        Mistake(
            "rolled over the images",
            (_gradient(_rolled(0, 1)), _gradient(_rolled(0, 2))),
            "np.roll shifts axis 0, which counts the images: rows and columns are axes 1 and 2, or -2 and -1.",
        ),
        Mistake(
            "axis of np.roll forgotten",
            (_gradient(_rolled(None)), _gradient(_rolled(None, None))),
            "Without axis np.roll flattens the array: rows run into each other, and images too. Say axis=1 and axis=2.",
        ),
        Mistake(
            "field forgotten",
            _gradient(spins=lambda x: 0 * ising.spin_sum(x)),
            "The second number is 0: it is the gap of S, the sum of spins.",
        ),
    ),
    tested_on="3 pairs of image sets, to 9 digits",
    expected="two numbers, dJ and dh",
    outputs=("dJ", "dh"),
)
