"""Stopping a loop that does not end."""

import ctypes
import threading
from collections.abc import Callable

TIME_LIMIT = 1.5  # seconds for all cases of one check; what is left of two seconds is the check's own


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
