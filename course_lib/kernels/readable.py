"""The samplers as one would write them on a blackboard: one chain after the other, one spin at a time.

Every kernel moves its +-1 spins (int8) in place; the law is ``exp(-beta E) / Z``, and a sweep is one attempt a spin.
"""

import numpy as np

from course_lib.kernels import njit


@njit(cache=True)
def heat_bath(spins, J, h, beta, sweeps, rng):
    """Forget each spin in turn and draw it anew, given all the others; spins (n_chains, N)."""
    n_chains, n = spins.shape
    for chain in range(n_chains):
        for _ in range(sweeps):
            for i in range(n):
                field = h[i]
                for j in range(n):
                    field += J[i, j] * spins[chain, j]
                probability_up = 1 / (1 + np.exp(-2 * beta * field))
                spins[chain, i] = 1 if rng.random() < probability_up else -1


@njit(cache=True)
def metropolis(spins, J, h, beta, sweeps, rng):
    """Propose to flip a spin picked at random; accept with probability min(1, exp(-beta cost)); spins (n_chains, N)."""
    n_chains, n = spins.shape
    for chain in range(n_chains):
        for _ in range(sweeps * n):
            i = int(n * rng.random())
            field = h[i]
            for j in range(n):
                field += J[i, j] * spins[chain, j]
            cost = 2 * spins[chain, i] * field
            if rng.random() < np.exp(-beta * cost):
                spins[chain, i] = -spins[chain, i]


@njit(cache=True)
def lattice_heat_bath(images, J, h, beta, sweeps, rng):
    """`heat_bath` on periodic lattices, row by row; images (n_images, rows, cols)."""
    n_images, rows, cols = images.shape
    for k in range(n_images):
        for _ in range(sweeps):
            for row in range(rows):
                for col in range(cols):
                    field = J * _neighbour_sum(images[k], row, col) + h
                    probability_up = 1 / (1 + np.exp(-2 * beta * field))
                    images[k, row, col] = 1 if rng.random() < probability_up else -1


@njit(cache=True)
def lattice_metropolis(images, J, h, beta, sweeps, rng):
    """`metropolis` on periodic lattices; images (n_images, rows, cols)."""
    n_images, rows, cols = images.shape
    for k in range(n_images):
        for _ in range(sweeps * rows * cols):
            row, col = int(rows * rng.random()), int(cols * rng.random())
            cost = 2 * images[k, row, col] * (J * _neighbour_sum(images[k], row, col) + h)
            if rng.random() < np.exp(-beta * cost):
                images[k, row, col] = -images[k, row, col]


@njit(cache=True)
def _neighbour_sum(image, row, col):
    """Right, left, below, above; the edges are joined. Index -1 is the last row or column already."""
    rows, cols = image.shape
    return image[row, (col + 1) % cols] + image[row, col - 1] + image[(row + 1) % rows, col] + image[row - 1, col]
