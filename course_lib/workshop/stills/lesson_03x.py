"""Stills of lesson 03x."""

import numpy as np

from course_lib import exact, ising, plots, sampling


def opening() -> plots.Drawing:
    """A lattice at its critical temperature, moved spin by spin and cluster by cluster."""
    side, beta, rng = 64, 1 / exact.CRITICAL_TEMPERATURE, np.random.default_rng(67)
    model = ising.LatticeIsing(1.0, 0.0, (side, side))
    start, _ = sampling.wolff(model, np.ones((1, side, side)), 200, beta=beta, rng=rng)
    end, shown = 20, (0, 2, 4, 6)
    images = [start]
    for _ in range(end):
        images.append(sampling.advance(model, images[-1], 1, beta=beta, rng=rng))
    local = np.array([image[0] for image in images])
    clusters, work = [start[0]], [0.0]
    while work[-1] < end:
        image, sizes = sampling.wolff(model, clusters[-1][None], 1, beta=beta, rng=rng)
        clusters.append(image[0])
        work.append(work[-1] + sizes[0, 0] / side**2)
    jumps = np.array(clusters)
    pictures = [local[list(shown)], jumps[np.searchsorted(work, shown)]]
    traces = [(np.arange(end + 1), local.mean(axis=(1, 2)) ** 2), (work, jumps.mean(axis=(1, 2)) ** 2)]
    return plots.draw_two_moves(pictures, traces, ["spin by spin", "cluster by cluster"], shown)
