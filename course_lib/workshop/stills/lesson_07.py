"""Stills of lesson 07."""

import numpy as np

from course_lib import hopfield, plots
from course_lib.explorers import FilmStrip
from course_lib.kernels import descent


def opening() -> plots.Drawing:
    """Two pictures with four tenths of their spins turned come back, a fifth of a sweep at a time."""
    pictures = FilmStrip()._all[:6]
    rng, model, n = np.random.default_rng(11), hopfield.hebb(pictures), pictures.shape[1]
    states = hopfield.corrupt(pictures[:2], 0.4, rng=rng)
    fields, films = states @ model.J, [states.copy()]
    for part in np.array_split(rng.permutation(n), 5):
        descent.sweep(states, fields, model.J, part, 0.0)
        films.append(states.copy())
    films = np.swapaxes(films, 0, 1)
    times = ["cue", *(f"{share}/5 sweep" for share in range(1, 5)), "one sweep"]
    shape = (-1, 32, 32)
    memories, strips = pictures[:2].reshape(shape), films.reshape(2, -1, 32, 32)
    return plots.draw_films(memories, strips, times, model.energy(films) / n)
