"""``ising-course grade`` as an instructor types it; the demo's class; the sheet of all lessons."""

import csv
import json
import os
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from graded import hand_in, sandbox_of

from course_lib.grading import (
    assignment,
    command,
    demo,
    hostile,
    intake,
    keys,
    sandbox,
    selftest,
    styles,
    walls,
)
from course_lib.grading.contract import ITEMS, WRITTEN
from course_lib.grading.room import Room
from course_lib.workshop import cli, instructors

ROOT = Path(__file__).parents[1]


def grade(*arguments):
    return CliRunner().invoke(cli.main, ["grade", *map(str, arguments)])


@pytest.fixture
def quick(monkeypatch, tmp_path):
    """Right answers, without a sandbox and in threads."""
    from concurrent.futures import ThreadPoolExecutor
    from contextlib import nullcontext

    room = Room(tmp_path, "user", None)
    monkeypatch.setattr(
        command, "prepared", lambda data, walled: nullcontext(room if walled else Room(tmp_path, "none", None))
    )
    monkeypatch.setattr(command.grade, "processes", ThreadPoolExecutor)
    monkeypatch.setattr(sandbox, "run", sandbox_of())


@pytest.fixture
def given(tmp_path):
    """The three arguments that every run needs."""
    hand_in(tmp_path / "in", ada="1", bob="2")
    keys.create(tmp_path / "key")
    return [tmp_path / "in", "--secret", tmp_path / "key", "--out", tmp_path / "out"]


def test_a_class_from_the_folder_to_the_pages(quick, given, tmp_path):
    done = grade(*given)
    assert done.exit_code == 0, done.output
    assert "2 of 2 graded" in done.output
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700  # grades are nobody else's business
    names = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    pages = {"class.html", "written.html", "feedback/ada.html", "feedback/bob.html"}
    assert names == pages | {"grades.csv", "manual.csv", "results.json", "records/ada.json", "records/bob.json"}
    students = json.loads((tmp_path / "out" / "results.json").read_text())["students"]
    assert [one["total"] for one in students] == [sum(item.points for item in ITEMS.values())] * 2


def test_what_a_killed_grader_had_half_written_is_removed(quick, given, tmp_path):
    (tmp_path / "out" / "records").mkdir(parents=True)
    old, new, other = (
        tmp_path / "out" / "records" / f".{name}" for name in ("a.json.0123abcd", "b.json.00000000", "c")
    )
    for path in (old, new, other):
        path.touch()
    for path in (old, other):
        os.utime(path, (10**9, 10**9))
    grade(*given)
    assert not old.exists() and new.exists() and other.exists()


ODD = {
    "half a character": "def f(x):\n    '\ud800'\n    return '\udfff' * 3 + str(x) + chr(7)\n" * 9,
    "deep": f"x = {'(' * 5000}1{')' * 5000}",
    "minus": f"x = {'-' * 50_000}1",
    "long line": f"x = '{'y' * 10**6}'",
    "not Python": "%%writefile x\n\0\x1b[2J <script>",
    "no code at all": "# \u202e right to left",
    "å" * 120: "pass",  # 240 bytes, near the most that a name may have
    "a;=1+1": "pass",
    "ada\udcff": "pass",  # no UTF-8
}


def test_no_odd_notebook_keeps_the_others_from_their_grades(quick, given, tmp_path):
    for name, source in ODD.items():
        (tmp_path / "in" / f"{name}.ipynb").write_bytes(hostile.notebook([source]))
    os.link(tmp_path / "key", tmp_path / "in" / "hard link.ipynb")
    done = grade(*given)
    assert done.exit_code == 0, done.output
    with (tmp_path / "out" / "grades.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == len(ODD) + 3
    assert {line["status"] for line in lines} == {"graded"}  # by a stand-in for the sandbox
    key = keys.load(tmp_path / "key").decode()
    assert not any(key in path.read_text() for path in (tmp_path / "out").rglob("*") if path.is_file())
    # Also where a spreadsheet takes the semicolon for the separator.
    assert not any(cell.lstrip().startswith("=") for line in lines for cell in line["student"].split(";"))
    assert len(list((tmp_path / "out" / "feedback").iterdir())) == len(lines)


def test_a_key_is_in_no_file_that_goes_out(quick, given, tmp_path):
    grade(*given)
    key = keys.load(tmp_path / "key").decode()
    for path in (path for path in (tmp_path / "out").rglob("*") if path.is_file()):
        assert key not in path.read_text()


def test_results_without_a_sandbox_are_marked_everywhere(quick, given, tmp_path):
    grade(*given, "--unsafe-no-sandbox")
    for name in ("grades.csv", "feedback/ada.html", "class.html"):
        assert "without a sandbox" in (text := (tmp_path / "out" / name).read_text()) or "UNSAFE" in text
    grade(*given)
    assert "UNSAFE" not in (tmp_path / "out" / "grades.csv").read_text()


@pytest.mark.parametrize(
    ("missing", "says"), [(0, "SUBMISSIONS"), (1, "--new-secret"), (3, "--out FOLDER")], ids=["in", "key", "out"]
)
def test_what_is_missing_is_named(given, missing, says):
    left = [one for k, one in enumerate(given) if k not in (missing, missing + (missing > 0))]
    done = grade(*left)
    assert done.exit_code == 2 and says in done.output


@pytest.mark.parametrize("shard", ["0/2", "3/2", "1", "a/b", "1/0"])
def test_a_shard_that_is_none_is_refused(given, shard):
    assert "--shard must be I/N" in grade(*given, "--shard", shard).output


def test_a_key_that_others_can_read_stops_it(given, tmp_path):
    os.chmod(tmp_path / "key", 0o644)
    done = grade(*given)
    assert done.exit_code == 1 and "chmod 600" in done.output and not (tmp_path / "out").exists()


def test_a_wrong_manual_stops_it_before_anything_runs(given, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "manual.csv").write_text("student,item,points,of,comment,answer\nada,signs,9,3,,\n")
    done = grade(*given)
    assert done.exit_code == 1 and "line 2" in done.output and not (tmp_path / "out" / "records").exists()


def test_a_new_secret_is_the_owners_alone_and_never_written_over(tmp_path):
    assert grade("--new-secret", tmp_path / "key").exit_code == 0
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert "is there already" in grade("--new-secret", tmp_path / "key").output
    assert grade("--new-secret", tmp_path / "keys" / "key").exit_code == 0  # in a folder that was not there
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700


def test_preflight_names_what_is_missing(monkeypatch):
    monkeypatch.setattr(command, "missing", lambda: ["bubblewrap is not installed: `apt install bubblewrap`."])
    done = grade("--preflight")
    assert done.exit_code == 1 and "apt install bubblewrap" in done.output


def test_without_a_sandbox_nothing_is_graded(given, monkeypatch, tmp_path):
    monkeypatch.setattr(walls, "missing", lambda: ["bubblewrap is not installed: `apt install bubblewrap`."])
    done = grade(*given)
    assert done.exit_code == 1 and "apt install bubblewrap" in done.output
    assert not (tmp_path / "out" / "grades.csv").exists()


def test_self_test_fails_where_a_row_is_wrong(monkeypatch):
    from contextlib import nullcontext

    rows = [selftest.Row("one", "ran", (), 0.1), selftest.Row("other", "ran", (), 0.1, "it wrote outside")]
    monkeypatch.setattr(command, "prepared", lambda data: nullcontext())
    monkeypatch.setattr(selftest, "intake_test", lambda: rows[:1])
    monkeypatch.setattr(selftest, "self_test", lambda room, jobs, progress: rows[:1])
    assert grade("--self-test").exit_code == 0
    monkeypatch.setattr(selftest, "self_test", lambda room, jobs, progress: rows)
    done = grade("--self-test")
    assert done.exit_code == 1 and "3 submissions, 1 of them not" in done.output


EXPORTS = {
    "Moodle": (
        "{name}_{number}_assignsubmission_file_/nb.ipynb",
        "Identifier,Full name,Grade,Maximum Grade\nParticipant 17,Ada L,,100\nParticipant 18,Bob B,,100\n",
        "Grade",
    ),
    "Canvas": (
        "{name}_{number}_900{number}_nb-2.ipynb",
        "Student,ID,SIS Login ID,The image assignment (12)\nAda L,17,ada,\nBob B,18,bob,\n",
        "The image assignment (12)",
    ),
}


@pytest.mark.parametrize("platform", EXPORTS)
def test_from_a_platforms_zip_to_its_gradebook(quick, given, tmp_path, platform):
    member, worksheet, column = EXPORTS[platform]
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        for number, name in ((17, "adal"), (18, "bobb")):
            archive.writestr(member.format(name=name, number=number), hostile.notebook([f"# {name}"]))
    (tmp_path / "worksheet.csv").write_text(worksheet)
    done = grade(tmp_path / "export.zip", *given[1:], "--gradebook", tmp_path / "worksheet.csv")
    assert done.exit_code == 0, done.output
    lines = csv.DictReader((tmp_path / "out" / "gradebook.csv").open())
    total = sum(item.points for item in ITEMS.values())
    assert [line[column] for line in lines] == [f"{total:.2f}"] * 2
    assert (tmp_path / "worksheet.csv").read_text() == worksheet
    assert (tmp_path / "out" / "feedback.zip").exists() == (platform == "Moodle")


def _as_moodle_does(path):
    """The participant's number and the file's name, by the rule of Moodle's importziplib.php; None if it takes none."""
    parts = path.split("/")
    while parts:
        found = parts.pop(0).split("_", 4)
        if len(found) >= 4 and found[1].isdecimal() and found[2].startswith("assign"):
            return int(found[1]), "/".join([*found[4:], *parts])
    return None


def test_feedback_goes_back_to_moodle_under_the_number_that_it_gave(quick, given, tmp_path):
    students = {17: "Ada Byron", 18: "Bob_Bit", 19: "Eve_17", 20: "é. <b>", 21: "__", 23: "é" * 90}
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        for number, name in students.items():
            archive.writestr(f"{name}_{number}_assignsubmission_file_/nb.ipynb", hostile.notebook([f"# {name}"]))
        archive.writestr("Kay_22_assignsubmission_file_/essay.docx", "My essay.")
    grade(tmp_path / "export.zip", *given[1:])
    with zipfile.ZipFile(tmp_path / "out" / "feedback.zip") as archive:
        found = {_as_moodle_does(name): (name, archive.read(name).decode()) for name in archive.namelist()}
    assert set(found) == {(number, "/feedback.html") for number in (*students, 22)}
    assert all(len(part.encode()) < 256 for name, _ in found.values() for part in name.split("/"))
    assert found[17, "/feedback.html"][0] == "Ada Byron_17_assignsubmission_file_/feedback.html"
    assert "Bob_Bit" in found[18, "/feedback.html"][1] and "Eve_17" in found[19, "/feedback.html"][1]


# ---------------------------------------------------------------- the demo, the assignment, the sheet


def test_the_demo_makes_thirty_students_of_every_kind(tmp_path):
    assert demo.make(tmp_path) == 30
    found = {one.student: one for one in intake.collect(tmp_path)}
    assert len(found) == 30 and found["nothing"].problem and found["two-tries"].notes
    assert set(demo.HOSTILE) <= {one.name for one in hostile.HOSTILE}
    for one in ("ada", "copycat", *demo.SLIPS):
        problem, cells = intake.cells(intake.read(found[one]))
        assert not problem and {cell["id"] for cell in cells} >= {*WRITTEN, *(ITEMS.keys() - {"own_fit"})}
        compile("\n".join(cell["source"] for cell in cells if cell["type"] == "code"), one, "exec")


def test_styles_are_of_items_that_there_are():
    keys_there = {assignment.key_of(cell) for cell in assignment.cells("solutions")}
    assert set(styles.STYLES) <= keys_there


def test_an_answer_that_was_not_written_is_none_to_mark():
    assert assignment.unanswered() and set(assignment.models()) == set(WRITTEN)
    assert not assignment.unanswered() & set(assignment.models().values())


def test_the_sheet_of_all_lessons_is_up_to_date_and_has_two_questions_each():
    assert instructors.check(ROOT) == []
    sheet = (ROOT / "docs" / "lessons.md").read_text()
    for chapter in sheet.split("\n## ")[1:]:
        assert "**Goals**" in chapter
        assert chapter.count("\n1. ") >= 1 and chapter.count("\n2. ") == 1 and chapter.count("\n3. ") == 0


def test_a_sheet_that_is_not_up_to_date_is_told_and_written(tmp_path):
    (tmp_path / "solutions").symlink_to(ROOT / "solutions")
    assert instructors.check(tmp_path) == ["docs/lessons.md: is not up to date; run `ising-course build`"]
    assert instructors.write(tmp_path) == [tmp_path / "docs" / "lessons.md"]
    assert instructors.check(tmp_path) == [] == instructors.write(tmp_path)
