"""Kinds of mistakes that many exercises share: digits lost, answers right in some cases only, one more case."""

import numpy as np

from course_lib.classroom.checks.answers import AnswerError, Case, agree, answers_of, parts
from course_lib.classroom.checks.exercise import Mistake

SILENT = np.errstate(all="ignore")  # a mistake may overflow: what it returns is then infinite, or NaN


def ways(combine, formulas):
    """A function of the arguments for each formula.

    Parameters
    ----------
    combine : callable
        ``combine(formula, *arguments)``.
    formulas : iterable

    Returns
    -------
    tuple of callables

    Examples
    --------
    >>> [way(3) for way in ways(lambda power, x: x**power, (1, 2))]
    [3, 9]
    """
    return tuple(SILENT(lambda *arguments, one=one: combine(one, *arguments)) for one in formulas)


def inexact(truth, nearly):
    """Two mistakes of giving the right answer, but not all its digits.

    Parameters
    ----------
    truth : callable
    nearly : float
        Up to which relative error an answer is called near.

    Returns
    -------
    tuple of Mistake

    Examples
    --------
    >>> [mistake.name for mistake in inexact(np.sqrt, 1e-3)]
    ['rounded', 'nearly right']
    """

    def to_digits(digits, *arguments):
        answer = truth(*arguments)
        return tuple(np.round(x, digits) for x in answer) if isinstance(answer, tuple) else np.round(answer, digits)

    return (
        Mistake("rounded", ways(to_digits, range(1, 6)), "That is rounded: give all digits, round when you print."),
        Mistake(
            "nearly right",
            seen=lambda given, *case: equal(given, truth(*case), nearly),
            says="That is near, but not exact: is anything sampled, stopped early, or float32?",
        ),
    )


def right_where(condition, truth, says):
    """Near the last resort: the answer is right in the cases that meet a condition, and differs in others.

    Parameters
    ----------
    condition : callable
        ``condition(*arguments)``.
    truth : callable
    says : str
        Begins with "Right" and where; up to the colon it is the name, too.

    Returns
    -------
    Mistake

    Examples
    --------
    >>> right_where(lambda x: x > 0, np.abs, "Right above 0: and below?").name
    'right above 0 only'
    """
    return Mistake(
        f"right {says.split(':')[0].removeprefix('Right ')} only",
        seen=lambda given, *case: equal(given, truth(*case)) if condition(*case) else not _has_nan(given),
        says=says,
    )


def wrong_where(condition, truth, says):
    """The last resort: not even the simplest cases are right, nor have they to do with the right answer.

    Parameters
    ----------
    condition : callable
        ``condition(*arguments)``: the simplest cases.
    truth : callable
    says : str
        Begins with "Wrong" and where; up to the colon it is the name, too.

    Returns
    -------
    Mistake

    Examples
    --------
    >>> wrong_where(lambda x: x == 0, np.abs, "Wrong for 0: it is 0.").name
    'wrong for 0'
    """

    def is_wrong(given, *case):
        return not equal(given, truth(*case)) and not _has_nan(given)

    return Mistake(
        f"wrong {says.split(':')[0].removeprefix('Wrong ')}", seen=is_wrong, says=says, where=condition, last=True
    )


def last_look(case: Case, truth, name, says):
    """A look at one case more, where all others are right: a demand that would hide other mistakes.

    Parameters
    ----------
    case : Case
    truth : callable
    name, says : str
        Of the mistake that the case shows.

    Returns
    -------
    callable
        One of the ``last_looks`` of an `Exercise`.

    Examples
    --------
    >>> look = last_look(Case("x = -1", (-1.0,)), abs, "sign", "-1 has the absolute value 1.")
    >>> look(abs), look(lambda x: x).says
    (None, 'for x = -1 it is not right. -1 has the absolute value 1.')
    """
    found = Mistake(name, says=f"for {case.name} it is not right. {says}")

    @SILENT
    def look(function):
        try:
            (answer,) = answers_of(function, [case], lambda answer, *_: answer, expected="an answer")
        except AnswerError:
            return found
        right = truth(*case.arguments)
        return None if equal(tuple(answer) if isinstance(right, tuple) else answer, right) else found

    return look


def _has_nan(answer):  # of NaN the engine says more
    return any(np.any(np.isnan(part)) for part in parts(answer))


def equal(given, right, tolerance=1e-6) -> bool:
    """Whether an answer, of one output or of several, is the right one.

    Parameters
    ----------
    given, right : array or tuple of arrays
    tolerance : float

    Returns
    -------
    bool

    Examples
    --------
    >>> equal((1.0, 2.0), (1.0, 2.0)), equal(1.0, 2.0)
    (True, False)
    """
    pairs = zip(given, right, strict=True) if isinstance(right, tuple) else [(given, right)]
    return all(agree(a, b, tolerance) for a, b in pairs)
