"""Tables that go out and come back: grades, manual points, gradebooks."""

import csv
import io
import json
import time
from dataclasses import replace

import pytest
from graded import finished

from course_lib.grading import records, tables
from course_lib.grading.contract import ITEMS, TOTAL, WRITTEN
from course_lib.grading.records import Record


def lines_of(path):
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


def as_dicts(path):
    head, *lines = lines_of(path)
    return [dict(zip(head, line, strict=True)) for line in lines]


def written(rows, output, manual=None):
    tables.write_grades(rows, output)
    tables.write_manual(rows, output, manual or {})
    return as_dicts(output / tables.GRADES)


# ---------------------------------------------------------------- grades.csv


def test_a_row_a_student_with_each_item_and_the_sum(tmp_path):
    found = [finished(number) for number in range(5)]
    for record, line in zip(found, written(tables.rows_of(found), tmp_path), strict=True):
        assert line["student"] == record.student
        assert float(line["total"]) == pytest.approx(sum(float(line[key]) for key in ITEMS), abs=0.01)
        assert line["message"] == "5 written answers to mark in manual.csv"
        assert [line[key] for key in WRITTEN] == [""] * len(WRITTEN)


FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    " =1",
    '=HYPERLINK("http://x")',
    "\t=1",
    "\r=1",
    "\x00=1",
    "a\n=1",
    "\uff1d1+1",
    "x;=1",
    "x; ;-1",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_a_students_is_a_formula(tmp_path, text):
    record = finished(1, student=text, name=text, student_id=text, message=text, written={"match": text}, notes=[text])
    row = tables.rows_of([record])[0]
    row.comments["match"] = text
    written([row], tmp_path)
    tables.write_manual([row], tmp_path, {})
    for path in (tmp_path / tables.GRADES, tmp_path / tables.MANUAL):
        for cell in (cell for line in lines_of(path) for cell in line):
            # Where the semicolon separates cells, one cell is several.
            assert not any(part.lstrip().startswith(tuple("=+-@\uff1d")) for part in cell.split(";"))
            assert cell.isprintable()
        assert len(lines_of(path)) == 2


def test_an_id_that_stands_twice_is_said_of_both(tmp_path):
    found = [finished(1, student_id="Ada "), finished(2, student_id="ada"), finished(3, student_id="bob")]
    messages = [line["message"] for line in written(tables.rows_of(found), tmp_path)]
    assert 'the student_id "ada" is also in student 2' in messages[0]
    assert 'the student_id "ada" is also in student 1' in messages[1]
    assert "student_id" not in messages[2]


def test_the_id_that_the_notebook_came_with_is_nobodys(tmp_path):
    found = [finished(1, student_id="your.id"), finished(2, student_id=" Your.ID"), finished(3, student_id="")]
    messages = [line["message"] for line in written(tables.rows_of(found), tmp_path)]
    assert all("also in" not in message for message in messages)
    assert all('still "your.id"' in message for message in messages[:2]) and "no student_id" in messages[2]


def test_results_without_a_sandbox_are_marked(tmp_path):
    (line,) = written(tables.rows_of([finished(1, sandboxed=False)]), tmp_path)
    assert line["status"] == "UNSAFE, no sandbox: graded"


def test_a_thousand_finished_submissions_take_less_than_a_second(tmp_path):
    for number in range(1000):
        records.save(finished(number), tmp_path)
    best = min(rewritten(tmp_path) for _ in range(3))
    assert best < 1.0, f"{best:.2f} s of computing time"
    assert len(lines_of(tmp_path / tables.GRADES)) == 1001


def rewritten(output):
    """Computing time of reading all records and writing the table: other programs run on the same cores."""
    start = time.process_time()
    found = [records.load(output, f"student_{number}", arrays=False) for number in range(1000)]
    tables.write_grades(tables.rows_of(found), output)
    return time.process_time() - start


def test_a_record_is_read_as_it_was_written(tmp_path):
    record = finished(1, my_fit=[0.1, 0.2], student="é \ud800 \n")
    records.save(record, tmp_path)
    again = records.load(tmp_path, record.file)
    kept, found = record.answers.pop("gradient"), again.answers.pop("gradient")
    assert [list(one.array) for one in kept] == [list(one.array) for one in found]
    record.answers = again.answers = {}
    assert again == record


# ---------------------------------------------------------------- points of a person


def marked(output, change):
    """Fill in manual.csv as a person would: (item, student) -> points."""
    head, *lines = lines_of(output / tables.MANUAL)
    place = {name: k for k, name in enumerate(head)}
    for line in lines:
        line[place["points"]] = change(line[place["item"]], line[place["student"]])
    return head, lines


def saved(path, head, lines, delimiter=",", encoding="utf-8"):
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows([head, *lines])
    path.write_bytes(file.getvalue().encode(encoding))


@pytest.mark.parametrize(("delimiter", "encoding", "half"), [(",", "utf-8", "2.5"), (";", "utf-8-sig", "2,5")])
def test_points_of_a_person_are_added(tmp_path, delimiter, encoding, half):
    found = [finished(1, student="=ada"), finished(2)]
    before = written(tables.rows_of(found), tmp_path)
    head, lines = marked(tmp_path, lambda item, student: half if item == "signs" else "0" if item == "match" else "")
    saved(tmp_path / tables.MANUAL, head, lines, delimiter, encoding)
    manual = tables.read_manual(tmp_path)
    rows = tables.rows_of(found, manual)
    for old, new in zip(before, written(rows, tmp_path, manual), strict=True):
        assert float(new["total"]) == float(old["total"]) + 2.5
        assert (new["signs"], new["match"], new["scaling"]) == ("2.5", "0.0", "")
        assert new["message"] == "3 written answers to mark in manual.csv"
    assert tables.read_manual(tmp_path) == manual


def test_another_answer_has_to_be_marked_again(tmp_path):
    record = finished(1)
    written(tables.rows_of([record]), tmp_path)
    saved(tmp_path / tables.MANUAL, *marked(tmp_path, lambda item, student: "3"))
    record.written["signs"] = "Something else."
    manual = tables.read_manual(tmp_path)
    (row,) = tables.rows_of([record], manual)
    assert "signs" not in row.manual and row.waiting == 1
    tables.write_manual([row], tmp_path, manual)
    line = next(line for line in as_dicts(tmp_path / tables.MANUAL) if line["item"] == "signs")
    assert line["points"] == "" and line["comment"] == "(3 for an earlier answer)"


def test_points_of_who_is_not_in_the_class_now_stay(tmp_path):
    written(tables.rows_of([finished(1), finished(2)]), tmp_path)
    saved(tmp_path / tables.MANUAL, *marked(tmp_path, lambda item, student: "1"))
    manual = tables.read_manual(tmp_path)
    tables.write_manual(tables.rows_of([finished(1)], manual), tmp_path, manual)
    assert tables.read_manual(tmp_path) == manual


@pytest.mark.parametrize("points", ["4", "-1", "three", "nan", "inf"])
def test_points_that_cannot_be_are_refused_with_their_line(tmp_path, points):
    written(tables.rows_of([finished(1)]), tmp_path)
    saved(tmp_path / tables.MANUAL, *marked(tmp_path, lambda item, student: points if item == "signs" else ""))
    with pytest.raises(ValueError, match="line 3: points for signs are a number from 0 to 3"):
        tables.read_manual(tmp_path)


# ---------------------------------------------------------------- gradebooks

MOODLE = """\ufeffIdentifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",\
"Last modified (submission)","Last modified (grade)","Feedback comments"
"Participant 17","Ada L","ada@uni.edu","Submitted",,10.00,Yes,"Monday, 2 March",-,
"Participant 18","Bob, B","bob@uni.edu","Submitted",5.00,10.00,Yes,"Monday, 2 March",-,"old"
"""
CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Essay (11),The image assignment (12),Final Score
    Points Possible,,,,,10,100,(read only)
"L, Ada",17,u17,ada,S1,7,,70
"B, Bob",18,u18,bob,S1,8,,80
"""


def filled(tmp_path, text, **students):
    (tmp_path / "export.csv").write_text(text, encoding="utf-8")
    found = [finished(k, student=name, **more) for k, (name, more) in enumerate(students.items())]
    rows = tables.rows_of(found)
    said = tables.write_gradebook(rows, tmp_path / "export.csv", tmp_path)
    return rows, *said, as_dicts(tmp_path / tables.GRADEBOOK)


def test_moodles_worksheet_is_filled_in(tmp_path):
    rows, unknown, without, lines = filled(tmp_path, MOODLE, ada={"number": "17"}, eve={"number": "99"})
    assert unknown == ["eve"] and without == 1
    assert float(lines[0]["Grade"]) == pytest.approx(rows[0].total * 10 / TOTAL, abs=0.005)
    assert lines[0]["Feedback comments"].startswith(f"{rows[0].total:g} of 100.")
    assert lines[1]["Grade"] == "5.00" and lines[1]["Feedback comments"] == "old"
    head, *before = csv.reader(io.StringIO(MOODLE.removeprefix("\ufeff")))
    for old, new in zip(before, lines, strict=True):
        assert {k: v for k, v in new.items() if k not in ("Grade", "Feedback comments")}.items() <= dict(
            zip(head, old, strict=True)
        ).items()


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "utf-8"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_worksheet_as_a_spreadsheet_saves_it(tmp_path, encoding, delimiter):
    """In Excel's encodings; and with an accent that is a character of its own, which a Mac's file names have."""
    lines = csv.reader(io.StringIO(MOODLE.removeprefix("\ufeff").replace("Ada L", "Adé L")))
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(lines)
    (tmp_path / "export.csv").write_bytes(text.getvalue().encode(encoding))
    rows = tables.rows_of([finished(1, student="Ade\u0301 L")])
    assert tables.write_gradebook(rows, tmp_path / "export.csv", tmp_path) == ([], 1)


def test_canvas_gradebook_is_filled_in(tmp_path):
    rows, unknown, without, lines = filled(tmp_path, CANVAS, ada={"number": "17"}, bob={})
    assert (unknown, without) == ([], 0)
    assert [line["The image assignment (12)"] for line in lines] == ["100", *(f"{row.total:.2f}" for row in rows)]
    assert [line["Essay (11)"] for line in lines] == ["10", "7", "8"]


def test_a_gradebooks_comment_says_nothing_of_others(tmp_path):
    same = {"student_id": "one"}
    rows, *_, lines = filled(tmp_path, MOODLE, ada={"number": "17", **same}, eve={"number": "18", **same})
    assert "also in eve" in rows[0].message
    assert lines[0]["Feedback comments"] == f"{rows[0].total:g} of 100. 5 written answers not marked yet"


def test_nobody_takes_the_line_of_another(tmp_path):
    for text in (CANVAS, MOODLE):
        rows, unknown, _, lines = filled(tmp_path, text, ada={"number": "17"}, eve={"number": "17", "shares": {}})
        assert unknown == ["eve"] and rows[1].total == 0
        assert "0.00" not in lines[0].values() and "0.00" not in lines[1].values()


def test_who_is_not_graded_yet_gets_no_grade(tmp_path):
    _, _, without, lines = filled(tmp_path, CANVAS, ada={"number": "17", "status": "not graded"})
    assert without == 2 and lines[1]["The image assignment (12)"] == ""


def test_a_gradebook_that_is_none_is_refused(tmp_path):
    for text, says in (
        ("a,b\n1,2\n", "no gradebook"),
        ("", "empty"),
        (CANVAS.replace("image", ""), "2 columns"),
        ("a\0b\r,c\r\nd", "is no"),
    ):
        (tmp_path / "export.csv").write_text(text)
        with pytest.raises(ValueError, match=says):
            tables.read_gradebook(tmp_path / "export.csv")


def test_results_are_json(tmp_path):
    rows = tables.rows_of([finished(1), Record("none", status="nothing handed in")])
    tables.write_results(rows, tmp_path)
    first, second = json.loads((tmp_path / tables.RESULTS).read_text())["students"]
    assert first["items"]["bond_sum"]["of"] == ITEMS["bond_sum"].points and first["total"] == rows[0].total
    assert second["items"] == {} and second["status"] == "nothing handed in"


def test_points_follow_the_rubric_of_today(tmp_path, monkeypatch):
    record = finished(1)
    record.shares["bond_sum"] = 0.5
    monkeypatch.setitem(ITEMS, "bond_sum", replace(ITEMS["bond_sum"], points=20))
    (line,) = written(tables.rows_of([record]), tmp_path)
    assert line["bond_sum"] == "10.0"
