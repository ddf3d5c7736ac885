"""What runs inside the sandbox: one process executes the notebook, and answers each request in a fork of its own.

This file is bound into the sandbox alone, without the package around it, so it imports nothing of the course. From the
first cell on, this process is the student's: whatever it writes is untrusted, and `sandbox` reads it as such. Frames:

    to the sandbox      length (4 bytes), pickled dict         the job, then one request after another; length 0: end
    from the sandbox    kind (1 byte), length (4 bytes), data  "notebook", "ran", "variables", then an "answer" each

An answer's data are one byte, its status, and then the array's bytes, or a message.
"""

import contextlib
import gc
import json
import os
import pickle
import select
import shutil
import signal
import struct
import sys
import time
from os import _exit  # held here: a notebook may put something else in its place

with contextlib.suppress(ImportError):  # not on Windows, where `walls.missing` says so
    import resource

HEADER = struct.Struct("!cI")
LENGTH = struct.Struct("!I")
PAIR = struct.Struct("<2d")
KINDS = {"notebook": b"n", "ran": b"r", "variables": b"v", "answer": b"a"}
STATUS = {"answered": b"+", "missing": b"m", "raised": b"r", "timeout": b"t", "wrong kind": b"k"}
OWN_PICTURE = "own-picture"  # tag of the cell that loads a picture from the student's disk: it is not run
MOST_TEXT = 4000  # bytes of any message
MOST_ID = 200
MOST_PICTURES = 20
MOST_DIGITS = 40_000  # a picture of 400 x 400
MOST_VARIABLES = MOST_PICTURES * (MOST_DIGITS + HEADER.size) + 1000
MOST_CELLS = 2000
SEED_OF_THE_NOTEBOOK = 11


# ---------------------------------------------------------------- reading a notebook


def read_notebook(data) -> tuple[str, list]:
    """Take a notebook apart.

    Parameters
    ----------
    data : bytes
        The file.

    Returns
    -------
    problem : str
        Why it cannot be run, to be read after "the file"; "" if it can.
    cells : list of dict
        ``type``, ``id``, ``tags``, ``source`` of each cell.

    Examples
    --------
    >>> read_notebook(b"")[0]
    'is empty'
    >>> read_notebook(b'{"nbformat": 3, "worksheets": []}')[0][:44]
    'is in notebook format 3, this course uses 4:'
    """
    if not data.strip():
        return "is empty", []
    try:
        notebook = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError, MemoryError) as error:  # not UTF-8 is a ValueError, too
        return f"is not a notebook: it cannot be read as JSON ({type(error).__name__})", []
    version = notebook.get("nbformat") if isinstance(notebook, dict) else None
    if not isinstance(version, int):
        return "is not a notebook: it is JSON, but says no notebook format", []
    if version != 4 or not isinstance(notebook.get("cells"), list):
        again = "open it in JupyterLab, save it, and hand it in again"
        return f"is in notebook format {version}, this course uses 4: {again}", []
    if len(notebook["cells"]) > MOST_CELLS:
        return f"has {len(notebook['cells'])} cells, more than {MOST_CELLS}", []
    cells = [_cell(raw) for raw in notebook["cells"] if isinstance(raw, dict)]
    if not any(cell["type"] == "code" and cell["source"].strip() for cell in cells):
        return "has no code in it", cells
    return "", cells


def _cell(raw):
    """One cell, with every part of the type it should have."""
    source, metadata = raw.get("source"), raw.get("metadata")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    metadata = metadata if isinstance(metadata, dict) else {}
    nbgrader, tags = metadata.get("nbgrader"), metadata.get("tags")
    key = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return {
        "type": raw.get("cell_type") if isinstance(raw.get("cell_type"), str) else "",
        "id": key if isinstance(key, str) else "",
        "tags": [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else [],
        "source": source if isinstance(source, str) else "",
    }


def print_cells():
    """Print the cells of the notebook on stdin as JSON; for `intake`, which reads no notebook itself."""
    resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))
    resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
    problem, cells = read_notebook(sys.stdin.buffer.read())
    sys.stdout.write(json.dumps({"problem": problem, "cells": cells}))


# ---------------------------------------------------------------- frames


def _read(descriptor, n_bytes):
    data = bytearray()
    while len(data) < n_bytes:
        piece = os.read(descriptor, min(n_bytes - len(data), 2**20))
        if not piece:
            raise EOFError
        data += piece
    return bytes(data)


def _receive(descriptor):
    (length,) = LENGTH.unpack(_read(descriptor, LENGTH.size))
    return pickle.loads(_read(descriptor, length)) if length else None


def _send(descriptor, kind, data):
    view = memoryview(HEADER.pack(KINDS[kind], len(data)) + data)
    while view:
        view = view[os.write(descriptor, view) :]


def _text(message):
    return str(message).encode("utf-8", "replace")[:MOST_TEXT]


def _described(error):
    """An exception in a line. Its own ``__str__`` may raise, or return anything."""
    if isinstance(error, _OutOfTime):
        return str(error)
    try:
        words = str(error)
    except BaseException:
        words = "(its message raises)"
    return " ".join(f"{type(error).__name__}: {words}".split())[:300]


# ---------------------------------------------------------------- the notebook


class _OutOfTime(BaseException):  # no Exception: a cell that catches all of those must end, too
    """A cell used up its time."""


def _shell():
    """IPython without a kernel: magics, `!`, top-level await and `display` as in a notebook, at a tenth of the cost."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False  # or it keeps a thread and a database
    config.DisplayFormatter.active_types = ["text/plain"]  # nobody looks at the pictures
    shell = InteractiveShell.instance(config=config)
    shell.showtraceback = lambda *arguments, **options: None  # costs 0.1 s, and nobody reads it
    shell.showsyntaxerror = lambda *arguments, **options: None
    for magic in ("matplotlib", "pylab"):  # the backend stays agg
        shell.register_magic_function(lambda line: None, magic_name=magic)
    return shell


@contextlib.contextmanager
def _time_limit(seconds):
    """Raise in the main thread after so many CPU seconds, or four times as many on the clock."""

    def ring(number, frame):
        raise _OutOfTime(f"took longer than {seconds:g} s")

    for number in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(number, ring)
    # Again every second, for a cell that catches it.
    signal.setitimer(signal.ITIMER_PROF, seconds, 1)
    signal.setitimer(signal.ITIMER_REAL, 4 * seconds, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)


def _run_cell(shell, source, seconds):
    """Run a cell; what went wrong, in a line, or ""."""
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__  # IPython stops where a cell took them away
    try:
        with _time_limit(seconds):
            result = shell.run_cell(source, store_history=False)
        error = result.error_before_exec or result.error_in_exec
    except BaseException as raised:  # the time limit, or what a student makes IPython raise
        error = raised
    finally:
        if "matplotlib.pyplot" in sys.modules:
            with contextlib.suppress(Exception):
                sys.modules["matplotlib.pyplot"].close("all")  # as a notebook does after each cell
    return "" if error is None else _described(error)


def _run_notebook(cells, cell_seconds):
    """Run all code cells, going on after errors: a function defined further down still counts."""
    import random

    import numpy as np

    me, problems, shell = os.getpid(), [], _shell()
    np.random.seed(SEED_OF_THE_NOTEBOOK)  # noqa: NPY002 - for the notebook that uses it unseeded: regrading repeats
    random.seed(SEED_OF_THE_NOTEBOOK)
    code = [cell for cell in cells if cell["type"] == "code"]
    for number, cell in enumerate(code, 1):
        if OWN_PICTURE in cell["tags"] or not cell["source"].strip():
            continue
        problem = _run_cell(shell, cell["source"], cell_seconds)
        if os.getpid() != me:
            _exit(0)  # a fork made by the cell: there is one notebook only
        if problem:
            problems.append(f"code cell {number}: {problem}")
    return shell, problems


# ---------------------------------------------------------------- answers


class _WrongKind(Exception):
    """An answer that is not the array that was asked for."""


def _as_bytes(value, shape, dtype):
    """The bytes of an answer, in row-major order."""
    import numpy as np

    name = type(value).__name__
    try:
        array = np.asarray(value)
    except (ValueError, TypeError) as error:
        raise _WrongKind(f"a {name} that is no array ({_described(error)})") from None
    if array.dtype.kind not in "biuf":
        raise _WrongKind("None" if value is None else f"a {name} that does not hold real numbers")
    if array.shape != shape:
        raise _WrongKind(f"an array of shape {array.shape} where {shape} was expected")
    if dtype == "int8" and not (np.abs(array.astype(float)) <= 127).all():  # False for NaN
        raise _WrongKind("numbers outside -127 to 127 where spins, +1 or -1, were expected")
    if dtype == "int8" and (array != np.rint(array)).any():
        raise _WrongKind("fractions where spins, +1 or -1, were expected")
    return np.ascontiguousarray(array, np.dtype(dtype).newbyteorder("<")).tobytes()


def _put_instead(names, given):
    """Other functions in the place of the notebook's, each under several names; in a fork."""
    for aliases, source in given:
        scope = {}
        exec(source, scope)
        names.update(dict.fromkeys(aliases, scope[aliases[0]]))


def _answer(names, request):
    """Status and data of one answer; in a fork."""
    import random

    import numpy as np

    _put_instead(names, request["instead"])
    function = names.get(request["function"])
    if function is None:
        return "missing", _text(f"the notebook defines no {request['function']}")
    if not callable(function):
        return "missing", _text(f"{request['function']} is no function, it is a {type(function).__name__}")
    arguments = list(request["arguments"])
    if request["seed"] is not None:
        arguments.append(np.random.default_rng(request["seed"]))
    seed = request["seed"] or 0
    np.random.seed(seed % 2**32)  # noqa: NPY002 - for the student who uses it: regrading repeats
    random.seed(seed)
    try:
        return "answered", _as_bytes(function(*arguments), request["shape"], request["dtype"])
    except _WrongKind as error:
        return "wrong kind", _text(error)
    except BaseException as error:
        return "raised", _text(_described(error))


def _variables(names):
    """The student's id, pictures and fit, each capped; in a fork."""
    import numpy as np

    parts = []
    identity, pictures, fit = (names.get(name) for name in ("student_id", "my_pictures", "my_fit"))
    if isinstance(identity, str):
        parts.append((b"i", identity.encode("utf-8", "replace")[:MOST_ID]))
    if isinstance(pictures, list | tuple):
        for picture in pictures[:MOST_PICTURES]:
            if isinstance(picture, str) and len(picture) <= MOST_DIGITS:
                parts.append((b"p", picture.encode("ascii", "replace")))
    with contextlib.suppress(Exception):
        parts.append((b"f", PAIR.pack(*np.asarray(fit, float))))
    return b"".join(HEADER.pack(tag, len(data)) + data for tag, data in parts)


def _fork():
    """A fork; what a cell started may have to end first."""
    for _ in range(20):
        with contextlib.suppress(BlockingIOError):
            return os.fork()
        time.sleep(0.1)
    return os.fork()


def _in_a_fork(task, most, cpu_seconds, seconds):
    """What ``task()`` returns, so many bytes at most, run in a fork; and its exit code, or "timeout"."""
    read_end, write_end = os.pipe()
    pid = _fork()
    if pid == 0:
        me = os.getpid()
        try:
            os.setpgid(0, 0)
            os.close(read_end)
            resource.setrlimit(resource.RLIMIT_CPU, (int(cpu_seconds) + 1, int(cpu_seconds) + 2))
            view = memoryview(task())
            while view and os.getpid() == me:  # and no fork that the task made
                view = view[os.write(write_end, view) :]
        finally:
            _exit(0)
    os.close(write_end)
    with contextlib.suppress(OSError):
        os.setpgid(pid, pid)
    try:
        data, ended = _collect(pid, read_end, most, time.monotonic() + seconds)
    finally:
        os.close(read_end)
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)  # what the fork started
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return data, code if ended and code != -signal.SIGXCPU else "timeout"


def _collect(pid, read_end, most, deadline):
    """Read until the fork ends, or says too much, or its time is up; whether it ended."""
    data, over = bytearray(), os.pidfd_open(pid)
    try:
        while len(data) <= most:
            ready = select.select([read_end, over], [], [], max(0, deadline - time.monotonic()))[0]
            if not ready:
                return b"", False
            if read_end in ready:
                piece = os.read(read_end, 2**16)
                data += piece
                if not piece:  # closed, perhaps on purpose
                    ready = select.select([over], [], [], max(0, deadline - time.monotonic()))[0]
                    return bytes(data), bool(ready)
            elif over in ready:
                return bytes(data), True
        return b"", True
    finally:
        os.close(over)


def _respond(names, request):
    """One answer's data: a status byte, and the array or a message."""
    most = 1 + max(request["n_bytes"], MOST_TEXT)

    def task():
        status, data = _answer(names, request)
        return STATUS[status] + data

    data, ended = _in_a_fork(task, most, request["cpu_seconds"], request["seconds"])
    if ended == "timeout":
        return STATUS["timeout"] + _text(f"took longer than {request['cpu_seconds']:g} s")
    if data:
        return data
    how = f"killed by signal {-ended}" if ended < 0 else "it ended its process"
    return STATUS["raised"] + _text(f"gave no answer: {how}")


# ---------------------------------------------------------------- all of it


def _prepare(job):
    """A home, and caches of its own that a student may spoil."""
    for name in ("home", "work"):
        os.makedirs(f"/tmp/{name}", exist_ok=True)
    if os.path.isdir("/course/caches"):
        shutil.copytree("/course/caches", "/tmp/caches", dirs_exist_ok=True, copy_function=shutil.copyfile)
    if os.path.isdir("/course/data"):
        os.symlink("/course/data", "/tmp/data")
    os.chdir("/tmp/work")
    resource.setrlimit(resource.RLIMIT_CPU, (int(job["cpu_seconds"]), int(job["cpu_seconds"]) + 60))


def main(incoming, outgoing):
    """Run the notebook of the job, then answer request after request."""
    os.set_inheritable(incoming, False)
    os.set_inheritable(outgoing, False)
    job = _receive(incoming)
    _prepare(job)
    problem, cells = read_notebook(job["notebook"])
    _send(outgoing, "notebook", _text(problem))
    if problem:
        return
    shell, problems = _run_notebook(cells, job["cell_seconds"])
    gc.freeze()  # forks share memory longer
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))
    _send(outgoing, "ran", _text("\n".join(problems)))
    variables, _ = _in_a_fork(lambda: _variables(shell.user_ns), MOST_VARIABLES, 5, 10)
    _send(outgoing, "variables", variables)
    while request := _receive(incoming):
        _send(outgoing, "answer", _respond(shell.user_ns, request))


if __name__ == "__main__":
    if sys.argv[1:] == ["--cells"]:
        print_cells()
    else:
        main(int(sys.argv[1]), int(sys.argv[2]))
        _exit(0)  # whatever threads the notebook left behind
