"""A class without a sandbox: what the grader's tests share."""

import os
import time
from pathlib import Path

import numpy as np
import submissions

from course_lib import images
from course_lib.grading import grade, hostile, intake
from course_lib.grading.contract import ITEMS, WRITTEN, Answer, Result
from course_lib.grading.records import Record
from course_lib.grading.room import Room
from course_lib.grading.sandbox import Transcript

KEY = b"k" * 64
ROOM = Room(Path("/nowhere"), "user", None)


def hand_in(folder, **sources):
    """Notebooks as files: name of the student -> what stands in the code cell."""
    folder.mkdir(exist_ok=True)
    for student, source in sources.items():
        (folder / f"{student}.ipynb").write_bytes(hostile.notebook([source]))
    return intake.collect(folder)


def quick(task):
    """A record that depends on the bytes handed in, after a moment."""
    notebook = intake.read(task.submission)
    time.sleep(0.05)
    record = Record(task.submission.student, file=task.submission.file_name, judged=grade.judged_by())
    record.drawn = grade._drawn(task, notebook)[0]
    record.shares = {key: (notebook[-1 - place] % 3) / 2 for place, key in enumerate(ITEMS)}
    record.results = {key: Result(key, 0.0, "right" if share == 1 else "wrong") for key, share in record.shares.items()}
    return record


def fatal(task):
    """The end of the process that grades bob."""
    if task.submission.student == "bob":
        os._exit(1)
    return quick(task)


def finished(number, /, **more):
    """A record as it is after grading."""
    record = Record(f"student {number}", file=f"student_{number}", drawn="x", student_id=f"id {number}")
    rng = np.random.default_rng(number)
    for key in ITEMS:
        record.shares[key] = float(rng.integers(3)) / 2
        misconception = "" if record.shares[key] == 1 else "wrong sign"
        record.results[key] = Result(key, 0.0, "wrong", "three sets", "right on 1 of 3", misconception, "look", 3.0)
        record.answers[key] = [Answer("answered", rng.normal(size=5), 0.1)]
    record.written = {key: f"Because {number}." for key in WRITTEN}
    for name, value in more.items():
        setattr(record, name, value)
    return record


def sandbox_of(slips=(), student_id="ada", seen=None):
    """Stands in for `sandbox.run`: right answers, but for slips (key -> function); nothing is asked again."""
    functions = dict(slips)

    def run(notebook, requests, room, limits, again):
        if seen is not None:
            seen.append(notebook)
        picture = images.to_hex(np.random.default_rng(1).choice(np.array([-1, 1], np.int8), (16, 16)))
        variables = {"student_id": student_id, "my_pictures": [picture], "my_fit": (0.0, 0.0)}
        transcript = Transcript(variables=variables)
        variant = grade._variant(student_id)
        for request in requests(variables):
            function = functions.get(request.key, submissions.right(request.key, variant))
            try:
                rng = () if request.seed is None else (np.random.default_rng(request.seed),)
                answer = Answer("answered", np.asarray(function(*request.arguments.values(), *rng)))
            except Exception as error:
                answer = Answer("raised", message=f"{type(error).__name__}: {error}")
            transcript.answers.setdefault(request.key, []).append(answer)
        return transcript

    return run
