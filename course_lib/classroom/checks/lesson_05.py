"""Checks of lesson 05, Boltzmann learning.

>>> verdict = learn(lambda data, eta, steps: (np.zeros((data.shape[1],) * 2), np.zeros(data.shape[1])))
Not yet: for one step of 0.1 on 8 samples of 2 spins your J[0, 1] is 0, exact is 0.025. The parameters never move: is \
the step added, inside the loop?
"""

import numpy as np

from course_lib import exact, ising, learning
from course_lib.classroom.checks import AnswerError, Case, Exercise, Mistake, agree, as_numbers
from course_lib.classroom.checks.kinds import inexact, last_look, wrong_where

TINY = 1e-12
SINGLE = 1e-6  # tolerance: single precision is right, too
SEED = 5  # the same systems each time, so that a student who runs a check again sees the same example

PAIRS = np.array([[1, 1]] * 4 + [[-1, -1]] + [[1, -1]] * 2 + [[-1, 1]])  # 8 samples of 2 spins

# ---------------------------------------------------------------- 1: the three lines, and what can go wrong in them


def _data_sets():
    rng = np.random.default_rng(SEED)

    def samples(n, m):
        law = exact.distribution(ising.random_couplings(n, rng), rng.normal(0, 0.5, n))
        return rng.choice(exact.states(n), m, p=law)

    return [
        Case("one tiny step on 8 samples of 2 spins", (PAIRS, TINY, 1)),  # shows where a student starts
        Case("one step of 0.1 on 8 samples of 2 spins", (PAIRS, 0.1, 1)),
        Case("one step of 0.3 on 50 samples of 3 spins", (samples(3, 50), 0.3, 1)),
        Case("two steps of 0.3 on 40 samples of 3 spins", (samples(3, 40), 0.3, 2)),
        Case("25 steps of 0.2 on 100 samples of 4 spins", (samples(4, 100), 0.2, 25)),
    ]


def _moves(data, eta, steps):
    return eta > TINY


def _one_step(data, eta, steps):
    """The cases that show a J the library refuses at the second step."""
    return steps == 1 and eta > TINY


def _let_the_first_step_show_why(function, data, eta, steps):
    """The library refuses a J that the first step left lopsided: then NaN, for a mistake seen after one step."""
    try:
        return function(data, eta, steps)
    except ValueError:
        first = np.asarray(function(data, eta, 1)[0])
        if steps == 1 or (agree(first, first.T) and not np.any(np.diag(first))):
            raise
        return np.full(first.shape, np.nan), np.full(len(first), np.nan)


def _moments(data):
    return data.mean(axis=0), data.T @ data.astype(float) / len(data)


def _both(J, h, eta, gaps):
    gap_J, gap_h = gaps(J, h)
    return J + eta * gap_J, h + eta * gap_h


def _gaps(data, J, h, target=_moments, model=exact.moments):
    """Data minus model, of the pairs (N, N), with an empty diagonal, and of the spins (N,)."""
    (mean, C), (now, now_C) = target(data), model(J, h)
    return np.where(np.eye(len(h)), 0, C - now_C), mean - now


def _learned(data, eta, steps, *, step=_both, **moments):
    """J and h after plain steps from 0; each option is a place for mistakes."""
    J, h = np.zeros((data.shape[1],) * 2), np.zeros(data.shape[1])
    for _ in range(steps):
        J, h = step(J, h, eta, lambda J, h: _gaps(data, J, h, **moments))
    return J, h


def _with(**places):
    return lambda data, eta, steps: _learned(data, eta, steps, **places)


def _taking(steps):
    """The right learner, which takes another number of steps."""
    return lambda data, eta, n: _learned(data, eta, steps(n))


def _pairs(J):
    return J[np.triu_indices(len(J), 1)]


def _off_by(*factors):
    """A sign that J is so many times what it should be, and h so many; a function finds its factor from M, N, eta."""

    def seen(given, data, eta, steps):
        right = _learned(data, eta, steps)
        to_J, to_h = (factor(*data.shape, eta) if callable(factor) else factor for factor in factors)
        J, h = given
        return agree(J, J.T) and agree(_pairs(J), to_J * _pairs(right[0])) and agree(h, to_h * right[1])

    return seen


def _any(*signs):
    return lambda *given: any(sign(*given) for sign in signs)


def _either_off_by(*factors):
    """A sign that J, or h, or both are off by one of these factors."""
    return _any(*(_off_by(*two) for factor in factors for two in ((factor, factor), (factor, 1), (1, factor))))


def _factors(given, data, eta, steps):
    """How many times J, and h, are what they should be, as near as one number comes."""
    J, h = _learned(data, eta, steps)
    return [one @ of / (of @ of) for one, of in ((_pairs(given[0]), _pairs(J)), (given[1], h))]


def _downhill(*given):
    by_J, by_h = _factors(*given)
    return max(by_J, by_h) < -1e-6 and _off_by(by_J, by_h)(*given)


def _one_downhill(*given):
    by_J, by_h = _factors(*given)
    return by_J * by_h < -1e-6 and _off_by(by_J, by_h)(*given)


def _off_by_some_factors(*given):
    """J, or h, or both, neither right nor at rest."""
    by_J, by_h = _factors(*given)
    return min(by_J, by_h) > 1e-6 and not np.allclose([by_J, by_h], 1) and _off_by(by_J, by_h)(*given)


def _pairs_from(*targets):
    """A sign that the data's pairs are one of these functions of the data, whatever the diagonal and h."""
    return lambda given, data, eta, steps: any(agree(_pairs(given[0]), eta * _pairs(C(data))) for C in targets)


def _all_of_size_eta(given, data, eta, steps):
    return all(agree(np.abs(part), eta + 0 * part) for part in (_pairs(given[0]), given[1]))


def _only_J_wrong(given, data, eta, steps):
    """Of two spins a wrong J may be right."""
    J, h = _learned(data, eta, steps)
    return agree(given[1], h) and (len(h) == 2 or not agree(_pairs(given[0]), _pairs(J)))


def _only_h_wrong(given, data, eta, steps):
    J, h = _learned(data, eta, steps)
    return agree(_pairs(given[0]), _pairs(J)) and not agree(given[1], h)


def _sign_lost(given, data, eta, steps):
    """Of two spins all gaps are positive."""
    both = [*zip(given, _learned(data, eta, steps), strict=True)]
    return all(agree(np.abs(one), np.abs(of)) for one, of in both) and (
        len(data[0]) == 2 or not all(agree(one, of) for one, of in both)
    )


def _one_number_for_all(given, data, eta, steps):
    return any(np.any(part) and np.ptp(part) < 1e-9 for part in (_pairs(given[0]), given[1]))


def _one_triangle(given, data, eta, steps):
    right = _learned(data, eta, steps)[0]
    return any(agree(_pairs(half), _pairs(right)) and not np.any(np.tril(half)) for half in (given[0], given[0].T))


def _diagonal(given, data, eta, steps):
    return np.any(np.diag(given[0])) and agree(_pairs(given[0]), _pairs(_learned(data, eta, steps)[0]))


def _of(change, moments):
    """Moments that are changed so."""
    return lambda *arguments: change(*moments(*arguments))


def _covariances(mean, C):
    return mean, C - np.outer(mean, mean)


def _products(mean, C):
    return mean, np.outer(mean, mean)


def _product_of_means(data):
    return _products(*_moments(data))[1]


def _h_first(J, h, eta, gaps):
    after = _both(J, h, eta, gaps)[1]
    return _both(J, after, eta, gaps)[0], after


def _J_first(J, h, eta, gaps):
    after = _both(J, h, eta, gaps)[0]
    return after, _both(after, h, eta, gaps)[1]


def _replaced(keep_J=0, keep_h=0):
    """A step that is not added to what was there."""

    def step(J, h, eta, gaps):
        gap_J, gap_h = gaps(J, h)
        return keep_J * J + eta * gap_J, keep_h * h + eta * gap_h

    return step


def _last_gap(data, eta, steps):
    return _gaps(data, *_learned(data, eta, steps - 1))


def _last_step(data, eta, steps):
    return tuple(eta * gap for gap in _last_gap(data, eta, steps))


def _maximum(given, data, eta, steps):
    """To the accuracy of a loop that stops by itself."""
    best = learning.fit_ising(data)
    return agree(given[0], best.J, 1e-3) and agree(given[1], best.h, 1e-3)


def _right_at_first(given, data, eta, steps):
    """After one step, and no more after many."""
    right = all(agree(one, of) for one, of in zip(given, _learned(data, eta, steps), strict=True))
    return steps == 2 or right == (steps == 1)


_MANY_STEPS = Case(
    "40 steps of 0.3 on 8 samples of 2 spins",
    (PAIRS, 0.3, 40),
)
BYTES = "Spins are stored as int8, one byte each, and sums of bytes wrap round at 127: .astype(float) first."


def _sums_of_bytes(function):
    """On more samples than a sum of int8 holds."""
    data = np.random.default_rng(SEED).choice(exact.states(3), 1000, p=exact.distribution(np.zeros((3, 3)), [1, 1, 1]))
    right = all(agree(*both, SINGLE) for both in zip(function(data, 0.3, 1), _learned(data, 0.3, 1), strict=True))
    return None if right else Mistake("bytes", says=BYTES)


def _after_one_step(name, seen, says):
    """A mistake that the first step shows, whatever the later ones do."""
    return Mistake(name, seen=seen, says=says, where=_one_step)


learn = Exercise(
    "1, ``my_learn(data (M, N), eta, steps) -> (J (N, N), h (N,))``: the three lines, in a loop, from J = 0 and h = 0",
    cases=_data_sets,
    truth=_learned,
    mistakes=(
        *inexact(_learned, 1e-5),
        Mistake(
            "nothing moves", _taking(lambda n: 0), "The parameters never move: is the step added, inside the loop?"
        ),
        Mistake(
            "gap returned",
            (_last_gap, _last_step),
            "That is the last gap, or the last step: return J and h, to which all steps were added.",
        ),
        _after_one_step(
            "descends",
            _downhill,
            "The steps go downhill: add eta * (data - model). Are the two swapped, or is the step subtracted?",
        ),
        _after_one_step(
            "one of two descends",
            _one_downhill,
            "One of J and h steps uphill, the other down: both get eta * (data - model).",
        ),
        _after_one_step(
            "pairs counted twice",
            _off_by(2, 1),
            "Couplings move twice as far as they should: J_ij and J_ji are *one* parameter, with one step.",
        ),
        _after_one_step(
            "half a step for pairs", _off_by(0.5, 1), "Couplings move half as far as they should: no 1/2 belongs here."
        ),
        _after_one_step("step not applied to h", _off_by(1, 0), "J learns and h stays 0: step both."),
        _after_one_step("step not applied to J", _off_by(0, 1), "h learns and J stays 0: step both."),
        _after_one_step(
            "eta forgotten",
            _either_off_by(lambda M, N, eta: 1 / eta),
            "eta is not used: the step is eta times the gap, for J and for h.",
        ),
        _after_one_step(
            "sum instead of mean",
            _either_off_by(lambda M, N, eta: M),
            "Sums over the samples stand where means belong: divide by their number, or the step grows with it.",
        ),
        _after_one_step(
            "not divided by M",
            _either_off_by(
                lambda M, N, eta: M / N,
                lambda M, N, eta: M / (M - 1),
            ),
            "The data's moments are means: divide the sums over the samples by their number, len(data), once.",
        ),
        _after_one_step(
            "divided once too often",
            _either_off_by(lambda M, N, eta: 1 / M, lambda M, N, eta: 1 / N),
            "The step is divided once too often: means need one division by len(data), and eta and the gap none.",
        ),
        Mistake(
            "means taken off",
            _with(target=_of(_covariances, _moments), model=_of(_covariances, exact.moments)),
            "The products of the means were taken off: pairs have <s_i s_j>, not covariances.",
        ),
        _after_one_step(
            "only the data's means taken off",
            _pairs_from(*(lambda data, ddof=ddof: np.cov(data.T, ddof=ddof) for ddof in (0, 1))),
            "The data's pairs are covariances: the target is the mean of s_i s_j, and not np.cov.",
        ),
        _after_one_step(
            "correlation coefficients",
            _pairs_from(lambda data: np.corrcoef(data.T)),
            "The data's pairs are correlation coefficients: the target is the mean of s_i s_j, as it is.",
        ),
        _after_one_step(
            "spins made 0 and 1",
            _pairs_from(lambda data: _moments((data + 1) / 2)[1]),
            "Spins were made 0 and 1: J and h here are for spins of -1 and 1, so take the data as they are.",
        ),
        _after_one_step(
            "products of means",
            _pairs_from(_product_of_means),
            "The data's pairs are products of two means: the target is the mean of the products s_i s_j.",
        ),
        _after_one_step(
            "one sample",
            _all_of_size_eta,
            "Everything moves by eta, up or down, as if there were one sample, or a gap had a sign and no size: take "
            "the mean over all samples, and eta times the gap.",
        ),
        _after_one_step(
            "gap squared",
            lambda given, data, eta, steps: all(
                agree(part, eta * gap**2) for part, gap in zip(given, _last_gap(data, eta, steps), strict=True)
            ),
            "The gaps are squared: the slope of the loss is the gap itself, with its sign.",
        ),
        _after_one_step(
            "sign lost", _sign_lost, "All sizes are right and some signs are not: a gap may be negative, so no abs()."
        ),
        _after_one_step(
            "one number for all",
            _one_number_for_all,
            "All fields, or all couplings, get one and the same step: each has a moment of its own. Is an axis=0 "
            "missing?",
        ),
        _after_one_step(
            "J not kept symmetric",
            _one_triangle,
            "One triangle of J stays 0: J_ij and J_ji are one parameter, so write the step into both entries.",
        ),
        _after_one_step(
            "model added",
            lambda given, data, eta, steps: agree(np.diag(given[0]), 2 * eta + 0 * given[1]),
            "The model's moments are added to the data's: the gap is data minus model.",
        ),
        Mistake(
            "model added",
            _with(model=_of(lambda mean, C: (-mean, -C), exact.moments)),
            "The model's moments are added to the data's: the gap is data minus model.",
        ),
        _after_one_step(
            "diagonal updated",
            _diagonal,
            "The diagonal of J moves: s_i s_i is 1 in data and model. np.fill_diagonal(J, 0) keeps it at 0.",
        ),
        _after_one_step(
            "step of another length",
            _off_by_some_factors,
            "J or h moves too far, or not far enough: each gets eta times its gap, once, and nothing else.",
        ),
        Mistake(
            "model's pairs not exact",
            (
                _with(model=_of(_covariances, exact.moments)),
                _with(model=_of(_products, exact.moments)),
            ),
            "The model's pairs are covariances, or products of means: take what exact.moments returns, as it is.",
        ),
        Mistake(
            "model's moments of the start",
            lambda data, eta, steps: _learned(data, steps * eta, 1),
            "The model's moments are left out, or stay those of the start: ask for them inside the loop, for the "
            "present J and h.",
        ),
        Mistake(
            "step replaces",
            tuple(_with(step=_replaced(*kept)) for kept in ((0, 0), (0, 1), (1, 0))),
            "A step is not added to what was there, but put in its place: J = J + eta * gap, h likewise.",
        ),
        Mistake("one step only", _taking(lambda n: 1), "That is one step: does the return stand inside the loop?"),
        Mistake("one step too many", _taking(lambda n: n + 1), "That is one step too many."),
        Mistake("one step too few", _taking(lambda n: n - 1), "That is one step too few."),
        Mistake(
            "h stepped first",
            _with(step=_h_first),
            "h is stepped before the moments for J are computed: ask for them once a step, then step both.",
        ),
        Mistake(
            "J stepped first",
            _with(step=_J_first),
            "J is stepped before the moments for h are computed: ask for them once a step, then step both.",
        ),
        Mistake(
            "the maximum",
            seen=_maximum,
            says="That is where endless steps end: make as many as asked, each of eta, and no more.",
            where=_moves,
        ),
        Mistake(
            "starts elsewhere",
            seen=lambda given, *_: any(np.abs(part).max() > 1e-9 for part in given),
            says="A tiny step hardly moves anything, and here J or h is far from 0 after it: start from zeros.",
            where=lambda data, eta, steps: eta == TINY,
        ),
        _after_one_step(
            "J's moment",
            _only_J_wrong,
            "After one step h is right and J is not: its gap is the mean of s_i s_j over the samples, minus the "
            "model's, for every pair.",
        ),
        _after_one_step(
            "h's moment",
            _only_h_wrong,
            "After one step J is right and h is not: its gap is data.mean(axis=0), minus the model's means.",
        ),
        Mistake(
            "later steps",
            seen=_right_at_first,
            says="One step comes out right, and many do not: each step needs the model's moments at the J and h that "
            "the one before has left, and the same eta.",
        ),
        wrong_where(
            _one_step,
            _learned,
            "Wrong after one step: from 0 all moments of the model are 0 but for s_i s_i, so J_ij becomes eta times "
            "the data's mean of s_i s_j, and h_i eta times that of s_i. Begin there.",
        ),
    ),
    tested_on="6 data sets of 2 to 4 spins and up to 25 steps, to 6 digits",
    tolerance=SINGLE,
    expected="a pair (J, h) of shapes (N, N) and (N,)",
    outputs=("J", "h"),
    call=_let_the_first_step_show_why,
    last_looks=(
        _sums_of_bytes,
        last_look(
            _MANY_STEPS, _learned, "stops early", "Make all steps that are asked for: does a break end the loop?"
        ),
    ),
)


# ---------------------------------------------------------------- 2: error bars


def _covariances_of_random_systems():
    rng = np.random.default_rng(SEED)
    return [
        Case(
            f"{n} spins, {m} sweeps and tau = {tau:g}",
            (exact.statistics_moments(ising.random_couplings(n, rng), rng.normal(0, 0.5, n))[1], m, tau),
        )
        for n, m, tau in ((2, 100, 0.5), (3, 500, 0.8), (4, 10_000, 12.5))
    ]


def _one_each(answer, F, m, tau):
    """The answer; a matrix or a single number, too, which mistakes know."""
    given = as_numbers(answer)
    if given.shape not in (F.shape[:1], F.shape, ()):
        raise AnswerError(f"your function returned an array of shape {given.shape}, not {F.shape[:1]}")
    return given


def _inverse(F):
    return np.diag(np.linalg.inv(F))


def _errors(draws):
    """The root of the variances of one sample over this number of draws."""
    return lambda F, m, tau: np.sqrt(_inverse(F) / draws(m, tau))


def _worth(m, tau):
    return m / (2 * tau)


def _eigenvalues(F):
    return np.sqrt(np.linalg.eigvalsh(np.linalg.inv(F)))


def _like(*formulas):
    """A sign that the errors are in proportion to one of these functions of F, whatever the number of draws."""

    def seen(given, F, m, tau):
        if given.shape != F.shape[:1] or not given[0] > 0:
            return False
        return any(agree(given * one[0], given[0] * one, 1e-9 * given[0]) for one in (of(F) for of in formulas))

    return seen


def _more_than_two_spins(F, m, tau):
    """For two spins all errors are equal."""
    return len(F) > 3


standard_errors = Exercise(
    "2, ``my_standard_errors(covariance (P, P), n_sweeps, tau) -> (P,)``: ``sqrt(diag(F^-1) 2 tau / M)``",
    cases=_covariances_of_random_systems,
    truth=_errors(_worth),
    mistakes=(
        *inexact(_errors(_worth), 1e-5),
        Mistake(
            "whole matrix",
            seen=lambda given, F, m, tau: given.shape == F.shape,
            says="That is a whole matrix: the variances of the parameters are on the diagonal of the inverse.",
        ),
        Mistake(
            "one number for all",
            seen=lambda given, F, m, tau: given.shape == () or np.ptp(given) == 0,
            says="That is one number for all: each parameter has its own error, from its own place on the diagonal.",
            where=_more_than_two_spins,
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
            "n / 2 * tau",
            _errors(lambda m, tau: m / 2 * tau),
            "Python divides from left to right: n_sweeps / 2 * tau is n_sweeps tau / 2. Put brackets around 2 * tau.",
        ),
        Mistake(
            "2 tau outside the root",
            lambda F, m, tau: np.sqrt(_inverse(F) / m) * 2 * tau,
            "2 tau belongs to the variance, inside the root.",
        ),
        Mistake(
            "2 tau upside down",
            (_errors(lambda m, tau: m * 2 * tau), _errors(lambda m, tau: m * tau)),
            "Correlated sweeps know *less*: M / (2 tau) draws.",
        ),
        Mistake(
            "multiplied by M",
            _errors(lambda m, tau: 1 / _worth(m, tau)),
            "These errors grow with M: divide by the draws.",
        ),
        Mistake(
            "whole draws",
            tuple(_errors(lambda m, tau, f=f: f(_worth(m, tau))) for f in (np.floor, np.rint, np.ceil)),
            "The number of independent draws was rounded: it need not be whole, leave it as it is.",
        ),
        Mistake(
            "one draw taken off",
            (_errors(lambda m, tau: _worth(m, tau) - 1), _errors(lambda m, tau: (m - 1) / (2 * tau))),
            "No 1 is taken off here: no mean was estimated beside the parameters. Divide by n_sweeps / (2 tau).",
        ),
        Mistake(
            "95 per cent",
            tuple(lambda F, m, tau, z=z: z * _errors(_worth)(F, m, tau) for z in (2, 1.96)),
            "These are half the 95 per cent intervals: a standard error is one deviation.",
        ),
        Mistake(
            "variance instead of deviation", seen=_like(_inverse), says="These are variances: an error bar is the root."
        ),
        Mistake("root twice", seen=_like(lambda F: _inverse(F) ** 0.25), says="The root of diag(F^-1) is taken twice."),
        Mistake(
            "inverse of the diagonal",
            seen=_like(lambda F: 1 / np.sqrt(np.diag(F))),
            says="That is the error of a parameter if all others were known. They are learned too: invert the whole "
            "matrix (np.linalg.inv, not 1 / F), then take the diagonal.",
        ),
        Mistake(
            "not inverted",
            seen=_like(lambda F: np.sqrt(np.diag(F)), np.diag),
            says="These are the errors of the *moments*; those of the parameters need F inverted.",
        ),
        Mistake(
            "root of the eigenvalues",
            seen=_like(_eigenvalues, lambda F: _eigenvalues(F)[::-1]),
            says="These are errors of independent combinations of the parameters: take the diagonal of the inverse.",
        ),
        Mistake(
            "another number of draws",
            seen=_like(lambda F: np.sqrt(_inverse(F))),
            says="All errors are off by one factor: diag(F^-1) is right, what it is divided by is not: n_sweeps / "
            "(2 tau), inside the root.",
        ),
        Mistake(
            "not from the diagonal of the inverse",
            seen=lambda given, F, m, tau: not _like(lambda F: np.sqrt(_inverse(F)))(np.abs(given), F, m, tau),
            says="These are not in proportion to the roots of diag(F^-1): invert the whole matrix first, take the "
            "diagonal, then the root.",
            where=_more_than_two_spins,
        ),
    ),
    tested_on="3 systems of 2 to 4 spins, to 6 digits",
    tolerance=SINGLE,
    expected="one error for each parameter",
    read=_one_each,
)


# ---------------------------------------------------------------- 3: the gradient of a lattice


def _images(n, rows, cols, up, rng):
    return np.where(rng.random((n, rows, cols)) < up, 1, -1)


def _images_and_samples():
    rng = np.random.default_rng(SEED)
    return [
        Case(
            f"{m} images and {n} samples of {rows} x {cols}",
            (_images(m, rows, cols, up, rng), _images(n, rows, cols, 0.6, rng)),
        )
        for m, n, rows, cols, up in ((3, 2, 3, 4, 0.8), (5, 9, 4, 4, 0.4), (10, 40, 6, 5, 0.2))
    ]


def _sums_of_bytes_in_images(function):
    """On images that are larger than a sum of int8 holds."""
    rng = np.random.default_rng(SEED)
    sets = [_images(4, 16, 16, up, rng).astype(np.int8) for up in (0.95, 0.15)]
    return None if agree(np.array(function(*sets), float), _gradient()(*sets)) else Mistake("bytes", says=BYTES)


def _gradient(bonds=ising.bond_sum, spins=ising.spin_sum, mean=np.mean, model=-1):
    """With these in the places of B, of S, of the mean over images, of the minus; None: nothing is said of this one."""

    def gaps(data, samples):
        return tuple(of and mean(of(data)) + model * mean(of(samples)) for of in (bonds, spins))

    return gaps


def _counted(count):
    """Gaps of sums over all images, divided by a number that is made of those of data and samples."""
    return lambda data, samples: tuple(
        gap / count(len(data), len(samples)) for gap in _gradient(mean=np.sum)(data, samples)
    )


def _bonds(*ways):
    """Wrong bond sums, whatever is done with the spins."""
    return tuple(_gradient(way, None) for way in ways)


def _spins(*ways):
    return tuple(_gradient(None, way) for way in ways)


def _times(factor, of=ising.bond_sum):
    return lambda x: factor * of(x)


def _per(size, of=ising.bond_sum):
    """The sum over an image, divided by a function of its rows and columns."""
    return lambda x: of(x) / size(*x[0].shape)


def _sites(rows, cols):
    return rows * cols


def _pairs_at(*shifts):
    """Sum over an image of each spin times another, so many rows down and columns right."""
    return lambda x: sum((x * np.roll(x, shift, axis=(1, 2))).sum(axis=(1, 2)) for shift in shifts)


_RIGHT, _LEFT, _DOWN, _UP = (0, -1), (0, 1), (-1, 0), (1, 0)
_DIAGONAL = [  # alone, both, and one in the place of a right or a down neighbour
    shifts
    for one, other in (((-1, -1), (-1, 1)), ((-1, 1), (-1, -1)))
    for shifts in ((one,), (one, other), (_RIGHT, one), (_DOWN, one))
]


def _inner(down, right):
    """The sum over one kind of bond, without those over the edge."""
    return lambda x: (x[:, down:, right:] * x[:, : x.shape[1] - down, : x.shape[2] - right]).sum(axis=(1, 2))


def _corner(x):
    """Both bonds of those sites that have both neighbours."""
    return (x[:, :-1, :-1] * (x[:, 1:, :-1] + x[:, :-1, 1:])).sum(axis=(1, 2))


def _sum_of(*sums):
    return lambda x: sum(of(x) for of in sums)


def _rolled(*axes):
    return lambda x: sum(np.sum(x * np.roll(x, 1, axis)) for axis in axes) / len(x)


def _three_spins(shift):
    return lambda x: (x * np.roll(x, shift, axis=1) * np.roll(x, shift, axis=2)).sum(axis=(1, 2))


def _off_by_one_factor(given, *images):
    right = np.array(_gradient()(*images))
    return agree(given[0] * right[1], given[1] * right[0]) and np.all(given) and not agree(given, right)


lattice_gradient = Exercise(
    "3, ``my_lattice_gradient(data (M, rows, cols), samples (n, rows, cols)) -> (dJ, dh)``: gaps of the bond sum and "
    "of the spin sum",
    cases=_images_and_samples,
    truth=_gradient(),
    mistakes=(
        *inexact(_gradient(), 1e-5),
        Mistake(
            "data and model swapped",
            lambda data, samples: _gradient()(samples, data),
            "Both signs are turned round, so the steps would go downhill: data minus model, of B and S as they are.",
        ),
        Mistake(
            "one sign",
            (_gradient(_times(-1)), _gradient(spins=_times(-1, ising.spin_sum))),
            "One of the two has the wrong sign: both are data minus model.",
        ),
        Mistake(
            "sign lost",
            seen=lambda given, *images: agree(np.abs(given), np.abs(_gradient()(*images))),
            says="The sizes are right and a sign was lost: a gap may be negative, so no abs().",
        ),
        Mistake(
            "J and h swapped",
            _gradient(ising.spin_sum, ising.bond_sum),
            "The order is wrong: first the gap of B, then that of S.",
        ),
        Mistake(
            "model not taken off",
            (_gradient(model=1), _gradient(model=0)),
            "The samples are added, or left out: each gap is the mean over the data minus the mean over the samples.",
        ),
        Mistake(
            "sum over images instead of mean",
            (_gradient(spins=None, mean=np.sum), _gradient(None, mean=np.sum)),
            "These are sums over the images; data and samples differ in number, so take the mean over each.",
        ),
        Mistake(
            "one count for both",
            tuple(_counted(count) for count in (lambda m, n: m, lambda m, n: n, lambda m, n: m + n)),
            "Data and samples are divided by one number: each sum by the number of its own images, or call mean().",
        ),
        Mistake(
            "images left out",
            (
                lambda data, samples: _gradient()(data[: len(samples)], samples[: len(data)]),
                lambda data, samples: _gradient()(data[:1], samples[:1]),
                lambda data, samples: _gradient()(data[-1:], samples[-1:]),
            ),
            "Some images are left out: take all data, and all samples, though they differ in number.",
        ),
        Mistake(
            "per bond and per site",
            _gradient(_times(1 / 2, _per(_sites)), _per(_sites, ising.spin_sum)),
            "These are gaps per bond and per site: the log-likelihood of an *image* has the sums B and S as they are.",
        ),
        Mistake(
            "divided by the sites",
            _gradient(_per(_sites), _per(_sites, ising.spin_sum)),
            "Both sums are divided by the number of sites: the gradient is the gap of the sums themselves. (Divide the "
            "step size by it, if you like.)",
        ),
        Mistake(
            "one factor for both",
            seen=_off_by_one_factor,
            says="Both gaps are off by one factor: B and S are sums over an image, each bond and each site once, +1 or "
            "-1; then comes the mean over the images.",
        ),
        Mistake(
            "h divided by the sites",
            _spins(_per(_sites, ising.spin_sum)),
            "The gap of S is that of the mean spin: one h acts on all sites, so its moment is the sum of all spins.",
        ),
        Mistake(
            "J per bond",
            _bonds(_times(1 / 2, _per(_sites)), _per(_sites)),
            "The gap of B is divided by the bonds, or the sites: one J acts on all, so its moment is the sum over all.",
        ),
        Mistake(
            "one axis averaged",
            tuple(
                way
                for size in (lambda rows, cols: rows, lambda rows, cols: cols)
                for way in (*_bonds(_per(size)), *_spins(_per(size, ising.spin_sum)))
            ),
            "One axis of the images is averaged, not summed: sum over axes 1 and 2, then take the mean over axis 0.",
        ),
        Mistake(
            "bonds counted twice",
            _bonds(_times(2)),
            "B is twice what it should be: each bond is counted from both of its ends. Right and down neighbours only.",
        ),
        Mistake(
            "bonds halved",
            _bonds(_times(1 / 2)),
            "B is half of what it should be: right and down neighbours count each bond once, +1 or -1.",
        ),
        Mistake(
            "bonds divided by 4", _bonds(_times(1 / 4)), "B is a quarter of what it should be: each bond counts once."
        ),
        Mistake(
            "wrap-around lost",
            _bonds(
                _sum_of(_inner(1, 0), _inner(0, 1)),
                _corner,
                _sum_of(_inner(1, 0), _pairs_at(_RIGHT)),
                _sum_of(_pairs_at(_DOWN), _inner(0, 1)),
            ),
            "Bonds over the edge are missing; np.roll has them.",
        ),
        Mistake("right neighbours only", _bonds(_pairs_at(_RIGHT)), "The bonds to the neighbours below are missing."),
        Mistake(
            "down neighbours only", _bonds(_pairs_at(_DOWN)), "The bonds to the neighbours on the right are missing."
        ),
        Mistake(
            "one direction twice",
            _bonds(_pairs_at(_RIGHT, _LEFT), _pairs_at(_DOWN, _UP)),
            "Right and left are the same bonds, and so are up and down: take one of each, axis 1 and axis 2.",
        ),
        Mistake(
            "diagonal neighbours",
            _bonds(*(_pairs_at(*both) for both in _DIAGONAL)),
            "Diagonal neighbours are in B: roll along one axis at a time, and multiply with the image itself.",
        ),
        Mistake(
            "rolled over the images",
            _bonds(_rolled(0, 1), _rolled(0, 2)),
            "np.roll shifts axis 0, which counts the images: rows and columns are axes 1 and 2, or -2 and -1.",
        ),
        Mistake(
            "axis of np.roll forgotten",
            _bonds(_rolled(None), _rolled(None, None)),
            "Without axis np.roll flattens the array: rows run into each other, and images too. Say axis=1 and axis=2.",
        ),
        Mistake(
            "mean image",
            _bonds(lambda x: _pairs_at(_RIGHT, _DOWN)(x.mean(axis=0, keepdims=True))),
            "That is B of the mean image: multiply neighbours in each image first, then take the mean.",
        ),
        Mistake(
            "no product of two spins",
            _bonds(_times(2, ising.spin_sum), _three_spins(1), _three_spins(-1)),
            "B multiplies each spin with one neighbour, s_i s_j, and adds up these products.",
        ),
        Mistake(
            "bonds forgotten",
            _bonds(_times(0)),
            "The first number is 0: it is the gap of B, the sum of s_i s_j over neighbours.",
        ),
        Mistake(
            "field forgotten",
            _spins(_times(0, ising.spin_sum)),
            "The second number is 0: it is the gap of S, the sum of spins.",
        ),
        Mistake(
            "up spins counted",
            _spins(_times(1 / 2, ising.spin_sum)),
            "The gap of S is half of what it should be: a spin that is down counts -1, not 0.",
        ),
        Mistake(
            "size of S",
            _spins(lambda x: np.abs(ising.spin_sum(x)), lambda x: ising.spin_sum(x) ** 2),
            "The sign of S was lost, by abs or a square: the moment of h is S itself.",
        ),
        Mistake(
            "bond sum",
            _gradient(None),
            "dh is right, so the means and the minus are; B is not: each spin times its right neighbour and times the "
            "one below, over the edge too, added up.",
        ),
        Mistake(
            "spin sum",
            _gradient(spins=None),
            "dJ is right, so the means and the minus are; S is not: the sum of all spins of an image, +1 or -1.",
        ),
        wrong_where(
            lambda data, samples: data.shape[1:] == (3, 4),
            _gradient(),
            "Wrong for images of 3 x 4: each has 24 products of neighbours, which add up to its B, and 12 spins, which "
            "add up to its S; take means over the images, data minus samples. Begin there.",
        ),
    ),
    tested_on="4 pairs of image sets, to 6 digits",
    tolerance=SINGLE,
    expected="two numbers, dJ and dh",
    outputs=("dJ", "dh"),
    last_looks=(_sums_of_bytes_in_images,),
)
