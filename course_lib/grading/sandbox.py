"""A notebook run in a sandbox, and its functions called there on hidden inputs.

    with prepared() as room:
        transcript = run(notebook, requests, room)

Nothing that comes out of a sandbox is opened, parsed or unpickled here: it is bytes of a kind and a length that were
said beforehand. What `inside` says is worth no more than what a student says, since a student may have written it.
"""

import contextlib
import os
import pickle
import selectors
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field

import numpy as np

from course_lib.grading import inside, library, scratch, walls
from course_lib.grading.contract import Answer
from course_lib.grading.probe import probe
from course_lib.grading.room import Room, opened
from course_lib.grading.walls import Limits, SandboxError
from course_lib.grading.watchdog import EVERY, usable_parent

__all__ = ["Limits", "Request", "Room", "SandboxError", "Transcript", "clean", "prepared", "run"]

SLACK = 5.0  # seconds that a busy machine may take for a word
MOST_PIECES = 16  # of what may wait in the pipe of the printed output
CLOCK = 4  # seconds on the clock for a second of CPU time
DEAD = 128  # bubblewrap's exit code is this and the signal that ended the program
STATUS_OF = {code: status for status, code in inside.STATUS.items()}


@dataclass(frozen=True, eq=False)
class Request:
    """One call of a student's function.

    Attributes
    ----------
    key : str
        Of the item.
    function : str
    arguments : dict
        Name -> array, int or float; given in this order.
    seed : int or None
        Of the generator that is given last; None where the function takes none.
    shape : tuple of int
    dtype : str
    seconds : float
        CPU time; on the clock four times as much.
    instead : tuple of (tuple of str, str)
        Names in the notebook, and the text of a function to stand there in this call; the first one is its own.
    """

    key: str
    function: str
    arguments: dict
    seed: int | None
    shape: tuple[int, ...]
    dtype: str = "float64"
    seconds: float = 10.0
    instead: tuple[tuple[tuple[str, ...], str], ...] = ()

    @property
    def n_bytes(self) -> int:
        """Of the answer."""
        return int(np.prod(self.shape, dtype=int)) * np.dtype(self.dtype).itemsize


@dataclass(eq=False)
class Transcript:
    """What came out of a sandbox.

    Attributes
    ----------
    status : str
        "ran"; "unreadable" (no notebook that can be run); "timeout", "memory", "processes" (the limit that the
        notebook broke); "ended early" (it ended its own process); "forged" (it wrote where only answers go).
    message : str
        In a sentence, for the student; "" where all went well.
    variables : dict
        ``student_id`` (str or None), ``my_pictures`` (list of str), ``my_fit`` (two floats, or None).
    answers : dict
        Key -> `Answer` to each request of that key, in their order.
    problems : list of str
        What the cells raised, a line each.
    notebook_seconds, seconds : float
        On the clock.
    log : str
        The beginning of what the notebook printed, with control characters taken out. What functions print when they
        are called is not in it: it could be the hidden numbers.
    printed : int
        Bytes that were printed in all.
    """

    status: str = "ran"
    message: str = ""
    variables: dict = field(default_factory=lambda: {"student_id": None, "my_pictures": [], "my_fit": None})
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notebook_seconds: float = 0.0
    seconds: float = 0.0
    log: str = ""
    printed: int = 0


# ---------------------------------------------------------------- before the first sandbox


@contextlib.contextmanager
def prepared(*, data=None, walled=True):
    """A `Room` in a temporary folder, after trying that its walls hold: it takes two seconds or three.

    Parameters
    ----------
    data : pathlib.Path, optional
        The course's ``data`` folder.
    walled : bool
        False makes a room without walls, where a submission can do whatever the grader's user can.

    Yields
    ------
    Room

    Raises
    ------
    SandboxError
        If something that a sandbox needs is not installed, or the sandbox does not hold what it must.
    """
    lacking = walls.missing() if walled else []
    if lacking:
        raise SandboxError(" ".join(lacking))
    with scratch.folder("room") as folder:
        course = folder / "course"
        course.mkdir()
        library.build(course)
        shutil.copyfile(inside.__file__, course / "inside.py")
        if data is not None:
            shutil.copytree(data, course / "data")
        _warm_caches(course)
        if walled:
            walls.write_filter(folder / "filter")
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        if not walled:
            yield Room(folder, "none", None)
            return
        room = Room(folder, "user" if os.geteuid() else "root", usable_parent(2**30))
        probe(room)
        yield room


def _warm_caches(course):
    """Matplotlib's list of fonts, which takes seconds to make; each sandbox gets a copy of its own."""
    environment = os.environ | {"MPLCONFIGDIR": str(course / "caches" / "matplotlib"), "PYTHONPATH": str(course)}
    (course / "caches" / "numba").mkdir(parents=True)
    (course / "caches" / "matplotlib").mkdir()
    command = [sys.executable, "-c", "import matplotlib.font_manager"]
    subprocess.run(command, env=environment, cwd=course, check=True, capture_output=True)


# ---------------------------------------------------------------- the conversation


class _Over(Exception):
    """The sandbox is at its end: status and message of the transcript."""


class _Conversation:
    """Frames to and from one sandbox, its printed output, and its clock, in one loop."""

    def __init__(self, process, watchdog, outgoing, incoming, limits):
        self._process, self._watchdog, self._limits = process, watchdog, limits
        self._outgoing, self._incoming = outgoing, incoming
        self._pending, self._received = memoryview(b""), bytearray()
        self._end_of_all = time.monotonic() + limits.seconds
        self.log, self.printed, self.logging = bytearray(), 0, True
        self._selector = selectors.DefaultSelector()
        for descriptor, does in ((incoming, self._hear), (process.stdout.fileno(), self._listen)):
            os.set_blocking(descriptor, False)
            self._selector.register(descriptor, selectors.EVENT_READ, does)
        os.set_blocking(outgoing, False)

    def say(self, message):
        """Send a dict, or None for the end; `expect` does the writing."""
        if self._received or self._pending:  # an answer before the question was read is none, either
            raise _Over("forged", "something wrote into the pipe that only answers go through")
        data = pickle.dumps(message) if message is not None else b""
        self._pending = memoryview(inside.LENGTH.pack(len(data)) + data)
        self._selector.register(self._outgoing, selectors.EVENT_WRITE, self._write)

    def expect(self, kind, most, seconds):
        """The data of the next frame, which must be of this kind and no longer."""
        deadline = time.monotonic() + seconds
        while (data := self._frame(kind, most)) is None:
            if (now := time.monotonic()) > self._end_of_all:
                minutes = f"{self._limits.seconds / 60:.2g} minutes"
                raise _Over("timeout", f"notebook and functions together ran out of their {minutes}")
            if now > deadline:
                raise _Over("timeout", f"it ran out of time after {seconds:.0f} s")
            self._turn()
        return data

    def _turn(self):
        """Wait for a moment, do what can be done, look at the limits."""
        for key, _ in self._selector.select(EVERY):
            key.data()
        self._watchdog.look()
        if self._watchdog.over == "processes":
            raise _Over("processes", f"it had {self._limits.processes} processes and threads at once, the most allowed")
        if self._watchdog.over == "memory":
            raise self._no_memory()

    def _frame(self, kind, most):
        if len(self._received) < inside.HEADER.size:
            return None
        code, length = inside.HEADER.unpack_from(self._received)
        if code != inside.KINDS[kind] or length > most:
            raise _Over("forged", "something wrote into the pipe that only answers go through")
        end = inside.HEADER.size + length
        if len(self._received) < end:
            return None
        data = bytes(self._received[inside.HEADER.size : end])
        del self._received[:end]
        return data

    def _hear(self):
        data = os.read(self._incoming, 2**18)
        if not data:
            raise self._end()
        self._received += data

    def _write(self):
        with contextlib.suppress(BrokenPipeError):  # `_hear` says so
            self._pending = self._pending[os.write(self._outgoing, self._pending) :]
            if self._pending:
                return
        self._selector.unregister(self._outgoing)

    def _listen(self):
        data = os.read(self._process.stdout.fileno(), 2**18)
        if not data:
            self._selector.unregister(self._process.stdout)
        self.printed += len(data)
        if self.logging:
            self.log += data[: self._limits.log - len(self.log)]

    def _end(self):
        """Why the other side is gone."""
        try:
            code = self._process.wait(SLACK)
        except subprocess.TimeoutExpired:  # closed on purpose
            return _Over("forged", "it closed the pipe that answers go through")
        self.rest()
        if self._watchdog.out_of_memory:
            return self._no_memory()
        if code == DEAD + signal.SIGXCPU:
            return _Over("timeout", f"it used up its {self._limits.notebook_seconds:.0f} s of computing time")
        how = f"signal {code - DEAD}" if code > DEAD else f"exit code {code}"
        return _Over("ended early", f"it ended its own process ({how})")

    def _no_memory(self):
        return _Over("memory", f"it needed more than the {self._limits.memory / 2**30:.2g} GB of memory allowed")

    def rest(self):
        """Read what was printed and not read yet; not for ever, it may still be printing."""
        with contextlib.suppress(BlockingIOError):
            for _ in range(MOST_PIECES):
                if self._process.stdout.fileno() in self._selector.get_map():
                    self._listen()

    @property
    def out_of_memory(self):
        return self._watchdog.out_of_memory

    def close(self):
        self._selector.close()


def run(notebook: bytes, requests, room: Room, limits: Limits | None = None, *, again=None) -> Transcript:
    """Run a notebook in a sandbox, then call its functions there.

    Parameters
    ----------
    notebook : bytes
        The file as it was handed in.
    requests : sequence of Request, or callable
        Answered in this order. A function gets the transcript's ``variables`` and gives the sequence: what is asked may
        depend on the student's id, which is known when the notebook has run.
    room : Room
        From `prepared`.
    limits : Limits, optional
    again : callable, optional
        Given the transcript with all these answers it yields more requests, and sees each answer before the next. They
        are a favour: whatever breaks the sandbox in them leaves the transcript as it is.

    Returns
    -------
    Transcript

    Raises
    ------
    SandboxError
        If the sandbox did not start: no fault of the student's.
    """
    limits, start = limits or Limits(), time.monotonic()
    transcript = Transcript()
    if len(notebook) > limits.notebook:
        most = limits.notebook // 2**20
        transcript.status = "unreadable"
        transcript.message = f"the file has {len(notebook) / 2**20:.0f} MB, the most is {most}: clear its outputs"
    else:
        try:
            _converse(notebook, requests, again, room, limits, transcript)
        except _Over as over:
            transcript.status, transcript.message = over.args
    if callable(requests):
        requests = requests(transcript.variables)
    for request in requests:
        transcript.answers.setdefault(request.key, [])
    for key, answers in transcript.answers.items():
        lacking = sum(request.key == key for request in requests) - len(answers)
        answers += [Answer("not run", message=transcript.message)] * lacking
    transcript.seconds = time.monotonic() - start
    return transcript


def _converse(notebook, requests, again, room, limits, transcript):
    """Fill a transcript, until the end or `_Over`."""
    with contextlib.ExitStack() as ours, contextlib.ExitStack() as theirs, contextlib.ExitStack() as stack:
        there, outgoing = os.pipe()
        incoming, back = os.pipe()
        for descriptors, ends in ((ours, (outgoing, incoming)), (theirs, (there, back))):
            for one in ends:
                descriptors.callback(os.close, one)
        program = [sys.executable, "/course/inside.py", str(there), str(back)]
        process, watchdog = stack.enter_context(opened(room, limits, program, (there, back)))
        theirs.close()
        talk = _Conversation(process, watchdog, outgoing, incoming, limits)
        stack.callback(talk.close)
        try:
            _notebook(talk, notebook, limits, transcript)
            for request in requests(transcript.variables) if callable(requests) else requests:
                transcript.answers.setdefault(request.key, []).append(_asked(talk, request))
            if _asked_again(talk, again, transcript):
                talk.say(None)
                with contextlib.suppress(_Over):
                    talk.expect("answer", 0, SLACK)
            talk.rest()
            if talk.out_of_memory:
                transcript.problems.append(f"{talk.out_of_memory} of its processes were stopped for want of memory")
        finally:
            transcript.log, transcript.printed = clean(talk.log), talk.printed


def _notebook(talk, notebook, limits, transcript):
    """Run the notebook, and read its variables."""
    job = {"notebook": notebook, "cpu_seconds": limits.notebook_seconds, "cell_seconds": limits.cell_seconds}
    talk.say(job)
    try:
        problem = talk.expect("notebook", inside.MOST_TEXT, 60)
    except _Over as over:
        raise SandboxError(f"the sandbox did not start: {over.args[1]}: {clean(talk.log)[-500:]}") from None
    if problem:
        raise _Over("unreadable", f"the file {clean(problem)}")
    start = time.monotonic()
    try:
        transcript.problems = clean(talk.expect("ran", inside.MOST_TEXT, CLOCK * limits.notebook_seconds)).splitlines()
    finally:
        transcript.notebook_seconds = time.monotonic() - start
        talk.rest()
        talk.logging = False
    transcript.variables = _variables(talk.expect("variables", inside.MOST_VARIABLES, 60))


def _asked_again(talk, again, transcript):
    """Ask what is asked as a favour; whether the sandbox came through it."""
    try:
        for request in again(transcript) if again else ():
            transcript.answers.setdefault(request.key, []).append(_asked(talk, request))
    except _Over:
        return False
    return True


def _asked(talk, request):
    """One request, and its answer."""
    start, killed = time.monotonic(), talk.out_of_memory
    seconds = CLOCK * request.seconds
    message = {
        "function": request.function,
        "arguments": tuple(request.arguments.values()),
        "seed": request.seed,
        "shape": tuple(request.shape),
        "dtype": request.dtype,
        "n_bytes": request.n_bytes,
        "cpu_seconds": request.seconds,
        "seconds": seconds,
        "instead": request.instead,
    }
    talk.say(message)
    data = talk.expect("answer", 1 + max(request.n_bytes, inside.MOST_TEXT), seconds + SLACK)
    took = time.monotonic() - start
    status = STATUS_OF.get(data[:1])
    if status == "answered" and len(data) == 1 + request.n_bytes:
        array = np.frombuffer(data, np.dtype(request.dtype).newbyteorder("<"), offset=1)
        return Answer("answered", array.astype(request.dtype).reshape(request.shape), took)
    if status is None or status == "answered":
        return Answer("wrong kind", None, took, f"{len(data)} bytes that are no answer")
    if talk.out_of_memory > killed:
        return Answer("raised", None, took, "needed more memory than is allowed")
    return Answer(status, None, took, _line(data[1:]))


def _variables(data):
    """The student's variables, from bytes of any kind."""
    found = {"student_id": None, "my_pictures": [], "my_fit": None}
    place = 0
    while place + inside.HEADER.size <= len(data):
        tag, length = inside.HEADER.unpack_from(data, place)
        place += inside.HEADER.size
        part = data[place : place + length]
        place += length
        if tag == b"i":
            found["student_id"] = _line(part)[: inside.MOST_ID]
        elif tag == b"p" and len(found["my_pictures"]) < inside.MOST_PICTURES and len(part) <= inside.MOST_DIGITS:
            found["my_pictures"].append(_line(part))
        elif tag == b"f" and len(part) == inside.PAIR.size:
            found["my_fit"] = inside.PAIR.unpack(part)
    return found


def _line(data):
    return " ".join(clean(data).split())


def clean(data) -> str:
    r"""Bytes from a sandbox as text without control characters, so that they can be printed and written anywhere.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    str

    Examples
    --------
    >>> clean(b"right\x1b[2J\n\xff")
    'right[2J\n\ufffd'
    """
    return "".join(one for one in bytes(data).decode("utf-8", "replace") if one == "\n" or one.isprintable())
