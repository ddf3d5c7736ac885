"""Stills of lesson 03."""

import numpy as np

from course_lib import exact, ising, plots, sampling


def opening() -> plots.Drawing:
    """Energy and mean spin of 1000 chains from a hot and from a cold start, on a 32 x 32 lattice at T = 2.5."""
    model, rng, beta = ising.LatticeIsing(J=1.0, h=0.0, shape=(32, 32)), np.random.default_rng(3), 1 / 2.5
    hot, cold = sampling.random_states(model, 1000, rng=rng), np.ones((1000, 32, 32), dtype=int)
    starts, energies, spins = [hot[0], cold[0]], [], []
    for _ in range(501):
        energies.append([model.energy(states).mean() / 1024 for states in (hot, cold)])
        spins.append([states.mean(axis=(1, 2)) for states in (hot, cold)])
        hot, cold = (sampling.advance(model, states, 1, beta=beta, rng=rng) for states in (hot, cold))
    means, error = np.mean(spins, axis=2), np.sqrt(np.var(spins, axis=2).sum(axis=1) / len(hot))
    met = int(np.argmax(np.abs(means[:, 0] - means[:, 1]) < 3 * error))
    images, truth = np.array([*starts, hot[0], cold[0]]), (exact.kaufman(32, 1 / beta)[0], 0.0)
    return plots.draw_hot_and_cold(images, *np.stack([energies, means], axis=2).swapaxes(0, 1), truth, met)
