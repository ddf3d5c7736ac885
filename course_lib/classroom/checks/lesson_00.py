"""Checks of lesson 00, Start here.

>>> verdict = standard_error(lambda x: np.std(x, ddof=1))  # doctest: +ELLIPSIS
Not yet: for the four numbers 1, 1, 3, 3 you give 1.1547, exact is 0.57735. That is the spread of single...
"""

import numpy as np

from course_lib.classroom.checks import Case, Exercise, Mistake

SEED = 1  # the same numbers each time, so that a student who runs a check again sees the same example


def _measurements():
    """Small by hand first, then random ones whose mean is not zero and whose spread is not one."""
    rng = np.random.default_rng(SEED)
    cases = [Case("the four numbers 1, 1, 3, 3", (np.array([1.0, 1.0, 3.0, 3.0]),))]
    cases += [Case("the two numbers -1, 4", (np.array([-1.0, 4.0]),))]
    for n in (3, 5, 8, 13, 30, 50):
        cases.append(Case(f"{n} random numbers", (rng.normal(loc=2.0, scale=rng.uniform(0.5, 4.0), size=n),)))
    return cases


standard_error = Exercise(
    "1, ``my_standard_error(x (N,)) -> float``: the standard error of the mean of independent numbers",
    cases=_measurements,
    truth=lambda x: np.std(x, ddof=1) / np.sqrt(len(x)),
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
            "root of N. (And np.std divides by N where N - 1 is meant: look for `ddof` in help(np.std).)",
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
            "That divides by N where the root of N is meant. "
            "(And np.std divides by N, not by N - 1: look for `ddof` in help(np.std).)",
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
        Mistake("the mean itself", np.mean, "That is the mean itself. How far off is it, typically?"),
    ),
    tested_on="8 samples of 2 to 50 numbers, to 9 digits",
    expected="one number",
)
