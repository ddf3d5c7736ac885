"""Stills of lesson 02."""

import numpy as np

from course_lib import exact, ising, plots


def opening() -> plots.Drawing:
    """Exact laws of the mean spin of a 4 x 4 lattice at three temperatures, each with three pictures drawn from it."""
    rng = np.random.default_rng(39)
    n, temperatures = 16, (1.5, 2.5, 6.0)
    states = exact.states(n)
    sums = (states.sum(axis=1, dtype=int) + n) // 2
    images, laws = [], []
    for temperature in temperatures:
        p = exact.distribution(ising.square_lattice(4, 4), np.zeros(n), beta=1 / temperature)
        laws.append(np.bincount(sums, p, minlength=n + 1))
        images.append(rng.choice(states, 3, p=p).reshape(3, 4, 4))
    names = [f"T = {temperature:g}" for temperature in temperatures]
    return plots.draw_three_temperatures(np.array(images), np.linspace(-1, 1, n + 1), laws, names)
