"""Stills of lesson 05x."""

import numpy as np

from course_lib import exact, explorers, ising, plots


def opening() -> plots.Drawing:
    """Couplings of 20 spins, warm and cold, as four estimators see them in the same 10 000 samples."""
    n, rng, rows = 20, np.random.default_rng(1), []
    J, h = ising.random_couplings(n, np.random.default_rng(20)), np.random.default_rng(21).normal(0, 0.3, n)
    pairs, estimators = np.triu_indices(n, 1), explorers.EstimatorsExplorer.ESTIMATORS
    for name, beta in (("warm", 0.4), ("cold", 1.5)):
        law = exact.distribution(beta * J, beta * h)
        data = exact.states(n)[rng.choice(len(law), 10_000, p=law)]
        rows.append((name, beta * J[pairs], [(who, estimator(data).J[pairs]) for who, estimator in estimators]))
    return plots.draw_estimates(rows)
