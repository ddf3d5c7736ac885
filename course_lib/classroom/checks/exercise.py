"""An exercise as a declaration: what is asked, on which systems it is tried, and which mistakes are known.

    energy = Exercise(
        "1, ``my_energy(spins (N,), J (N, N), h (N,)) -> float``: the energy of one configuration",
        cases=systems,
        truth=ising.energy,
        mistakes=(
            Mistake("sign of h", lambda s, J, h: -s @ J @ s / 2 + h @ s, "The field part has the wrong sign: ..."),
            ...
        ),
        tested_on="12 random systems of 2 to 7 spins, to 9 digits",
        expected="one number",
    )

Calling it with a student's function prints one line and returns a `Verdict`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from course_lib.classroom.checks.answers import (
    WRONG_KIND,
    AnswerError,
    Case,
    agree,
    answers_of,
    as_numbers,
    close,
    parts,
    show,
)
from course_lib.classroom.checks.resemblance import resemblance, resemblance_of_shape
from course_lib.classroom.checks.verdict import Verdict, say


@dataclass(frozen=True)
class Mistake:
    """A mistake that students make: its name, what a function that makes it returns, and what to tell the student.

    Parameters
    ----------
    name : str
    returns : callable or tuple of callables
        ``returns(*arguments)``: what a student who makes it would return; several, if it shows in several ways. For
        an exercise with several outputs a tuple, with None in the place of an output it says nothing about. Of a
        masked array (``numpy.ma``) it says nothing about the masked entries.
    says : str
    seen : callable, optional
        In place of ``returns``: ``seen(given, *arguments)`` tells whether the answer shows the mistake. ``given`` is a
        tuple where there are several outputs.
    where : callable, optional
        ``where(*arguments)``: the cases it is judged on; by default all.
    last : bool
        Whether it is asked about only when nothing else explains the answers, no `resemblance` either.

    A mistake with neither ``returns`` nor ``seen`` is found in another way, by a last look.
    """

    name: str
    returns: Callable | Sequence[Callable] = ()
    says: str = ""
    seen: Callable | None = None
    where: Callable | None = None
    last: bool = False

    @property
    def ways(self) -> tuple[Callable, ...]:
        """All that ``returns`` names."""
        return self.returns if isinstance(self.returns, tuple) else (self.returns,)

    def explains(self, answers: Sequence[tuple], cases: Sequence[Case], tolerance: float) -> bool:
        """Whether a student who makes this mistake would have given these answers."""
        judged = [
            (given, case.arguments)
            for given, case in zip(answers, cases, strict=True)
            if self.where is None or self.where(*case.arguments)
        ]
        signs = [self.seen] if self.seen else [_same_as(way, tolerance) for way in self.ways]
        return bool(judged) and any(
            all(sign(given if len(given) > 1 else given[0], *arguments) for given, arguments in judged)
            for sign in signs
        )


def _same_as(way, tolerance):
    """A sign that an answer is what this way gives, wherever the way says something."""

    def same(given, *arguments):
        mistaken = way(*arguments)
        outputs = zip(given, mistaken, strict=True) if isinstance(given, tuple) else [(given, mistaken)]
        return all(
            b is None or agree(np.where(np.ma.getmask(b), 0, a), np.ma.filled(b, 0), tolerance) for a, b in outputs
        )

    return same


class Check:
    """What all checks share: name and docstring of what they ask, and one line whatever a student's function does.

    Each has ``asks``, see `Exercise`, and ``_judged(function)``, which returns a `Verdict` or raises `AnswerError`.
    """

    def __post_init__(self):
        object.__setattr__(self, "__doc__", f"Check Exercise {self.asks}.")
        object.__setattr__(self, "__name__", re.search(r"``(?:my_)?(\w+)\(", self.asks)[1])

    def __call__(self, function) -> Verdict:
        """Judge a student's function."""
        try:
            return self._judged(function)
        except NotImplementedError as stub:
            return say("your turn", str(stub) or "your turn")
        except AnswerError as error:
            return say("not yet", f"Not yet: {error}{self._hint(error)}", error.name)

    def _hint(self, error):
        """What to add to an answer that cannot be compared with anything."""
        return ""


@dataclass(frozen=True)
class Exercise(Check):
    """A check of one exercise: called with a student's function it prints one line and returns a `Verdict`.

    Parameters
    ----------
    asks : str
        Number of the exercise, signature of the student's function in double backquotes, and what it is to do:
        ``"1, ``my_energy(spins (N,)) -> float``: the energy"``. It becomes the docstring, and the name of the function
        that of the check, without ``my_`` if it begins with it.
    cases : callable
        Without arguments: the sequence of `Case`, simplest first: the first that fails is the one shown.
    truth : callable
        ``truth(*arguments)``: the right answer; a tuple, where there are several outputs.
    mistakes : sequence of Mistake
        The first that explains the student's answers is reported; where none does, what they have to do with the
        right ones, see `resemblance`.
    tested_on : str
        What a right answer was tested on, for the line that says so.
    expected : str
        What the function should return, for the line about a wrong kind of answer.
    outputs : tuple of str
        Names of the outputs, where there are several.
    read : callable, optional
        ``read(answer, *arguments)``: the answer as an array to compare; raises `AnswerError`. By default each output
        must have the shape of the truth.
    call : callable, optional
        ``call(function, *arguments)`` instead of ``function(*arguments)``.
    describe : callable, optional
        ``describe(given, exact, *arguments)``: what differs, as a clause. By default the two values.
    last_looks : sequence of callables
        ``look(function)``, asked in turn when every answer is right: the `Mistake` that shows all the same, or None.
    tolerance : float
        Relative error that counts as none; see `agree`.

    Examples
    --------
    >>> square = Exercise(
    ...     "1, ``my_square(x) -> number``: the square of a number",
    ...     cases=lambda: [Case("x = 3", (3.0,)), Case("x = 5", (5.0,))],
    ...     truth=lambda x: x**2,
    ...     mistakes=[Mistake("square forgotten", lambda x: x, "That is x itself: square it.")],
    ...     tested_on="2 numbers",
    ...     expected="a number",
    ... )
    >>> verdict = square(lambda x: x)
    Not yet: for x = 3 you give 3, exact is 9. That is x itself: square it.
    >>> bool(verdict), verdict.diagnosis
    (False, 'square forgotten')
    >>> square.__doc__
    'Check Exercise 1, ``my_square(x) -> number``: the square of a number.'
    """

    asks: str
    cases: Callable[[], Sequence[Case]]
    truth: Callable
    mistakes: Sequence[Mistake]
    tested_on: str
    expected: str
    outputs: Sequence[str] = ()
    read: Callable | None = None
    call: Callable | None = None
    describe: Callable | None = None
    last_looks: Sequence[Callable] = ()
    tolerance: float = 1e-9

    def _judged(self, function):
        """Compare a student's function with the truth, and with the known mistakes where it fails."""
        cases = self.cases()
        exact = [parts(self.truth(*case.arguments)) for case in cases]
        answers = answers_of(function, cases, self._read, expected=self.expected, call=self.call)
        wrong = [k for k in range(len(cases)) if not self._agree(answers[k], exact[k])]
        if wrong:
            return self._explained(answers, exact, cases, wrong)
        try:
            found = next(filter(None, (look(function) for look in self.last_looks)), None)
        except Exception as error:
            raised = f"at a last look your function raised {type(error).__name__}: {error}"
            return say("not yet", f"Not yet: {raised}.", "raises")
        if found:
            return say("not yet", f"Not yet: {found.says}", found.name)
        return say("right", f"Right. Tested on {self.tested_on}.")

    def _explained(self, answers, exact, cases, wrong):
        """The verdict on answers of which some are wrong: the first of these, and the mistake that fits."""
        k = wrong[0]
        clause = self._describe(answers[k], exact[k], *cases[k].arguments)
        seen = f"Not yet: for {cases[k].name} {clause}."

        def known(last):
            asked = (mistake for mistake in self.mistakes if mistake.last == last)
            with np.errstate(all="ignore"):  # what a mistake returns may overflow: that is no warning to a student
                return next(
                    ((one.name, one.says) for one in asked if one.explains(answers, cases, self.tolerance)), None
                )

        found = known(last=False) or resemblance(answers, exact, self.tolerance) or known(last=True)
        if found:
            return say("not yet", f"{seen} {found[1]}", found[0])
        if any(np.any(np.isnan(part)) for part in answers[k]):
            looked_for = "look for 0/0, infinity minus infinity, or the logarithm or root of a negative number"
            return say("not yet", f"Not yet: your function returned NaN for {cases[k].name}: {looked_for}.", "NaN")
        return say("not yet", f"{seen} {len(wrong)} of {len(cases)} cases differ.")

    def _agree(self, given, exact):
        return all(agree(a, b, self.tolerance) for a, b in zip(given, exact, strict=True))

    def _read(self, answer, *arguments):
        """An answer as a tuple of float arrays, one for each output."""
        if self.read:
            return tuple(as_numbers(part).astype(float) for part in parts(self.read(answer, *arguments)))
        shapes = [np.shape(part) for part in parts(self.truth(*arguments))]
        if not self.outputs:
            return (self._read_one(answer, self.truth(*arguments)),)
        stacked = isinstance(answer, np.ndarray) and {answer.shape[1:]} == set(shapes)  # not one matrix for a pair
        if not (stacked or isinstance(answer, tuple | list)) or len(answer) != len(shapes):
            raise AnswerError(f"your function did not return {len(shapes)} values, {' and '.join(self.outputs)}")
        given = [as_numbers(part) for part in answer]
        for name, part, shape in zip(self.outputs, given, shapes, strict=True):
            if part.shape != shape:
                turned = [part.shape for part in given] == shapes[::-1]
                order = f"({', '.join(self.outputs[::-1])})" if turned else f"{name} of shape {part.shape}, not {shape}"
                raise AnswerError(f"your function returned {order}", "outputs exchanged" if turned else WRONG_KIND)
        return tuple(part.astype(float) for part in given)

    def _read_one(self, answer, right):
        """The only output as a float array; where it has another shape, what it has to do with the right one."""
        if not isinstance(answer, tuple | list) and np.shape(answer) == np.shape(right):
            return as_numbers(answer).astype(float)
        name, says = resemblance_of_shape(answer, right, self.tolerance) or (WRONG_KIND, "")
        try:
            given = as_numbers(answer)
        except ValueError:
            if says:
                raise AnswerError(f"your function returned {len(answer)} values{says}", name) from None
            raise
        if given.shape != np.shape(right):
            wanted = f", not {np.shape(right)}" if np.shape(right) else ""
            raise AnswerError(f"your function returned an array of shape {given.shape}{wanted}{says}", name)
        return given.astype(float)

    def _describe(self, given, exact, *arguments):
        if self.describe:
            whole = (given, exact) if self.outputs else (given[0], exact[0])
            return self.describe(*whole, *arguments)
        if not self.outputs:
            return f"you give {_two_values(given[0], exact[0])}"
        differ = [not agree(a, b, self.tolerance) for a, b in zip(given, exact, strict=True)]
        k = differ.index(True)
        place, right = _first_difference(given[k], exact[k], self.tolerance)
        praise = "".join(f"your {name} is right, and " for name in self.outputs[:k])
        return f"{praise}your {self.outputs[k]}{place} is {_two_values(given[k][right], exact[k][right])}"


def _first_difference(given, exact, tolerance):
    """Where two arrays differ first, as text and as an index; off the diagonal of a matrix, if they do there."""
    if not given.shape:
        return "", ()
    wrong = [tuple(int(i) for i in index) for index in np.argwhere(~close(given, exact, tolerance))]
    index = next((index for index in wrong if len(set(index)) > 1), wrong[0])
    return f"[{', '.join(map(str, index))}]", index


def _two_values(given, exact):
    """Both values, with as many digits as it takes to tell them apart."""
    for digits in (6, 9, 12):
        texts = show(given, digits), show(exact, digits)
        if texts[0] != texts[1]:
            break
    return f"{texts[0]}, exact is {texts[1]}"
