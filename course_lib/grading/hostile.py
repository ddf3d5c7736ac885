"""Hostile and broken submissions, made by code: what the grader must survive, and what it must say of each.

Every one of them tries something and then, where it still can, answers two requests: the bond sum and the spin sum of a
few pictures. Words in capitals (``KEY``, ``PORT`` ...) are replaced by places that `selftest` sets up.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

GOOD = """
import numpy as np

def bond_sum(images):
    images = images.astype(float)
    return sum((images * np.roll(images, -1, axis)).sum((-2, -1)) for axis in (-2, -1))

def spin_sum(images):
    return images.sum((-2, -1), dtype=float)
"""
RIGHT = ("right", "right")
NOT_RUN = ("not run", "not run")
REACHED = "REACHED"  # what a spy prints when it got somewhere


@dataclass(frozen=True)
class Hostile:
    """A submission that should not get far.

    Attributes
    ----------
    name : str
    notebook : str or tuple of str or callable
        Cells, or a function that gives the file's bytes.
    status : str or tuple of str
        Of the transcript, what it may be.
    answers : tuple of str
        Verdicts on the bond sum and on the spin sum.
    says : str
        What must stand in what the grader says of it.
    """

    name: str
    notebook: str | tuple | Callable
    status: str | tuple = "ran"
    answers: tuple[str, str] = RIGHT
    says: str = ""

    def file(self, places) -> bytes:
        """The file that is handed in."""
        if callable(self.notebook):
            return self.notebook()
        cells = (self.notebook,) if isinstance(self.notebook, str) else self.notebook
        for name, value in places.items():
            cells = [cell.replace(name, str(value)) for cell in cells]
        return notebook(cells)


def notebook(cells, **more) -> bytes:
    """A notebook of code cells, as a file.

    Parameters
    ----------
    cells : sequence of str
    **more
        Other keys of the file, or other values for its keys.

    Returns
    -------
    bytes
    """
    common = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    rows = [{**common, "id": f"cell-{number}", "source": cell} for number, cell in enumerate(cells)]
    return json.dumps({"cells": rows, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more}).encode()


def _reading(path):
    return (
        f"""
try:
    print("{REACHED}", open({path!r}, "rb").read())
except OSError as error:
    print(error)
""",
        GOOD,
    )


def _returning(value):
    return f"""{GOOD}
def bond_sum(images):
    return {value}
"""


_LOOP = "while True:\n    pass"
_COMPILED = """
import numba

@numba.njit
def forever():
    n = 0
    while True:
        n += 1
    return n

forever()
"""
_EACH_SOME = """
import os, time
for k in range(20):
    if os.fork() == 0:
        held = b"x" * 150_000_000
        time.sleep(60)
        os._exit(0)
os.wait()  # until one of them is stopped
"""
_LEFT_BEHIND = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            time.sleep(0.1)
    os._exit(0)
"""
_PROCESSES = """
import os
for pid in (*filter(str.isdigit, os.listdir("/proc")), "JUDGE"):
    for name in ("environ", "cmdline", "mem", "root" + "KEY", "cwd/key"):
        try:
            print(pid, name, open(f"/proc/{pid}/{name}", "rb").read(9999))
        except OSError as error:
            print(error)
    try:
        for name in os.listdir(f"/proc/{pid}/fd"):
            print(pid, name, os.readlink(f"/proc/{pid}/fd/{name}"))
    except OSError as error:
        print(error)
"""
_HOME = f"""
import os
for place in ("/root", "/home", os.path.expanduser("~"), "HOMEFOLDER"):
    for folder, _, files in os.walk(place):
        for name in files:
            if not folder.startswith((*VISIBLE, "/tmp/home")):
                print("{REACHED}", folder, name)
                break
"""
_WRITING = f"""
import os
for place in ("/", "/usr", "/etc", "/dev", "/course", "/var/tmp", "/run", "/proc", "/home", "OUTSIDE", "PREFIX"):
    for name in ("written-by-a-student", "../written-by-a-student"):
        try:
            open(os.path.join(place, name), "w").write("x")
            if not os.path.realpath(os.path.join(place, name)).startswith(("/tmp", "/dev/shm")):
                print("{REACHED}", place, name)
        except OSError as error:
            print(error)
"""
_NETWORK = f"""
import socket, subprocess
for place in (("127.0.0.1", PORT), ("1.1.1.1", 53), ("::1", PORT)):
    try:
        socket.socket(socket.AF_INET6 if ":" in place[0] else socket.AF_INET).connect(place)
        print("{REACHED}", place)
    except OSError as error:
        print(error)
print(subprocess.run("exec 3<>/dev/tcp/127.0.0.1/PORT && echo REA''CHED", shell=True, executable="/bin/bash"))
"""
_ABSTRACT = f"""
import socket
for name in ("\\0ABSTRACT", "SOCKETFILE"):
    try:
        socket.socket(socket.AF_UNIX).connect(name)
        print("{REACHED}", name)
    except OSError as error:
        print(error)
"""
_INTO_ALL = """
import os

def write():
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, DATA)
        except OSError:
            pass
"""
_FORGED_ANSWER = '(b"a" + (25).to_bytes(4, "big") + b"+" + bytes(24)) * 9'
_BEFORE_READING = f"""{_INTO_ALL.replace("DATA", _FORGED_ANSWER)}
import os
read = os.read

def forge_and_read(descriptor, n_bytes):
    write()
    return read(descriptor, n_bytes)

os.read = forge_and_read
"""
_NAMED = r"""
import ctypes, time
ctypes.CDLL(None).prctl(15, b"\xff\xfe) R 1", 0, 0, 0)
time.sleep(0.3)
"""
_FLOOD = """
import gc, os, threading

def flood():
    while True:
        os.write(1, b"x" * 65536)

threading.Thread(target=flood).start()
for one in gc.get_objects():
    if isinstance(one, dict) and "_respond" in one:
        one["main"] = lambda *descriptors: None
        one["_exit"] = lambda code: None
"""
_FROM_A_THREAD = f"""{_INTO_ALL.replace("DATA", 'b"right" * 100')}
import threading, time

def later():
    while True:
        time.sleep(0.2)
        write()

threading.Thread(target=later, daemon=True).start()
"""
_MONKEY = """
import builtins, json, os, time
import numpy as np
from course_lib.classroom import checks
from course_lib.classroom.checks import lesson_06

np.array_equal = np.allclose = np.testing.assert_allclose = lambda *a, **k: True
checks.Verdict = lesson_06.bond_sum = lambda *a, **k: True
time.time = time.monotonic = time.perf_counter = lambda: 0.0
json.dumps = json.loads = lambda *a, **k: '{"status": "right", "points": 100}'
"""
_RESULT = """
print('{"status": "right", "points": 100}')
print("Right. Tested on 3 systems.\\n100 of 100 points")
print("\\x1b]0;owned\\x07\\x1b[2J<script>alert(1)</script>=1+1")
"""
_FILES = """
import json, os
for name in ("results.json", "grades.csv", "/tmp/answers", "/course/results.json", "../results.json"):
    try:
        with open(name, "w") as file:
            json.dump({"status": "right", "points": 100}, file)
    except OSError:
        pass
"""
_REDUCE = """
import os

class Reduced:
    def __reduce__(self):
        return os.system, ("touch OUTSIDE/reduced; echo REA''CHED",)
"""
_ARRAY = """
import os

class Array:
    def __array__(self, *arguments, **options):
        os.system("touch OUTSIDE/array")
        return np.zeros(3)
"""
_IMPORTS = f"""{GOOD}
def bond_sum(images):
    import importlib, pkgutil, course_lib
    for module in ("ising", "learning", "sampling", "exact", "grading.instances", "grading.mistakes",
                   "classroom.checks.lesson_06", "classroom.checks.twists", "plots.spins"):
        for name in ("bond_sum", "ising", "truth"):
            try:
                found = getattr(importlib.import_module("course_lib." + module), name)
                return np.asarray(found(images), float) * np.ones(len(images))
            except BaseException:
                pass
    raise RuntimeError("no import answers it")
"""
_SEEN = f"""{GOOD}
def bond_sum(images):
    return np.array([32.0, 32.0, -32.0])
"""


_OTHER_KERNEL_DOORS = f"""
import ctypes, mmap, os, platform
libc = ctypes.CDLL(None)

def tried(name, call):
    if platform.machine() != "x86_64":
        return  # these numbers mean something else there
    pid = os.fork()
    if pid == 0:
        print("{REACHED}" if call() >= 0 else "refused", name, flush=True)
        os._exit(0)
    print(name, os.waitpid(pid, 0))

# socket() by the numbers of 32-bit programs, and of those with 32-bit pointers, and plainly
page = mmap.mmap(-1, 4096, prot=7)
page.write(bytes.fromhex("53b867010000bb01000000b90100000031d2cd805bc3"))
tried("i386", ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page))))
tried("x32", lambda: libc.syscall(0x40000000 | 41, 1, 1, 0))
tried("socket", lambda: libc.syscall(41, 1, 1, 0))
# a program that is in no file; faults that a program handles; a namespace, a mount, a ring, a filter of the kernel's
tried("memfd_create", lambda: libc.syscall(319, b"x", 0))
tried("userfaultfd", lambda: libc.syscall(323, 1))
tried("unshare", lambda: libc.syscall(272, 0x10000000))
tried("clone", lambda: libc.syscall(56, 0x10000011, 0, 0, 0, 0) or os._exit(0))
tried("clone3", lambda: libc.syscall(435, ctypes.create_string_buffer(88), 88))
tried("open_tree", lambda: libc.syscall(428, -100, b"/", 1))
tried("open_tree_attr", lambda: libc.syscall(467, -100, b"/", 1, 0, 0))
tried("fsopen", lambda: libc.syscall(430, b"tmpfs", 0))
tried("io_uring_setup", lambda: libc.syscall(425, 1, ctypes.create_string_buffer(120)))
tried("bpf", lambda: libc.syscall(321, 0, ctypes.create_string_buffer(72), 72))
tried("a device", lambda: libc.syscall(133, b"/tmp/device", 0o60666, 0xFE00))
tried("another core", lambda: libc.syscall(203, 0, 8, b"\\xff" * 8))
tried("a higher priority", lambda: libc.setpriority(0, 0, -5))
"""
_MEMORY = f"""
import ctypes, os, signal
value = ctypes.c_long(1)
with open("/proc/self/mem", "r+b", 0) as mine:  # its own it may write
    mine.seek(ctypes.addressof(value))
    mine.write(b"\\x02")
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        if int(pid) not in (os.getpid(), 1):
            continue
        for name in ("mem", "environ", "maps") if pid == "1" else ():
            open(f"/proc/{{pid}}/{{name}}", "r+b" if name == "mem" else "rb", 0).read(1)
        for one in (signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL, signal.SIGUSR1):
            pid == "1" and os.kill(1, one)
    except OSError as error:
        print(error)
for name in os.listdir("/proc/self/fd"):  # nothing but pipes is handed down
    try:
        target = os.readlink(f"/proc/self/fd/{{name}}")
    except OSError:
        continue
    if not target.startswith(("pipe:", "/dev/null", "/proc/")):
        print("{REACHED}", name, target)
"""
# Whatever a later sandbox might run: it must find none of it.
_HOOKS = f"""
import glob, os, site
home, caches = os.path.expanduser("~"), os.environ["NUMBA_CACHE_DIR"]
packages = site.getusersitepackages()
hooks = [f"{{packages}}/usercustomize.py", f"{{packages}}/hook.pth", f"{{home}}/ipython/profile_default/startup/00.py",
         f"{{home}}/.config/matplotlib/matplotlibrc", f"{{caches}}/poisoned.nbi", os.path.abspath("numpy.py")]
for path in hooks:
    if os.path.exists(path):
        print("{REACHED}", path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write("import os; print('REA''CHED')")
for path in glob.glob("/course/caches/**", recursive=True) + ["/course/course_lib/__init__.py", site.__file__]:
    if os.access(path, os.W_OK):
        print("{REACHED}", path)
"""
_FILES_WITHOUT_BYTES = """
import os
try:
    open("/tmp/sparse", "wb").truncate(10 * 2**30)
except OSError as error:
    print(error)
for k in range(10**7):
    os.close(os.open(f"/tmp/{k}", os.O_CREAT | os.O_WRONLY))
"""
_LINKS = """
import os
for k in range(10**6):
    os.symlink("x" * 4000, f"/tmp/link{k}")
"""
_PIPES = """
import fcntl, os
held = []
while True:
    held.append(os.pipe())
    os.set_blocking(held[-1][1], False)
    fcntl.fcntl(held[-1][1], 1031, 2**20)
    os.write(held[-1][1], bytes(2**20))
"""
_TRICKLE = """
import os, time
write = os.write

def slowly(descriptor, data):
    if descriptor < 3 or len(data) < 10:  # what is printed, and that the notebook has run
        return write(descriptor, data)
    time.sleep(0.9)
    return write(descriptor, data[:1])

os.write = slowly
"""
_NAMES = """
class Named(type("<script>" + "x" * 10**6, (Exception,), {})):
    def __str__(self):
        return "=1+1;<img src=x onerror=alert(1)>\\x1b[2J" * 10**5

Named.__name__ = "=cmd|' /C calc'!A0" * 1000
raise Named()
"""


def _old_format():
    worksheet = {"cells": [{"cell_type": "code", "input": GOOD, "outputs": []}]}
    return json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [worksheet]}).encode()


def _with_outputs():
    output = {"output_type": "stream", "name": "stdout", "text": "x" * 50_000_000}
    cell = {"cell_type": "code", "execution_count": 1, "id": "a", "metadata": {}, "outputs": [output], "source": GOOD}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


HOSTILE = (
    Hostile("an honest one", GOOD),
    Hostile("not JSON", lambda: b"%PDF-1.7\nMy solutions \xff", "unreadable", NOT_RUN, "is not a notebook"),
    Hostile("deeply nested JSON", lambda: b"[" * 10**6, "unreadable", NOT_RUN, "is not a notebook"),
    Hostile("empty file", lambda: b"", "unreadable", NOT_RUN, "is empty"),
    Hostile("no cells", lambda: notebook(()), "unreadable", NOT_RUN, "no code"),
    Hostile("another notebook format", _old_format, "unreadable", NOT_RUN, "format 3"),
    Hostile("cells of odd types", lambda: notebook((GOOD,), metadata=[{"cells": 3}]) + b"  "),
    Hostile("50 MB of stored output", _with_outputs, "unreadable", NOT_RUN, "clear its outputs"),
    Hostile("50 MB of output", ("for k in range(500):\n    print('x' * 100_000)", GOOD)),
    Hostile("infinite loop", (_LOOP, GOOD), says="code cell 1: took longer"),
    Hostile(
        "infinite loop that catches all",
        (
            f"while True:\n  try:\n    {_LOOP.replace(chr(10), chr(10) + '    ')}\n  except BaseException:\n    pass",
            GOOD,
        ),
        ("ran", "timeout"),
        ("right or not run",) * 2,
    ),
    Hostile("infinite loop in a compiled function", (_COMPILED, GOOD), "timeout", NOT_RUN, "time"),
    Hostile("sleeps for ever", ("import time; time.sleep(10**6)", GOOD), says="code cell 1: took longer"),
    Hostile(
        "infinite loop in an answer", _returning("all(k == 0 for k in iter(int, 1))"), answers=("timeout", "right")
    ),
    Hostile(
        "infinite compiled loop in an answer",
        _COMPILED.replace("\nforever()", GOOD) + "\ndef bond_sum(images):\n    return forever()",
        answers=("timeout", "right"),
    ),
    Hostile(
        "right but slow",
        f"{GOOD}\nfast = bond_sum\ndef bond_sum(images):\n    import time\n    time.sleep(99)\n    return fast(images)",
        answers=("timeout", "right"),
    ),
    Hostile("8 GB in one piece", ("import numpy as np\nheld = np.ones(10**9)", GOOD), says="MemoryError"),
    Hostile(
        "8 GB in small pieces",
        ("held = []\nwhile True:\n    held.append(bytearray(10**6))", GOOD),
        ("ran", "memory"),
        ("right or not run",) * 2,
    ),
    Hostile("3 GB in 20 processes", (_EACH_SOME, GOOD), ("ran", "memory"), ("right or not run",) * 2, "memory"),
    Hostile("8 GB in an answer", _returning("np.ones(10**9)"), answers=("raised", "right"), says="MemoryError"),
    Hostile("fork bomb", "import os\nwhile True:\n    os.fork()", "processes", NOT_RUN, "processes"),
    Hostile(
        "fork bomb that goes on",
        "import os, time\nwhile True:\n  try:\n    os.fork() or time.sleep(9)\n  except OSError:\n    pass",
        "processes",
        NOT_RUN,
        "processes",
    ),
    Hostile(
        "fork bomb in an answer",
        f"{GOOD}\ndef bond_sum(images):\n    import os\n    while True:\n        try:\n"
        "            os.fork()\n        except OSError:\n            pass",
        "processes",
        NOT_RUN,
        "processes",
    ),
    Hostile("a process left behind", (_LEFT_BEHIND, GOOD)),
    Hostile(
        "kernel killed from inside",
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", GOOD),
        "ended early",
        NOT_RUN,
        "signal 9",
    ),
    Hostile(
        "kills all that it can",
        (
            "import os\ntry:\n    os.kill(-1, 9)\nexcept OSError:\n    pass\n"
            "for pid in (1, os.getppid()):\n    try:\n        os.kill(pid, 9)\n    except OSError:\n        pass",
            GOOD,
        ),
    ),
    Hostile(
        "kills its parent in an answer",
        f"{GOOD}\ndef bond_sum(images):\n    import os\n    os.kill(os.getppid(), 9)",
        "ended early",
        NOT_RUN,
        "signal 9",
    ),
    Hostile("sys.exit", ("import sys\nsys.exit(0)", GOOD), says="SystemExit"),
    Hostile("os._exit", ("import os\nos._exit(0)", GOOD), "ended early", NOT_RUN, "exit code 0"),
    Hostile(
        "os._exit in an answer",
        _returning("__import__('os')._exit(0)"),
        answers=("raised", "right"),
        says="gave no answer",
    ),
    Hostile("reads the secret", _reading("KEY")),
    Hostile("reads another submission", _reading("OTHER")),
    Hostile("reads the solutions", _reading("SOLUTIONS")),
    Hostile("reads the home folder", (_HOME, GOOD)),
    Hostile("reads /proc of the judge", (_PROCESSES, GOOD)),
    Hostile("writes outside", (_WRITING, GOOD)),
    Hostile("network, loopback and beyond", (_NETWORK, GOOD)),
    Hostile("abstract Unix sockets", (_ABSTRACT, GOOD)),
    Hostile(
        "deleted contract cell",
        "def spin_sum(images):\n    return images.sum((-2, -1))",
        answers=("missing", "right"),
        says="defines no bond_sum",
    ),
    Hostile(
        "edited contract cell",
        GOOD.replace("bond_sum(images)", "bond_sum(images, axis)"),
        answers=("raised", "right"),
        says="TypeError",
    ),
    Hostile("duplicated contract cell", (_returning("np.zeros(3)"), GOOD)),
    Hostile("no function but a number", (GOOD, "bond_sum = 3"), answers=("missing", "right"), says="is no function"),
    Hostile(
        "silences tracebacks",
        (
            "import sys\nsys.excepthook = lambda *a: None\nsys.stderr = sys.stdout = None\n"
            "get_ipython().showtraceback = lambda *a, **k: None",
            "1 / 0",
            GOOD,
        ),
        says="code cell 2: ZeroDivisionError",
    ),
    Hostile(
        "monkeypatches numpy, checks, time, json",
        (GOOD, _MONKEY, "def bond_sum(images):\n    return np.zeros(3)"),
        answers=("wrong", "right"),
    ),
    Hostile("returns NaN", _returning("np.full(3, np.nan)"), answers=("wrong", "right")),
    Hostile("returns None", _returning("None"), answers=("wrong kind", "right"), says="None"),
    Hostile("returns text", _returning("'right'"), answers=("wrong kind", "right"), says="a str"),
    Hostile("returns a hostile __reduce__", (_REDUCE, _returning("Reduced()")), answers=("wrong kind", "right")),
    Hostile("returns an __array__ that runs code", (_ARRAY, _returning("Array()")), answers=("wrong", "right")),
    Hostile(
        "returns a million rows",
        _returning("np.zeros((10**6, 3))"),
        answers=("wrong kind", "right"),
        says="shape (1000000, 3)",
    ),
    Hostile("prints what looks like a result", (_RESULT, _returning("np.zeros(3)")), answers=("wrong", "right")),
    Hostile("forges the output file", (_FILES, _returning("np.zeros(3)")), answers=("wrong", "right")),
    Hostile(
        "writes into the pipe",
        (_INTO_ALL.replace("DATA", 'b"right" * 100') + "write()", GOOD),
        "forged",
        NOT_RUN,
        "only answers go through",
    ),
    Hostile(
        "forges answers in the pipe",
        (_INTO_ALL.replace("DATA", _FORGED_ANSWER) + "write()", GOOD),
        "forged",
        NOT_RUN,
        "only answers go through",
    ),
    Hostile(
        "writes into the pipe from a thread",
        (_FROM_A_THREAD, f"{GOOD}\nimport time\ntime.sleep(0.5)"),
        "forged",
        NOT_RUN,
        "only answers go through",
    ),
    Hostile("answers before it reads the question", (_BEFORE_READING, GOOD), "forged", ("wrong or not run", "not run")),
    Hostile("a process name that is no text", (_NAMED, GOOD)),
    Hostile("prints for ever and does not end", (_FLOOD, GOOD)),
    Hostile("closes the pipe", ("import os\nos.closerange(3, 64)", GOOD), ("ended early", "forged"), NOT_RUN),
    Hostile("hard-codes the visible answers", _SEEN, answers=("wrong", "right")),
    Hostile("imports the answers", _IMPORTS, answers=("raised", "right"), says="no import answers it"),
    Hostile("other doors of the kernel", (_OTHER_KERNEL_DOORS, GOOD)),
    Hostile("memory and signals of the first process, open files", (_MEMORY, GOOD)),
    Hostile("leaves hooks behind", (_HOOKS, GOOD)),
    Hostile("looks for hooks that another left", (_HOOKS, GOOD)),
    Hostile("files without bytes", (_FILES_WITHOUT_BYTES, GOOD), ("ran", "memory"), ("right or not run",) * 2),
    Hostile("long links", (_LINKS, GOOD), ("ran", "memory"), ("right or not run",) * 2),
    Hostile("fills pipes", (_PIPES, GOOD), ("ended early", "memory"), NOT_RUN),
    Hostile("answers a byte at a time", (_TRICKLE, GOOD), ("timeout", "ran"), ("timeout or not run", "not run")),
    Hostile("floods stderr", ("import os\nfor k in range(2000):\n    os.write(2, b'!' * 65536)", GOOD)),
    Hostile("an error with a hostile name and message", (_NAMES, GOOD), says="code cell 1: =cmd|"),
    Hostile(
        "returns objects in an array",
        (_REDUCE, _returning("np.array([Reduced()] * 3, dtype=object)")),
        answers=("wrong kind", "right"),
    ),
    Hostile("100 000 cells", lambda: notebook(["pass"] * 100_000), "unreadable", NOT_RUN, "cells, more than"),
    Hostile("a cell with 10 000 lines", "x = 1\n" * 10_000 + GOOD),
    Hostile("half a character", ("x = '\ud800'", GOOD), says="code cell 1: UnicodeEncodeError"),
    Hostile("a number of 5000 digits", lambda: b'{"nbformat": ' + b"4" * 5000 + b"}", "unreadable", NOT_RUN, "JSON"),
    Hostile(
        "deep metadata",
        lambda: notebook((GOOD,), metadata="DEEP").replace(b'"DEEP"', b'{"a":' * 5000 + b"1" + b"}" * 5000),
        "unreadable",
        NOT_RUN,
        "is not a notebook",
    ),
    Hostile(
        "warnings on stderr", ("import sys, warnings\nwarnings.warn('careful')\nprint('!' * 99, file=sys.stderr)", GOOD)
    ),
)
