"""Checks of lesson 00, Start here.

>>> verdict = standard_error(lambda x: np.std(x, ddof=1))  # doctest: +ELLIPSIS
Not yet: for the four numbers 1, 1, 3, 3 you give 1.1547, exact is 0.57735. That is the spread of single...
"""

from itertools import product

import numpy as np

from course_lib.classroom.checks import Case, Exercise, Mistake
from course_lib.classroom.checks.kinds import inexact, right_where, ways, wrong_where

SEED = 1  # the same numbers each time, so that a student who runs a check again sees the same example
POWERS = (-2, -1.5, -1, -0.5, -1 / 3, 0, 0.5, 1)  # of N, as students misplace it
LATER = "(And np.std divides by N where N - 1 is meant: look for `ddof` in help(np.std).)"


def _measurements():
    """Small by hand first, then random ones whose mean is not zero and whose spread is not one."""
    rng = np.random.default_rng(SEED)
    cases = [Case("the four numbers 1, 1, 3, 3", (np.array([1.0, 1.0, 3.0, 3.0]),))]
    cases += [Case("the two numbers -1, 4", (np.array([-1.0, 4.0]),))]
    for n in (3, 5, 8, 13, 30, 50):
        cases.append(Case(f"{n} random numbers", (rng.normal(loc=2.0, scale=rng.uniform(0.5, 4.0), size=n),)))
    return cases


def _standard_error(x):
    return np.std(x, ddof=1) / np.sqrt(len(x))


def _spreads(*spreads, powers=POWERS):
    """Each measure of the spread, times each power of N."""
    return ways(lambda one, x: one[0](x) * len(x) ** one[1], product(spreads, powers))


def _of_squares(*sums):
    """Standard errors with another sum of squares: formulas of x and of its mean."""
    return ways(
        lambda one, x: np.sqrt(np.sum(one[0](x, np.mean(x))) / (len(x) - one[1]) / len(x)), product(sums, (0, 1))
    )


def _std_over(less):
    """The root of the sum of squares over N - less; infinite, where np.std would warn."""
    return ways(lambda one, x: np.sqrt(np.sum((x - x.mean()) ** 2) / np.float64(len(x) - one)), (less,))[0]


standard_error = Exercise(
    "1, ``my_standard_error(x (N,)) -> float``: the standard error of the mean of independent numbers",
    cases=_measurements,
    truth=_standard_error,
    mistakes=(
        Mistake(
            "standard deviation",
            lambda x: np.std(x, ddof=1),
            "That is the spread of single numbers, the standard deviation. Their mean spreads less: divide by the "
            "root of N.",
        ),
        Mistake(
            "standard deviation, with N for N - 1",
            np.std,
            "That is the spread of single numbers, the standard deviation. Their mean spreads less: divide by the "
            f"root of N. {LATER}",
        ),
        Mistake(
            "N for N - 1",
            lambda x: np.std(x) / np.sqrt(len(x)),
            "It is too small by the root of (N - 1)/N: np.std divides by N, as if the true mean were known. The "
            "sample's own mean lies closer to the sample; N - 1 makes up for it. Look for `ddof` in help(np.std).",
        ),
        Mistake(
            "N - 1 twice",
            lambda x: np.std(x, ddof=1) / np.sqrt(len(x) - 1),
            "N - 1 is used twice. It belongs into the standard deviation; the mean is still that of N numbers.",
        ),
        Mistake(
            "N for its root",
            lambda x: np.std(x, ddof=1) / len(x),
            "That divides by N. Variances of independent numbers add up, so the variance of the mean is s^2/N: the "
            "standard error is its root.",
        ),
        Mistake(
            "N for its root, and for N - 1",
            lambda x: np.std(x) / len(x),
            f"That divides by N where the root of N is meant. {LATER}",
        ),
        Mistake(
            "variance of the mean",
            lambda x: np.var(x, ddof=1) / len(x),
            "That is the variance of the mean, in squared units: take the root.",
        ),
        Mistake(
            "root taken wrongly",
            lambda x: np.std(x, ddof=1) / (len(x) / 2),
            "That divides by N/2: `len(x)**1/2` is (len(x)**1)/2. Write np.sqrt(len(x)), or len(x)**0.5.",
        ),
        Mistake(
            "variance",
            lambda x: np.var(x, ddof=1),
            "That is the variance of single numbers: divide it by N, then take the root.",
        ),
        Mistake(
            "variance, with N for N - 1",
            np.var,
            "That is the variance of single numbers: divide it by N, then take the root. (And np.var divides by N, "
            "not by N - 1.)",
        ),
        Mistake(
            "variance of the mean, with N for N - 1",
            lambda x: np.var(x) / len(x),
            "That is the variance of the mean, in squared units: take the root. (And np.var divides by N, not by "
            "N - 1.)",
        ),
        Mistake(
            "the mean itself",
            (np.mean, lambda x: abs(np.mean(x))),
            "That is the mean itself. How far off is it, typically?",
        ),
        Mistake(
            "another power of N",
            _spreads(_std_over(1), _std_over(0)),
            "The power of N is not right: the sum of squares is divided by N - 1, and its root by the root of N, once.",
        ),
        Mistake(
            "variance with another power of N",
            _spreads(lambda x: np.var(x, ddof=1), np.var),
            "That has the variance in it, in squared units: take its root.",
        ),
        Mistake(
            "another number for N or N - 1",
            ways(
                lambda one, x: _std_over(one[0])(x) / np.sqrt(len(x) + one[1]), product((-1, 0, 1, 2), (-2, -1, 0, 1))
            ),
            "The sum of squares is divided by N - 1, and that by N: one of the two is another number here.",
        ),
        Mistake(
            "deviations not squared",
            _spreads(lambda x: np.mean(np.abs(x - x.mean())), lambda x: np.sum(np.abs(x - x.mean())) / (len(x) - 1)),
            "The deviations count with their size here: square each, add up, and take the root in the end.",
        ),
        Mistake(
            "another measure of the spread",
            _spreads(np.ptp, lambda x: np.ptp(x) / 2, lambda x: np.median(np.abs(x - np.median(x)))),
            "That is another measure of the spread, such as the range: s is the root of the mean square deviation.",
        ),
        Mistake(
            "deviations from another number",
            _of_squares(
                lambda x, m: (x - x[0]) ** 2, lambda x, m: (x - x[-1]) ** 2, lambda x, m: (x - np.median(x)) ** 2
            ),
            "The deviations are from the first or last number, or from the median: take them from the mean.",
        ),
        Mistake(
            "deviations cancel",
            seen=lambda given, x: abs(given) < 1e-6,
            says="That is 0, up to round-off: deviations from the mean cancel, unless each is squared first.",
        ),
        Mistake(
            "mean not taken off",
            _spreads(*ways(lambda less, x: np.sqrt(np.sum(x**2) / (len(x) - less)), (0, 1))),
            "The squares are those of the numbers: take the mean off each number first.",
        ),
        Mistake(
            "one number only",
            _of_squares(lambda x, m: (x[:1] - m) ** 2, lambda x, m: (x[-1:] - m) ** 2),
            "Only one number is in the sum of squares: add with +=, and return after the loop.",
        ),
        Mistake(
            "one number left out",
            _of_squares(lambda x, m: (x[1:] - m) ** 2, lambda x, m: (x[:-1] - m) ** 2)
            + ways(lambda part, x: _standard_error(x[part]), (slice(1, None), slice(-1))),
            "The first or the last number is left out: where does the loop begin and end?",
        ),
        Mistake(
            "relative error",
            ways(lambda sign, x: _standard_error(x) / sign(np.mean(x)), (float, abs)),
            "That is the standard error over the mean: the standard error itself was asked for.",
        ),
        Mistake(
            "N only",
            ways(lambda power, x: len(x) ** power, POWERS),
            "Only N is in that: how far the numbers scatter must come in as well.",
        ),
        *inexact(_standard_error, 1e-3),
        right_where(lambda x: len(x) == 2, _standard_error, "Right for two numbers: what changes with more of them?"),
        wrong_where(
            lambda x: len(x) == 2,
            _standard_error,
            "Wrong for two numbers: of a and b, s^2 is (a - b)^2 / 2 and the standard error |a - b| / 2. Begin there.",
        ),
    ),
    tested_on="8 samples of 2 to 50 numbers, to 9 digits",
    expected="one number",
)
