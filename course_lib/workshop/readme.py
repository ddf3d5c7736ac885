"""README's table of lessons: written from the register, with the minutes that each lesson's head states."""

import re
import textwrap
from pathlib import Path

from course_lib.files import write_whole
from course_lib.workshop import lessons, notebook
from course_lib.workshop.build import BuildError

BEGIN, END = "<!-- lessons: `ising-course build` writes what stands between these two lines -->", "<!-- lessons end -->"
BETWEEN = re.compile(f"(?<={re.escape(BEGIN)}\n).*(?={re.escape(END)})", re.DOTALL)


def write(root):
    """Write the table into README.md.

    Parameters
    ----------
    root : pathlib.Path
        The course's folder.

    Returns
    -------
    list of pathlib.Path
        README.md, if it was not up to date.

    Raises
    ------
    BuildError
        If README.md has no place for the table, a lesson is not in the register, or its head states no minutes.
    """
    path = Path(root, "README.md")
    old, new = _texts(path)
    if old != new:
        write_whole(path, new)
    return [path] if old != new else []


def check(root):
    """Say what is wrong with the table, changing nothing.

    Parameters
    ----------
    root : pathlib.Path
        The course's folder.

    Returns
    -------
    list of str
        One sentence, or none.
    """
    try:
        old, new = _texts(Path(root, "README.md"))
    except BuildError as problem:
        return [str(problem)]
    return ["README.md: its table of lessons is not up to date; run `ising-course build`"] if old != new else []


def table(root):
    """The lessons that are written, and one line on those that are not.

    Parameters
    ----------
    root : pathlib.Path
        The course's folder.

    Returns
    -------
    str
        Markdown.
    """
    paths = {notebook.key_of(path): path for path in sorted(Path(root, "solutions").glob("*.ipynb"))}
    strangers = [path.name for key, path in paths.items() if key not in lessons.REGISTER]
    if strangers:
        raise BuildError(f"solutions/{strangers[0]}: has no row in workshop/lessons.toml; add one")
    lines = ["| | lesson | needs | time, without side paths | |", "|---|---|---|---|---|"]
    lines += [_line(row, paths[key]) for key, row in lessons.REGISTER.items() if key in paths]
    to_come = ", ".join(f"{key} {row.title}" for key, row in lessons.REGISTER.items() if key not in paths)
    if to_come:
        lines += ["", textwrap.fill(f"Being written, in this order: {to_come}.", 120)]
    return "\n".join(lines)


def _line(row, path):
    minutes = notebook.read(path).total
    if minutes is None:
        raise BuildError(f"solutions/{path.name}: its head must state its '90 minutes in all'; write them")
    about = f"companion: {row.about}" if row.companion else row.about
    needs = ", ".join(row.needs)
    return f"| {row.key} | [{row.title}](notebooks/{path.name}) | {needs} | {minutes} min | {about} |"


def _texts(path):
    """README.md as it is, and as it should be."""
    try:
        old = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BuildError(f"README.md: cannot be read ({error.strerror}); restore it") from None
    if not BETWEEN.search(old):
        raise BuildError(f"README.md: must hold the lines `{BEGIN}` and `{END}`, its table of lessons between them")
    try:
        new = f"\n{table(path.parent)}\n\n"
    except notebook.Unreadable as error:
        raise BuildError(f"solutions/{error}") from None
    return old, BETWEEN.sub(lambda _: new, old)
