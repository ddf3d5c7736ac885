"""`python -m benchmarks` from the project root: one table of what must be fast, with its target.

A job is a function that returns what it cost, in the unit of its target. The jobs take turns, round by round, so a
machine that is busy for a while slows all of them and not one. Set OPENBLAS_NUM_THREADS=1 for figures per core.
"""

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from course_lib import exact, explorers, ising

ROUNDS = 7


@dataclass(frozen=True)
class Job:
    name: str
    run: Callable[[], float]
    target: float
    unit: str


JOBS = []


def job(name, target, unit="s"):
    def register(run):
        JOBS.append(Job(name, run, target, unit))
        return run

    return register


def seconds(function, *arguments):
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def couplings(n):
    rng = np.random.default_rng(n)
    return ising.random_couplings(n, rng), rng.normal(size=n)


def python(code):
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


@job("exact.moments, N = 20", target=0.060)
def moments_20():
    return seconds(exact.moments, *couplings(20))


@job("exact.moments, N = 25", target=1.0)
def moments_25():
    return seconds(exact.moments, *couplings(25))


@job("exact.moments, N = 25, peak memory", target=2.0, unit="GB")
def memory_25():
    # In a process of its own: the peak is that of the process's whole life.
    return float(python("from benchmarks import __main__ as b; b.moments_25(); print(b.peak_memory())"))


@job("python -c 'import course_lib.ising, course_lib.exact'", target=0.3)
def import_exact():
    return seconds(python, "import course_lib.ising, course_lib.exact")


@job("explorer of lesson 01, median of 50 slider moves", target=0.1)
def explorer_redraw():
    explorer = explorers.EnergyExplorer()

    def move(value):
        explorer.J.value = value

    return statistics.median(seconds(move, value) for value in np.linspace(explorer.J.min, explorer.J.max, 50))


def peak_memory():
    """Largest memory that this process ever held, in GB; the system counts in kB, that of Apple in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**30 if sys.platform == "darwin" else 2**20)


def table(costs):
    lines = [("job", "target", "median", "min - max", "met?")]
    for each in JOBS:
        median, low, high = statistics.median(costs[each.name]), min(costs[each.name]), max(costs[each.name])
        met = "yes" if median <= each.target else "NO"
        lines.append(
            (each.name, f"{each.target:g} {each.unit}", f"{median:.3g} {each.unit}", f"{low:.3g} - {high:.3g}", met)
        )
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)) for line in lines)


def main():
    costs = {each.name: [] for each in JOBS}
    for _ in range(ROUNDS):
        for each in JOBS:
            costs[each.name].append(each.run())
    print(table(costs))


if __name__ == "__main__":
    main()
