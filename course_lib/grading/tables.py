"""Tables that go out and come back: the grades, the points that a person gives, a learning platform's gradebook."""

import codecs
import csv
import io
import json
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from course_lib.classroom.checks.hand_in import NO_ID
from course_lib.files import write_whole
from course_lib.grading.contract import ITEMS, TOTAL, WRITTEN
from course_lib.grading.records import Record, mark_of

GRADES, MANUAL, RESULTS, GRADEBOOK = "grades.csv", "manual.csv", "results.json", "gradebook.csv"
MANUAL_HEAD = ["student", "item", "points", "of", "comment", "answer"]
# What begins so a spreadsheet takes for a formula; behind a semicolon, too, where that separates its cells.
FORMULA = re.compile(r"(^|;)(\s*[=+\-@\uff1d\uff0b\uff0d\uff20])")
OF_CANVAS = re.compile(r".*\(\d+\)")


@dataclass
class Row:
    """One student's points: a record, and what a person gave.

    Attributes
    ----------
    record : Record
    manual : dict
        Key of a written answer -> points, where they were given.
    comments : dict
        Key -> what that person wrote.
    notes : list of str
        What concerns several students.
    """

    record: Record
    manual: dict[str, float] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def total(self) -> float:
        """Points in all."""
        return round(self.record.automatic + sum(self.manual.values()), 2)

    @property
    def waiting(self) -> int:
        """Written answers that nobody has marked yet."""
        return len(self.record.written.keys() - self.manual.keys())

    @property
    def status(self) -> str:
        """In a word or two."""
        unsafe = "" if self.record.sandboxed else "UNSAFE, no sandbox: "
        return unsafe + self.record.status

    @property
    def identity(self) -> str:
        """The id in the notebook, as it draws the twist; "" where there is none, or the one it came with."""
        written = (self.record.student_id or "").strip().lower()
        return "" if written == NO_ID else written

    @property
    def no_id(self) -> str:
        """What is amiss with the id; "" where nothing is, or no notebook was run."""
        if self.identity or not self.record.drawn or self.record.status != "graded":
            return ""
        if (self.record.student_id or "").strip():
            return f'the student_id is still "{NO_ID}": the twist was drawn from these letters'
        return "the notebook has no student_id: the twist was judged as number 0"

    @property
    def message(self) -> str:
        """All that is to be said, in a line, for the instructor: other students may stand in it."""
        said = [self.record.message, *self.record.notes, self.no_id, *self.notes]
        if raised := len(self.record.problems):
            said.append(f"{raised} cell{'s' * (raised > 1)} raised an error")
        if self.waiting:
            said.append(f"{self.waiting} written answer{'s' * (self.waiting > 1)} to mark in {MANUAL}")
        return "; ".join(filter(None, said))

    @property
    def remark(self) -> str:
        """What the student may read in a gradebook: nothing of others."""
        said = [self.record.message, *self.record.notes, self.no_id]
        if self.waiting:
            said.append(f"{self.waiting} written answer{'s' * (self.waiting > 1)} not marked yet")
        return "; ".join(filter(None, said))


def rows_of(found, manual=None) -> list[Row]:
    """The class: records with the points that a person gave, and ids that stand in two submissions.

    Parameters
    ----------
    found : sequence of Record
    manual : dict, optional
        From `read_manual`.

    Returns
    -------
    list of Row
    """
    rows = [Row(record) for record in found]
    by_id = {}
    for row in rows:
        if row.identity:
            by_id.setdefault(row.identity, []).append(row)
        for key, text in row.record.written.items():
            points, comment, mark = (manual or {}).get((safe(row.record.student), key), (None, "", ""))
            if points is not None and mark == mark_of(text):
                row.manual[key] = points
            elif points is not None:
                comment = f"({points:g} for an earlier answer) {comment}".strip()
            row.comments[key] = comment
    for written, same in by_id.items():
        for row in same if len(same) > 1 else ():
            others = ", ".join(other.record.student for other in same if other is not row)
            row.notes.append(f'the student_id "{written}" is also in {others}')
    return rows


# ---------------------------------------------------------------- cells


def safe(text) -> str:
    r"""A cell's text that no spreadsheet takes for a formula, on one line.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> safe("=1+1"), safe("Ada\tL.\n"), safe(" -x"), safe("Ada;@x")
    ("'=1+1", 'Ada L. ', "' -x", "Ada;'@x")
    """
    line = "".join(one if one.isprintable() else " " for one in str(text))
    return FORMULA.sub(r"\1'\2", line)


def _write(path, lines):
    file = io.StringIO(newline="")
    csv.writer(file).writerows(lines)
    write_whole(path, file.getvalue())


def write_grades(rows, output):
    """Write grades.csv: a row a student.

    Parameters
    ----------
    rows : sequence of Row
    output : pathlib.Path
        The output folder.
    """
    lines = [["student", "name", "student_id", "total", *ITEMS, *WRITTEN, "status", "message"]]
    for row in rows:
        record = row.record
        lines.append(
            [
                *map(safe, (record.student, record.name, record.student_id or "")),
                row.total,
                *(record.points_of(key) for key in ITEMS),
                *(row.manual.get(key, "") for key in WRITTEN),
                *map(safe, (row.status, row.message)),
            ]
        )
    _write(Path(output, GRADES), lines)


def write_results(rows, output):
    """Write results.json: all verdicts, for other programs.

    Parameters
    ----------
    rows : sequence of Row
    output : pathlib.Path
    """
    students = [
        {
            "student": row.record.student,
            "name": row.record.name,
            "student_id": row.record.student_id,
            "total": row.total,
            "status": row.status,
            "message": row.message,
            "sandboxed": row.record.sandboxed,
            "twist": row.record.twist,
            "items": {
                key: {
                    "points": row.record.points_of(key),
                    "of": ITEMS[key].points,
                    "status": result.status,
                    "misconception": result.misconception,
                    "deviation": result.deviation,
                    "seconds": round(sum(answer.seconds for answer in row.record.answers.get(key, [])), 3),
                }
                for key, result in row.record.results.items()
            },
            "written": {key: {"points": row.manual.get(key), "of": WRITTEN[key].points} for key in row.record.written},
            "seconds": {
                "notebook": round(row.record.notebook_seconds, 2),
                "sandbox": round(row.record.seconds, 2),
                "judge": round(row.record.judge_seconds, 2),
            },
        }
        for row in rows
    ]
    write_whole(Path(output, RESULTS), json.dumps({"total": TOTAL, "students": students}, indent=1))


# ---------------------------------------------------------------- points that a person gives


def read_manual(output) -> dict:
    """Points and comments from manual.csv, as a person left it.

    Parameters
    ----------
    output : pathlib.Path

    Returns
    -------
    dict
        (student's cell, key) -> (points or None, comment, mark of the answer).

    Raises
    ------
    ValueError
        Says which line holds what it must not.
    """
    path = Path(output, MANUAL)
    if not path.exists():
        return {}
    head, lines = _table(path)
    lacking = [name for name in MANUAL_HEAD if name not in head]
    if lacking:
        raise ValueError(f"{path} has no column {lacking[0]}: restore its first line, {','.join(MANUAL_HEAD)}")
    found = {}
    for number, line in enumerate(lines, start=2):
        one = dict(zip(head, line, strict=False))
        if not any(line):
            continue
        key, text = one.get("item", ""), one.get("points", "").strip().replace(",", ".")
        if key not in WRITTEN:
            raise ValueError(f"{path}, line {number}: there is no written item {key!r}; there are {', '.join(WRITTEN)}")
        try:
            points = float(text) if text else None
        except ValueError:
            points = -1.0
        if points is not None and not 0 <= points <= WRITTEN[key].points:
            raise ValueError(
                f"{path}, line {number}: points for {key} are a number from 0 to {WRITTEN[key].points}, got {text!r}"
            )
        found[one["student"], key] = points, one.get("comment", ""), one.get("answer", "").lstrip("'")
    return found


def write_manual(rows, output, manual):
    """Write manual.csv: question by question, what was given before kept.

    Parameters
    ----------
    rows : sequence of Row
    output : pathlib.Path
    manual : dict
        From `read_manual`. Lines of students who are not in the class now stay.
    """
    lines, there = [MANUAL_HEAD], set()
    for key, item in WRITTEN.items():
        for row in rows:
            if key in row.record.written:
                student = safe(row.record.student)
                there.add((student, key))
                mark = mark_of(row.record.written[key])
                lines.append([student, key, row.manual.get(key, ""), item.points, safe(row.comments[key]), mark])
    for (student, key), (points, comment, mark) in manual.items():
        if (student, key) not in there and (points is not None or comment):
            lines.append([student, key, "" if points is None else points, WRITTEN[key].points, safe(comment), mark])
    _write(Path(output, MANUAL), lines)


def _table(path):
    """Head and lines of a CSV, as spreadsheets write it: commas or semicolons; UTF-8, UTF-16, or as Windows does."""
    data = Path(path).read_bytes()
    try:
        text = data.decode("utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise ValueError(f"{path} is no table of text ({error}): export it again, as CSV") from None
    if not lines:
        raise ValueError(f"{path} is empty: export it again")
    return lines[0], lines[1:]


# ---------------------------------------------------------------- the platform's gradebook


def read_gradebook(path):
    """A worksheet that was exported from Moodle or Canvas.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    head : list of str
    lines : list of list of str
    columns : dict
        ``grade`` (index), ``feedback`` and ``most`` (index or None), ``who`` (indices of what names a student).

    Raises
    ------
    ValueError
        If it is neither, or has several columns that the grade could go to.
    """
    try:
        head, lines = _table(path)
    except OSError as error:
        raise ValueError(f"the gradebook {path} cannot be read ({error.strerror})") from None
    place = {name.strip(): k for k, name in enumerate(head)}
    if "Identifier" in place and "Grade" in place:
        return head, lines, _columns(place, place["Grade"], ("Identifier", "Full name", "Email address", "ID number"))
    if "Student" in place and "ID" in place:
        could = [k for name, k in place.items() if OF_CANVAS.fullmatch(name)]
        named = [k for k in could if "image" in head[k].lower()] if len(could) > 1 else could
        if len(named) != 1:
            raise ValueError(
                f"{path} has {len(could)} columns of assignments, and {len(named)} of them could be meant: leave the "
                "one that the grades belong into, or let its name alone hold the word image"
            )
        return head, lines, _columns(place, named[0], ("ID", "Student", "SIS User ID", "SIS Login ID"))
    raise ValueError(
        f"{path} is no gradebook of Moodle (with columns Identifier and Grade) or Canvas (Student and ID): in Moodle, "
        "download the grading worksheet of the assignment; in Canvas, export the gradebook"
    )


def _columns(place, grade, who):
    return {
        "grade": grade,
        "feedback": place.get("Feedback comments"),
        "most": place.get("Maximum Grade"),
        "who": [place[name] for name in who if name in place],
    }


def write_gradebook(rows, path, output) -> tuple[list[str], int]:
    """Fill in a gradebook, as gradebook.csv in the output folder; all other cells stay as they are.

    Parameters
    ----------
    rows : sequence of Row
    path : pathlib.Path
        The worksheet that was exported; it is not changed.
    output : pathlib.Path

    Returns
    -------
    unknown : list of str
        Students who are not in the worksheet, or whose line another one has.
    without : int
        Lines of the worksheet for which there is no grade.
    """
    head, lines, columns = read_gradebook(path)
    by_name = {}
    for line in lines:
        for k in columns["who"]:
            if k < len(line) and (word := _word(line[k])):
                by_name.setdefault(word, line)
                by_name.setdefault(word.removeprefix("participant "), line)
    unknown, filled = [], set()
    for row in rows:
        record = row.record
        line = by_name.get(record.number) or by_name.get(_word(record.student)) or by_name.get(_word(record.name))
        if line is None or id(line) in filled:  # two of one name: which of them it is, a person must say
            unknown.append(record.student)
        elif record.status != "not graded":
            filled.add(id(line))
            _fill(line, row, columns)
    _write(Path(output, GRADEBOOK), [head, *lines])
    people = [line for line in lines if any(line) and "points possible" not in line[0].lower()]
    return unknown, sum(id(line) not in filled for line in people)


def _word(cell):
    """A name as it is looked up: an accent may be a character of its own, as in files from a Mac."""
    return unicodedata.normalize("NFC", cell).strip().lower()


def _fill(line, row, columns):
    line += [""] * (max(columns["grade"], columns["feedback"] or 0, columns["most"] or 0) + 1 - len(line))
    most = line[columns["most"]].strip().replace(",", ".") if columns["most"] is not None else ""
    scale = float(most) / TOTAL if re.fullmatch(r"\d+(\.\d+)?", most) else 1.0
    line[columns["grade"]] = f"{row.total * scale:.2f}"
    if columns["feedback"] is not None:
        line[columns["feedback"]] = safe(f"{row.total:g} of {TOTAL}. {row.remark}".strip())
