"""Functions that draw random numbers: what they return again and again, and where their numbers come from.

The last argument of such a function is the generator.
"""

import copy
import time

import numpy as np

from course_lib.classroom.checks.exercise import Mistake


def repeated(function, arguments, rng, *, most: int, fewest: int = 1, seconds: float = np.inf) -> list:
    """What a function returns, called with the same arguments as often as there is time.

    Parameters
    ----------
    function : callable
        ``function(*arguments, rng)``; each call gets its own copies.
    arguments : tuple
    rng : numpy.random.Generator
        One for all calls.
    most : int
        Number of calls, where they are fast.
    fewest : int
        Number of calls that are made however long they take.
    seconds : float

    Returns
    -------
    list

    Examples
    --------
    >>> def add_noise(x, rng):
    ...     x += rng.integers(10)
    ...     return x
    >>> repeated(add_noise, (np.array([0, 100]),), np.random.default_rng(1), most=3)
    [array([  4, 104]), array([  5, 105]), array([  7, 107])]
    """
    end, answers = time.perf_counter() + seconds, []
    while len(answers) < most and (len(answers) < fewest or time.perf_counter() < end):
        given = (x.copy() if isinstance(x, np.ndarray) else x for x in arguments)
        answers.append(copy.copy(function(*given, rng)))
    return answers


def own_random_numbers(function, arguments) -> Mistake | None:
    """The mistake of a function that draws random numbers which are not those of its rng.

    Parameters
    ----------
    function : callable
        ``function(*arguments, rng)``, the probabilities of which are right.
    arguments : tuple

    Returns
    -------
    Mistake or None

    Examples
    --------
    >>> own_random_numbers(lambda x, rng: x + rng.random(), (1.0,))
    >>> own_random_numbers(lambda x, rng: x + np.random.default_rng().random(), (1.0,)).name
    'own random numbers'
    """
    first, second = (repeated(function, arguments, np.random.default_rng(0), most=30) for _ in range(2))
    if np.array_equal(first, second):
        return None
    return Mistake(
        "own random numbers",
        says="every probability is right, but the same rng gives another result each time: draw all numbers from rng.",
    )


def rng_decides_nothing(seen: str, one_for_each: str) -> Mistake:
    """The mistake of a function that returns the same each time.

    Parameters
    ----------
    seen : str
        What was the same, as a clause.
    one_for_each : str
        What takes a random number of its own.

    Returns
    -------
    Mistake

    Examples
    --------
    >>> rng_decides_nothing("All are alike", "bond").says[:70]
    'All are alike, so no random number from rng decides. Is one drawn for '
    """
    return Mistake(
        "rng decides nothing",
        says=f"{seen}, so no random number from rng decides. Is one drawn for each {one_for_each}? Is a seed fixed?",
    )
