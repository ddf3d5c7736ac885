"""Stills of lesson 05."""

import numpy as np

from course_lib import exact, ising, learning, plots


def opening() -> plots.Drawing:
    """Samples of a cold chain of six spins, their correlations, and the couplings learned from 5000 of them."""
    n, rng = 6, np.random.default_rng(5)
    law = exact.distribution(ising.chain(n, 0.9, periodic=False), np.zeros(n))
    data = rng.choice(exact.states(n), 5000, p=law)
    return plots.draw_unmixing(data[:40], np.corrcoef(data.T), learning.fit_ising(data).J)
