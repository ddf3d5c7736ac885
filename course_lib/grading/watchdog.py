"""What a sandbox may take together: memory and processes, counted over everything that runs in it.

Memory is the kernel's business where this process may make a control group; else the watchdog sums what is resident,
and does as the kernel would: it kills the largest process. Limits of a single process are no substitute: a Python with
numba has 15 threads and 1.4 GB of address space. What the kernel itself holds for a sandbox, buffers of sockets and the
names of files, no process shows; the watchdog estimates it.
"""

import contextlib
import os
import signal
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

EVERY = 0.05  # seconds between two looks
PREFIX = "ising-course-"
SOCKET = 2 * 212_992  # bytes that may wait in a socket
FILE = 1024  # bytes of the kernel's for an empty file


@dataclass(frozen=True)
class Task:
    """A process of the tree: its threads and the bytes it holds in memory; of these, page tables and swap.

    One that has ended and waits to be buried holds none, but counts as a process.
    """

    pid: int
    threads: int
    resident: int
    tables: int = 0


def tree(pid) -> list[Task]:
    """A process and all that descends from it.

    Parameters
    ----------
    pid : int

    Returns
    -------
    list of Task
        Empty when it is gone.

    Examples
    --------
    >>> tree(-1)
    []
    """
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        with contextlib.suppress(OSError):  # gone in between
            # Bytes: a process may give itself a name that is no text.
            rows = dict(row.split(b":", 1) for row in Path(f"/proc/{one}/status").read_bytes().splitlines())
            sizes = [int(rows.get(name, b"0").split()[0]) for name in (b"VmRSS", b"VmPTE", b"VmSwap")]
            found.append(Task(one, int(rows[b"Threads"]), 1024 * sum(sizes), 1024 * sum(sizes[1:])))
            for thread in os.listdir(f"/proc/{one}/task"):
                children = Path(f"/proc/{one}/task/{thread}/children").read_text()
                waiting.extend(int(child) for child in children.split())
    return found


class Watchdog:
    """Looks at a sandbox now and then; `over` says which limit it broke.

    Parameters
    ----------
    pid : int
        Of bwrap.
    memory : int
        Bytes that may be resident in all.
    processes : int
        Processes and threads there may be.
    group : ControlGroup or None
        Where the kernel counts the memory.
    """

    def __init__(self, pid, memory, processes, group=None):
        self._pid, self._memory, self._processes, self._group = pid, memory, processes, group
        self._next = 0.0
        self._killed = set()
        self.over = ""

    @property
    def out_of_memory(self) -> int:
        """How many processes have been killed for want of memory."""
        return len(self._killed) + (self._group.killed if self._group else 0)

    def look(self):
        """Look, unless the last look was a moment ago."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + EVERY
        tasks = tree(self._pid)
        if self._too_many(tasks):
            self.over = "processes"
        elif self._group is None:
            self._look_at_memory(tasks)

    def _too_many(self, tasks):
        return sum(task.threads for task in tasks) >= self._processes

    def _look_at_memory(self, tasks):
        tasks = [task for task in tasks if task.pid not in self._killed]
        # Pages that forks share are counted once; that takes milliseconds, so only where it matters.
        if sum(task.resident for task in tasks) > self._memory and sum(map(_share, tasks)) > self._memory:
            if self._too_many(tree(self._pid)):  # a fork bomb, which grew while it was counted
                self.over = "processes"
                return
            largest = max(tasks, key=lambda task: task.resident)
            with contextlib.suppress(ProcessLookupError):
                os.kill(largest.pid, signal.SIGKILL)
                self._killed.add(largest.pid)
        if len(tasks) > 1 and _of_the_kernel(tasks[1].pid) > self._memory / 4:
            self.over = "memory"


def _share(task):
    """Bytes that a process holds, of shared ones its part."""
    with contextlib.suppress(OSError):  # not readable: then all that it holds
        for row in Path(f"/proc/{task.pid}/smaps_rollup").read_bytes().splitlines():
            if row.startswith(b"Pss:"):
                resident = 1024 * int(row.split()[1])
                return min(task.resident, resident + task.tables)
    return task.resident


def _of_the_kernel(pid):
    """An upper bound on what the kernel holds for the sandbox that a process is in, in bytes."""
    root, used = f"/proc/{pid}/root", 0
    with contextlib.suppress(OSError, ValueError):
        used += SOCKET * int(Path(f"/proc/{pid}/net/sockstat").read_bytes().split()[2])
        if os.path.exists(f"{root}/course/inside.py"):  # it has moved to its own root
            for folder in ("/tmp", "/dev/shm"):
                about = os.statvfs(root + folder)
                used += FILE * (about.f_files - about.f_ffree)
    return used


# ---------------------------------------------------------------- control groups


@dataclass(frozen=True)
class Kind:
    """Where a version of control groups keeps what."""

    version: str
    limit: str
    swap: str
    swap_of: str  # "all" where the number counts memory and swap together, as version 1 does
    events: str


KINDS = (
    Kind("v2", "memory.max", "memory.swap.max", "swap", "memory.events"),
    Kind("v1", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "all", "memory.oom_control"),
)


class ControlGroup:
    """A control group of its own, with a memory limit; a context manager that removes it.

    Parameters
    ----------
    parent : pathlib.Path
        A group this process may make groups in, from `parents`.
    memory : int
        Bytes.
    """

    def __init__(self, parent, memory):
        self.folder = parent / f"{PREFIX}{uuid.uuid4().hex[:12]}"
        self.folder.mkdir()
        try:
            self._kind = next(kind for kind in KINDS if (self.folder / kind.limit).exists())
            (self.folder / self._kind.limit).write_text(str(memory))
            with contextlib.suppress(OSError):  # a kernel that does not count swap
                (self.folder / self._kind.swap).write_text(str(memory if self._kind.swap_of == "all" else 0))
        except (OSError, StopIteration):
            self.folder.rmdir()
            raise OSError(f"{parent} does not limit memory") from None

    @property
    def version(self) -> str:
        """Of control groups: v1 or v2."""
        return self._kind.version

    @property
    def members(self) -> Path:
        """The file that takes the process ids."""
        return self.folder / "cgroup.procs"

    @property
    def killed(self) -> int:
        """How many processes the kernel killed for want of memory."""
        with contextlib.suppress(OSError):
            lines = (self.folder / self._kind.events).read_text().splitlines()
            return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))
        return 0

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for _ in range(100):  # busy until the last process is buried
            with contextlib.suppress(OSError):
                self.folder.rmdir()
                return
            time.sleep(0.02)


def parents() -> list[Path]:
    """Groups in which this process may be allowed to make another one: its own first.

    Returns
    -------
    list of pathlib.Path

    Examples
    --------
    >>> all(folder.is_dir() for folder in parents())
    True
    """
    mounts, found = [], []
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/mounts").read_text().splitlines():
            _, place, kind, options, *_ = line.split()
            if kind == "cgroup2" or (kind == "cgroup" and "memory" in options.split(",")):
                mounts.append((Path(place), "" if kind == "cgroup2" else "memory"))
        own = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
        for place, controller in mounts:
            for _, controllers, path in own:
                if controller in controllers.split(","):
                    found += [place / path.lstrip("/"), place]
    return [folder for folder in found if folder.is_dir()]


def usable_parent(memory) -> Path | None:
    """The first group in which a limit can be set, or None; removes what a killed grader left there.

    Parameters
    ----------
    memory : int
        Bytes to try it with.

    Returns
    -------
    pathlib.Path or None

    Examples
    --------
    >>> usable_parent(2**30) is None or usable_parent(2**30).is_dir()
    True
    """
    for folder in parents():
        for left in folder.glob(f"{PREFIX}*"):
            with contextlib.suppress(OSError):
                if time.time() - left.stat().st_mtime > 60:  # a new one, still empty, may be another grader's
                    left.rmdir()
        with contextlib.suppress(OSError), ControlGroup(folder, memory):
            return folder
    return None
