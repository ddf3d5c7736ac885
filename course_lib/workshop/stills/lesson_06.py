"""Stills of lesson 06."""

import numpy as np

from course_lib import images, learning, plots, sampling


def opening() -> plots.Drawing:
    """Gravel in grey and as spins, three pictures of the model fitted to it, and correlations of both."""
    path = images.picture_sets()["photographs"]["gravel_near"]
    grey, spins = images.load_grey(path, 128), images.load_spins(path, 32)
    rng = np.random.default_rng(6)
    fitted = learning.fit_images(spins[None], method="pcd", rng=rng, progress=False)
    samples = sampling.sample_images(fitted.J, fitted.h, (32, 32), 200, burn_in=500, rng=rng)

    def correlation(pictures):
        return [np.mean([pictures * np.roll(pictures, d, axis) for axis in (1, 2)]) for d in range(1, 9)]

    curves = [("picture", "data", correlation(spins[None])), ("model", "model", correlation(samples))]
    return plots.draw_fitted_texture(grey, spins, samples[:3], ["gravel", "spins", *["model"] * 3], curves)
