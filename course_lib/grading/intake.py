"""What was handed in: a folder, or the zip of a learning platform, as one submission a student.

Names and contents come from students. Nothing is extracted, no link is followed, no file is read beyond its cap, and
notebooks are parsed in a process of their own.
"""

import contextlib
import hashlib
import json
import lzma
import os
import re
import stat
import subprocess
import sys
import time
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from course_lib.grading import inside

MOST_BYTES = 20 * 2**20  # of a notebook
MOST_ENTRIES = 20_000
DEPTH = 4  # submitted / student / assignment / notebook
MOST_CELL_BYTES = 100 * 2**20
MOODLE = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<file>.*)", re.DOTALL)
# Of a folder what stands last is the platform's: before it is a name, and a student may write what they like into that.
MOODLE_FOLDER = re.compile(r"(?P<name>.+)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)_?", re.DOTALL)
HASHED = re.compile(r".*-[0-9a-f]{8}")  # what `file_name` makes of another name: nobody may be called so already
CANVAS = re.compile(
    r"(?P<name>[^_]+)_(?:LATE_)?(?P<id>\d+)_(?P<upload>\d+)_(?P<file>.+?)(?:-(?P<try>\d+))?(?:\.\w+)?", re.DOTALL
)
DAMAGED = zipfile.BadZipFile, zlib.error, lzma.LZMAError  # what a zip's members raise


@dataclass(frozen=True)
class Submission:
    """What counts of what one student handed in; `read` gives its bytes.

    Attributes
    ----------
    student : str
        Key of the row: the file's or folder's name, for a platform's zip the name and the number it gave.
    name, number : str
        As Moodle or Canvas knows the student; "" elsewhere.
    platform : str
        "Moodle" or "Canvas"; "" elsewhere.
    source : pathlib.Path
        The folder, or the zip.
    parts : tuple of str
        Path of the file in it.
    index : int or None
        Of the member, in a zip.
    notes : tuple of str
        What is to be said of it: which of several tries counts.
    problem : str
        Why there is nothing to grade; "" if there is.
    """

    student: str
    source: Path
    parts: tuple[str, ...]
    index: int | None = None
    name: str = ""
    number: str = ""
    platform: str = ""
    notes: tuple[str, ...] = ()
    problem: str = ""

    @property
    def file_name(self) -> str:
        """The student as a file name, different for different students, made of harmless characters."""
        return file_name(self.student)


@dataclass(frozen=True)
class _Entry:
    """A file that is there, of whatever kind."""

    parts: tuple[str, ...]
    when: float
    index: int | None = None
    problem: str = ""


@dataclass(frozen=True)
class _Try:
    """An entry, and who handed it in."""

    student: str
    entry: _Entry
    order: tuple = field(default=())
    name: str = ""
    number: str = ""
    platform: str = ""


def file_name(student) -> str:
    """A student's key as a file name: letters, digits, ``.``, ``-``, ``_``, and a few digits where that lost something.

    Capitals count as lost: on some disks ``Ada`` and ``ada`` are one file.

    Parameters
    ----------
    student : str

    Returns
    -------
    str

    Examples
    --------
    >>> file_name("ada.lovelace"), file_name("../x y")
    ('ada.lovelace', '_x_y-46c740c6')
    """
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", student).lstrip(".")[:80]
    if safe and safe == student.lower() and not HASHED.fullmatch(safe):
        return safe
    return f"{safe}-{hashlib.sha256(student.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def collect(source) -> list[Submission]:
    """Find out who handed in what.

    Parameters
    ----------
    source : str or pathlib.Path
        A folder of ``<student>.ipynb``, nbgrader's ``submitted`` folder, an unpacked or packed export of Moodle or
        Canvas.

    Returns
    -------
    list of Submission
        One a student, by name; with a problem where there is no notebook, or none that may be opened.

    Raises
    ------
    ValueError
        If the source is neither, or too large.
    """
    source = Path(source).resolve()
    if source.is_dir():
        entries = _in_folder(source)
    elif zipfile.is_zipfile(source):
        entries = _in_zip(source)
    else:
        raise ValueError(f"{source} is neither a folder nor a zip: give what the platform exported, or a folder")
    tries = {}
    for one in _whose(entries):
        tries.setdefault(one.student, []).append(one)
    return [_latest(source, tries[student]) for student in sorted(tries)]


# ---------------------------------------------------------------- what is there


def _in_folder(source):
    """Files of a folder and the folders in it. A link is an entry with a problem."""
    entries, waiting = [], [((), source)]
    while waiting:
        above, folder = waiting.pop()
        try:
            listing = os.scandir(folder)
        except OSError:
            if not above:
                raise
            entries.append(_Entry((*above, "a folder that cannot be opened"), 0.0))
            continue
        with listing as found:
            for one in found:
                parts = (*above, one.name)
                if _is_clutter(one.name):
                    continue
                if one.is_symlink():
                    entries.append(_Entry(parts, 0.0, problem="is a symbolic link, which is not followed"))
                elif one.is_dir(follow_symlinks=False):
                    entries.append(_Entry((*parts, ""), 0.0))  # somebody who may have handed in nothing
                    if len(parts) < DEPTH:
                        waiting.append((parts, one.path))
                else:
                    regular = one.is_file(follow_symlinks=False)
                    when = one.stat(follow_symlinks=False).st_mtime
                    entries.append(_Entry(parts, when, problem="" if regular else "is no ordinary file"))
                if len(entries) > MOST_ENTRIES:
                    raise _too_many(source, entries)
    return entries


def _too_many(source, entries):
    """The error, with the folder that most of the files are in: it may be one student's."""
    place, count = Counter(entry.parts[:2] for entry in entries).most_common(1)[0]
    where = _printable("/".join(place))
    return ValueError(
        f"{source} holds more than {MOST_ENTRIES} files, {count} of those looked at in {where}: is it the right "
        "folder? If so, move that one away"
    )


def _is_clutter(name):
    """What a Mac or Jupyter leaves behind."""
    return name.startswith("__MACOSX") or (name.startswith(".") and name not in (".", ".."))


def _in_zip(source):
    """Members of a zip. What leads out of it, or is a link, is an entry with a problem."""
    entries = []
    with zipfile.ZipFile(source) as archive:
        members = archive.infolist()
    if len(members) > MOST_ENTRIES:
        raise ValueError(f"{source} holds {len(members)} files, more than {MOST_ENTRIES}: is it the right zip?")
    for index, member in enumerate(members):
        parts = tuple(part for part in member.filename.replace("\\", "/").split("/") if part not in ("", "."))
        if not parts or any(_is_clutter(part) for part in parts):
            continue
        problem, when = "", 0.0
        if ".." in parts or member.filename.startswith("/"):
            problem = "has a name that leads out of the zip"
            parts = tuple(part for part in parts if part != "..") or ("unnamed.ipynb",)
        elif stat.S_ISLNK(member.external_attr >> 16):
            problem = "is a symbolic link, which is not followed"
        elif member.flag_bits & 1:
            problem = "is encrypted"
        if member.is_dir():
            parts = (*parts, "")
        with contextlib.suppress(ValueError, OverflowError):
            when = time.mktime((*member.date_time, 0, 0, -1))
        entries.append(_Entry(parts, when, index, problem))
    return entries


# ---------------------------------------------------------------- whose it is


def _whose(entries):
    """Each entry with its student, by the names that platforms give."""
    notebooks = [entry for entry in entries if entry.parts[-1].endswith(".ipynb")]
    canvas = bool(notebooks) and all(_is_of_canvas(entry.parts) for entry in notebooks)
    around = _folder_around(notebooks)
    for entry in entries:
        parts = entry.parts[1:] if entry.parts[0] == around and len(entry.parts) > 1 else entry.parts
        # Canvas first: behind its numbers stands the student's own file name, which may look like Moodle's.
        if canvas and (found := CANVAS.fullmatch(parts[-1])):
            yield _named("Canvas", entry, found, (int(found["try"] or 0), int(found["upload"])))
        elif found := (MOODLE_FOLDER if len(parts) > 1 else MOODLE).fullmatch(parts[0]):
            yield _named("Moodle", entry, found, (entry.when,))
        elif len(parts) > 1:
            if parts[0]:
                yield _Try(_printable(parts[0]), entry, (entry.when,))
        elif parts[0].endswith(".ipynb"):
            yield _Try(_printable(parts[0].removesuffix(".ipynb")), entry, (entry.when,))


def _is_of_canvas(parts):
    """Whether a file is named as Canvas does, and lies in no folder of Moodle's."""
    return bool(CANVAS.fullmatch(parts[-1])) and not any(map(MOODLE_FOLDER.fullmatch, parts[:-1]))


def _folder_around(notebooks):
    """The folder that who made the zip put around everything; nbgrader's if there is no such folder."""
    tops = {entry.parts[0] for entry in notebooks}
    if len(tops) != 1 or len(notebooks) < 2:
        return "submitted"
    inner = {entry.parts[1:] for entry in notebooks}
    plain = all(len(parts) == 1 for parts in inner)
    return tops.pop() if plain or any(parts and MOODLE.fullmatch(parts[0]) for parts in inner) else "submitted"


def _named(platform, entry, found, order):
    name, number = _printable(found["name"]), found["id"]
    return _Try(f"{name}_{number}", entry, order, name, number, platform)


def _printable(name):
    """A name without line breaks or control characters, and without the half characters of a badly encoded one."""
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape", "surrogatepass").decode() for one in name
    )[:200]


def _latest(source, tries):
    """What counts of a student's tries: the latest notebook."""
    student = tries[0]
    notebooks = [one for one in tries if one.entry.parts[-1].endswith(".ipynb")]
    common = {name: getattr(student, name) for name in ("student", "name", "number", "platform")} | {"source": source}
    if not notebooks:
        others = sorted({_printable(one.entry.parts[-1]) for one in tries if one.entry.parts[-1]})
        problem = f"no notebook was handed in, but {', '.join(others[:5])}" if others else "nothing was handed in"
        return Submission(**common, parts=student.entry.parts, problem=problem)
    # What may not be opened never takes the place of what may: its name may be a forgery.
    notebooks.sort(key=lambda one: (not one.entry.problem, *one.order, one.entry.index or 0, one.entry.parts))
    last = notebooks[-1]
    notes = ()
    if len(notebooks) > 1:
        others = ", ".join(_printable("/".join(one.entry.parts)) for one in notebooks[:-1][:5])
        kept = _printable("/".join(last.entry.parts))
        notes = (f"the latest of {len(notebooks)} tries counts, {kept}; earlier: {others}",)
    problem = f"the file {last.entry.problem}" if last.entry.problem else ""
    return Submission(**common, parts=last.entry.parts, index=last.entry.index, notes=notes, problem=problem)


# ---------------------------------------------------------------- reading


def read(submission) -> bytes:
    """The bytes of a submission.

    Parameters
    ----------
    submission : Submission
        Without a problem.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        To be read after "the file": why it is not read.
    """
    try:
        data = _from_zip(submission) if submission.index is not None else _from_folder(submission)
    except (
        OSError,
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        NotImplementedError,
        RuntimeError,
        EOFError,
    ) as error:
        raise ValueError(f"cannot be read: {error}") from None
    if len(data) > MOST_BYTES:
        raise ValueError(f"is larger than {MOST_BYTES >> 20} MB: clear its outputs and hand it in again")
    return data


def _from_zip(submission):
    with zipfile.ZipFile(submission.source) as archive:
        with archive.open(archive.infolist()[submission.index]) as file:
            return file.read(MOST_BYTES + 1)


def _from_folder(submission):
    """Step by step, so that no folder on the way can be swapped for a link."""
    with contextlib.ExitStack() as stack:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        here = os.open(submission.source, flags | os.O_DIRECTORY)
        stack.callback(os.close, here)
        for part in submission.parts[:-1]:
            here = os.open(part, flags | os.O_DIRECTORY, dir_fd=here)
            stack.callback(os.close, here)
        with open(os.open(submission.parts[-1], flags, dir_fd=here), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise OSError("it is no ordinary file")
            return file.read(MOST_BYTES + 1)


def cells(notebook) -> tuple[str, list]:
    """The cells of a notebook, parsed in a process that may use little memory and time.

    Parameters
    ----------
    notebook : bytes

    Returns
    -------
    problem : str
        Why it cannot be run, to be read after "the file"; "" if it can.
    cells : list of dict
        ``type``, ``id`` (nbgrader's), ``tags``, ``source`` of each.

    Examples
    --------
    >>> cells(b"no notebook")[0]
    'is not a notebook: it cannot be read as JSON (JSONDecodeError)'
    """
    command = [sys.executable, "-I", "-S", inside.__file__, "--cells"]
    try:
        done = subprocess.run(command, input=notebook, capture_output=True, timeout=60, env={})
    except subprocess.TimeoutExpired:
        return "is not a notebook: parsing it takes too long", []
    if done.returncode or len(done.stdout) > MOST_CELL_BYTES:
        return "is not a notebook: parsing it takes too much memory or time", []
    found = json.loads(done.stdout)
    return found["problem"], found["cells"]
