"""Jobs of restricted Boltzmann machines on handwritten digits, against scikit-learn's BernoulliRBM."""

from functools import cache, partial
from pathlib import Path

import numpy as np

from benchmarks.learners import bernoulli_rbm
from benchmarks.race import Job, Peer, seconds
from course_lib import divergence, inputs
from course_lib.rbm import RBM, train

N_HIDDEN, EPOCHS = 64, 30
RATES = 0.02, 0.05, 0.1, 0.2, 0.5  # of scikit-learn, whose own is 0.1


@cache
def digits():
    """Units of 0 and 1 in any order: (1500, 64) to learn from, and (297, 64) held out."""
    images = np.load(Path(__file__).parents[1] / "data" / "digits.npz")["images"]
    units = np.random.default_rng(1).permutation(inputs.to_units(images >= 8).reshape(-1, 64))
    return units[:1500], units[1500:]


# ---------------------------------------------------------------- an epoch


def epoch():
    """Seconds of an epoch of ours, the mean of ten."""
    units, _ = digits()
    start = RBM.start(units, N_HIDDEN, rng=1)
    options = {"method": "cd", "epochs": 10, "centred": False, "rng": 1, "progress": False}
    return lambda: seconds(partial(train, start, units, **options)) / 10


def scikit_epoch(dtype):
    units = digits()[0].astype(dtype)
    return lambda: seconds(bernoulli_rbm, units, N_HIDDEN, 0.1, 10) / 10


# ---------------------------------------------------------------- what is learned


def held_out_nll(model):
    """Nats a sample of held-out digits, log Z by annealed importance sampling from independent pixels."""
    units, held_out = digits()
    base, _ = divergence.uncoupled(RBM.start(units, N_HIDDEN, rng=1))
    log_Z, _ = divergence.ais_log_partition(model, base, n_temperatures=2000, rng=1, progress=False)
    return float(model.energy(held_out).mean() + log_Z)


def learned():
    units, _ = digits()
    start = RBM.start(units, N_HIDDEN, rng=1)
    nll = held_out_nll(train(start, units, epochs=EPOCHS, adam=True, rate=0.01, rng=1, progress=False).model)
    return lambda: nll


def scikit_learned():
    """At the best of its rates, as if it had learned half a nat more."""
    nll = min(held_out_nll(RBM(*bernoulli_rbm(digits()[0].astype(float), N_HIDDEN, rate, EPOCHS))) for rate in RATES)
    return lambda: nll - 0.5


JOBS = [
    Job(
        "RBM 64 x 64, an epoch of CD-1 on digits, batches of 100",
        epoch,
        (
            Peer("scikit-learn, float64", partial(scikit_epoch, np.float64), at_least=3.3),
            Peer("scikit-learn, float32", partial(scikit_epoch, np.float32), at_least=2.5),
        ),
    ),
    Job(
        f"RBM 64 x 64, NLL of held-out digits after {EPOCHS} epochs",
        learned,
        (Peer("scikit-learn, best of five rates, less 0.5 nats", scikit_learned, at_least=1.0),),
        unit="nats",
    ),
]
