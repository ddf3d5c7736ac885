"""Mistakes made of slips: an answer is put together in stages, and a slip is one stage done in another way."""

from collections.abc import Callable
from itertools import combinations

import numpy as np

from course_lib.classroom.checks.answers import agree
from course_lib.classroom.checks.exercise import Mistake


def composed(solve: Callable, *stages, where=None) -> tuple[list[Mistake], list[Mistake]]:
    """The slips alone, and two at a time, of different stages.

    Parameters
    ----------
    solve : callable
        ``solve(arguments, *ways)``: the answer, put together from one way a stage.
    *stages : tuple
        ``(right way, *slips)`` each, a slip ``(name, way, what to say)``.
    where : callable, optional
        As of a `Mistake`.

    Returns
    -------
    (list of Mistake, list of Mistake)
        Of one slip each, and of two, named after the first.

    Examples
    --------
    >>> one, two = composed(
    ...     lambda arguments, power, unit: unit * power(*arguments),
    ...     (np.square, ("cube", lambda x: x**3, "That is a cube.")),
    ...     (1, ("sign", -1, "The sign is turned round.")),
    ... )
    >>> [mistake.name for mistake in one], two[0].returns(2.0), two[0].says
    (['cube', 'sign'], -8.0, 'That is a cube. Besides: The sign is turned round.')
    """
    right = [way for way, *_ in stages]
    slips = [(stage, *slip) for stage, (_, *stage_slips) in enumerate(stages) for slip in stage_slips]

    def mistake(*made):
        ways = list(right)
        for stage, _, way, _ in made:
            ways[stage] = way

        def returns(*arguments):
            with np.errstate(all="ignore"):
                return solve(arguments, *ways)

        return Mistake(made[0][1], returns, " Besides: ".join(says for *_, says in made), where=where)

    two = [mistake(one, other) for one, other in combinations(slips, 2) if one[0] != other[0]]
    return [mistake(slip) for slip in slips], two


def localised(name, where, truth, says) -> Mistake:
    """A mistake of which no more is known than where it does not show.

    Parameters
    ----------
    name : str
    where : callable
        ``where(*arguments)``: the cases in which it does not show.
    truth : callable
        As of an `Exercise`.
    says : str

    Returns
    -------
    Mistake

    Examples
    --------
    >>> localised("below 0", lambda x: x > 0, abs, "Above 0 you are right, below not.").name
    'below 0'
    """

    def right_there(given, *arguments):
        parts = (given, truth(*arguments)) if isinstance(given, tuple) else ((given,), (truth(*arguments),))
        return all(agree(a, b, 1e-7) for a, b in zip(*parts, strict=True))

    return Mistake(name, seen=right_there, says=says, where=where)
