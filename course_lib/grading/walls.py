"""The walls around a submission: the command line of bubblewrap, and what the sandbox can see and do.

Two recipes. Root drops the user inside, one user id a sandbox, so that the kernel counts its processes; an ordinary
user gets a user namespace, in which the kernel counts them. Both see /usr, the interpreter, the environment and the
sandbox's own folder, all read-only, and may write to two small file systems in memory.
"""

import contextlib
import errno
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

NOBODY = 65534
SPARE = 16  # processes beyond the limit, so that the watchdog sees it broken
TOP = ("/bin", "/sbin", "/lib", "/lib32", "/lib64")
PACKAGES = "site-packages"
USERS = range(60600, 61100)  # user ids of sandboxes; systemd and Debian give them to nobody
LOCKS = Path("/run/ising-course-grading")
OLDEST = (0, 7)  # bubblewrap, for --size
CAPABILITIES = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")  # for dropping the user, and dropped with it
NAMESPACES = 0x7E020080  # CLONE_NEW*: of cgroup, uts, ipc, user, pid, net, mount and time
ENVIRONMENT = {
    "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
    "HOME": "/tmp/home",
    "USER": "student",
    "LOGNAME": "student",
    "LANG": "C.UTF-8",
    "TERM": "dumb",
    "PYTHONPATH": "/course",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONUNBUFFERED": "1",
    "MPLBACKEND": "agg",
    "MPLCONFIGDIR": "/tmp/caches/matplotlib",
    "NUMBA_CACHE_DIR": "/tmp/caches/numba",
    "NUMBA_NUM_THREADS": "1",
    "NUMBA_THREADING_LAYER": "workqueue",
    "IPYTHONDIR": "/tmp/home/ipython",
    "ISING_COURSE_HOME": "/tmp/home",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
DENIED = (
    # looking into, or changing, another process
    "ptrace process_vm_readv process_vm_writev process_madvise pidfd_getfd kcmp move_pages migrate_pages "
    # file systems and namespaces
    "mount umount2 pivot_root chroot move_mount open_tree fsopen fsconfig fsmount fspick mount_setattr setns unshare "
    "name_to_handle_at open_by_handle_at quotactl swapon swapoff acct fanotify_init "
    # the kernel's keys, rings, programs, modules, clocks
    "keyctl add_key request_key io_uring_setup io_uring_enter io_uring_register bpf perf_event_open userfaultfd "
    "init_module finit_module delete_module kexec_load kexec_file_load reboot syslog iopl ioperm "
    "settimeofday clock_settime clock_adjtime adjtimex sethostname setdomainname personality modify_ldt "
    # memory that belongs to no process
    "memfd_create memfd_secret shmget shmat shmctl semget msgget mq_open vmsplice inotify_init inotify_init1 "
    # any network; another core than its own
    "socket sched_setaffinity"
).split()


class SandboxError(RuntimeError):
    """There is no safe sandbox here; the message says what to do."""


# ---------------------------------------------------------------- what must be there


def missing() -> list[str]:
    """What a sandbox needs and this machine has not, each a sentence with the remedy.

    Returns
    -------
    list of str
        Empty when all is there; `probe.probe` then finds out whether it works.

    Examples
    --------
    >>> all(sentence.endswith(".") for sentence in missing())
    True
    """
    if sys.platform != "linux":
        return [f"the sandbox needs Linux, this is {sys.platform}: use the container recipe in the instructor guide."]
    found = []
    if not shutil.which("bwrap"):
        found.append(
            "bubblewrap is not installed: `apt install bubblewrap` (Debian, Ubuntu) or `dnf install bubblewrap`."
        )
    elif _version() < OLDEST:
        found.append(f"bubblewrap is older than {'.'.join(map(str, OLDEST))}: install a newer one.")
    tools = [tool for tool in ("setpriv", "prlimit", "taskset") if not Path("/usr/bin", tool).exists()]
    found += [f"/usr/bin/{tool} is not there: install util-linux." for tool in tools]
    try:
        import pyseccomp  # noqa: F401
    except ImportError as error:  # RuntimeError where the C library is not there
        found.append(f'pyseccomp is not installed ({error}): `python -m pip install "ising-course[grading]"`.')
    except RuntimeError:
        found.append("libseccomp is not installed: `apt install libseccomp2`.")
    restricted = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
    if os.geteuid() and restricted.exists() and restricted.read_text().strip() == "1":
        found.append(
            "this system keeps user namespaces from ordinary users (AppArmor): run the grader as root, or "
            "`sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`."
        )
    return found


def _version():
    done = subprocess.run(["bwrap", "--version"], capture_output=True, text=True)
    return tuple(map(int, re.findall(r"\d+", done.stdout)[:2]))


def visible() -> list[Path]:
    """Folders of this machine that every sandbox can read.

    Returns
    -------
    list of pathlib.Path

    Examples
    --------
    >>> Path("/usr") in visible()
    True
    """
    folders = [Path("/usr"), *(Path(one).resolve() for one in (sys.base_prefix, sys.prefix))]
    return [one for k, one in enumerate(folders) if not any(one.is_relative_to(other) for other in folders[:k])]


def check_hidden(path):
    """Refuse a file or folder that a sandbox could read, such as a key kept inside the environment.

    Parameters
    ----------
    path : pathlib.Path

    Raises
    ------
    SandboxError
        Says where it may lie.

    Examples
    --------
    >>> check_hidden(Path("/usr/key"))
    Traceback (most recent call last):
    ...
    course_lib.grading.walls.SandboxError: /usr/key lies in /usr, which submissions can read: keep it elsewhere
    """
    for folder in visible():
        if Path(path).resolve().is_relative_to(folder):
            raise SandboxError(f"{path} lies in {folder}, which submissions can read: keep it elsewhere")


# ---------------------------------------------------------------- system calls


def write_filter(path):
    """Write the filter of system calls, as the kernel wants it, into a file.

    Parameters
    ----------
    path : pathlib.Path
    """
    import pyseccomp

    refuse = pyseccomp.ERRNO(errno.EPERM)
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in DENIED:
        with contextlib.suppress(OSError, ValueError):  # a system call that this machine does not have
            rules.add_rule(refuse, name)
    for bit in range(32):
        if NAMESPACES >> bit & 1:
            flag = pyseccomp.Arg(0, pyseccomp.MASKED_EQ, 1 << bit, 1 << bit)
            rules.add_rule(refuse, "clone", flag)
    # clone3 hides its flags from a filter; told that it does not exist, the C library uses clone.
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    for request in (0x5412, 0x541C):  # TIOCSTI, TIOCLINUX: typing into the terminal
        rules.add_rule(refuse, "ioctl", pyseccomp.Arg(1, pyseccomp.MASKED_EQ, 0xFFFFFFFF, request))
    with open(path, "wb") as file:
        rules.export_bpf(file)


# ---------------------------------------------------------------- the command


@dataclass(frozen=True)
class Limits:
    """What a submission may take.

    Attributes
    ----------
    memory : int
        Bytes, in all.
    processes : int
        Processes and threads.
    disk, shared : int
        Bytes of /tmp and of /dev/shm.
    file : int
        Bytes of one file.
    notebook : int
        Bytes of the submission itself.
    log : int
        Bytes kept of what it prints; the rest is thrown away.
    notebook_seconds, cell_seconds : float
        CPU time of the notebook and of one cell; on the clock four times as much.
    seconds : float
        On the clock, for the notebook and all calls of its functions together: more than a slow one needs whose items
        all use up their own times.
    """

    memory: int = 2 * 2**30
    processes: int = 64
    disk: int = 256 * 2**20
    shared: int = 64 * 2**20
    file: int = 128 * 2**20
    notebook: int = 20 * 2**20
    log: int = 64 * 2**10
    notebook_seconds: float = 90.0
    cell_seconds: float = 60.0
    seconds: float = 600.0


def locks() -> Path:
    """The folder of this user's locks, which nobody else can write to.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    SandboxError
        If somebody else made it first.

    Examples
    --------
    >>> locks().is_dir()
    True
    """
    folder = LOCKS if os.geteuid() == 0 else Path(tempfile.gettempdir(), f"ising-course-grading-{os.geteuid()}")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise SandboxError(f"{folder} belongs to somebody else: set TMPDIR to a folder of your own")
    return folder


@contextlib.contextmanager
def slot():
    """A number that no other sandbox of this user has at the moment: it gives the sandbox its user id and its core."""
    import fcntl  # not on Windows, where `missing` says so

    folder = locks()
    for number in range(len(USERS)):
        with open(folder / str(number), "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield number
            return
    raise SandboxError(f"more than {len(USERS)} sandboxes at once: start fewer jobs")


def core(number) -> int:
    """The core that a sandbox runs on, and no other: sixty busy processes take no time from its neighbours.

    Parameters
    ----------
    number : int
        From `slot`.

    Returns
    -------
    int

    Examples
    --------
    >>> core(0) in range(os.cpu_count())
    True
    """
    cores = sorted(os.sched_getaffinity(0))
    return cores[number % len(cores)]


def user(number) -> int | None:
    """The user id to drop to, where this process is root.

    Parameters
    ----------
    number : int
        From `slot`.

    Returns
    -------
    int or None
    """
    return None if os.geteuid() else USERS[number]


def arguments(course, limits, number) -> list[str]:
    """What bubblewrap is told, but for the filter and the program.

    Parameters
    ----------
    course : pathlib.Path
        The folder that the sandbox sees as ``/course``.
    limits : Limits
    number : int or None
        The user id to drop to; None for an ordinary user's recipe.

    Returns
    -------
    list of str
    """
    words = (
        "--unshare-pid --unshare-net --unshare-ipc --unshare-uts --unshare-cgroup-try --die-with-parent --new-session"
    )
    found = [*words.split(), "--hostname", "sandbox", "--clearenv", "--cap-drop", "ALL"]
    if number is None:
        found += ["--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY)]
    else:
        found += [word for name in CAPABILITIES for word in ("--cap-add", name)]
    for name, value in ENVIRONMENT.items():
        found += ["--setenv", name, value]
    found += [
        "--perms",
        "0755",
        "--dir",
        "/dev",
        "--dev",
        "/dev",
        "--proc",
        "/proc",
        "--perms",
        "0755",
        "--dir",
        "/etc",
    ]
    # Before what is bound, for an environment that lies in /tmp.
    for place, size in (("/tmp", limits.disk), ("/dev/shm", limits.shared)):
        found += ["--perms", "1777", "--size", str(size), "--tmpfs", place]
    for folder in visible():
        found += [*_parents(folder), "--ro-bind", str(folder), str(folder)]
    for folder in _answers():
        found += ["--perms", "0755", "--tmpfs", str(folder), "--remount-ro", str(folder)]
    for link, target in _links(sys.executable).items():
        found += [*_parents(link), "--symlink", target, str(link)]
    for name in TOP:
        if os.path.islink(name):
            found += ["--symlink", os.readlink(name), name]
        else:
            found += ["--ro-bind-try", name, name]
    found += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache", "--ro-bind", str(course), "/course"]
    return [*found, "--chdir", "/tmp", "--remount-ro", "/dev", "--remount-ro", "/"]


def _parents(folder):
    """Folders above, made by hand: bubblewrap would make them for root alone."""
    return [word for one in reversed(folder.parents[:-1]) for word in ("--perms", "0755", "--dir", str(one))]


def _links(path):
    """Symbolic links on the way to a file that no folder brings along: where each leads."""
    found, path = {}, Path(path)
    for _ in range(40):  # as many as the kernel follows
        link = next((one for one in (*reversed(path.parents), path) if one.is_symlink()), None)
        if link is None:
            break
        target = os.path.normpath(link.parent / os.readlink(link))
        if str(link) not in TOP and not any(link.is_relative_to(folder) for folder in visible()):
            found[link] = target
        path = Path(target, path.relative_to(link))
    return found


def _answers():
    """Folders of the course that a sandbox would see, where it is installed among the packages or below /usr."""
    library = Path(__file__).resolve().parents[1]
    folders = [library, *(library.parent / name for name in ("solutions", "tests") if library.parent.name != PACKAGES)]
    return [one for one in folders if one.is_dir() and any(one.is_relative_to(seen) for seen in visible())]


def inner(limits, number) -> list[str]:
    """The first programs inside, which drop the user and set the limits of each process.

    Parameters
    ----------
    limits : Limits
    number : int or None

    Returns
    -------
    list of str

    Examples
    --------
    >>> inner(Limits(), None)[0]
    '/usr/bin/prlimit'
    """
    found = []
    if number is not None:
        drop = "--clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all"
        found = ["/usr/bin/setpriv", f"--reuid={number}", f"--regid={number}", *drop.split()]
    bounds = {
        "nproc": limits.processes + SPARE,
        "fsize": limits.file,
        "data": limits.memory,
        "nofile": 128,
        "core": 1,  # with 0 a program that takes core dumps would still get them
        "memlock": 2**16,
        "msgqueue": 0,
    }
    return [*found, "/usr/bin/prlimit", *(f"--{name}={most}" for name, most in bounds.items())]
