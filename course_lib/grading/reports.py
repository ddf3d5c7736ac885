"""Pages that go out: a student's feedback, the class for the instructor, the written answers for who marks them.

Whatever a student wrote is escaped, the pages allow no script, and every picture in them is one that the judge drew.
"""

import base64
import hashlib
import io
import re
import statistics
import zipfile
from collections import Counter
from pathlib import Path

from course_lib.classroom.checks.twists import TWISTS
from course_lib.files import write_whole
from course_lib.grading import similarity
from course_lib.grading.contract import ITEMS, TOTAL, WRITTEN
from course_lib.grading.questions import questions
from course_lib.grading.second_pass import HELPERS

TEMPLATES = Path(__file__).with_name("templates")
CLASS, ANSWERS, STUDENTS, FOR_MOODLE = "class.html", "written.html", "feedback", "feedback.zip"
PARTS = sorted({item.part for item in (*ITEMS.values(), *WRITTEN.values())})
BIN = 10  # points
NOT_OPENED = ("nothing handed in", "unreadable")  # statuses with which nothing can be tested
BUILDS_ON = HELPERS | {"own_fit": ("binarize", "fit_images")}  # a slip there may show here again
MOST_PAIRS = 50  # shown side by side


def write_pages(rows, output, given=None, models=None, troubles=()):
    """Write all pages.

    Parameters
    ----------
    rows : sequence of tables.Row
    output : pathlib.Path
    given : dict, optional
        Functions that the assignment gives everybody, from `similarity.functions`.
    models : dict, optional
        Model answers to the written questions.
    troubles : sequence of str
        What the instructor should know of the class.
    """
    pages = _environment()
    for row in rows:
        path = Path(output, STUDENTS, f"{row.record.file}.html")
        write_whole(path, pages.get_template("student.html").render(**_student(row)))
    write_whole(Path(output, CLASS), pages.get_template("class.html").render(**_class(rows, given, troubles)))
    write_whole(Path(output, ANSWERS), pages.get_template("written.html").render(**_written(rows, models or {})))


def write_feedback_zip(rows, output):
    """Write feedback.zip, in which Moodle finds each student's page by the folder's name, as in its own downloads.

    Parameters
    ----------
    rows : sequence of tables.Row
        Students with a number of Moodle's, after `write_pages`.
    output : pathlib.Path
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for record in (row.record for row in rows):
            # Moodle takes what stands between the first two underscores for the number: none may stand in the name.
            name = " ".join(re.sub(r"[^\w .'-]|_", " ", record.name).split())[:60] or "student"
            page = Path(output, STUDENTS, f"{record.file}.html").read_bytes()
            archive.writestr(f"{name}_{record.number}_assignsubmission_file_/feedback.html", page)
    write_whole(Path(output, FOR_MOODLE), content.getvalue())


def _environment():
    import jinja2
    from markupsafe import Markup

    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    environment.filters["sentence"] = _sentence
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    environment.globals |= {"style": Markup(style), "style_digest": digest, "points": _points, "total": TOTAL}
    return environment


def _sentence(text):
    text = str(text).strip()
    return text[:1].upper() + text[1:] + ("" if text[-1:] in ".!?" else ".")


def _points(number):
    return f"{number:.2f}".rstrip("0").rstrip(".")


# ---------------------------------------------------------------- a student


def _student(row):
    record = row.record
    notes = list(record.notes)
    if row.no_id:
        notes.append(f"{row.no_id}. Write your own id there, and ask whether to hand in again")
    return {
        "title": "Image assignment: feedback",
        "row": row,
        "record": record,
        "notes": notes,
        "twist": TWISTS[record.twist],
        "parts": [] if record.status in NOT_OPENED else _parts(row),
    }


def _parts(row):
    parts = []
    for number in PARTS:
        items = [_item(row.record, item) for item in ITEMS.values() if item.part == number]
        items += [_answer(row, item) for item in WRITTEN.values() if item.part == number]
        points = sum(item["points"] or 0.0 for item in items)
        parts.append({"number": number, "entries": items, "points": points, "of": sum(item["of"] for item in items)})
    return parts


def _item(record, item):
    result, points = record.results.get(item.key), record.points_of(item.key)
    entry = {"key": item.key, "title": item.title, "points": points, "of": item.points, "answer": "", "comment": ""}
    lost = [ITEMS[key] for key in BUILDS_ON.get(item.key, ()) if record.points_of(key) < ITEMS[key].points]
    entry["first"] = [one.title for one in lost] if points < item.points else []
    entry["colour"] = _colour(points, item.points)
    for name in ("tested", "came_out", "misconception", "advice"):
        entry[name] = getattr(result, name) if result else ""
    return entry


def _colour(points, most):
    return "good" if points >= most else "part" if points else "bad"


def _answer(row, item):
    text, points = row.record.written.get(item.key, ""), row.manual.get(item.key)
    said = "" if points is not None else "not marked yet" if text else "the notebook holds no answer to this question"
    return {
        "key": item.key,
        "title": item.title,
        "points": points if text else 0.0,
        "of": item.points,
        "colour": "bad" if not text else "part" if points is None else _colour(points, item.points),
        "first": [],
        "tested": "marked by a person",
        "came_out": said,
        "misconception": "",
        "advice": "",
        "answer": text,
        "comment": row.comments.get(item.key, ""),
    }


# ---------------------------------------------------------------- the class


def _class(rows, given, troubles):
    matrix, found = similarity.compare([row.record.code for row in rows], given)
    in_pairs = sorted({place for pair in found for place in (pair.first, pair.second)})
    totals = [row.total for row in rows]
    bins = [(low, low + BIN - 1, sum(_bin(total) == low for total in totals)) for low in range(0, TOTAL, BIN)]
    bins[-1] = (bins[-1][0], TOTAL, bins[-1][2])
    return {
        "title": "Image assignment: the class",
        "rows": rows,
        "median": statistics.median(totals) if totals else 0.0,
        "waiting": sum(row.waiting for row in rows),
        "unsafe": sum(not row.record.sandboxed for row in rows),
        "troubles": troubles,
        "bins": bins,
        "most": max(1, *(count for _, _, count in bins)),
        "part_numbers": PARTS,
        "entries": [
            {
                "row": row,
                "page": _page(row),
                "parts": _parts(row),
                "questions": questions(row.record) if row.record.drawn and row.record.status not in NOT_OPENED else [],
                "alike": place in in_pairs,
            }
            for place, row in enumerate(rows)
        ],
        "items": sorted(map(_missed, ITEMS.values(), [rows] * len(ITEMS)), key=lambda item: item["share"]),
        "misconceptions": _misconceptions(rows),
        "threshold": similarity.ALIKE,
        "matrix": matrix,
        "pairs": found[:MOST_PAIRS],
        "shown": in_pairs,
        "times": _times(rows),
    }


def _page(row):
    return f"{STUDENTS}/{row.record.file}.html"


def _bin(total):
    return min(int(total // BIN) * BIN, TOTAL - BIN)


def _missed(item, rows):
    judged = [row.record for row in rows if item.key in row.record.results]
    mean = statistics.mean(record.points_of(item.key) for record in judged) if judged else 0.0
    otherwise = Counter(record.results[item.key].status for record in judged)
    full = otherwise.pop("right", 0)
    return {
        "title": item.title,
        "of": item.points,
        "mean": mean,
        "share": mean / item.points,
        "full": full,
        "count": len(judged),
        "otherwise": ", ".join(f"{count} {status}" for status, count in otherwise.most_common()),
    }


def _misconceptions(rows):
    found = {}
    for row in rows:
        for key, result in row.record.results.items():
            if result.misconception:
                found.setdefault((result.misconception, key), []).append((row.record.student, _page(row)))
    ordered = sorted(found.items(), key=lambda one: -len(one[1]))
    return [{"name": name, "title": ITEMS[key].title, "pages": pages} for (name, key), pages in ordered]


def _times(rows):
    found = []
    for record in (row.record for row in rows if row.record.seconds):
        calls = {key: sum(answer.seconds for answer in answers) for key, answers in record.answers.items()}
        slowest = max(calls, key=calls.get, default=None)
        found.append(
            {
                "student": record.student,
                "notebook": record.notebook_seconds,
                "functions": sum(calls.values()),
                "judge": record.judge_seconds,
                "slowest": f"{slowest}, {calls[slowest]:.1f} s" if slowest and calls[slowest] else "",
            }
        )
    return sorted(found, key=lambda one: -one["notebook"] - one["functions"])


# ---------------------------------------------------------------- written answers


def _written(rows, models):
    return {
        "title": "Image assignment: written answers",
        "questions": [
            {
                "key": key,
                "title": item.title,
                "of": item.points,
                "model": models.get(key, ""),
                "answers": [
                    {"student": row.record.student, "text": row.record.written[key], "points": row.manual.get(key)}
                    for row in rows
                    if key in row.record.written
                ],
            }
            for key, item in WRITTEN.items()
        ],
    }
