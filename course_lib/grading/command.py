"""``ising-course grade``: from the folder of submissions to the tables and pages."""

import contextlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from course_lib.grading import assignment, grade, intake, keys, reports, selftest, tables
from course_lib.grading import demo as demo_class
from course_lib.grading.sandbox import Limits, prepared
from course_lib.grading.walls import SandboxError, check_hidden, missing

HALF_WRITTEN = re.compile(r"\..+\.[0-9a-f]{8}")  # as `files.write_whole` names what is not whole yet
BRIEF = Limits(notebook_seconds=20.0, cell_seconds=6.0)  # simulated students who never end must not take minutes


@dataclass(frozen=True, kw_only=True)
class Job:
    """What the command line says.

    Attributes
    ----------
    submissions, secret, output : pathlib.Path
    gradebook : pathlib.Path or None
    jobs : int
    limits : sandbox.Limits or None
    shard : tuple of (int, int)
        Number and count.
    walled : bool
        False grades without a sandbox.
    say : callable
        Takes a line.
    """

    submissions: Path
    secret: Path
    output: Path
    gradebook: Path | None = None
    jobs: int = 2
    limits: Limits | None = None
    shard: tuple[int, int] = (1, 1)
    walled: bool = True
    say: Callable = print


def grade_class(job) -> list[tables.Row]:
    """Grade what is new or changed, and write every table and page.

    Parameters
    ----------
    job : Job

    Returns
    -------
    list of tables.Row
        The class.

    Raises
    ------
    ValueError, SandboxError
        Say what to do.
    """
    key, output = keys.load(job.secret, job.output), Path(job.output)
    for path in (job.submissions, output):
        check_hidden(path)
    output.mkdir(mode=0o700, parents=True, exist_ok=True)  # grades are for the grader's eyes
    _clear(output)
    manual = tables.read_manual(output)
    if job.gradebook:
        tables.read_gradebook(job.gradebook)
    submissions = intake.collect(job.submissions)
    if not submissions:
        raise ValueError(
            f"there is no submission in {job.submissions}: it holds neither notebooks nor students' folders"
        )
    room, fresh = None, {}
    try:
        with prepared(data=assignment.ROOT / "data", walled=job.walled) as room, grade.processes(job.jobs) as executor:
            mine = grade.shard(submissions, *job.shard)
            fresh = {one.student: one for one in grade.grade(mine, key, room, output, executor, limits=job.limits)}
    finally:
        if room is not None:  # what is graded so far is told even where it is interrupted
            found = [fresh.get(one.student, one) for one in grade.on_file(submissions, key, room, output)]
            rows = tables.rows_of(found, manual)
            _write(rows, manual, submissions, job)
    return rows


def _clear(output):
    """Remove what a grader that was killed had not written to the end. What is new may be another shard's."""
    for path in output.rglob(".*"):
        with contextlib.suppress(FileNotFoundError):  # whole by now
            if HALF_WRITTEN.fullmatch(path.name) and time.time() - path.lstat().st_mtime > 3600:
                path.unlink()


def _write(rows, manual, submissions, job):
    """Every table and page."""
    output, troubles = Path(job.output), []
    tables.write_grades(rows, output)
    tables.write_results(rows, output)
    tables.write_manual(rows, output, manual)
    if job.gradebook:
        unknown, without = tables.write_gradebook(rows, job.gradebook, output)
        troubles += [f"Not in the gradebook: {', '.join(unknown)}."] if unknown else []
        troubles += [f"Lines of the gradebook without a submission: {without}."] if without else []
        early = sum(row.waiting > 0 for row in rows)
        troubles += [f"Totals in gradebook.csv that lack points for written answers: {early}."] if early else []
    reports.write_pages(rows, output, assignment.given(), assignment.models(), troubles)
    of_moodle = {one.student for one in submissions if one.platform == "Moodle"}
    if mine := [row for row in rows if row.record.student in of_moodle and row.record.status != "not graded"]:
        reports.write_feedback_zip(mine, output)
    for trouble in troubles:
        job.say(trouble)


def demo(folder, jobs, say) -> list[tables.Row]:
    """Make a class in a folder, with a key, and grade it into its folder ``results``.

    Parameters
    ----------
    folder : pathlib.Path
    jobs : int
    say : callable
        Takes a line.

    Returns
    -------
    list of tables.Row
    """
    submissions, secret = Path(folder, "submitted"), Path(folder, "key")
    if not submissions.exists():
        submissions.mkdir(parents=True)
        say(f"{demo_class.make(submissions)} simulated students in {submissions}")
    if not secret.exists():
        keys.create(secret)
    job = Job(submissions=submissions, secret=secret, output=Path(folder, "results"), jobs=jobs, limits=BRIEF, say=say)
    return grade_class(job)


def preflight(say) -> bool:
    """Say what grading needs and is not there, each with its remedy; whether all is there and holds.

    Parameters
    ----------
    say : callable
        Takes a line.

    Returns
    -------
    bool
    """
    lacking = missing()
    try:
        import jinja2  # noqa: F401
    except ImportError:
        lacking.append('jinja2 is not installed: `python -m pip install "ising-course[grading]"`.')
    if not (assignment.ROOT / "data").is_dir():
        lacking.append("the course's folder data/ is not beside the library: install the course from its own folder.")
    for sentence in lacking:
        say(f"missing  {sentence}")
    if lacking:
        return False
    try:
        with prepared(data=assignment.ROOT / "data") as room:
            say(f"ok       the sandbox holds ({room.recipe} recipe, memory counted by {_counter(room)})")
    except SandboxError as error:
        say(f"missing  {error}")
        return False
    return True


def _counter(room):
    return "the kernel's control groups" if room.group else "the watchdog"


def self_test(jobs, say) -> bool:
    """Run every hostile submission and print the table; whether each came out as it must.

    Parameters
    ----------
    jobs : int
    say : callable
        Takes a line.

    Returns
    -------
    bool
    """
    with prepared(data=assignment.ROOT / "data") as room:
        rows = selftest.self_test(room, jobs, progress=lambda row: say(selftest.table([row])))
    more = selftest.intake_test()
    say(selftest.table(more))
    wrong = sum(bool(row.wrong) for row in rows + more)
    say(f"{len(rows) + len(more)} submissions, {wrong} of them not as they must be")
    return not wrong
