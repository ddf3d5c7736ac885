"""kill -9 of the grader, with its real sandboxes, at any moment: the next run gives the same, and nothing is left."""

import contextlib
import ctypes
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from course_lib.grading import hostile, keys, walls, watchdog
from course_lib.grading.records import load

if sys.platform != "linux":
    pytest.skip("the sandbox needs Linux", allow_module_level=True)

BECOME_SUBREAPER = 36  # who is orphaned becomes our child, so that none can hide
GRADER = """
import sys
from course_lib.grading import command
from course_lib.grading.sandbox import Limits

if __name__ == "__main__":
    limits = Limits(notebook_seconds=4.0, cell_seconds=1.0)
    folder = sys.argv[1]
    command.grade_class(command.Job(submissions=f"{folder}/in", secret=f"{folder}/key", output=sys.argv[2],
                                    limits=limits))
"""
WRONG = hostile.GOOD.replace("return images.sum", "return -images.sum")
SLEEPERS = """
import os, time
for k in range(5):
    if os.fork() == 0:
        os.setsid()
        time.sleep(600)
time.sleep(0.5)
"""
CLASS = {
    "right": (hostile.GOOD, "student_id = 'ada'"),
    "wrong": (WRONG, "student_id = 'bob'"),
    "loops": ("while True:\n    pass", hostile.GOOD),
    "forks": (SLEEPERS, hostile.GOOD),
    "raises": (hostile.GOOD, "1 / 0", "def gradient(images, model_bonds, model_spins):\n    return images['x']"),
    "ends": ("import os\nos._exit(3)", hostile.GOOD),
}


class Grader:
    """A class handed in, and the grader to start on it; its temporary folders are in a place of their own."""

    def __init__(self, folder, *students):
        self.folder, self.temporary = folder, folder / "temporary"
        for name in ("in", "temporary"):
            (folder / name).mkdir()
        for student in students:
            (folder / "in" / f"{student}.ipynb").write_bytes(hostile.notebook(CLASS[student]))
        keys.create(folder / "key")
        (folder / "grader.py").write_text(GRADER)
        ctypes.CDLL(None).prctl(BECOME_SUBREAPER, 1, 0, 0, 0)

    def start(self, output):
        """The grader, as a process."""
        command = [sys.executable, self.folder / "grader.py", self.folder, output]
        environment = os.environ | {"TMPDIR": str(self.temporary), "OPENBLAS_NUM_THREADS": "1"}
        return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)

    def finish(self, output):
        """Let the grader end; all that students and instructors may read, but for times."""
        process = self.start(output)
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said
        assert not self.rooms(), "a room is left over"
        pages = {path.name: path.read_bytes() for path in (output / "feedback").iterdir()}
        return pages | {"grades.csv": (output / "grades.csv").read_bytes()}

    def kill(self, output, seconds):
        """Start the grader, kill it after a while: how many were graded by then. Nothing of it may run on."""
        others = below(os.getpid())  # of tests before this one: a browser, a server
        process = self.start(output)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
        assert not names(orphans(10, but=others)), "a process of the grader is left running"
        records = list((output / "records").glob("*.json"))
        assert all(load(output, path.stem) for path in records), "a record is half-written"
        for name in ("grades.csv", "results.json", "class.html"):
            assert not (output / name).exists() or (output / name).stat().st_size
        return len(records)

    def rooms(self):
        return [path for path in self.temporary.iterdir() if path.name.startswith("ising-course-run-")]


def below(pid):
    return {task.pid for task in watchdog.tree(pid)[1:]}


def names(pids):
    """What processes are that still run; one that ended, and that nobody asked about, has no name."""
    found = {}
    for pid in pids:
        with contextlib.suppress(OSError):  # gone in between
            found[pid] = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")[:300]
    return {pid: name for pid, name in found.items() if name}


def orphans(seconds, but):
    """Processes below this one, but for some and what is below these, after some time to end."""
    end = time.monotonic() + seconds
    while left := below(os.getpid()).difference(but, *map(below, but)):
        for pid in left:
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                pass  # somebody else's to bury
        if time.monotonic() > end:
            break
        time.sleep(0.02)
    return left


@pytest.fixture(autouse=True)
def _walls(needs):
    if lacking := walls.missing():
        needs(" ".join(lacking))


@pytest.mark.by_hand
def test_killed_at_twenty_moments_the_next_run_gives_the_same(tmp_path):
    grader, rng = Grader(tmp_path, *CLASS), random.Random(1)
    whole, longest = timed(grader, tmp_path / "whole")
    for number in range(20):
        output, moment = tmp_path / f"out{number}", rng.uniform(0, longest)
        done, left = grader.kill(output, moment), len(grader.rooms())
        same = grader.finish(output) == whole
        print(f"{number + 1:2}  killed after {moment:5.2f} s: {done} of 6 graded, {left} rooms left; resumed: {same}")
        assert same


def test_killed_again_and_again_it_goes_on_and_gives_the_same(tmp_path):
    grader, output = Grader(tmp_path, "forks", "ends"), tmp_path / "out"
    whole, longest = timed(grader, tmp_path / "whole")
    for part in (0.3, 0.5, 0.7):
        grader.kill(output, part * longest)
    assert grader.finish(output) == whole


def timed(grader, output):
    """What comes of a run that nobody kills, and its seconds."""
    start = time.monotonic()
    return grader.finish(output), time.monotonic() - start
