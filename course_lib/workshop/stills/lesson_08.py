"""Stills of lesson 08."""

from pathlib import Path

import numpy as np

from course_lib import inputs, plots, rbm, sampling


def opening() -> plots.Drawing:
    """Sixteen digits, the weights of sixteen hidden units of the 64 that learned from 1797, and sixteen fantasies."""
    rng = np.random.default_rng(8)
    path = Path(__file__).parents[3] / "data" / "digits.npz"
    digits = inputs.to_units(np.load(path)["images"] >= 8).reshape(-1, 64)
    model = rbm.RBM.start(digits, 64, rng=rng)
    model = rbm.train(model, digits, epochs=100, rate=0.01, adam=True, rng=rng, progress=False).model
    strongest = np.argsort(-np.linalg.norm(model.W, axis=0))[:16]
    made_up = sampling.advance(model, sampling.random_states(model, 16, rng=rng), 1000, rng=rng)
    pictures = (digits[rng.permutation(len(digits))[:16]], model.W.T[strongest], made_up)
    return plots.draw_machine(*(np.reshape(one, (16, 8, 8)) for one in pictures))
