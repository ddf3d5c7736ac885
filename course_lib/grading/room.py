"""A sandbox opened and closed: what all sandboxes of a run share, and one process tree behind the walls."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from course_lib.grading import scratch, walls
from course_lib.grading.watchdog import ControlGroup, Watchdog, tree

MOST_SECONDS = 10.0  # that a killed sandbox may take to be gone


@dataclass(frozen=True)
class Room:
    """All that every sandbox of a run has in common; it can be sent to another process.

    Attributes
    ----------
    folder : pathlib.Path
        With ``course``, which sandboxes see, and ``filter``, the filter of system calls.
    recipe : str
        "root" or "user"; "none" has no walls.
    group : pathlib.Path or None
        Control group to make groups in; None where the watchdog counts the memory.
    """

    folder: Path
    recipe: str
    group: Path | None

    @property
    def course(self) -> Path:
        """The folder that sandboxes see as ``/course``."""
        return self.folder / "course"

    @property
    def walled(self) -> bool:
        """Whether its sandboxes are any."""
        return self.recipe != "none"


@contextlib.contextmanager
def opened(room, limits, program, descriptors=()):
    """Start a program in a sandbox of its own, and end whatever is left of it afterwards.

    Parameters
    ----------
    room : Room
    limits : Limits
    program : sequence of str
    descriptors : sequence of int
        Open files that it inherits, beside stdout and stderr.

    Yields
    ------
    process : subprocess.Popen
        Of bubblewrap; what is printed comes from its ``stdout``.
    watchdog : Watchdog
    """
    if not room.walled:
        with _bare(room, limits, program, descriptors) as (process, watchdog):
            yield process, watchdog
        return
    with contextlib.ExitStack() as stack:
        number = stack.enter_context(walls.slot())
        user = walls.user(number)
        group = stack.enter_context(ControlGroup(room.group, limits.memory)) if room.group else None
        rules = stack.enter_context(open(room.folder / "filter", "rb"))
        words = stack.enter_context(tempfile.TemporaryFile())
        told = ["--seccomp", str(rules.fileno()), *walls.arguments(room.course, limits, user)]
        words.write(b"".join(os.fsencode(word) + b"\0" for word in told))
        words.seek(0)
        # By --args, so that the command line, which the sandbox can read, does not name this machine's folders.
        command = ["/usr/bin/taskset", "-c", str(walls.core(number)), shutil.which("bwrap")]
        command += ["--args", str(words.fileno()), "--"]
        command += [*walls.inner(limits, user), *program]
        if group:
            command = ["/bin/sh", "-c", 'echo $$ > "$0" && exec "$@"', str(group.members), *command]
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(*descriptors, rules.fileno(), words.fileno()),
            env={"PATH": "/usr/bin:/bin"},  # the sandbox may read bubblewrap's own environment
            cwd="/",
            start_new_session=True,
        )
        try:
            yield process, Watchdog(process.pid, limits.memory, limits.processes, group)
        finally:
            _end(process)


@contextlib.contextmanager
def _bare(room, limits, program, descriptors):
    """The same without walls: the watchdog looks, the clock is kept, nothing else."""
    with scratch.folder("bare") as home:
        environment = {name: value.replace("/course", str(room.course)) for name, value in walls.ENVIRONMENT.items()}
        process = subprocess.Popen(
            [word.replace("/course", str(room.course)) for word in program],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=descriptors,
            env=environment | {"HOME": home},
            cwd=home,
            start_new_session=True,
        )
        try:
            yield process, Watchdog(process.pid, limits.memory, limits.processes)
        finally:
            _end(process)


def _end(process):
    """Kill a sandbox, and wait until it is gone: until its first process is, which the kernel buries last."""
    inside = [task.pid for task in tree(process.pid)[1:2]]
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    end = time.monotonic() + MOST_SECONDS
    while inside and any(task.resident for task in tree(inside[0])) and time.monotonic() < end:
        time.sleep(0.005)
    process.stdout.close()
