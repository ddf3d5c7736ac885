"""``docs/lessons.md``: minutes, goals, and closing questions with model answers, of all lessons on one sheet."""

import re
from pathlib import Path

from course_lib.files import write_whole
from course_lib.workshop import lessons, minutes, notebook
from course_lib.workshop.build import BuildError

FILE = Path("docs", "lessons.md")
LEARNED = re.compile(r"what you learned.*?\n\n(?P<bullets>(?:- .*\n?)+)", re.IGNORECASE)
QUESTION = re.compile(
    r"^\d+\. (?P<question>(?:(?!^\d+\. ).)*?)\s*<details><summary>Model answer</summary>(?P<answer>.*?)</details>",
    re.MULTILINE | re.DOTALL,
)


def sheet(root) -> str:
    """The sheet, in Markdown.

    Parameters
    ----------
    root : pathlib.Path
        The course's folder.

    Returns
    -------
    str

    Raises
    ------
    BuildError
        If a lesson cannot be read.
    """
    try:
        found = [notebook.read(path) for path in sorted(Path(root, "solutions").glob("*.ipynb"))]
    except notebook.Unreadable as error:
        raise BuildError(f"solutions/{error}") from None
    lines = [
        "# All lessons on one sheet",
        "",
        "For instructors: minutes, goals, closing questions with model answers. Written by `ising-course build` from",
        "the lessons, never by hand. Minutes are those that a lesson's head states and those that the rule of",
        "`ising-course lint --minutes` computes for its main path; side paths come on top.",
        "",
        "| lesson | needs | stated | computed | side paths |",
        "|---|---|---|---|---|",
        *(_row(lesson) for lesson in found),
    ]
    for lesson in found:
        lines += ["", *_of(lesson)]
    return "\n".join(lines) + "\n"


def write(root) -> list[Path]:
    """Write the sheet.

    Parameters
    ----------
    root : pathlib.Path

    Returns
    -------
    list of pathlib.Path
        Its file, if it was not up to date.
    """
    path, text = Path(root, FILE), sheet(root)
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return []
    write_whole(path, text)
    return [path]


def check(root) -> list[str]:
    """Say whether the sheet is up to date, changing nothing.

    Parameters
    ----------
    root : pathlib.Path

    Returns
    -------
    list of str
        One sentence, or none.
    """
    path = Path(root, FILE)
    try:
        up_to_date = path.exists() and path.read_text(encoding="utf-8") == sheet(root)
    except BuildError as problem:
        return [str(problem)]
    return [] if up_to_date else [f"{FILE.as_posix()}: is not up to date; run `ising-course build`"]


def _row(lesson):
    parts = minutes.sections(lesson)
    main, side = sum(part.main_path for part in parts), sum(part.side_path for part in parts)
    row = lessons.REGISTER.get(lesson.key)
    title, needs = (row.title, ", ".join(row.needs)) if row else (lesson.path.stem, "")
    return f"| {lesson.key} {title} | {needs} | {lesson.total or '-'} min | {main:.0f} min | {side:.0f} min |"


def _of(lesson):
    row = lessons.REGISTER.get(lesson.key)
    yield f"## {lesson.key} {row.title if row else lesson.path.stem}"
    yield ""
    yield "; ".join(f"{title} ({given} min)" if given else title for title, given in lesson.sections) + "."
    learned = LEARNED.search(lesson.prose)
    if learned:
        yield "\n**Goals**\n\n" + learned["bullets"].strip()
    asked = list(QUESTION.finditer(lesson.prose))
    if asked:
        yield "\n**Closing questions**"
    for number, one in enumerate(asked, start=1):
        yield f"\n{number}. {one['question'].strip()}\n\n   *{one['answer'].strip()}*"
