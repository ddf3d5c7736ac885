"""Who fits in the tables of `bench --floors`, what it is judged by, the lines that come of it, and models for data."""

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.table import quantity, yes_or_no
from course_lib import exact, ising, learning

HEAD = ("job", "fitted by", "fits", "error", "target", "met?", "median", "max", "target", "met?", "CPU")


@dataclass(frozen=True)
class Contender:
    """Who fits: ``fit(data, l2, rng)`` gives the parameters. ``judge`` turns an array of these into a `Verdict`."""

    name: str
    fit: Callable
    n_fits: int
    judge: Callable
    at_most: float | None = None  # seconds, the median


@dataclass(frozen=True)
class Verdict:
    """An error in words, its target, and whether it is met."""

    error: str
    target: str = ""
    met: bool | None = None


def ours(method, n_fits, judge, at_most=None, **options):
    name = ", ".join([method, *(f"{value} {key}" for key, value in options.items())])
    return Contender(name, partial(our_fit, method, **options), n_fits, judge, at_most)


def our_fit(method, data, l2, rng, **options):
    fit = learning.fit_ising if data.ndim == 2 else learning.fit_images
    return fit(data, method=method, l2=l2, rng=rng, progress=False, **options).model.parameters


# ---------------------------------------------------------------- lines of the table


def lines(job, contenders, data_sets, l2, rng):
    """A line for each contender, after its fits of the first data sets."""
    for contender in contenders:
        try:
            yield line(job, contender, *timed_fits(contender, data_sets, l2, rng))
        except ModuleNotFoundError:
            yield (job, contender.name, "", "not installed", *[""] * 7)
        job = ""  # said once


def timed_fits(contender, data_sets, l2, rng):
    """Parameters, one row a data set, and the seconds and the CPU seconds of each fit."""
    parameters, costs, cpu = [], [], []
    for data in data_sets[: contender.n_fits]:
        start, cpu_start = time.perf_counter(), time.process_time()
        parameters.append(contender.fit(data, l2, rng))
        costs.append(time.perf_counter() - start)
        cpu.append(time.process_time() - cpu_start)
    return np.array(parameters), costs, cpu


def line(job, contender, parameters, costs, cpu):
    verdict, median, limit = contender.judge(parameters), statistics.median(costs), ("", "")
    if contender.at_most is not None:
        limit = f"<= {quantity(contender.at_most, 's')}", yes_or_no(median <= contender.at_most)
    passed = "" if verdict.met is None else yes_or_no(verdict.met)
    times = quantity(median, "s"), quantity(max(costs), "s")
    busy = quantity(statistics.median(cpu), "s")
    return job, contender.name, str(len(costs)), verdict.error, verdict.target, passed, *times, *limit, busy


# ---------------------------------------------------------------- models and data


def dense5():
    """The model of five spins whose exact values the tests hold."""
    cases = json.loads((Path(__file__).parents[1] / "tests" / "reference.json").read_text(encoding="utf-8"))["cases"]
    inputs = next(case["inputs"] for case in cases if case["id"] == "dense5")
    return ising.Ising(np.array(inputs["J"]), np.array(inputs["h"]))


def random_model(n, field, rng):
    return ising.Ising(ising.random_couplings(n, rng), rng.normal(0, field, n))


def exact_samples(model, n_sets, n_samples, rng):
    """Data sets (n_sets, n_samples, N) of independent samples, drawn from the list of all states."""
    n = len(model.h)
    cumulated = np.cumsum(exact.distribution(model.J, model.h))
    chosen = np.searchsorted(cumulated, cumulated[-1] * rng.random((n_sets, n_samples)), side="right")
    return exact.states(n)[chosen]
