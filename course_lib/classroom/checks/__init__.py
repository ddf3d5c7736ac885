"""Checks that diagnose: they try a student's function on small systems and say which mistake fits.

A check prints one line, returns a `Verdict`, never raises for a wrong answer, and stops Python code that
runs longer than two seconds. Each lesson has a module here, ``lesson_01`` and so on, with one function an exercise.
"""

import copy
import ctypes
import inspect
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
    if np.any(np.isnan(answers[k])):
        looked_for = "look for 0/0, infinity minus infinity, or the logarithm or root of a negative number"
        return say("not yet", f"Not yet: your function returned NaN for {cases[k].name}: {looked_for}.")
    return say("not yet", f"{seen} {len(wrong)} of {len(cases)} cases differ.")


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
        Where an answer is not one: the function raised, returned None or another shape, changed its input,
        or did not end.
    NotImplementedError
        Where the function is still the stub.

    Examples
    --------
    >>> answers_of(lambda x: None, [Case("x = 1", (1,))], "a number", prepare=lambda answer, x: answer)
    Traceback (most recent call last):
    ...
    course_lib.classroom.checks.AnswerError: your function returned None, expected a number: is the return line missing?
    """
    if not callable(function):
        raise AnswerError(f"the check wants your function itself, got {_show(function)}: pass its name, without ()")
    answers = []

    def answer_all():
        for case in cases:
            answers.append(_answer(function, case, expected, prepare))

    try:
        within(TIME_LIMIT, answer_all)
    except TimeLimitReached:
        if len(answers) == len(cases):
            return answers
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
        same = (answer == exact) | (np.isnan(answer) & np.isnan(exact))
        return bool(np.all(same | (np.abs(answer - exact) <= tolerance * scale)))


def _answer(function, case, expected, prepare):
    arguments = copy.deepcopy(case.arguments)
    try:
        answer = function(*arguments)
    except NotImplementedError:
        raise
    except (Exception, SystemExit) as error:
        raise AnswerError(
            f"your function raised {type(error).__name__}: {error} ({_where(error, function)}) for {case.name}"
        ) from None
    for k, (before, after) in enumerate(zip(case.arguments, arguments, strict=True)):
        if not np.array_equal(before, after, equal_nan=True):
            name = [*inspect.signature(function).parameters][k]
            raise AnswerError(f"your function changed its input {name}: work on a copy, {name}.copy()")
    if answer is None:
        raise AnswerError(f"your function returned None, expected {expected}: is the return line missing?")
    try:
        answer = as_numbers(prepare(answer, *case.arguments)).astype(float)
    except AnswerError as error:
        raise AnswerError(f"for {case.name} {error}, expected {expected}") from None
    except (TypeError, ValueError):
        raise AnswerError(f"your function returned {_show(answer)}, expected {expected}") from None
    return answer


def _where(error, function):
    """The student's own line: the last one of the traceback in the file, or notebook cell, of the function."""
    frames = traceback.extract_tb(error.__traceback__)[1:]
    code = getattr(function, "__code__", None)
    own = [frame for frame in frames if code and frame.filename == code.co_filename]
    return f"line {own[-1].lineno}: {own[-1].line}" if own else "while it was called: are the arguments as in the stub?"


def _same_shape_as(truth):
    def prepare(answer, *arguments):
        given, shape = as_numbers(answer), np.shape(truth(*arguments))
        if given.shape != shape:
            wanted = f", not {shape}" if shape else ""
            raise AnswerError(f"your function returned an array of shape {given.shape}{wanted}")
        return given

    return prepare


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
    course_lib.classroom.checks.AnswerError: your function returned a set
    """
    numbers = np.asarray(answer)
    if numbers.dtype.kind not in "biuf":
        raise AnswerError(f"your function returned a {type(answer).__name__}")
    return numbers


def _two_values(given, exact, *arguments):
    """Both values, with as many digits as it takes to tell them apart."""
    for digits in (6, 9, 12):
        texts = _show(given, digits), _show(exact, digits)
        if texts[0] != texts[1]:
            break
    return f"you give {texts[0]}, exact is {texts[1]}"


def _show(value, digits=6):
    """A value short enough for a sentence."""
    if isinstance(value, np.ndarray | np.generic) and np.ndim(value) == 0 and value.dtype.kind in "biuf":
        value = float(value)
    if isinstance(value, float):
        return f"{value:.{digits}g}"
    if isinstance(value, np.ndarray) and value.dtype.kind == "f" and np.all(value == np.rint(value)):
        value = value.astype(int)
    text = np.array2string(value, precision=digits - 2, threshold=12) if isinstance(value, np.ndarray) else repr(value)
    return " ".join(text.split())[:90]


# ---------------------------------------------------------------- stopping a loop that does not end


class TimeLimitReached(BaseException):
    """Raised inside a student's loop; a BaseException, so that ``except Exception`` does not keep it."""


def within(seconds, work: Callable):
    """Return ``work()``, stopped if Python code in it runs longer than ``seconds``.

    Signals would do on Linux and macOS, in the main thread; an exception set from a second thread does everywhere. It
    arrives between two bytecodes, so one long call of numpy, or a sleep, ends first. It is set again and again until
    the work has ended, since a bare ``except:`` may swallow it; a loop that swallows all of them cannot be stopped.

    Parameters
    ----------
    seconds : float
    work : callable
        Without arguments.

    Returns
    -------
    what ``work`` returns

    Raises
    ------
    TimeLimitReached

    Examples
    --------
    >>> def endless():
    ...     while True:
    ...         pass
    >>> try:
    ...     within(0.05, endless)
    ... except TimeLimitReached:
    ...     print("stopped")
    stopped
    """
    watch = _Watch(seconds)
    try:
        try:
            watch.start()
            return work()
        finally:
            watch.stop()
    except TimeLimitReached:
        watch.stop()  # in case the exception came just as the work ended, and stopped the first stop()
        raise


class _Watch(threading.Thread):
    """Sets `TimeLimitReached` in the thread that made it, once the time is over and until it is stopped."""

    AGAIN_AFTER = 0.1  # seconds

    def __init__(self, seconds):
        super().__init__(daemon=True)
        self._seconds, self._watched = seconds, ctypes.c_ulong(threading.get_ident())
        self._lock, self._over = threading.Lock(), threading.Event()

    def run(self):
        pause = self._seconds
        while not self._over.wait(pause):
            with self._lock:  # not after stop() has taken a pending exception back
                if not self._over.is_set():
                    self._set(TimeLimitReached)
            pause = self.AGAIN_AFTER

    def stop(self):
        with self._lock:
            self._over.set()
            self._set(None)

    def _set(self, exception):
        argument = ctypes.py_object(exception) if exception else None
        ctypes.pythonapi.PyThreadState_SetAsyncExc(self._watched, argument)
