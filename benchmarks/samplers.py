"""Jobs that are races: our samplers, through the functions students call, against the peers.

Costs are seconds for a unit of work (a spin update, an independent sample), so contenders may do different amounts.
"""

from contextlib import contextmanager
from functools import partial

import numba
import numpy as np

from benchmarks import peers
from benchmarks.race import Job, Peer, seconds
from course_lib import diagnostics, hopfield, ising, sampling

J_CRITICAL = np.log(1 + np.sqrt(2)) / 2  # J / T at T_c


# ---------------------------------------------------------------- lattices


def ours(model, n_chains, sweeps):
    """Seconds a spin update of `sampling.advance`; the chains stay and go on."""
    rng = np.random.default_rng(1)
    states = sampling.random_states(model, n_chains, rng=rng)

    def move():
        nonlocal states
        states = sampling.advance(model, states, sweeps, rng=rng)

    return lambda: seconds(move) / (states.size * sweeps)


def in_place(kernel, model, n_images, sweeps):
    """Seconds a spin update of a peer that moves arrays."""
    images = sampling.random_states(model, n_images, rng=1)
    return lambda: seconds(kernel, images, model.J, model.h, sweeps) / (images.size * sweeps)


def package(advance, n_spins, sweeps):
    """Seconds a spin update of a peer that keeps one lattice."""
    return lambda: seconds(advance, sweeps) / (n_spins * sweeps)


def lattice_job(name, size, h, n_images, sweeps, targets):
    """Peers move few images, often enough: their speed does not depend on how many wait in memory."""
    model = ising.LatticeIsing(J_CRITICAL, h, (size, size))
    n_spins, J = size * size, model.J

    def homemade(kernel, n, updates):
        return lambda: in_place(kernel, model, n, max(1, updates // (n * n_spins)))

    rivals = [
        Peer("mcising", lambda: package(peers.mcising(size, J, h), n_spins, 2**24 // n_spins), targets["mcising"]),
        Peer("naive numba", homemade(peers.naive_numba, 1, 2**22), targets["naive numba"]),
        Peer("numpy checkerboard", homemade(peers.numpy_checkerboard, max(1, 2**16 // n_spins), 2**22)),
    ]
    if h == 0:
        rivals.append(Peer("peapods", lambda: package(peers.peapods(size, J), n_spins, 2**23 // n_spins)))
    return Job(name, lambda: ours(model, n_images, sweeps), tuple(rivals))


# ---------------------------------------------------------------- coupled spins


def dense_job(n, sweeps, at_least, n_chains=512):
    rng = np.random.default_rng(n)
    model = ising.Ising(ising.random_couplings(n, rng), 0.1 * rng.normal(size=n))

    def dwave(rule):
        def prepare():
            states = sampling.random_states(model, n_chains, rng=1)
            advance = peers.dwave(model.J, model.h, states, rule)
            return lambda: advance(sweeps) / (states.size * sweeps)

        return Peer(f"dwave-samplers, {rule}", prepare, at_least)

    name = f"{n_chains} chains of {n} coupled spins, {sweeps} sweeps: a spin update"
    return Job(name, lambda: ours(model, n_chains, sweeps), (dwave("Gibbs"), dwave("Metropolis")))


def blog_job(sweeps=10_000, n_chains=128, burn_in=10):
    """Ours: as many sweeps, by many chains, and a burn-in of each."""
    rng = np.random.default_rng(5)
    J = rng.normal(0, 1 / 5, (5, 5))
    J = (J + J.T) / 2
    np.fill_diagonal(J, 0)
    model = ising.Ising(J, rng.normal(size=5))

    def experiment():
        states = sampling.random_states(model, n_chains, rng=rng)
        states = sampling.advance(model, states, burn_in, rng=rng)
        sampling.average_moments(model, states, -(-sweeps // n_chains), rng=rng)

    def repeat(times):
        for _ in range(times):
            experiment()

    blog = Peer("the blog's loop", lambda: partial(seconds, peers.blog_experiment, model.J, model.h, sweeps), 1000)
    name = f"the blog's experiment: 5 spins, moments of {sweeps} sweeps"
    return Job(name, lambda: lambda: seconds(repeat, 50) / 50, (blog,))


# ---------------------------------------------------------------- independent samples


def a_sample(draw, n_long, n_timed):
    """Seconds an independent sample, from draws of the energies of some chains.

    The autocorrelation time is that of one long run, the seconds are those of each round.
    """

    def run(n):
        return np.transpose([draw() for _ in range(n)])

    record = run(n_long)
    worth = record.shape[0] / (2 * diagnostics.autocorrelation_time(record))  # independent samples a draw
    return lambda: seconds(run, n_timed) / (n_timed * worth)


def wolff_samples(model, n_images=16, clusters=2):
    rng, images = np.random.default_rng(1), equilibrated(model, n_images)

    def draw():
        nonlocal images
        images, _ = sampling.wolff(model, images, clusters, rng=rng)
        return model.energy(images)

    return a_sample(draw, n_long=3000, n_timed=100)


def metropolis_samples(model, sweeps=10):
    images = equilibrated(model, 1)

    def draw():
        peers.scalar_checkerboard(images, model.J, model.h, sweeps)
        return model.energy(images)

    return a_sample(draw, n_long=40_000, n_timed=500)


def mcising_samples(model, clusters=3):
    advance = peers.mcising(model.shape[0], model.J, 0.0, algorithm="wolff")
    advance(1000)
    return a_sample(lambda: [advance(clusters)], n_long=20_000, n_timed=1000)


def equilibrated(model, n_images):
    return sampling.wolff(model, sampling.random_states(model, n_images, rng=2), 1000, rng=2)[0]


def wolff_job(size=64):
    model = ising.LatticeIsing(J_CRITICAL, 0, (size, size))
    rivals = (
        Peer("scalar checkerboard Metropolis", lambda: metropolis_samples(model), 15),
        Peer("mcising, Wolff", lambda: mcising_samples(model)),
    )
    return Job("Wolff, 64x64 at T_c: an independent sample", lambda: wolff_samples(model), rivals)


# ---------------------------------------------------------------- recall


def recall_job(n=1000, n_patterns=100, n_cues=100, flipped=0.1):
    """Both from the same cues, a tenth of the spins turned, to where no spin turns any more."""
    rng = np.random.default_rng(1)
    patterns = rng.choice([-1, 1], size=(n_patterns, n))
    model, cues = hopfield.hebb(patterns), hopfield.corrupt(patterns[:n_cues], flipped, rng=rng)
    loop = Peer("numpy, one spin at a time", lambda: partial(seconds, peers.numpy_recall, model.J, cues), 20)
    name = f"Hopfield recall, N = {n}, {n_patterns} patterns, {n_cues} cues"
    return Job(name, lambda: partial(seconds, partial(hopfield.recall, model, cues, rng=rng)), (loop,))


# ---------------------------------------------------------------- threads


@contextmanager
def threads(n):
    """As the environment variable NUMBA_NUM_THREADS does, for as long as the block lasts."""
    before, numba.config.NUMBA_NUM_THREADS = numba.config.NUMBA_NUM_THREADS, n
    try:
        yield
    finally:
        numba.config.NUMBA_NUM_THREADS = before


def threads_job(name, model, n_chains, sweeps):
    def prepare(n):
        measure = ours(model, n_chains, sweeps)

        def with_threads():
            with threads(n):
                return measure()

        return with_threads

    return Job(name, lambda: prepare(2), (Peer("one thread (best pair)", lambda: prepare(1), 1.6, judge=max),))


def jobs():
    fast, single = {"mcising": 25, "naive numba": 150}, {"mcising": 4.5, "naive numba": 20}
    for h in (0, 0.1):
        yield lattice_job(f"2048 images 64x64 at T_c, h = {h:g}, 100 sweeps: a spin update", 64, h, 2048, 100, fast)
    yield lattice_job("one lattice 256x256 at T_c, 2000 sweeps: a spin update", 256, 0, 1, 2000, single)
    yield dense_job(20, 1000, 8)
    yield dense_job(100, 200, 7)
    yield dense_job(400, 25, 4)
    yield blog_job()
    yield wolff_job()
    yield recall_job()
    lattice = ising.LatticeIsing(J_CRITICAL, 0, (64, 64))
    dense = ising.Ising(ising.random_couplings(100, np.random.default_rng(1)), np.zeros(100))
    yield threads_job("two threads, 2048 images 64x64: a spin update", lattice, 2048, 100)
    yield threads_job("two threads, 1024 chains of 100 spins: a spin update", dense, 1024, 200)


JOBS = list(jobs())
