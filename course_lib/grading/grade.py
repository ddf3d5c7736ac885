"""Grading a class: each submission goes through the sandbox and the judge, and a record of it is kept.

    with prepared(data=...) as room:
        records = grade(collect(submissions), key, room, output)

Only what is new or changed is run. Where the judge has changed, the answers that were kept are judged again; where the
points have, nothing is.
"""

import hashlib
import os
import re
import signal
import sys
import time
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from course_lib import images
from course_lib.classroom.checks.twists import twist_of
from course_lib.grading import (
    assignment,
    families,
    instances,
    intake,
    judge,
    keys,
    misfits,
    mistakes,
    own_fit,
    portrait,
    records,
    reference,
    sandbox,
    second_pass,
    similarity,
)
from course_lib.grading.contract import ITEMS, WRITTEN
from course_lib.grading.records import Record

JUDGING = families, instances, judge, misfits, mistakes, own_fit, portrait, reference, second_pass
LONGEST_TEXT, MOST_PRINTED = 8000, 4000  # characters
DIED_WITH_PARENT = 1  # PR_SET_PDEATHSIG


@dataclass(frozen=True, eq=False)
class Task:
    """One submission to grade; it can be sent to another process or machine.

    Attributes
    ----------
    submission : intake.Submission
    key : bytes
        The instructor's.
    room : sandbox.Room
    limits : sandbox.Limits
    kept : Record or None
        Whose answers are judged again, if they answer the same questions.
    """

    submission: intake.Submission
    key: bytes
    room: sandbox.Room
    limits: sandbox.Limits
    kept: Record | None = None


# ---------------------------------------------------------------- the class


def processes(jobs) -> ProcessPoolExecutor:
    """Processes that grade; they end when this one does, however it ends.

    Parameters
    ----------
    jobs : int

    Returns
    -------
    concurrent.futures.ProcessPoolExecutor
    """
    return ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_end_with_parent, initargs=(os.getpid(),)
    )


def grade(submissions, key, room, output, executor, *, limits=None, progress=True, run=None) -> list[Record]:
    """Grade a class, and keep a record of each submission in ``output/records``.

    Parameters
    ----------
    submissions : sequence of intake.Submission
    key : bytes
        From `keys.load`.
    room : sandbox.Room
        From `sandbox.prepared`.
    output : pathlib.Path
    executor : concurrent.futures.Executor
        `processes`, or a cluster's.
    limits : sandbox.Limits, optional
    progress : bool
        Whether to show a bar.
    run : callable, optional
        `run_one` unless given: Task -> Record.

    Returns
    -------
    list of Record
        One a submission, in their order. What could not be graded for no fault of the student's has the status
        "not graded" and is tried again next time.
    """
    found, tasks = {}, []
    for submission in submissions:
        task = Task(submission, key, room, limits or sandbox.Limits())
        record, kept = _settled(task, output)
        if record:
            found[submission.student] = record
        else:
            tasks.append(replace(task, kept=kept))
    bar = tqdm(total=len(submissions), initial=len(found), desc="graded", disable=not progress, file=sys.stderr)
    try:
        futures = {executor.submit(run or run_one, task): task.submission for task in tasks}
        for future in as_completed(futures):
            record = _outcome(future, futures[future])
            if record.drawn:
                records.save(record, output)
            found[record.student] = record
            bar.update()
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        raise
    finally:
        bar.close()
    return [found[submission.student] for submission in submissions]


def on_file(submissions, key, room, output) -> list[Record]:
    """The records of submissions as far as they are graded, running nothing.

    Parameters
    ----------
    submissions : sequence of intake.Submission
    key : bytes
    room : sandbox.Room
    output : pathlib.Path

    Returns
    -------
    list of Record
    """
    found = []
    for submission in submissions:
        record, kept = _settled(Task(submission, key, room, sandbox.Limits()), output)
        found.append(record or kept or _blank(submission, "not graded", "not graded yet: run the command again"))
    return found


def shard(submissions, number, count) -> list:
    """Every so-many-th submission, by the student's name: the same student is always in the same shard.

    Parameters
    ----------
    submissions : sequence of intake.Submission
    number, count : int
        The first shard is number 1.

    Returns
    -------
    list of intake.Submission
    """
    return [one for one in submissions if _number(one.student) % count == number - 1]


def _number(student):
    return int(hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:12], 16)


def _settled(task, output):
    """A record that needs no more work, or None; and one whose answers may be judged again, or None."""
    submission = task.submission
    if submission.problem:
        status = "nothing handed in" if "handed in" in submission.problem else "unreadable"
        return _blank(submission, status, submission.problem), None
    kept = records.load(output, submission.file_name, arrays=False)
    if kept is None or kept.student != submission.student or (task.room.walled and not kept.sandboxed):
        return None, None
    try:
        if kept.drawn != _drawn(task, intake.read(submission))[0]:
            return None, None
    except ValueError:
        return None, None
    if kept.judged == judged_by():
        return kept, None
    return None, records.load(output, submission.file_name)


def _outcome(future, submission):
    """What came of a task: a record, or what went wrong with the grader itself."""
    try:
        return future.result()
    except sandbox.SandboxError as error:
        trouble = str(error)
    except BrokenExecutor:
        trouble = "the process that graded it ended: run the command again"
    except Exception as error:  # ours: it must not take the others' results with it
        trouble = f"the grader failed ({type(error).__name__}: {error}): please report it"
    return _blank(submission, "not graded", trouble)


def _end_with_parent(parent):
    """Leave no process behind where the grader is killed, and no traceback where it is interrupted."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(DIED_WITH_PARENT, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


# ---------------------------------------------------------------- one submission


def run_one(task) -> Record:
    """Grade one submission.

    Parameters
    ----------
    task : Task

    Returns
    -------
    Record

    Raises
    ------
    SandboxError
        If the sandbox did not start: no fault of the student's.
    """
    submission = task.submission
    try:
        notebook = intake.read(submission)
    except ValueError as error:
        return _blank(submission, "unreadable", f"the file {error}")
    drawn, source = _drawn(task, notebook)
    if task.kept is not None:
        questions = _questions(source, task.kept.twist)
        if _digest(questions) == task.kept.asked:
            return _judged(task.kept, questions)
    record = _blank(submission, "graded", "")
    record.drawn, record.sandboxed = drawn, task.room.walled
    return _judged(record, _run(record, notebook, source, task))


def _run(record, notebook, source, task):
    """Fill a record with what the sandbox says; the questions that were asked."""
    asked = {}

    def requests(variables):
        if not asked:
            record.student_id = variables["student_id"]
            record.twist = _variant(record.student_id)
            asked.update(_questions(source, record.twist))
        return [_request(ITEMS[key], one) for key, drawn in asked.items() for one in drawn]

    def again(transcript):
        return second_pass.requests(asked, transcript, record.twist)

    transcript = sandbox.run(notebook, requests, task.room, task.limits, again=again)
    record.status = "graded" if transcript.status == "ran" else transcript.status
    record.message, record.problems = transcript.message, transcript.problems[:20]
    record.printed = transcript.log[:MOST_PRINTED]
    record.notebook_seconds, record.seconds = transcript.notebook_seconds, transcript.seconds
    record.my_pictures = transcript.variables["my_pictures"]
    record.my_fit = list(transcript.variables["my_fit"]) if transcript.variables["my_fit"] else None
    record.answers, record.asked = transcript.answers, _digest(asked)
    _, cells = intake.cells(notebook)
    record.written = _written(cells)
    record.code = similarity.functions([cell["source"] for cell in cells if cell["type"] == "code"])
    return asked


def _written(cells):
    texts = {
        cell["id"]: sandbox.clean(cell["source"].encode("utf-8", "replace")).strip()[:LONGEST_TEXT]
        for cell in cells
        if cell["id"] in WRITTEN
    }
    return {key: text for key, text in texts.items() if text and text not in assignment.unanswered()}


def _variant(student_id):
    """Of the twist; 0 where there is no id."""
    return twist_of(student_id).variant if student_id and student_id.strip() else 0


def _request(item, one):
    return sandbox.Request(item.key, item.function, one.arguments, one.seed, one.shape, item.dtype, item.seconds)


def _drawn(task, notebook):
    """A digest that says which hidden numbers belong to a submission, and their source."""
    source = keys.seed_sequence(task.key, task.submission.student, keys.hash_of(notebook))
    return hashlib.sha256(str(source.entropy).encode()).hexdigest()[:32], source


def _questions(source, variant):
    """Hidden instances of each item. Spawned anew, so that they are the same at every regrading."""
    children = np.random.SeedSequence(source.entropy).spawn(len(ITEMS))
    return {
        item.key: instances.draw(item, np.random.default_rng(child), variant)
        for item, child in zip(ITEMS.values(), children, strict=True)
    }


def _digest(questions):
    digest = hashlib.sha256()
    for key, drawn in questions.items():
        for one in drawn:
            digest.update(f"{key} {list(one.arguments)} {one.seed} {one.shape}".encode())
            for value in one.arguments.values():
                digest.update(np.ascontiguousarray(value).tobytes())
    return digest.hexdigest()[:32]


def _judged(record, questions):
    """Fill a record with verdicts."""
    start = time.process_time()
    for key, item in ITEMS.items():
        if item.function is None:
            result = own_fit.judge_own_fit(record.my_pictures or None, record.my_fit, _class_pictures())
        else:
            result = judge.judge(item, questions[key], [_masked(answer) for answer in record.answers[key]])
        result = second_pass.better(result, questions[key], record, _class_pictures())
        record.results[key], record.shares[key] = result, result.points / item.points
    portrait.draw(record)
    record.judged, record.judge_seconds = judged_by(), time.process_time() - start
    return record


def _masked(answer):
    """Numbers in what a student's own code raised may be hidden ones."""
    return replace(answer, message=re.sub(r"\d", "#", answer.message)) if answer.status == "raised" else answer


@cache
def judged_by() -> str:
    """Digest of the code that judges, the rubric's points apart: where it changes, kept answers are judged again.

    Returns
    -------
    str
    """
    digest = hashlib.sha256()
    for module in JUDGING:
        digest.update(Path(module.__file__).read_bytes())
    for item in ITEMS.values():
        digest.update(repr(replace(item, points=0)).encode())
    return digest.hexdigest()[:32]


@cache
def _class_pictures():
    return tuple(
        images.to_hex(images.load_spins(path, 32)) for one in images.picture_sets().values() for path in one.values()
    )


def _blank(submission, status, message):
    return Record(
        submission.student,
        submission.name,
        submission.number,
        submission.file_name,
        status=status,
        message=message,
        notes=list(submission.notes),
    )
