"""Stills of lesson 00."""

import textwrap

import numpy as np

from course_lib import ising, plots, sampling
from course_lib.workshop import lessons


def opening() -> plots.Drawing:
    """What a lattice draws while it learns its coupling from pictures."""
    hidden, rng = ising.LatticeIsing(J=0.36, h=0.0, shape=(32, 32)), np.random.default_rng(1)
    data = sampling.advance(hidden, sampling.random_states(hidden, 20, rng=rng), 60, rng=rng)
    model, drawn, agree = ising.LatticeIsing(J=0.0, h=0.0, shape=(32, 32)), [], []
    for _ in range(13):
        target = model.moments(data)
        states = sampling.advance(model, sampling.random_states(model, 40, rng=2), 30, rng=2)
        now = model.moments(states)
        drawn.append(states[0])
        agree.append((1 + now[0] / 2048) / 2)
        model = model.step(1e-4 * (target - now))
    steps = (0, 2, 5, 12)
    names = [f"model, step {step}" for step in steps]
    names[0] = "model, at the start"
    return plots.draw_learning(data[0], [drawn[k] for k in steps], names, agree, (1 + target[0] / 2048) / 2)


def map() -> plots.Drawing:
    """All lessons, and which needs which."""
    rows = lessons.REGISTER.values()
    places = {row.key: row.place for row in rows}
    titles = {row.key: textwrap.fill(row.title, 13, break_on_hyphens=False) for row in rows}
    needs = [(before, row.key) for row in rows for before in row.needs]
    verbs = {row.key: row.verb for row in rows if row.verb}
    bottom = min(y for _, y in places.values()) - 0.85  # all frames stand on one line
    frames = []
    for part, colour in lessons.PARTS.items():
        x, y = zip(*(row.place for row in rows if row.part == part), strict=True)
        frames.append((part, colour, (min(x) - 0.8, bottom, max(x) + 0.8, max(y) + 0.45)))
    return plots.draw_map(places, titles, needs, frames, verbs)
