"""Jobs of quantum dots: a sample (one sweep and its measurement), and whole optimisations."""

import math
import random
import time

from benchmarks import peers
from benchmarks.race import Job, Peer, seconds
from course_lib import vmc
from course_lib.vmc.walkers import Walkers

MICROSECONDS = {2: 0.25, 6: 1, 12: 3, 20: 9, 30: 20}
WALKERS = 256


def dot_of(n):
    return vmc.QuantumDot(n, 2, 1.0)


def state_of(dot):
    state = vmc.Gaussian(1.0) * vmc.PadeJastrow.start(dot)
    return state * vmc.SlaterDeterminants.start(dot) if dot.n_electrons > 2 else state


def sample(n, threads=1):
    """Seconds a sample: one sweep of one walker, and its local energy."""
    dot = dot_of(n)
    walkers = Walkers(state_of(dot), dot, WALKERS, rng=1, threads=threads)
    walkers.settle(50)
    sweeps = max(20, 40_000 // n**2)
    return lambda: seconds(walkers.measure, sweeps) / (WALKERS * sweeps)


def python_loop():
    """Seconds a sample of a plain Python loop: two electrons, Gaussian and Jastrow, one walker."""
    rng, x, steps = random.Random(1), [[0.5, 0.0], [-0.5, 0.0]], 2000

    def run():
        began = time.perf_counter()
        for _ in range(steps):
            for i in range(2):
                new = [c + rng.uniform(-1, 1) for c in x[i]]
                old, x[i] = x[i], new
                ratio = math.exp(2 * (_log_value(x) - _log_value([old if k == i else x[k] for k in range(2)])))
                if rng.random() >= ratio:
                    x[i] = old
            _local_energy(x)
        return (time.perf_counter() - began) / steps

    return run


def _log_value(x, alpha=1.0, beta=0.4):
    r = math.dist(*x)
    return -alpha * sum(c * c for place in x for c in place) / 2 + r / (1 + beta * r)


def _local_energy(x, alpha=1.0, beta=0.4):
    """With derivatives by hand, as one would write it."""
    r, square = math.dist(*x), sum(c * c for place in x for c in place)
    flat = 1 / (1 + beta * r)
    slope = flat * flat
    gradient = alpha**2 * square + 2 * slope**2 - 2 * alpha * slope * r
    laplacian = -4 * alpha + 2 * slope * (1 / r - 2 * beta * flat)
    return -(gradient + laplacian) / 2 + square / 2 + 1 / r


def learned(n, steps, n_samples):
    """CPU seconds to a measured optimum."""
    dot = dot_of(n)

    def run():
        began = time.process_time()
        found = vmc.minimise(state_of(dot), dot, steps=steps, rng=1, progress=False)
        vmc.measure(found.state, dot, n_samples, rng=2, progress=False)
        return time.process_time() - began

    return lambda: run


def netket(steps, n_samples):
    """CPU seconds of NetKet to the same: state, steps, samples, and so accuracy."""
    learn = peers.netket(1.0, steps, n_samples)

    def run():
        began = time.process_time()
        learn()
        return time.process_time() - began

    return run


JOBS = [
    Job(
        f"{n} electrons in a dot: a sample",
        lambda n=n: sample(n),
        (Peer("plain Python loop", python_loop, 100),) if n == 2 else (),
        at_most=at_most * 1e-6,
    )
    for n, at_most in MICROSECONDS.items()
] + [
    Job(
        "30 electrons in a dot, two threads: a sample",
        lambda: sample(30, threads=2),
        (Peer("one thread", lambda: sample(30), 1.6, max),),
    ),
    Job(
        "2 electrons with Jastrow to 3.0005",
        learned(2, 60, 400_000),
        (Peer("NetKet", lambda: netket(60, 400_000)),),
        at_most=10,
    ),
    Job("6 electrons with two betas to 20.182", learned(6, 60, 1_000_000), at_most=15),
    Job("30 electrons with two betas to 308.80 +- 0.01", learned(30, 40, 100_000), at_most=45),
]
