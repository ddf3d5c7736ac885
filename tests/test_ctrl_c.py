"""Ctrl-C, really pressed: every sampler answers within a second; and work in pieces gives what one call gives."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from course_lib import ising, sampling
from course_lib.ising import Ising, LatticeIsing
from course_lib.kernels import cluster, dense, lattice, readable
from course_lib.sampling import moves

# ---------------------------------------------------------------- the key

CHILD = """
import signal
import sys
import numpy as np
signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts in the background ignores it
from course_lib import divergence, generative, hopfield, ising, learning, rbm, sampling, vmc
from course_lib.ising import Ising, LatticeIsing

def dense(n):
    return Ising(ising.random_couplings(n, np.random.default_rng(1)), np.zeros(n))

def lattice(side, J=0.4):
    return LatticeIsing(J, 0.0, (side, side))

def up(*shape):
    return np.ones(shape, np.int8)

def machine(n, m):
    return rbm.RBM(np.zeros(n), np.zeros(m), np.random.default_rng(1).normal(0, 0.1, (n, m)))

for method in ("heat-bath", "metropolis"):  # nothing is left to compile
    sampling.advance(dense(5), up(1, 5), 1, method=method, rng=1)
    sampling.advance(lattice(3), up(1, 3, 3), 1, method=method, rng=1)
sampling.wolff(lattice(3), up(1, 3, 3), 1, rng=1)
sampling.average_moments(dense(5), up(1, 5), 1, rng=1)
hopfield.recall(dense(5), up(1, 5), rng=1)

dot = vmc.QuantumDot(30, 2, 1.0)
state = vmc.Gaussian(1.0) * vmc.SlaterDeterminants.start(dot) * vmc.PadeJastrow.start(dot)
network = state * vmc.PairNetwork.start(dot, rng=1)
vmc.measure(state, dot, 64, rng=1)
for line in sys.stdin:
    print("go", flush=True)
    try:
        result = eval(line)
        said = getattr(result, "interrupted", getattr(result, "stopped", ""))
        answer = f"{type(result).__name__} {said}"
    except (KeyboardInterrupt, sampling.NeverMet) as error:
        answer = type(error).__name__
    print(answer, flush=True)
"""
CALLS = {
    "heat bath, one image": ("sampling.advance(lattice(64), up(1, 64, 64), 10**10, rng=1)", "KeyboardInterrupt"),
    "heat bath, small images": ("sampling.advance(lattice(3), up(7, 3, 3), 10**10, rng=1)", "KeyboardInterrupt"),
    "heat bath, many images": ("sampling.advance(lattice(64), up(2048, 64, 64), 10**8, rng=1)", "KeyboardInterrupt"),
    "Metropolis, one image": (
        "sampling.advance(lattice(64), up(1, 64, 64), 10**9, method='metropolis', rng=1)",
        "KeyboardInterrupt",
    ),
    "Metropolis, many images": (
        "sampling.advance(lattice(4), up(10**5, 4, 4), 10**4, method='metropolis', rng=1)",
        "KeyboardInterrupt",
    ),
    "heat bath, 5 spins": ("sampling.advance(dense(5), up(1, 5), 10**10, rng=1)", "KeyboardInterrupt"),
    "heat bath, one chain": ("sampling.advance(dense(400), up(1, 400), 10**9, rng=1)", "KeyboardInterrupt"),
    "heat bath, many chains": ("sampling.advance(dense(400), up(10**5, 400), 10**5, rng=1)", "KeyboardInterrupt"),
    "Metropolis, coupled spins": (
        "sampling.advance(dense(20), up(10, 20), 10**9, method='metropolis', rng=1)",
        "KeyboardInterrupt",
    ),
    "wolff, one image": ("sampling.wolff(lattice(64), up(1, 64, 64), 10**7, rng=1)", "KeyboardInterrupt"),
    "wolff, many images": ("sampling.wolff(lattice(64), up(1000, 64, 64), 10**5, rng=1)", "KeyboardInterrupt"),
    "sample": ("sampling.sample(dense(20).J, np.zeros(20), 10**8, rng=1)", "Samples True"),
    "sample, burn-in": ("sampling.sample(dense(20).J, np.zeros(20), 10, burn_in=10**9, rng=1)", "KeyboardInterrupt"),
    "sample, Metropolis": (
        "sampling.sample(dense(20).J, np.zeros(20), 10**8, method='metropolis', rng=1)",
        "Samples True",
    ),
    "sample, one draw": (
        "sampling.sample(dense(20).J, np.zeros(20), 10, method='metropolis', thin=10**9, rng=1)",
        "KeyboardInterrupt",
    ),
    "sample_images": ("sampling.sample_images(0.4, 0, (64, 64), 9, burn_in=10**9, rng=1)", "KeyboardInterrupt"),
    "trace": ("sampling.trace(dense(100), up(100), 10**9, measure=dense(100).energy, rng=1)", "ndarray"),
    "trace of an image": (
        "sampling.trace(lattice(64), up(64, 64), 10**9, every=1000, measure=lattice(64).energy, rng=1)",
        "ndarray",
    ),
    "average_moments": ("sampling.average_moments(dense(400), up(1, 400), 10**8, rng=1)", "KeyboardInterrupt"),
    "average_moments of images": (
        "sampling.average_moments(lattice(64), up(10, 64, 64), 10**8, rng=1)",
        "KeyboardInterrupt",
    ),
    "tempering": ("sampling.tempering(dense(50), [0.5, 1, 2], 10**5, rng=1)", "Tempered True"),
    "anneal": (
        "sampling.anneal(lattice(64), np.geomspace(3, 0.1, 99), 9, sweeps=10**7, method='metropolis', rng=1)",
        "Annealed True",
    ),
    "burn_in": ("sampling.burn_in(lattice(64, 1.0), n_chains=500, max_sweeps=10**8, rng=1)", "NeverMet"),
    "burn_in, cooling": (
        "sampling.burn_in(lattice(1000), n_chains=2, method='metropolis', rng=1)",
        "KeyboardInterrupt",
    ),
    "AIS": ("divergence.ais_log_partition(lattice(64), n_temperatures=9, sweeps=10**8, rng=1)", "KeyboardInterrupt"),
    "a fit": (
        "learning.fit(lattice(64), up(9, 64, 64), learning.persistent_chains(n_chains=99, sweeps=10**8, rng=1))",
        "Fit interrupted",
    ),
    "recall, many cues": ("hopfield.recall(dense(1000), up(10**5, 1000), rng=1)", "KeyboardInterrupt"),
    "recall, one large network": (
        "hopfield.film(dense(3000), up(1, 3000), np.zeros(10**5), rng=1)",
        "KeyboardInterrupt",
    ),
    "recall, all spins at once": (
        "hopfield.synchronous_recall(dense(1000), up(10**5, 1000), max_sweeps=10**6)",
        "KeyboardInterrupt",
    ),
    "recall, high degree": (
        "hopfield.dense_recall(up(10**4, 1000), np.tile([1, -1], (1000, 500)), np.inf, rng=1)",
        "KeyboardInterrupt",
    ),
    "capacity": ("hopfield.capacity(1000, np.full(1000, 0.1), rng=1)", "KeyboardInterrupt"),
    "chains of an RBM": ("sampling.advance(machine(64, 64), up(1000, 64), 10**8, rng=1)", "KeyboardInterrupt"),
    "training": ("rbm.train(machine(64, 64), up(1000, 64), epochs=10**6, rng=1)", "Fit interrupted"),
    "training of networks": (
        "generative.train(generative.VAE.start(up(9, 64), rng=1), up(9, 64), steps=10**6, rng=1)",
        "Fit interrupted",
    ),
    "training, exact": (
        "rbm.train(machine(64, 20), up(9, 64), method='exact', epochs=10**6, rng=1)",
        "Fit interrupted",
    ),
    "energy of a dot": ("vmc.measure(state, dot, 10**9, n_walkers=64, rng=1)", "Measurement True"),
    "energy of a dot, many walkers": ("vmc.measure(state, dot, 10**9, n_walkers=10**5, rng=1)", "KeyboardInterrupt"),
    "density of a dot": (
        "vmc.one_body_density(vmc.Gaussian(1.0), vmc.QuantumDot(2, 2, 1.0), 10**10, rng=1)",
        "Density",
    ),
    "learning a dot": ("vmc.minimise(network, dot, steps=10**6, n_samples=20_000, rng=1)", "Minimum interrupted"),
}


@pytest.fixture(scope="module")
def children():
    """One process for all calls, and a new one after one that did not answer."""
    started = []

    def child():
        if not started or started[-1].poll() is not None:
            command = [sys.executable, "-c", CHILD]
            root, several = Path(sampling.__file__).parents[2], os.environ | {"NUMBA_NUM_THREADS": "2"}
            started.append(
                subprocess.Popen(
                    command, cwd=root, env=several, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
                )
            )
        return started[-1]

    yield child
    for process in started:
        process.stdin.close()
        process.stdout.close()
        process.kill()
        process.wait()


def press(child, call, after):
    """Begin the call, press Ctrl-C after some seconds; what it answers, and how many seconds later."""
    child.stdin.write(call + "\n")
    child.stdin.flush()
    assert child.stdout.readline() == "go\n"  # the first child of a fresh checkout compiles first
    too_late = threading.Timer(15, child.kill)
    too_late.start()
    time.sleep(after)
    pressed = time.monotonic()
    child.send_signal(signal.SIGINT)
    answer = child.stdout.readline().strip()
    too_late.cancel()
    return answer, time.monotonic() - pressed


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C to all processes of a console")
@pytest.mark.parametrize("name", CALLS)
def test_ctrl_c_is_answered_within_a_second(name, children):
    """A busy machine may be late once, or have drawn nothing yet; a call that is not in pieces always is late."""
    call, expected = CALLS[name]
    for after in (0.5, 1, 4):
        answer, seconds = press(children(), call, after)
        if answer == expected and seconds < 1:
            return
    pytest.fail(f"answered {answer!r} after {seconds:.1f} s")


# ---------------------------------------------------------------- the pieces


@pytest.fixture
def counted(monkeypatch):
    """How often a function is called from now on."""

    def count(module, name):
        calls, function = [], getattr(module, name)

        def counting(*arguments):
            calls.append(name)
            return function(*arguments)

        monkeypatch.setattr(module, name, counting)
        return calls

    return count


def random_start(model, n_chains):
    return sampling.random_states(model, n_chains, rng=1)


@pytest.mark.parametrize("shape", [(2, 2), (3, 5), (8, 8), (64, 64), (65, 63)])
@pytest.mark.parametrize("n_images", [1, 7, 300])
@pytest.mark.parametrize("threads", [1, 3])
def test_heat_bath_of_images_in_pieces(shape, n_images, threads, counted, monkeypatch):
    """Bit for bit, though the bits of a word that stand for no spin draw random numbers too."""
    start = random_start(LatticeIsing(0.4, 0.1, shape), n_images)
    monkeypatch.setattr(lattice, "_THREADS_PAY", 0 if threads > 1 else lattice._THREADS_PAY)
    calls = counted(lattice, "_sweep")
    at_once, in_pieces = start.copy(), start.copy()
    lattice.heat_bath(at_once, 0.4, 0.1, 1.0, 9, np.random.default_rng(2), 1)
    n_calls = len(calls)
    monkeypatch.setattr(lattice, "_WORDS_AT_A_TIME", 1000)
    monkeypatch.setattr(lattice, "_SITES_AT_A_TIME", 100)
    lattice.heat_bath(in_pieces, 0.4, 0.1, 1.0, 9, np.random.default_rng(2), threads)
    assert np.array_equal(at_once, in_pieces) and not np.array_equal(at_once, start)
    assert len(calls) > n_calls + 1


@pytest.mark.parametrize(
    ("name", "model", "n_chains"),
    [
        ("metropolis", Ising(ising.random_couplings(7, np.random.default_rng(3)), np.full(7, 0.1)), 1),
        ("metropolis", Ising(ising.random_couplings(7, np.random.default_rng(3)), np.full(7, 0.1)), 50),
        ("lattice_metropolis", LatticeIsing(0.4, 0.1, (3, 4)), 1),
        ("lattice_metropolis", LatticeIsing(0.4, 0.1, (3, 4)), 50),
    ],
)
@pytest.mark.parametrize("at_a_time", [1, 2000, 4000])
def test_metropolis_in_pieces(name, model, n_chains, at_a_time, counted, monkeypatch):
    """Also with the generator left where one call leaves it."""
    start, generators = random_start(model, n_chains), [np.random.default_rng(2) for _ in range(2)]
    calls = counted(readable, name)
    at_once = sampling.advance(model, start, 40, method="metropolis", rng=generators[0])
    assert len(calls) == 1
    monkeypatch.setattr(moves, "_METROPOLIS_AT_A_TIME", at_a_time)
    in_pieces = sampling.advance(model, start, 40, method="metropolis", rng=generators[1])
    assert np.array_equal(at_once, in_pieces) and len(calls) > 2
    assert generators[0].random() == generators[1].random()


@pytest.mark.parametrize(("n_images", "clusters"), [(1, 500), (60, 7), (5, 100)])
@pytest.mark.parametrize("at_a_time", [1, 60, 90])
def test_wolff_in_pieces(n_images, clusters, at_a_time, counted, monkeypatch):
    model = LatticeIsing(0.44, 0, (3, 4))
    start, calls = random_start(model, n_images), counted(cluster, "_wolff")
    images, sizes = sampling.wolff(model, start, clusters, rng=2)
    assert len(calls) == 1
    monkeypatch.setattr(cluster, "_SITES_AT_A_TIME", at_a_time * 12)
    images_in_pieces, sizes_in_pieces = sampling.wolff(model, start, clusters, rng=2)
    assert np.array_equal(images, images_in_pieces) and np.array_equal(sizes, sizes_in_pieces)
    assert len(calls) > 2


@pytest.mark.parametrize("n_chains", [1, 300, 1000])
@pytest.mark.parametrize("threads", [1, 3])
def test_dense_heat_bath_in_pieces(n_chains, threads, counted, monkeypatch):
    """Sweeps of all chains, or if one is too much a sweep of some banks."""
    model = Ising(ising.random_couplings(7, np.random.default_rng(3)), np.full(7, 0.1))
    start, law = random_start(model, n_chains), dense.single_precision(model.J, model.h, np.full(n_chains, 0.8))
    monkeypatch.setattr(dense, "_THREADS_PAY", 0 if threads > 1 else dense._THREADS_PAY)
    calls = counted(dense, "_record"), counted(dense, "_count")

    def results(threads):
        streams = [dense.new_streams(n_chains, np.random.default_rng(2)) for _ in range(3)]
        yield dense.advance(start, *law, 40, streams[0], threads)
        yield dense.record(start, *law, 8, 5, streams[1], threads)[:, -1]
        yield from dense.count(start, *law, 40, streams[2], threads)

    at_once = list(results(1))
    n_calls = [len(made) for made in calls]
    assert n_calls == [2, 1]
    monkeypatch.setattr(dense, "_WORK_AT_A_TIME", 30_000)
    in_pieces = list(results(threads))
    assert all(np.array_equal(a, b) for a, b in zip(at_once, in_pieces, strict=True))
    assert np.array_equal(at_once[0], at_once[1]) and np.array_equal(at_once[0], at_once[2])
    assert len(calls[0]) > 2 + n_calls[0] and (n_chains < 300 or len(calls[1]) > 1 + n_calls[1])
