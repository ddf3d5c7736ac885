"""What a check found: one line, printed, and a value that is true when the answer is right."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from course_lib.classroom.checks.time_limit import TimeLimitReached, within


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

    def use(self, function: Callable, *, otherwise: Callable, seconds: float = 20.0) -> Callable:
        """What the rest of a lesson calls: the student's function if it is right, else the library's; says which.

        Parameters
        ----------
        function : callable
            The student's.
        otherwise : callable
            The library's, with the same arguments. It also takes over, and that is said, if the student's function
            raises later or is slow.
        seconds : float
            How long one call may take.

        Returns
        -------
        callable

        Examples
        --------
        >>> square = Verdict("not yet", "").use(lambda x: 2 * x, otherwise=lambda x: x**2)
        The lesson goes on with the library's function; as soon as the check says "Right", with yours.
        >>> square(3)
        9
        """
        if not self:
            print('The lesson goes on with the library\'s function; as soon as the check says "Right", with yours.')
            return otherwise
        print("From here on the lesson uses your function.")

        @wraps(function)
        def used(*arguments, **options):
            try:
                return within(seconds, lambda: function(*arguments, **options))
            except TimeLimitReached:
                reason = f"took longer than {seconds:g} s"
            except Exception as error:
                reason = f"raised {type(error).__name__}: {error}"
            print(f"Here your function {reason}; this result is the library's.")
            return otherwise(*arguments, **options)

        return used


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
