"""Stills of lesson 04."""

import numpy as np

from course_lib import exact, ising, learning, plots, sampling


def opening() -> plots.Drawing:
    """NLL of ten pictures of 4 x 4 spins over J and h, and the way down from three starts."""
    side, truth = 4, (0.3, 0.1)
    images = sampling.sample_images(*truth, (side, side), 10, burn_in=100, rng=4)
    J, h = np.linspace(-0.4, 0.8, 61), np.linspace(-0.5, 0.7, 61)
    bonds, spins = ising.LatticeIsing(*truth, (side, side)).moments(images)
    log_Z = np.array([[exact.lattice((side, side), a, b)[0] for a in J] for b in h])
    nll = log_Z - J * bonds - h[:, None] * spins
    paths = []
    for start in ((-0.3, 0.55), (0.68, -0.35), (-0.25, -0.4)):
        path = []
        learning.fit(
            ising.LatticeIsing(*start, (side, side)),
            images,
            learning.exact_moments,
            step_size=0.005,
            plain=True,
            max_steps=300,
            callback=lambda model, _, path=path: path.append(model.parameters),
            progress=False,
        )
        paths.append(path)
    best = learning.fit_images(images, method="exact").model.parameters
    covariance = np.linalg.inv(exact.lattice((side, side), *best)[2]) / len(images)
    return plots.draw_valley(J, h, nll, paths, best, covariance, truth)
