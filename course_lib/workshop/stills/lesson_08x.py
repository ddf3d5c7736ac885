"""Stills of lesson 08x."""

import numpy as np

from course_lib import images, plots, rbm, sampling
from course_lib.generative import GAN, VAE, Diffusion, pattern_counts, train

N, SHOWN = 10_000, 32


def opening() -> plots.Drawing:
    """Four families, and the data, as the first samples and as how often each of the 30 patterns comes."""
    bars, rows = images.bars_and_stripes(4).reshape(30, 16), []
    for name, samples in _drawn(bars):
        counts, other = pattern_counts(samples, bars)
        valid = (samples[:SHOWN, None] == bars).all(axis=2).any(axis=1)
        said = f"{name}: {1 - other / N:.0%} valid, {np.count_nonzero(counts > N / 600)} patterns"
        rows.append((said, 2 * samples[:SHOWN].reshape(-1, 4, 4) - 1, valid, 30 * counts / N))
    return plots.draw_families(rows)


def _drawn(bars):
    """Name, and samples not chosen by anybody."""
    yield "data", bars[np.random.default_rng(1).integers(30, size=N)]
    start = rbm.RBM.start(bars, 16, rng=1)
    options = {"batch_size": 30, "epochs": 6000, "sweeps": 5, "n_chains": 1000, "rate": 0.2}
    machine = rbm.train(start, bars, rng=1, progress=False, **options).model
    noise = sampling.random_states(machine, N, rng=1)
    yield "energy-based", sampling.advance(machine, noise, 300, rng=1).astype(np.int8)
    played = {"steps": 12_000, "rate": 0.003, "batch_size": 64}
    for name, start, trained in (
        ("autoencoder", VAE.start(bars, rng=1), {"steps": 8000, "rate": 0.005, "batch_size": 60}),
        ("adversarial", GAN.start(bars, rng=1), played),
        ("adversarial, with noise", GAN.start(bars, noise=1.5, rng=1), played),
        ("diffusion", Diffusion.start(bars, rng=1), {"steps": 4000, "rate": 0.01}),
    ):
        yield name, train(start, bars, rng=1, progress=False, **trained).model.sample(N, rng=1)
