"""The loop over a class: what is run, what is kept, what survives an end at any moment."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from graded import KEY, ROOM, fatal, hand_in, quick, sandbox_of

from course_lib.grading import contract, grade, intake, records, sandbox
from course_lib.grading.contract import ITEMS


def graded(submissions, output, run=quick, key=KEY, room=ROOM):
    with ThreadPoolExecutor(2) as executor:
        return grade.grade(submissions, key, room, output, executor, progress=False, run=run)


class Counting:
    """Grades, and remembers whom."""

    def __init__(self, run=quick):
        self._run, self.students = run, []

    def __call__(self, task):
        self.students.append(task.submission.student)
        return self._run(task)


def test_only_new_and_changed_submissions_are_run_again(tmp_path):
    run, out = Counting(), tmp_path / "out"
    first = graded(hand_in(tmp_path / "in", ada="1", bob="2"), out, run)
    again = graded(hand_in(tmp_path / "in", ada="1", bob="2"), out, run)
    assert sorted(run.students) == ["ada", "bob"]
    assert [one.shares for one in again] == [one.shares for one in first]
    graded(hand_in(tmp_path / "in", ada="1", bob="3", eve="4"), out, run)
    assert sorted(run.students[2:]) == ["bob", "eve"]


def test_a_new_key_draws_new_questions_for_all(tmp_path):
    run, submissions = Counting(), hand_in(tmp_path / "in", ada="1", bob="2")
    graded(submissions, tmp_path / "out", run)
    graded(submissions, tmp_path / "out", run, key=b"n" * 64)
    assert len(run.students) == 4


def test_what_was_graded_without_a_sandbox_is_run_again_in_one(tmp_path):
    run, submissions = Counting(), hand_in(tmp_path / "in", ada="1")
    (record,) = graded(submissions, tmp_path / "out", run)
    record.sandboxed = False
    records.save(record, tmp_path / "out")
    graded(submissions, tmp_path / "out", run)
    assert len(run.students) == 2


def test_a_record_that_was_spoilt_is_made_again(tmp_path):
    run, submissions = Counting(), hand_in(tmp_path / "in", ada="1")
    graded(submissions, tmp_path / "out", run)
    for text in ("", "{}", "[]", '{"format": 1, "student": "ada", "answers": 3}'):
        (tmp_path / "out" / "records" / "ada.json").write_text(text)
        graded(submissions, tmp_path / "out", run)
    assert len(run.students) == 5


def test_one_that_breaks_the_grader_leaves_the_others_alone(tmp_path):
    def run(task):
        if task.submission.student == "bob":
            raise ZeroDivisionError("of ours")
        if task.submission.student == "eve":
            raise sandbox.SandboxError("no sandbox starts")
        return quick(task)

    out, submissions = tmp_path / "out", hand_in(tmp_path / "in", ada="1", bob="2", eve="3")
    ada, bob, eve = graded(submissions, out, run)
    assert (ada.status, bob.status, eve.status) == ("graded", "not graded", "not graded")
    assert "ZeroDivisionError" in bob.message and "no sandbox starts" in eve.message
    again = Counting()
    graded(submissions, out, again)
    assert sorted(again.students) == ["bob", "eve"]


def test_shards_add_up(tmp_path):
    submissions = hand_in(tmp_path / "in", **{f"s{n}": str(n) for n in range(20)})
    parts = [grade.shard(submissions, number, 3) for number in (1, 2, 3)]
    assert all(parts)
    assert sorted(one.student for part in parts for one in part) == sorted(one.student for one in submissions)
    run, out = Counting(), tmp_path / "out"
    for part in parts:
        graded(part, out, run)
    assert len(run.students) == 20
    whole = graded(submissions, tmp_path / "whole")
    assert [one.shares for one in grade.on_file(submissions, KEY, ROOM, out)] == [one.shares for one in whole]


def test_a_process_that_ends_leaves_what_is_done_and_the_rest_for_the_next_run(tmp_path):
    out, submissions = tmp_path / "out", hand_in(tmp_path / "in", ada="1", bob="2", eve="3")
    with grade.processes(1) as executor:
        found = grade.grade(submissions, KEY, ROOM, out, executor, progress=False, run=fatal)
    assert found[1].status == "not graded" and "run the command again" in found[1].message
    assert [one.status for one in graded(submissions, out)] == ["graded"] * 3


# ---------------------------------------------------------------- the judge, without a sandbox


def test_right_answers_earn_all_and_a_slip_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(sandbox, "run", sandbox_of({"spin_sum": lambda images: -images.sum((-2, -1), dtype=int)}))
    (record,) = graded(hand_in(tmp_path / "in", ada="1"), tmp_path / "out", grade.run_one)
    lost = {key for key in ITEMS if record.points_of(key) < ITEMS[key].points}
    assert lost == {"spin_sum"}
    assert record.results["spin_sum"].misconception == "wrong sign"
    assert record.pictures and record.samples and record.student_id == "ada"
    assert records.load(tmp_path / "out", "ada").results == record.results


def test_another_judge_judges_the_answers_that_were_kept(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(sandbox, "run", sandbox_of(seen=seen))
    submissions, out = hand_in(tmp_path / "in", ada="1"), tmp_path / "out"
    (first,) = graded(submissions, out, grade.run_one)
    monkeypatch.setattr(grade, "judged_by", lambda: "another judge")
    (second,) = graded(submissions, out, grade.run_one)
    assert len(seen) == 1
    assert second.judged == "another judge" and second.results == first.results
    monkeypatch.setattr(grade, "judged_by", lambda: "a judge who asks otherwise")
    monkeypatch.setattr(grade, "_digest", lambda questions: "other questions")
    graded(submissions, out, grade.run_one)
    assert len(seen) == 2


def test_other_points_need_no_judge(tmp_path, monkeypatch):
    run, submissions = Counting(), hand_in(tmp_path / "in", ada="1")
    (record,) = graded(submissions, tmp_path / "out", run)
    share = record.shares["bond_sum"]
    from dataclasses import replace

    monkeypatch.setitem(contract.ITEMS, "bond_sum", replace(ITEMS["bond_sum"], points=10))
    grade.judged_by.cache_clear()
    (record,) = graded(submissions, tmp_path / "out", run)
    assert len(run.students) == 1
    assert record.points_of("bond_sum") == 10 * share
    grade.judged_by.cache_clear()


def test_hidden_numbers_that_a_function_raises_are_not_told(tmp_path, monkeypatch):
    def spy(images, model_bonds, model_spins):
        raise ValueError(f"{model_bonds} and {model_spins}")

    monkeypatch.setattr(sandbox, "run", sandbox_of({"gradient": spy}))
    (record,) = graded(hand_in(tmp_path / "in", ada="1"), tmp_path / "out", grade.run_one)
    hidden = record.answers["gradient"][0].message.split()[1]
    assert hidden not in record.results["gradient"].came_out
    assert "ValueError" in record.results["gradient"].came_out


# ---------------------------------------------------------------- an end at any moment

GRADER = """
import sys
from pathlib import Path
sys.path[:0] = [{tests!r}]
from graded import KEY, ROOM, quick
from course_lib.grading import grade, intake

if __name__ == "__main__":
    with grade.processes(2) as executor:
        found = intake.collect({submissions!r})
        print("started", flush=True)
        grade.grade(found, KEY, ROOM, Path({output!r}), executor, progress=False, run=quick)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no group of processes to interrupt")
def test_ctrl_c_ends_it_at_once_and_keeps_what_is_done(tmp_path):
    hand_in(tmp_path / "in", **{f"s{n}": str(n) for n in range(200)})
    paths = {"tests": str(Path(__file__).parent), "submissions": str(tmp_path / "in"), "output": str(tmp_path / "out")}
    script = tmp_path / "grader.py"
    script.write_text(GRADER.format(**paths))
    process = subprocess.Popen([sys.executable, script], stderr=subprocess.PIPE, text=True, start_new_session=True)
    end = time.monotonic() + 60
    while not list((tmp_path / "out" / "records").glob("*.json")) and time.monotonic() < end:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert "KeyboardInterrupt" in said and process.returncode
    done = list((tmp_path / "out" / "records").glob("*.json"))
    assert 0 < len(done) < 200 and all(json.loads(path.read_text())["drawn"] for path in done)


def test_nothing_handed_in_and_what_cannot_be_opened_have_a_row(tmp_path):
    (tmp_path / "in" / "nobody").mkdir(parents=True)
    (tmp_path / "in" / "link.ipynb").symlink_to("/etc/passwd")
    found = {one.student: one for one in graded(intake.collect(tmp_path / "in"), tmp_path / "out")}
    assert found["nobody"].status == "nothing handed in"
    assert found["link"].status == "unreadable" and "symbolic link" in found["link"].message
