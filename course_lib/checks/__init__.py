"""Checks that diagnose: they try a student's function on small systems and say which mistake fits.

A check prints one line, returns a `Verdict`, never raises for a wrong answer, and takes at most two
seconds. Each lesson has a module here, ``lesson_01`` and so on, with one function an exercise.
"""

import copy
import ctypes
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

TIME_LIMIT = 1.5  # seconds for all cases of one check; what is left of two seconds is the check's own


@dataclass(frozen=True)
class Verdict:
    """What a check found; true when the answer is right.

    Parameters
    ----------
    status : {"right", "your turn", "not yet"}
    message : str
        The line that was printed.
    diagnosis : str, optional
        Name of the mistake, where one was recognised.
    """

    status: str
    message: str
    diagnosis: str | None = None

    def __bool__(self):
        return self.status == "right"

    def _ipython_display_(self):
        """Show nothing: the message is printed already."""


@dataclass(frozen=True)
class Case:
    """One system to try a function on: the arguments, and how to name them in a sentence."""

    name: str
    arguments: tuple


@dataclass(frozen=True)
class Misconception:
    """A known mistake: its name, what a function that makes it returns, and what to tell the student."""

    name: str
    answer: Callable
    says: str

    def explains(self, given, tolerance, *arguments) -> bool:
        """Whether a student who made this mistake would have given this answer."""
        return agree(given, np.asarray(self.answer(*arguments)), tolerance)


class Symptom(Misconception):
    """A mistake known by a property of the answer: here ``answer(given, *arguments)`` says whether it has it."""

    def explains(self, given, tolerance, *arguments) -> bool:
        """Whether the answer has the property."""
        return bool(self.answer(given, *arguments))


class AnswerError(ValueError):
    """What a student's function did that cannot be compared with anything, in one sentence."""


def judge(
    function,
    cases: Sequence[Case],
    truth: Callable,
    misconceptions: Sequence[Misconception],
    *,
    tested_on: str,
    expected: str,
    prepare: Callable | None = None,
    describe: Callable | None = None,
    last_look: Callable | None = None,
    tolerance: float = 1e-9,
) -> Verdict:
    """Compare a student's function with the truth, and with the known mistakes where it fails.

    Parameters
    ----------
    function : callable
        The student's.
    cases : sequence of Case
        Simplest first: the first that fails is the one shown.
    truth : callable
        ``truth(*arguments)``: the right answer.
    misconceptions : sequence of Misconception
        The first one that explains the student's answer in *every* case is reported.
    tested_on : str
        What a right answer was tested on, for the line that says so.
    expected : str
        What the function should return, for the line about a wrong kind of answer.
    prepare : callable, optional
        ``prepare(answer, *arguments)``: an answer as an array to compare; raises `AnswerError`. By
        default the answer must have the shape of the truth.
    describe : callable, optional
        ``describe(given, exact, *arguments)``: what differs, as a clause. By default the two values.
    last_look : callable, optional
        Called when every answer is right: the `Misconception` that shows all the same, or None.
    tolerance : float
        Relative error that counts as none; see `agree`.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> cases = [Case("x = 3", (3.0,)), Case("x = 5", (5.0,))]
    >>> forgot = Misconception("square forgotten", lambda x: x, "That is x itself: square it.")
    >>> v = judge(lambda x: x, cases, lambda x: x**2, [forgot], tested_on="2 numbers", expected="a number")
    Not yet: for x = 3 you give 3, exact is 9. That is x itself: square it.
    >>> bool(v), v.diagnosis
    (False, 'square forgotten')
    """
    exact = [np.asarray(truth(*case.arguments)) for case in cases]
    try:
        answers = answers_of(function, cases, expected, prepare or _same_shape_as(truth))
    except NotImplementedError as stub:
        return say("your turn", str(stub) or "your turn")
    except AnswerError as error:
        return say("not yet", f"Not yet: {error}")

    wrong = [k for k, answer in enumerate(answers) if not agree(answer, exact[k], tolerance)]
    if not wrong:
        found = last_look() if last_look else None
        if found:
            return say("not yet", f"Not yet: {found.says}", found.name)
        return say("right", f"Right. Tested on {tested_on}.")
    k = wrong[0]
    clause = (describe or _two_values)(answers[k], exact[k], *cases[k].arguments)
    seen = f"Not yet: for {cases[k].name} {clause}."
    for misconception in misconceptions:
        if all(
            misconception.explains(answer, tolerance, *case.arguments)
            for answer, case in zip(answers, cases, strict=True)
        ):
            return say("not yet", f"{seen} {misconception.says}", misconception.name)
    return say("not yet", f"{seen} {len(wrong)} of {len(cases)} systems differ.")


def say(status: str, message: str, diagnosis: str | None = None) -> Verdict:
    """Print the line of a verdict, and return it.

    Parameters
    ----------
    status, message, diagnosis : see `Verdict`

    Returns
    -------
    Verdict

    Examples
    --------
    >>> bool(say("right", "Right. Tested on 3 systems."))
    Right. Tested on 3 systems.
    True
    """
    print(message)
    return Verdict(status, message, diagnosis)


def answers_of(function, cases: Sequence[Case], expected: str, prepare: Callable) -> list[np.ndarray]:
    """The student's answers to all cases.

    Parameters
    ----------
    function : callable
        The student's.
    cases : sequence of Case
    expected : str
        What the function should return, in words.
    prepare : callable
        See `judge`.

    Returns
    -------
    list of arrays

    Raises
    ------
    AnswerError
        Where an answer is not one: the function raised, returned None or NaN or another shape, changed
        its input, or did not end.
    NotImplementedError
        Where the function is still the stub.

    Examples
    --------
    >>> answers_of(lambda x: None, [Case("x = 1", (1,))], "a number", prepare=lambda answer, x: answer)
    Traceback (most recent call last):
    ...
    course_lib.checks.AnswerError: your function returned None, expected a number: is the return line missing?
    """
    if not callable(function):
        raise AnswerError(f"the check wants your function itself, got {_show(function)}: pass its name, without ()")
    answers = []
    try:
        with time_limit(TIME_LIMIT):
            for case in cases:
                answers.append(_answer(function, case, expected, prepare))
    except TimeLimitReached:
        name = cases[len(answers)].name
        raise AnswerError(
            f"your function was still running after {TIME_LIMIT} s on {name}: does every loop end, and is nothing "
            "done over and over?"
        ) from None
    return answers


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
    if answer.shape != exact.shape:
        return False
    scale = np.abs(exact[np.isfinite(exact)]).max(initial=1.0)
    with np.errstate(invalid="ignore"):  # infinity is equal to infinity, though their difference is not a number
        return bool(np.all((answer == exact) | (np.abs(answer - exact) <= tolerance * scale)))


def _answer(function, case, expected, prepare):
    arguments = copy.deepcopy(case.arguments)
    try:
        answer = function(*arguments)
    except NotImplementedError:
        raise
    except (Exception, SystemExit) as error:
        raise AnswerError(
            f"your function raised {type(error).__name__}: {error} ({_where(error)}) for {case.name}"
        ) from None
    for before, after in zip(case.arguments, arguments, strict=True):
        if not np.array_equal(before, after, equal_nan=True):
            raise AnswerError("your function changed its input: work on a copy, for example spins.copy()")
    if answer is None:
        raise AnswerError(f"your function returned None, expected {expected}: is the return line missing?")
    try:
        answer = np.asarray(prepare(answer, *case.arguments), dtype=float)
    except AnswerError as error:
        raise AnswerError(f"for {case.name} {error}, expected {expected}") from None
    except (TypeError, ValueError):
        raise AnswerError(f"your function returned {_show(answer)}, expected {expected}") from None
    if np.any(np.isnan(answer)):
        raise AnswerError(f"your function returned NaN for {case.name}: look for 0/0 or infinity minus infinity")
    return answer


def _where(error):
    """The student's own line: the last one of the traceback that is not inside a library."""
    frames = traceback.extract_tb(error.__traceback__)[1:]
    own = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    return f"line {own[-1].lineno}: {own[-1].line}" if own else "while it was called: are the arguments as in the stub?"


def _same_shape_as(truth):
    def prepare(answer, *arguments):
        given, shape = np.asarray(answer), np.shape(truth(*arguments))
        if given.dtype == object:
            raise AnswerError(f"your function returned a {type(answer).__name__}")
        if given.shape != shape:
            wanted = f", not {shape}" if shape else ""
            raise AnswerError(f"your function returned an array of shape {given.shape}{wanted}")
        return given

    return prepare


def _two_values(given, exact, *arguments):
    return f"you give {_show(given)}, exact is {_show(exact)}"


def _show(value):
    """A value short enough for a sentence."""
    if isinstance(value, np.ndarray | np.generic) and np.ndim(value) == 0:
        value = float(value)
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, np.ndarray) and value.dtype.kind == "f" and np.all(value == np.rint(value)):
        value = value.astype(int)
    text = np.array2string(value, precision=4, threshold=12) if isinstance(value, np.ndarray) else repr(value)
    return " ".join(text.split())[:90]


# ---------------------------------------------------------------- stopping a loop that does not end


class TimeLimitReached(BaseException):
    """Raised inside a student's loop; a BaseException, so that ``except Exception`` does not keep it."""


class time_limit:
    """Stop Python code that runs longer than ``seconds``, on every system and in every thread.

    Signals would do on Linux and macOS only; an exception set from a timer thread does everywhere. It
    arrives between two bytecodes, so a single long numpy call is not cut short.

    Parameters
    ----------
    seconds : float

    Raises
    ------
    TimeLimitReached

    Examples
    --------
    >>> try:
    ...     with time_limit(0.05):
    ...         while True:
    ...             pass
    ... except TimeLimitReached:
    ...     print("stopped")
    stopped
    """

    def __init__(self, seconds):
        self._timer = threading.Timer(seconds, self._stop)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._thread = ctypes.c_ulong(threading.get_ident())
        self._over = False

    def __enter__(self):
        self._timer.start()

    def __exit__(self, *exception):
        # Without the lock the timer could fire here, and stop the check instead of the student's code.
        with self._lock:
            self._over = True
            self._timer.cancel()
            self._raise(None)

    def _stop(self):
        with self._lock:
            if not self._over:
                self._raise(TimeLimitReached)

    def _raise(self, exception):
        argument = ctypes.py_object(exception) if exception else None
        ctypes.pythonapi.PyThreadState_SetAsyncExc(self._thread, argument)
