"""``ising-course grade --self-test``: each hostile submission is run, and a table says what came of it."""

import contextlib
import os
import socket
import stat
import sys
import time
import warnings
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_lib.grading import intake, scratch, walls
from course_lib.grading.hostile import HOSTILE, REACHED
from course_lib.grading.sandbox import Limits, Request, run
from course_lib.ising import bond_sum, spin_sum

SHORT = Limits(memory=2**29, notebook_seconds=2.0, cell_seconds=1.0)
CALL_SECONDS = 1.0
SECRET = "the-secret-" + os.urandom(8).hex()
SEEN = np.ones((3, 4, 4), np.int8)


@dataclass(frozen=True)
class Row:
    """What came of one hostile submission.

    Attributes
    ----------
    name, verdict : str
        The verdict is what a student or an instructor would be told.
    answers : tuple of str
        Verdicts on the two requests.
    seconds : float
    wrong : str
        What is not as it must be; "" where all is.
    """

    name: str
    verdict: str
    answers: tuple[str, ...]
    seconds: float
    wrong: str = ""


# ---------------------------------------------------------------- what there is to reach


@contextlib.contextmanager
def _places():
    """Secrets, listening sockets and a folder, and where they are: words of `hostile` -> places."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(scratch.folder("self-test"))
        outside = folder / "outside"
        outside.mkdir()
        outside.chmod(0o777)  # only the walls keep a submission from writing here
        for name in ("key", "other.ipynb"):
            (folder / name).write_text(SECRET)
            (folder / name).chmod(0o644)  # or from reading these
        server, abstract, named = (
            stack.enter_context(socket.socket(family)) for family in (socket.AF_INET, socket.AF_UNIX, socket.AF_UNIX)
        )
        server.bind(("127.0.0.1", 0))
        abstract.bind(f"\0{SECRET}")
        named.bind(str(folder / "socket"))
        for one in (server, abstract, named):
            one.listen()
        os.environ["ISING_COURSE_SELF_TEST"] = SECRET
        stack.callback(os.environ.pop, "ISING_COURSE_SELF_TEST")
        yield {
            "KEY": folder / "key",
            "OTHER": folder / "other.ipynb",
            "SOLUTIONS": Path(__file__).resolve(),
            "HOMEFOLDER": Path.home(),
            "OUTSIDE": outside,
            "PREFIX": sys.prefix,
            "VISIBLE": tuple(map(str, walls.visible())),
            "PORT": server.getsockname()[1],
            "ABSTRACT": SECRET,
            "SOCKETFILE": folder / "socket",
            "JUDGE": os.getpid(),
        }


def requests() -> list[Request]:
    """The two calls that are made of each submission.

    Returns
    -------
    list of Request

    Examples
    --------
    >>> [request.key for request in requests()]
    ['bond_sum', 'spin_sum']
    """
    pictures = np.random.default_rng(11).choice(np.array([-1, 1], np.int8), size=(3, 4, 6))
    return [
        Request(key, key, {"images": pictures}, None, (3,), seconds=CALL_SECONDS) for key in ("bond_sum", "spin_sum")
    ]


def _judged(request, answers):
    """Right, wrong, or why there is no answer."""
    (answer,) = answers
    if answer.status != "answered":
        return answer.status
    truth = {"bond_sum": bond_sum, "spin_sum": spin_sum}[request.key](request.arguments["images"])
    return "right" if np.allclose(answer.array, truth) else "wrong"


# ---------------------------------------------------------------- one submission


def _tried(room, hostile, places):
    """Run one submission; its row."""
    asked = requests()
    transcript = run(hostile.file(places), asked, room, SHORT)
    verdicts = tuple(_judged(request, transcript.answers[request.key]) for request in asked)
    said = [transcript.message, *transcript.problems]
    said += [answer.message for key in transcript.answers for answer in transcript.answers[key] if answer.message]
    said = list(dict.fromkeys(filter(None, said)))
    statuses = (hostile.status,) if isinstance(hostile.status, str) else hostile.status
    faults = [
        (transcript.status in statuses, f"status {transcript.status} where {hostile.status} was expected"),
        (
            all(given in wanted.split(" or ") for given, wanted in zip(verdicts, hostile.answers, strict=True)),
            f"answers {verdicts} where {hostile.answers} were expected",
        ),
        (hostile.says in "; ".join(said), f'"{hostile.says}" is not said'),
        (REACHED not in transcript.log and SECRET not in transcript.log, "it reached what it must not"),
        (not os.listdir(places["OUTSIDE"]), "it wrote outside"),
    ]
    wrong = "; ".join(fault for fine, fault in faults if not fine)
    verdict = f"{transcript.status}: {'; '.join(said) or 'nothing outside was reached or changed'}"
    return Row(hostile.name, verdict, verdicts, transcript.seconds, wrong)


def self_test(room, jobs=2, hostile=HOSTILE, progress=None) -> list[Row]:
    """Run hostile submissions, several at a time.

    Parameters
    ----------
    room : Room
        From `sandbox.prepared`.
    jobs : int
    hostile : sequence of Hostile
    progress : callable, optional
        Called with each row as it comes.

    Returns
    -------
    list of Row
        All is well where no row has anything in ``wrong``.
    """
    rows = []
    with _places() as places, ThreadPoolExecutor(jobs) as pool:
        for row in pool.map(lambda one: _tried(room, one, places), hostile):
            rows.append(row)
            if progress:
                progress(row)
    return rows


# ---------------------------------------------------------------- what is handed in


MOODLE = "{}_assignsubmission_file_/{}"


_MARK = "~"  # a zero byte, in the end


def _zip(path):
    """A zip as Moodle makes it, with members that it would hardly make."""
    link, bomb = zipfile.ZipInfo(MOODLE.format("Link_1000001", "nb.ipynb")), MOODLE.format("Bomb_1000002", "nb.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the name that stands twice
        archive.writestr(link, "/etc/passwd")
        archive.writestr(bomb, bytes(100 * 2**20))
        archive.writestr("../../Outside_1000003_assignsubmission_file_/nb.ipynb", "{}")
        for content in ("first", "second"):
            archive.writestr(MOODLE.format("Twice_1000004", "nb.ipynb"), content)
        archive.writestr(MOODLE.format("None_1000005", "essay.docx"), "My essay.")
        archive.writestr(MOODLE.format("Honest_1000006", "nb.ipynb"), "honest")
        archive.writestr("../Honest_1000006_assignsubmission_file_/nb.ipynb", "forged")
        archive.writestr("/top/nb.ipynb", "from the root")
        archive.writestr(MOODLE.format("Zero_1000007", f"nb.ipynb{_MARK}.txt"), "zero byte")
        archive.writestr(MOODLE.format("Nested_1000008", "all.zip"), b"PK\5\6" + bytes(18))
        remark = zipfile.ZipInfo(MOODLE.format("Remark_1000009", "nb.ipynb"))
        remark.comment, archive.comment = b"=1+1" * 16_000, b"\xff" * 60_000
        archive.writestr(remark, "with a remark")
    path.write_bytes(path.read_bytes().replace(f"nb.ipynb{_MARK}".encode(), b"nb.ipynb\0"))


def _folder(path):
    """A folder as nbgrader collects it, and what a student may put there."""
    key = path.with_name("key")
    for name in ('é "the, first"\n=1+1', "ada", "nobody", "linked", "linked folder", "fifo", "socket", "é" * 120):
        (path / name / "ps1").mkdir(parents=True)
    (path / 'é "the, first"\n=1+1' / "ps1" / "nb.ipynb").write_text("odd")
    for day, name in enumerate(("first.ipynb", "second.ipynb")):
        (path / "ada" / "ps1" / name).write_text(name)
        os.utime(path / "ada" / "ps1" / name, (86400 * day, 86400 * day))
    (path / "linked" / "ps1" / "nb.ipynb").symlink_to(key)
    (path / "linked folder" / "ps1" / "nb").symlink_to(path.parent)
    os.mkfifo(path / "fifo" / "ps1" / "nb.ipynb")
    (path / ("é" * 120) / "ps1" / f"{'x' * 240}.ipynb").write_text("long")
    with socket.socket(socket.AF_UNIX) as one, contextlib.chdir(path / "socket" / "ps1"):
        one.bind("nb.ipynb")  # its whole path may be too long for a socket


INTAKE = (
    ("a symbolic link in the zip", "Link_1000001", "", "symbolic link"),
    ("a zip bomb", "Bomb_1000002", "", "larger than"),
    ("../ in the zip", "Outside_1000003", "", "leads out"),
    ("two members of one name", "Twice_1000004", "second", "latest of 2"),
    ("a student with another file", "None_1000005", "", "essay.docx"),
    ("../ with another student's name", "Honest_1000006", "honest", "latest of 2"),
    ("a name with quotes, newline, non-ASCII", 'é "the, first"\\n=1+1', "odd", ""),
    ("two submissions of one student", "ada", "second.ipynb", "second.ipynb"),
    ("a student with none", "nobody", "", "nothing was handed in"),
    ("a symbolic link in the folder", "linked", "", "symbolic link"),
    ("a folder that is a link", "linked folder", "", "no notebook"),
    ("a pipe for a file", "fifo", "", "no ordinary file"),
    ("a socket for a file", "socket", "", "no ordinary file"),
    ("long names that are not ASCII", "é" * 120, "long", ""),
    ("a path from the root in the zip", "top", "", "leads out"),
    ("a zero byte in a name", "Zero_1000007", "zero byte", ""),
    ("a zip in the zip", "Nested_1000008", "", "all.zip"),
    ("long remarks in the zip", "Remark_1000009", "with a remark", ""),
)


def intake_test() -> list[Row]:
    """Collect a zip and a folder with all that must not be opened.

    Returns
    -------
    list of Row
    """
    with scratch.folder("self-test") as folder:
        (folder / "key").write_text(SECRET)
        _zip(folder / "moodle.zip")
        _folder(folder / "submitted")
        found = {one.student: one for place in ("moodle.zip", "submitted") for one in intake.collect(folder / place)}
        return [_handed_in(found.get(student), *row) for row, student in ((row, row[1]) for row in INTAKE)]


def _handed_in(submission, name, student, content, says):
    """The row of a submission that is collected and read."""
    start = time.monotonic()
    said, data = f"there is no {student!r}", b""
    if submission is not None:
        said = submission.problem or "; ".join(submission.notes)
        if not submission.problem:
            try:
                data = intake.read(submission)
            except ValueError as error:
                said = f"the file {error}"
    wrong = "" if data == content.encode() and says in said else f"{said!r}, {data[:40]!r}"
    return Row(name, said or "collected", (), time.monotonic() - start, wrong)


def table(rows) -> str:
    """The rows as text.

    Parameters
    ----------
    rows : sequence of Row

    Returns
    -------
    str

    Examples
    --------
    >>> print(table([Row("sys.exit", "ran", ("right", "right"), 0.7)]))
    ok     0.7 s  sys.exit                                right, right          ran
    """
    return "\n".join(
        f"{'WRONG' if row.wrong else 'ok':5} {row.seconds:4.1f} s  {row.name:38}  {', '.join(row.answers):20}  "
        f"{row.wrong or row.verdict}"[:220]
        for row in rows
    )
