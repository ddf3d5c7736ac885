"""Jobs with a limit of their own: exact sums, import, an explorer, the first call of a sampler."""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.race import Job, seconds
from course_lib import exact, explorers, ising

IMPORT = "import course_lib.ising, course_lib.exact"
FIRST_CALLS = {
    "lattice": "from course_lib import sampling; sampling.sample_images(0.44, 0, (64, 64), 64, burn_in=100, rng=1)",
    "dense": "from course_lib import sampling; sampling.sample([[0, 0.5], [0.5, 0]], [0, 0.1], 1000, rng=1)",
}


def moments(n):
    rng = np.random.default_rng(n)
    J, h = ising.random_couplings(n, rng), rng.normal(size=n)
    return partial(seconds, exact.moments, J, h)


def memory(n):
    """GB, in a process of its own: the peak is that of a process's whole life."""
    return float(python(f"from benchmarks import limits; limits.moments({n})(); print(limits.peak_memory())"))


def peak_memory():
    """Largest memory that this process ever held, in GB."""
    if sys.platform == "linux":  # where getrusage counts the process that started this one, too
        return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**30 if sys.platform == "darwin" else 2**20)


def python(code, **environment):
    command = [sys.executable, "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | environment).stdout


def explorer_redraw():
    explorer = explorers.EnergyExplorer()

    def move(value):
        explorer.J.value = value

    values = np.linspace(explorer.J.min, explorer.J.max, 50)
    return lambda: statistics.median(seconds(move, value) for value in values)


def cold(code):
    """Seconds of a process that finds nothing compiled."""
    with tempfile.TemporaryDirectory() as empty:
        return seconds(lambda: python(code, NUMBA_CACHE_DIR=empty))


def process(measure, *arguments):
    """For a `Job` that starts a process each time, and has nothing to prepare."""
    return lambda: partial(measure, *arguments)


def first_call_jobs():
    for kind, code in FIRST_CALLS.items():
        yield Job(f"first {kind} call with imports, compiled before", process(seconds, python, code), at_most=1.0)
        yield Job(f"first {kind} call with imports, nothing compiled", process(cold, code), at_most=3.0)


JOBS = [
    Job("exact.moments, N = 20", partial(moments, 20), at_most=0.060),
    Job("exact.moments, N = 25", partial(moments, 25), at_most=1.0),
    Job("exact.moments, N = 25, peak memory", process(memory, 25), at_most=2.0, unit="GB"),
    Job("import of course_lib.ising and exact", process(seconds, python, IMPORT), at_most=0.3),
    Job("explorer of lesson 01, median of 50 slider moves", explorer_redraw, at_most=0.1),
    *first_call_jobs(),
]
