"""Wolff's single-cluster algorithm for ferromagnets without field: Phys. Rev. Lett. 62, 361 (1989)."""

import numpy as np
from numba import uint64

from course_lib.kernels import njit, pieces
from course_lib.kernels.rng import seed_streams, step

_LOW_BITS = uint64(0xFFFFFFFF)
_SITES_AT_A_TIME = 10_000_000  # if each cluster takes them all; some 11 ns each


def wolff(images, coupling, n_clusters, rng):
    """Flip clusters in images (n_images, rows, cols) int8, in place; their sizes (n_images, n_clusters).

    ``coupling`` is beta J, above 0.
    """
    n_images, rows, cols = images.shape
    sizes = np.empty((n_images, n_clusters), np.int32)
    streams = seed_streams(rng.integers(2**64, size=n_images, dtype=np.uint64))
    spins = images.reshape(n_images, rows * cols)
    neighbours, probability = _neighbours(rows, cols), -np.expm1(-2 * coupling)
    for first, last, start, stop in pieces.of_chains(n_images, n_clusters, _SITES_AT_A_TIME // (rows * cols)):
        some = np.ascontiguousarray(streams[:, first:last])
        _wolff(spins[first:last], sizes[first:last, start:stop], neighbours, probability, some)
        streams[:, first:last] = some
    return sizes


def _neighbours(rows, cols):
    """Right, left, below and above of each site, (rows * cols, 4); at side 2 one site comes twice, as do its bonds."""
    # Unsigned: numba would check signed numbers for Python's negative indices.
    site = np.arange(rows * cols, dtype=np.uint32).reshape(rows, cols)
    shifts = [np.roll(site, shift, axis).ravel() for axis in (1, 0) for shift in (-1, 1)]
    return np.ascontiguousarray(np.stack(shifts, axis=1))


@njit(cache=True, nogil=True)
def _wolff(spins, sizes, neighbours, probability, streams):
    """From a site picked at random the cluster grows over every bond between equal spins with the given probability.

    Two bonds between the same two sites are two chances. Image k uses stream k.
    """
    n_images, n_sites = spins.shape
    threshold = uint64(probability * 2.0**32)
    stack = np.empty(n_sites + 1, np.uint32)
    for k in range(n_images):
        image = spins[k]
        a, b, c, d = streams[0, k], streams[1, k], streams[2, k], streams[3, k]
        for cluster in range(sizes.shape[1]):
            bits, a, b, c, d = step(a, b, c, d)
            # 32 random bits times N: sites differ in probability by less than N / 2^32.
            site = np.uint32(((bits >> uint64(32)) * uint64(n_sites)) >> uint64(32))
            spin = image[site]
            image[site] = -spin
            stack[0], top, size = site, 1, 0
            while top:
                top -= 1
                site = stack[top]
                size += 1
                bits, a, b, c, d = step(a, b, c, d)
                top = _join(image, neighbours[site, 0], spin, bits >> uint64(32), threshold, stack, top)
                top = _join(image, neighbours[site, 1], spin, bits & _LOW_BITS, threshold, stack, top)
                bits, a, b, c, d = step(a, b, c, d)
                top = _join(image, neighbours[site, 2], spin, bits >> uint64(32), threshold, stack, top)
                top = _join(image, neighbours[site, 3], spin, bits & _LOW_BITS, threshold, stack, top)
            sizes[k, cluster] = size
        streams[0, k], streams[1, k], streams[2, k], streams[3, k] = a, b, c, d


@njit(cache=True, nogil=True)
def _join(image, near, spin, draw, threshold, stack, top):
    """Flip and push the neighbour if the bond lets it join. Without a branch: none could be predicted."""
    joins = np.int8((image[near] == spin) & (draw < threshold))
    image[near] -= np.int8(2) * spin * joins
    stack[top] = near
    return top + joins
