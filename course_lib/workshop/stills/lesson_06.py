"""Stills of lesson 06."""

import numpy as np

from course_lib import images, learning, plots, sampling


def opening() -> plots.Drawing:
    """Two textures in grey and as spins, pictures of the models fitted to them, and correlations of both."""
    rng = np.random.default_rng(6)
    rows = [_fitted(images.picture_sets()["photographs"][name], rng) for name in ("gravel_near", "brick")]
    return plots.draw_fitted_textures(rows, ["picture", "spins", "model", "model", "model"])


def _fitted(path, rng):
    """A row of the opening picture."""
    grey, spins = images.load_grey(path, 128), images.load_spins(path, 32)
    fitted = learning.fit_images(spins[None], method="pcd", rng=rng, progress=False)
    samples = sampling.sample_images(fitted.J, fitted.h, (32, 32), 200, burn_in=500, rng=rng)
    curves = [("picture", "data", _correlation(spins[None])), ("model", "model", _correlation(samples))]
    return grey, [spins, *samples[:3]], curves


def _correlation(pictures):
    return [np.mean([pictures * np.roll(pictures, d, axis) for axis in (1, 2)]) for d in range(1, 9)]
