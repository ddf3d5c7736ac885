"""A student's answers: the systems a function is tried on, what it returns for them, and whether that is right."""

import copy
import inspect
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from course_lib.classroom.checks.time_limit import TIME_LIMIT, TimeLimitReached, within


@dataclass(frozen=True)
class Case:
    """One system to try a function on: the arguments, and how to name them in a sentence."""

    name: str
    arguments: tuple


@dataclass(frozen=True)
class Seed:
    """Among the arguments of a case: the function gets a generator with this seed in its place."""

    value: int


WRONG_KIND = "wrong kind of answer"


class AnswerError(ValueError):
    """What a student's function did that cannot be compared with anything, in one sentence; and its name."""

    def __init__(self, message, name=WRONG_KIND):
        super().__init__(message)
        self.name = name


def answers_of(
    function,
    cases: Sequence[Case],
    read: Callable,
    *,
    expected: str,
    call: Callable | None = None,
    seconds: float = TIME_LIMIT,
) -> list:
    """The student's answers to all cases.

    Parameters
    ----------
    function : callable
        The student's.
    cases : sequence of Case
    read : callable
        ``read(answer, *arguments)``: an answer as what can be compared; raises `AnswerError`.
    expected : str
        What the function should return, in words.
    call : callable, optional
        ``call(function, *arguments)`` instead of ``function(*arguments)``.
    seconds : float
        For all cases together.

    Returns
    -------
    list
        What ``read`` returned, case by case.

    Raises
    ------
    AnswerError
        Where an answer is not one: the function raised, returned None or another shape, changed its input,
        or did not end.
    NotImplementedError
        Where the function is still the stub.

    Examples
    --------
    >>> answers_of(lambda x: None, [Case("x = 1", (1,))], lambda answer, x: answer, expected="a number")
    Traceback (most recent call last):
    ...
    course_lib.classroom.checks.answers.AnswerError: your function returned None, expected a number: is the return \
line missing?
    """
    if not callable(function):
        wanted = "the check wants your function itself"
        raise AnswerError(f"{wanted}, got {show(function)}: pass its name, without ()", "not a function")
    answers = []

    def answer_all():
        for case in cases:
            answers.append(_answer(function, case, read, expected, call, first=not answers))

    try:
        within(seconds, answer_all)
    except TimeLimitReached:
        if len(answers) == len(cases):
            return answers
        name = cases[len(answers)].name
        raise AnswerError(
            f"your function was still running after {seconds:g} s on {name}: does every loop end, and is nothing "
            "done over and over?",
            "does not end",
        ) from None
    return answers


def _answer(function, case, read, expected, call, *, first):
    arguments = [_handed_over(argument) for argument in case.arguments]
    try:
        answer = call(function, *arguments) if call else function(*arguments)
    except NotImplementedError:
        raise
    except (Exception, SystemExit) as error:
        raise AnswerError(
            f"your function raised {type(error).__name__}: {error} ({_where(error, function)}) for {case.name}",
            "raises",
        ) from None
    _check_unchanged(function, case.arguments, arguments)
    if answer is None:
        where = "" if first else f" for {case.name}"  # elsewhere it did return something
        missing = "line missing" if first else "missing in one of its branches"
        raise AnswerError(f"your function returned None{where}, expected {expected}: is the return {missing}?", "None")
    try:
        return read(answer, *case.arguments)
    except AnswerError as error:
        raise AnswerError(f"for {case.name} {error}, expected {expected}", error.name) from None
    except (TypeError, ValueError):
        raise AnswerError(f"your function returned {show(answer)}, expected {expected}") from None


def _handed_over(argument):
    return np.random.default_rng(argument.value) if isinstance(argument, Seed) else copy.deepcopy(argument)


def _check_unchanged(function, before, after):
    for k, (one, other) in enumerate(zip(before, after, strict=True)):
        if not isinstance(one, Seed) and not np.array_equal(one, other, equal_nan=True):
            name = [*inspect.signature(function).parameters][k]
            raise AnswerError(f"your function changed its input {name}: work on a copy, {name}.copy()", "input changed")


def _where(error, function):
    """The student's own line: the last one of the traceback in the file, or notebook cell, of the function."""
    frames = traceback.extract_tb(error.__traceback__)[1:]
    code = getattr(function, "__code__", None)
    own = [frame for frame in frames if code and frame.filename == code.co_filename]
    return f"line {own[-1].lineno}: {own[-1].line}" if own else "while it was called: are the arguments as in the stub?"


def as_numbers(answer) -> np.ndarray:
    """An answer as an array of numbers.

    Parameters
    ----------
    answer : anything

    Returns
    -------
    array

    Raises
    ------
    AnswerError
        If it is a set, a string, or anything else that is no array of numbers.

    Examples
    --------
    >>> as_numbers([1, 2])
    array([1, 2])
    >>> as_numbers({1, 2})
    Traceback (most recent call last):
    ...
    course_lib.classroom.checks.answers.AnswerError: your function returned a set
    """
    numbers = np.asarray(answer)
    if numbers.dtype.kind not in "biuf":
        raise AnswerError(f"your function returned a {type(answer).__name__}")
    return numbers


def agree(answer, exact, tolerance=1e-9) -> bool:
    """Whether two arrays are equal up to round-off.

    Parameters
    ----------
    answer, exact : array
    tolerance : float
        Relative to the largest number of ``exact``, or to 1 if that is larger.

    Returns
    -------
    bool

    Examples
    --------
    >>> agree(0.1 + 0.2, 0.3), agree([1, 2], [1, 2, 3])
    (True, False)
    """
    answer, exact = np.asarray(answer), np.asarray(exact)
    return answer.shape == exact.shape and bool(np.all(close(answer, exact, tolerance)))


def close(answer, exact, tolerance=1e-9) -> np.ndarray:
    """Entry by entry, what `agree` asks of all: two arrays of one shape.

    Parameters
    ----------
    answer, exact : array
    tolerance : float

    Returns
    -------
    array of bool

    Examples
    --------
    >>> close(np.array([1.0, 2.0, np.inf]), np.array([1.0, 2.1, np.inf]))
    array([ True, False,  True])
    """
    scale = np.abs(exact[np.isfinite(exact)]).max(initial=1.0)
    with np.errstate(invalid="ignore"):  # infinity is equal to infinity, though their difference is not a number
        same = (answer == exact) | (np.isnan(answer) & np.isnan(exact))
        return same | (np.abs(answer - exact) <= tolerance * scale)


def parts(answer) -> tuple[np.ndarray, ...]:
    """The outputs of an answer, each as an array: those of a tuple, or the only one.

    Parameters
    ----------
    answer : array or tuple of arrays

    Returns
    -------
    tuple of arrays

    Examples
    --------
    >>> parts(1.0), len(parts((1.0, [2.0, 3.0])))
    ((array(1.),), 2)
    """
    return tuple(np.asarray(part) for part in (answer if isinstance(answer, tuple) else (answer,)))


def show(value, digits=6) -> str:
    """A value short enough for a sentence.

    Parameters
    ----------
    value : anything
    digits : int

    Returns
    -------
    str

    Examples
    --------
    >>> show(np.array([1.0, 2.0])), show(np.array([1.0, np.inf])), show(1 / 3)
    ('[1 2]', '[ 1. inf]', '0.333333')
    """
    if isinstance(value, np.ndarray | np.generic) and np.ndim(value) == 0 and value.dtype.kind in "biuf":
        value = float(value)
    if isinstance(value, float):
        return f"{value + 0.0:.{digits}g}"  # no -0
    if (
        isinstance(value, np.ndarray)
        and value.dtype.kind == "f"
        and np.all(np.isfinite(value) & (value == np.rint(value)))
    ):
        value = value.astype(int)
    text = np.array2string(value, precision=digits - 2, threshold=12) if isinstance(value, np.ndarray) else repr(value)
    return " ".join(text.split())[:90]
