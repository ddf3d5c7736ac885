"""Temporary folders of the grader: who is killed leaves one behind, and the next run clears it away.

Each is locked by the process that made it. A lock ends with its owner, however that ends: a folder whose lock is free
is left over.
"""

import contextlib
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from course_lib.grading import walls

PREFIX = "ising-course-run-"
OURS = re.compile(re.escape(PREFIX) + r"[a-z-]+-\w{8}")


@contextlib.contextmanager
def folder(purpose):
    """A temporary folder, which is gone afterwards; those of graders that were killed are removed first.

    Parameters
    ----------
    purpose : str
        A word of its name.

    Yields
    ------
    pathlib.Path

    Examples
    --------
    >>> with folder("example") as place:
    ...     print(place.is_dir(), place.name.startswith("ising-course-run-example-"))
    True True
    """
    with contextlib.ExitStack() as stack:
        with _turn():
            _clear(tempfile.gettempdir())
            place = tempfile.mkdtemp(prefix=f"{PREFIX}{purpose}-")
            stack.enter_context(_held(place))  # until it is gone
            stack.callback(shutil.rmtree, place)
        yield Path(place)


@contextlib.contextmanager
def _turn():
    """One at a time: a folder that is made and not locked yet looks like one that is left over."""
    if sys.platform != "linux":  # where there are no sandboxes; nothing is cleared
        yield
        return
    import fcntl

    with open(walls.locks() / "folders", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _held(place):
    """Lock a folder; says whether it could be, which is never so where its owner lives."""
    if sys.platform != "linux":
        yield False
        return
    import fcntl

    descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        locked = False
        with contextlib.suppress(OSError):  # taken, or a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            locked = True
        yield locked and os.fstat(descriptor).st_uid == os.geteuid()
    finally:
        os.close(descriptor)


def _clear(parent):
    """Remove the folders of this user whose owners are gone. No link is followed."""
    for name in filter(OURS.fullmatch, os.listdir(parent)):
        with contextlib.suppress(OSError), _held(Path(parent, name)) as left:  # no folder, or somebody else's
            if left:
                shutil.rmtree(Path(parent, name), ignore_errors=True)
