"""What a wrong answer has to do with the right one, where no known mistake explains it."""

from collections.abc import Sequence

import numpy as np

from course_lib.classroom.checks.answers import agree, close, show

LOOSEST = 1e-5  # tolerance; where noise is forgiven, a resemblance would be one by chance

_WHOLE = "Everywhere it is the right answer as a whole number: is int(), //, round or an array of integers in the way?"

_FORMULAS = (
    ("sign turned round", np.negative, "Everywhere the sign is turned round."),
    ("twice the answer", lambda x: 2 * x, "Everywhere it is twice the right answer: what is counted twice?"),
    ("half the answer", lambda x: x / 2, "Everywhere it is half the right answer: is a factor 2 missing?"),
    ("square of the answer", np.square, "Everywhere it is the square of the right answer: is a root missing?"),
    ("root of the answer", np.sqrt, "Everywhere it is the root of the right answer."),
    ("one over the answer", np.reciprocal, "Everywhere it is 1 over the right answer: what is divided by what?"),
    ("logarithm of the answer", np.log, "Everywhere it is the logarithm of the right answer: exponentiate it."),
    ("exponential of the answer", np.exp, "Everywhere it is exp of the right answer: take the logarithm."),
    ("sign lost", np.abs, "Everywhere it is the right answer without its sign."),
    ("sign only", np.sign, "Everywhere only the sign is right: the number itself was asked for."),
    ("true or false", lambda x: x < 0, "That says whether the answer is below 0: the number itself was asked for."),
    ("true or false", lambda x: x > 0, "That says whether the answer is above 0: the number itself was asked for."),
    ("whole numbers", np.trunc, _WHOLE),
    ("whole numbers", np.floor, _WHOLE),
    ("whole numbers", np.rint, _WHOLE),
    ("transposed", np.transpose, "Rows and columns are exchanged: it is the transpose of the right answer."),
    ("order turned round", np.flip, "The numbers are right, and come in the opposite order."),
)


def resemblance(answers: Sequence[tuple], exact: Sequence[tuple], tolerance: float) -> tuple[str, str] | None:
    """A relation between all answers and all right ones, if there is one.

    Parameters
    ----------
    answers, exact : sequence of tuples of arrays
        Case by case, a tuple of outputs each. At least one case is wrong.
    tolerance : float
        As in `agree`.

    Returns
    -------
    (str, str) or None
        A name, and a sentence that says it.

    Examples
    --------
    >>> resemblance([(np.array(3.0),), (np.array(-6.0),)], [(np.array(1.0),), (np.array(-2.0),)], 1e-9)
    ('times a constant', 'Everywhere it is 3 times the right answer.')
    """
    pairs = [pair for given, right in zip(answers, exact, strict=True) for pair in zip(given, right, strict=True)]
    if tolerance > LOOSEST:
        return None
    with np.errstate(all="ignore"):
        for name, formula, says in _FORMULAS:
            if all(agree(given, formula(right), tolerance) for given, right in pairs):
                return name, says
        return _linear(pairs, tolerance)


def _linear(pairs, tolerance):
    """Times a constant, a constant added, or the same number whatever is asked."""
    given, right = (np.concatenate([np.ravel(pair[k]) for pair in pairs]) for k in (0, 1))
    if len(given) < 2 or given.shape != right.shape or not np.all(np.isfinite(given) & np.isfinite(right)):
        return None
    largest = np.abs(right).argmax()
    if np.ptp(given) == 0:
        return "always the same", f"Whatever is asked, it is {show(given[0])}: do the arguments enter?"
    times = given[largest] / right[largest] if given[largest] else 1.0
    if show(times) != "1" and np.all(close(given, times * right, tolerance)):  # 1: only the smaller ones are wrong
        return "times a constant", f"Everywhere it is {show(times)} times the right answer."
    more = given[0] - right[0]
    if more and np.ptp(right) and np.all(close(given, right + more, tolerance)):
        return "a constant added", f"Everywhere it is the right answer plus {show(more)}."
    return None


def resemblance_of_shape(answer, right, tolerance: float) -> tuple[str, str] | None:
    """A relation between an answer of another shape and the right one, if there is one.

    Parameters
    ----------
    answer : anything
    right : array or number
    tolerance : float
        As in `agree`.

    Returns
    -------
    (str, str) or None
        A name, and a clause to go on with.

    Examples
    --------
    >>> resemblance_of_shape([1.0, 2.0], 3.0, 1e-9)
    ('not added up', ' whose sum is right: add up')
    >>> resemblance_of_shape((1.0, 3.0), 3.0, 1e-9)
    ('more than asked', ' and one of them is right: return that one alone')
    """
    alone = isinstance(answer, tuple) and any(_same(part, right, tolerance) for part in answer)
    try:
        given = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        given = np.full(0, np.nan)
    right = np.asarray(right, dtype=float)
    if given.size == right.size and agree(given.ravel(), right.ravel(), tolerance):
        return "another shape", _reshaped(given, right)
    summed, averaged = (_reduced(reduce, given, right, tolerance) for reduce in (np.sum, np.mean))
    diagonal = given.ndim == 2 and agree(np.diagonal(given), right, tolerance)
    # Of equal numbers one is the mean as well as the first.
    differ = right.size > 1 and all(np.ptp(right, axis).any() for axis in range(right.ndim))
    relations = (
        (summed and not alone, "not added up", " whose sum is right: add up"),
        (alone and not summed, "more than asked", " and one of them is right: return that one alone"),
        (averaged and not summed, "not averaged", " whose mean is right: average"),
        (diagonal and not summed, "whole matrix", " whose diagonal is right: take it, np.diag"),
        (differ and _reduced(np.sum, right, given, tolerance), "summed", ", a sum of the right ones: keep them apart"),
        (
            differ and _reduced(np.mean, right, given, tolerance),
            "averaged",
            ", a mean of the right ones: keep them apart",
        ),
    )  # where two of the first fit, as of 1 and 0, neither is certain
    return next(((name, says) for holds, name, says in relations if holds), None)


def _reshaped(given, right):
    """What to do with the right numbers in another shape."""
    if right.size > 1 and given.T.shape == right.shape:
        return " with the right numbers: transpose it"
    if right.size > 1:
        missing = ", unless a sum over an axis is missing" if given.ndim > right.ndim else ""
        return f" with the right numbers: reshape it{missing}"
    if given.ndim > right.ndim:
        return " with the right number in it, where a sum, a mean or an index may be missing"
    return " with the right number, where an array of one is asked for: look for a sum, a mean or an index too many"


def _reduced(reduce, numbers, target, tolerance):
    """Whether the target is what is left of the numbers, when they are summed or averaged along an axis or all."""
    axes = (*range(numbers.ndim), None) if numbers.size else ()
    return any(agree(reduce(numbers, axis), target, tolerance) for axis in axes)


def _same(part, right, tolerance):
    try:
        return agree(np.asarray(part, dtype=float), right, tolerance)
    except (TypeError, ValueError):
        return False
